"""The admin plane of a stand-in: a WSGI application of its own under /_admin, which only a stand-in has.

Every caller may do anything to the stand-in's private copy, and to nothing else. If a token is set, callers need it. A
page of another site may not call it, even in a browser that can reach it.
"""

from __future__ import annotations

import hmac
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any
from urllib.parse import parse_qs

import falcon

from soapsvc.randomness import random_hex
from soapsvc.standin.problems import Forbidden, NotThere, Refused, nearest
from soapsvc.standin.routes import JSON, Answer, Call, Route
from soapsvc.web import body
from soapsvc.web.body import BodyRefused

PREFIX = "/_admin"
MOST_BYTES = 512 * 1024 * 1024
"""The largest body: that of a seed or a state."""

_LOG = logging.getLogger(__name__)
_SAFE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}
_OPEN = frozenset({"/health"})
"""The path that is answered without a token: its answer shows only that the server answers."""


class AdminPlane:
    """The application of these routes. With `token` None, callers need none."""

    def __init__(self, routes: Iterable[Route], token: str | None) -> None:
        self._token = token
        self._paths: list[str] = []
        self._routes: dict[tuple[str, str], Route] = {}
        self._app = falcon.App()
        self._app.req_options.strip_url_path_trailing_slash = True
        by_path: dict[str, list[Route]] = defaultdict(list)
        for route in routes:
            by_path[route.path].append(route)
            self._routes[route.method, route.path] = route
        for path, own in by_path.items():
            self._paths.append(f"{PREFIX}{path}")
            self._app.add_route(f"{PREFIX}{path}", _Resource(self._serve, own))
        self._app.add_error_handler(falcon.HTTPError, self._answer_http_error)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a request."""
        answer: Iterable[bytes] = self._app(environ, start_response)
        return answer

    def ask(self, method: str, path: str, call: Call) -> Answer:
        """Answer a call from this process, which needs no token; `path` is the template of its route."""
        try:
            return self._routes[method, path].answer(call)
        except Refused as refused:
            return _refusal(refused)

    def _serve(self, route: Route, request: falcon.Request, response: falcon.Response, **path: str) -> None:
        try:
            self._check(request)
            query = parse_qs(request.query_string, keep_blank_values=True)
            answer = route.answer(Call(path, query, self._body(request)))
        except Refused as refused:
            answer = _refusal(refused)
        except Exception:  # noqa: BLE001 - nothing may leave a WSGI application but an answer
            reference = random_hex(8)
            _LOG.exception("unexpected error %s in %s %s", reference, route.method, route.path)
            told = {"code": "unexpected", "message": f"An unexpected error has occurred. Reference: {reference}"}
            answer = Answer({"error": told}, 500)
        _send(answer, response)

    def _body(self, request: falcon.Request) -> bytes:
        try:
            return body.read_body(request.env, MOST_BYTES) if request.method in {"POST", "PUT", "DELETE"} else b""
        except BodyRefused as error:
            raise Refused(f"{error}.") from error

    def _check(self, request: falcon.Request) -> None:
        """Raise Forbidden for a caller without the token, or a page of another site."""
        if request.get_header("Sec-Fetch-Site") in {"cross-site", "same-site"}:
            raise Forbidden("pages of other sites may not call the admin plane")
        if self._token is None or request.path.removeprefix(PREFIX) in _OPEN:
            return
        given = request.get_header("Authorization") or ""
        scheme, _, secret = given.partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(secret.strip().encode(), self._token.encode()):
            raise Forbidden("the admin plane needs the header Authorization: Bearer with the --admin-token")

    def _answer_http_error(
        self, request: falcon.Request, response: falcon.Response, error: falcon.HTTPError, _path: object
    ) -> None:
        if isinstance(error, falcon.HTTPNotFound):
            near = nearest(request.path, self._paths)
            hint = f"; did you mean {near}?" if near is not None else f"; the reference is at {PREFIX}/docs"
            _send(_refusal(NotThere(f"there is nothing at {request.path}{hint}", near=near)), response)
            return
        told = {"code": "invalid", "message": error.description or error.title}
        headers = dict(error.headers or {})
        _send(Answer({"error": told}, int(str(error.status)[:3]), headers=headers), response)


class _Resource:
    """The falcon resource of one path: a method `on_put` for a route with PUT, and so on."""

    def __init__(self, serve: Callable[..., None], routes: Iterable[Route]) -> None:
        for route in routes:
            setattr(self, f"on_{route.method.lower()}", partial(serve, route))


def _refusal(refused: Refused) -> Answer:
    headers = {"WWW-Authenticate": "Bearer"} if refused.status == 401 else {}
    return Answer(refused.document(), refused.status, headers=headers)


def _send(answer: Answer, response: falcon.Response) -> None:
    response.status = falcon.code_to_http_status(answer.status)
    response.set_headers({**_SAFE, **answer.headers})
    if answer.content is not None:
        response.content_type = answer.media_type or JSON
    response.data = answer.body()
