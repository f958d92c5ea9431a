"""Describe a call as the edges would read it; unreadable parts are left empty."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qs

from soapsvc.resources import openapi_file
from soapsvc.rest.http import session_token
from soapsvc.server.aliases import REST_BASE
from soapsvc.soap.app import ENDPOINTS, WSDL_SERVLET
from soapsvc.soap.frame import DEFAULT, Node, SoapFault, content_type, open_envelope, parse
from soapsvc.standin.faults.calls import Described, Environ
from soapsvc.standin.stand_in import StandIn
from soapsvc.tenant.reading import FieldProblem, parse_json
from soapsvc.web import body as bodies

_PATH = re.compile(r"^  (/\S+):")
_METHOD = re.compile(r"^    (get|post|put|patch|delete):")
_OPERATION = re.compile(r"^      operationId: (\w+)")
_SECRETS = frozenset({"password", "client_secret"})
_ACCOUNT_KEYS = frozenset({"accountid", "accountnumber", "account_id", "account_number"})
_ACCOUNT_PATHS = ("/accounts/", "/v2/accounts/", "/v1/accounts/", "/v1/subscriptions/accounts/", "/v1/usage/accounts/")
_RUN = "BillingPreviewRun"


@dataclass(frozen=True, slots=True)
class RestOperation:
    """An operation of the contract: its name, method, and path as a template and as a pattern."""

    name: str
    method: str
    path: str
    pattern: re.Pattern[str]


@cache
def rest_operations() -> tuple[RestOperation, ...]:
    """The operations of the OpenAPI contract, found line by line, because parsing all of it as YAML is slow."""
    found: list[RestOperation] = []
    path = method = ""
    for line in openapi_file().read_text(encoding="utf-8").splitlines():
        if (match := _PATH.match(line)) is not None:
            path = match[1]
        elif (match := _METHOD.match(line)) is not None:
            method = match[1].upper()
        elif (match := _OPERATION.match(line)) is not None:
            pattern = re.compile(re.sub(r"\\\{\w+\\\}", r"([^/]+)", re.escape(path)) + "/?")
            found.append(RestOperation(match[1], method, path, pattern))
    return tuple(found)


def describe(stand_in: StandIn, environ: Environ, body: bytes) -> Described:
    """The call."""
    path: str = environ.get("PATH_INFO", "")
    if path.startswith((ENDPOINTS, WSDL_SERVLET)):
        return _soap(stand_in, environ, path, plain_body(environ, body))
    return _rest(stand_in, environ, path.removeprefix(REST_BASE), plain_body(environ, body))


def plain_body(environ: Environ, body: bytes) -> bytes:
    """The body without its compression; empty where it cannot be decompressed."""
    if bodies.content_encoding(environ) == "identity":
        return body
    try:
        return bodies.decompressed(body, DEFAULT.body_bytes)
    except bodies.BodyRefused:
        return b""


def message_of(environ: Environ, body: bytes) -> tuple[Node | None, str | None]:
    """The element of a SOAP body, and the session of its header."""
    try:
        envelope = open_envelope(parse(body, content_type(environ)[1], DEFAULT))
    except SoapFault:
        return None, None
    return envelope.body, envelope.session


def _soap(stand_in: StandIn, environ: Environ, path: str, body: bytes) -> Described:
    version = path.removeprefix(ENDPOINTS).strip("/") if path.startswith(ENDPOINTS) else None
    if environ["REQUEST_METHOD"] != "POST":
        return Described("soap", "wsdl", version)
    node, token = message_of(environ, body)
    if node is None:
        return Described("soap", None, version, request={"text": body[:2000].decode(errors="replace")})
    token = token or session_token(_headers(environ))
    request = {node.name: _json(node)}
    name = next((child.text for child in node.children if child.name == "username"), None)
    user = name if node.name == "login" else _user(stand_in, token)
    accounts = frozenset(each.text for each in _all(node) if each.name == "AccountId" and each.text)
    texts = "".join(each.text for each in _all(node) if each.name in {"queryString", "queryLocator"})
    polls = node.name == "queryMore" or (node.name == "query" and _RUN in texts)
    return Described("soap", node.name, version, accounts, user, request, polls, node.name == "create")


def _json(node: Node) -> Any:
    """An element as JSON: its text, or its children, several of one name as a list."""
    if not node.children:
        return "***" if node.name in _SECRETS else node.text
    found: dict[str, Any] = {}
    for child in node.children:
        value = _json(child)
        if child.name in found:
            several = found[child.name] if isinstance(found[child.name], list) else [found[child.name]]
            found[child.name] = [*several, value]
        else:
            found[child.name] = value
    return found


def _all(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _all(child)


def _rest(stand_in: StandIn, environ: Environ, path: str, body: bytes) -> Described:
    method, headers = environ["REQUEST_METHOD"], _headers(environ)
    matches = ((each, each.pattern.fullmatch(path)) for each in rest_operations() if each.method == method)
    operation, match = next(((each, match) for each, match in matches if match is not None), (None, None))
    request = _document(headers, body)
    accounts = set(_accounts(request))
    if match is not None and match.groups() and path.startswith(_ACCOUNT_PATHS):
        accounts.add(match[1])
    name = operation.name if operation is not None else None
    protocol = "rest" if operation is not None or path.startswith(("/v1/", "/v2/", "/oauth/")) else "http"
    polls = "billing-preview-runs/" in path or (path.startswith("/v1/action/") and _RUN in str(request))
    makes = name == "createBillingPreviewRun"
    user = _basic(headers) or _user(stand_in, session_token(headers))
    return Described(protocol, name, None, frozenset(accounts), user, _masked(request), polls, makes)


def _document(headers: Mapping[str, str], body: bytes) -> Any:
    """The body as JSON, or as a form."""
    if not body:
        return None
    if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return {name: values[-1] for name, values in parse_qs(body.decode(errors="replace")).items()}
    try:
        return parse_json(body)
    except FieldProblem:
        return {"text": body[:2000].decode(errors="replace")}


def _accounts(request: object) -> Iterator[str]:
    """Ids and numbers of accounts that a JSON body names, wherever."""
    if isinstance(request, Mapping):
        for name, value in request.items():
            if str(name).lower() in _ACCOUNT_KEYS and isinstance(value, str):
                yield value
            else:
                yield from _accounts(value)
    elif isinstance(request, list):
        for each in request:
            yield from _accounts(each)


def _masked(request: Any) -> Any:
    if not isinstance(request, Mapping):
        return request
    return {name: "***" if name in _SECRETS else value for name, value in request.items()}


def _headers(environ: Environ) -> dict[str, str]:
    headers = {
        name[5:].replace("_", "-").lower(): str(value) for name, value in environ.items() if name.startswith("HTTP_")
    }
    return {**headers, "content-type": str(environ.get("CONTENT_TYPE") or "")}


def _basic(headers: Mapping[str, str]) -> str | None:
    """The user name of Basic credentials in the headers."""
    scheme, _, encoded = headers.get("authorization", "").strip().partition(" ")
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(encoded.strip(), validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return None
    return headers.get("apiaccesskeyid")


def _user(stand_in: StandIn, token: str | None) -> str | None:
    """The user of an open session."""
    if token is None or len(token) > DEFAULT.token_length:
        return None
    session = stand_in.store.session(token, int(stand_in.clock().timestamp()))
    return session.user.username if session is not None else None
