"""Write the failures that a stand-in's faults ask for, in the form of the call's edge."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

import msgspec

from soapsvc.randomness import random_uuid_text
from soapsvc.rest.http import JSON, OAUTH, QUICKSTART, REQUEST_ID, V1, Category, Failure, Reason, Style
from soapsvc.server.standing.calls import message_of, plain_body
from soapsvc.soap.contract import FIRST, TYPES, parse_version, shape_of
from soapsvc.soap.frame import XML_CONTENT_TYPE, ApiFault, RowError, SoapVersion, content_type
from soapsvc.soap.writing import Result, fault_answer, preview_answer
from soapsvc.standin.faults.calls import Described, Environ, Failing, Spelled
from soapsvc.wire import fresh_ids

DETAILS = frozenset(each.name for each in TYPES if each.base == "ApiFault")
"""The elements that carry a fault's code."""

_DETAIL_OF = {
    "INVALID_TYPE": "InvalidTypeFault",
    "MALFORMED_QUERY": "MalformedQueryFault",
    "INVALID_QUERY_LOCATOR": "InvalidQueryLocatorFault",
    "INVALID_LOGIN": "LoginFault",
}
_STATUS_OF = {"REQUEST_EXCEEDED_LIMIT": 429, "REQUEST_EXCEEDED_RATE": 429, "SERVER_UNAVAILABLE": 503}
_CODE_OF = {401: "INVALID_SESSION", 403: "NO_PERMISSION", 429: "REQUEST_EXCEEDED_LIMIT", 503: "SERVER_UNAVAILABLE"}
_MESSAGES = {
    "INVALID_SESSION": "Invalid session",
    "INVALID_LOGIN": "Invalid login. User name and password do not match.",
    "REQUEST_EXCEEDED_LIMIT": "The total number of concurrent requests has exceeded the limit allowed by the system. "
    "Please resubmit your request later.",
    "SERVER_UNAVAILABLE": "The service cannot reach its data at the moment; try again later.",
    "LOCK_COMPETITION": "Operation failed due to a lock competition, please retry later.",
}
_CATEGORIES = MappingProxyType(
    {
        401: Category.AUTHENTICATION,
        403: Category.PERMISSION,
        404: Category.NOT_FOUND,
        409: Category.LOCKING,
        429: Category.LIMIT,
        500: Category.INTERNAL,
        503: Category.TEMPORARY,
    }
)
_SOAP12_TYPE = "application/soap+xml; charset=utf-8"


def soap_failure(environ: Environ, body: bytes, call: Described, failing: Failing) -> Spelled:
    """A fault, or the errors of each request of a billingPreview."""
    soap = _envelope_version(environ, body)
    headers = [("Content-Type", XML_CONTENT_TYPE if soap is SoapVersion.SOAP11 else _SOAP12_TYPE), *_more(failing)]
    if failing.reasons:
        return Spelled(_line(failing.status or 200), headers, _row_errors(soap, environ, body, call, failing))
    status = failing.status if failing.code is None else None
    code = failing.code or _CODE_OF.get(status or 0, "UNKNOWN_ERROR")
    fault = ApiFault(failing.message or _MESSAGES.get(code, f"{code}, as a fault of the stand-in says."))
    fault.code = code
    by_code = "LoginFault" if call.operation == "login" and code == "INVALID_VALUE" else "UnexpectedErrorFault"
    fault.detail = failing.detail or _DETAIL_OF.get(code, by_code)
    # An expired session is HTTP 500 in SOAP, like every fault that clients must read.
    told = failing.status if failing.code not in {None, "INVALID_SESSION"} else status
    return Spelled(_line(told or _STATUS_OF.get(code, 500)), headers, fault_answer(soap, fault))


def _row_errors(soap: SoapVersion, environ: Environ, body: bytes, call: Described, failing: Failing) -> bytes:
    node, _ = message_of(environ, plain_body(environ, body))
    requests = [child for child in node.children if child.name == "requests"] if node is not None else []
    ids = [next((each.text for each in one.children if each.name == "AccountId"), None) for one in requests]
    errors = tuple(RowError(str(each["code"]), each["message"], each.get("field")) for each in failing.reasons)
    version = parse_version(call.version or "")
    shape = shape_of(version if version is not None else FIRST)
    return b"".join(preview_answer(soap, shape, [Result(each, errors=errors) for each in ids]))


def rest_failure(path: str, failing: Failing) -> Spelled:
    """A failure in the style of the surface; v1's reasons have HTTP 200 unless the fault sets a status."""
    request_id = random_uuid_text()
    headers = [("Content-Type", JSON), (REQUEST_ID, request_id), *_more(failing)]
    if failing.reasons:
        process = fresh_ids(1)[0][:16].upper()
        told: Mapping[str, Any] = {
            "success": False,
            "processId": process,
            "reasons": list(failing.reasons),
            "requestId": request_id,
        }
        return Spelled(_line(failing.status or 200), headers, msgspec.json.encode(told))
    status = failing.status or 500
    category = _CATEGORIES.get(status, Category.INVALID_VALUE if status < 500 else Category.INTERNAL)
    message = failing.message or ("Authentication error" if status == 401 else f"{_phrase(status)}, as told.")
    failure = Failure(Reason(category, message))
    failure.status = HTTPStatus(status) if status in _KNOWN else HTTPStatus.INTERNAL_SERVER_ERROR
    if status == 401:
        headers.append(("WWW-Authenticate", "Bearer"))
    return Spelled(_line(status), headers, _style(path).body(failure, request_id))


_KNOWN = frozenset(int(each) for each in HTTPStatus)


def _style(path: str) -> Style:
    if path.startswith("/v1/"):
        return V1
    return OAUTH if path.startswith("/oauth/") else QUICKSTART


def _envelope_version(environ: Environ, body: bytes) -> SoapVersion:
    is_soap12 = content_type(environ)[0] == "application/soap+xml" or SoapVersion.SOAP12.value.encode() in body
    return SoapVersion.SOAP12 if is_soap12 else SoapVersion.SOAP11


def _more(failing: Failing) -> list[tuple[str, str]]:
    own = list(failing.headers.items())
    return own if failing.retry_after is None else [*own, ("Retry-After", str(failing.retry_after))]


def _line(status: int) -> str:
    return f"{status} {_phrase(status)}"


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in _KNOWN else "Status"
