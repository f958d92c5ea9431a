"""How each REST surface writes a failure: v1 with `success` false, Quickstart with typed errors, OAuth as RFC 6749."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

import msgspec

from soapsvc.rest.http.errors import Failure, QueryRefused, Reason, Refused
from soapsvc.wire import fresh_ids

_PROCESS_ID_DIGITS = 16
_RETRYABLE = frozenset({409, 429, 500, 502, 503, 504})
_TYPES = {
    HTTPStatus.UNAUTHORIZED: "authentication_error",
    HTTPStatus.FORBIDDEN: "permission_error",
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
    HTTPStatus.CONFLICT: "conflict",
    HTTPStatus.TOO_MANY_REQUESTS: "rate_limit_error",
    HTTPStatus.INTERNAL_SERVER_ERROR: "api_error",
    HTTPStatus.SERVICE_UNAVAILABLE: "api_error",
}
_OAUTH_ERRORS = {HTTPStatus.UNAUTHORIZED: "invalid_client", HTTPStatus.SERVICE_UNAVAILABLE: "temporarily_unavailable"}


@dataclass(frozen=True, slots=True)
class Style:
    """How a surface answers a failure: its body, and whether a Refused has HTTP 200."""

    body: Callable[[Failure, str], bytes]
    """The body of a failure, with the request's id."""
    refuses_with_200: bool = False

    def status(self, failure: Failure, *, strict: bool) -> HTTPStatus:
        """The HTTP status of a failure; `strict` asks for the true one."""
        lenient = self.refuses_with_200 and isinstance(failure, Refused) and not strict
        return HTTPStatus.OK if lenient else failure.status


def v1_body(reasons: tuple[Reason, ...], request_id: str | None = None, **more: object) -> bytes:
    """The v1 body of a failure."""
    body: dict[str, object] = {
        "success": False,
        "processId": fresh_ids(1)[0][:_PROCESS_ID_DIGITS].upper(),
        "reasons": [{"code": reason.code, "message": reason.message} for reason in reasons],
    }
    if request_id is not None:
        body["requestId"] = request_id
    return msgspec.json.encode(body | more)


def _v1(failure: Failure, request_id: str) -> bytes:
    """With a true status, the vendor's gateway sends only code and message; this body has them beside v1's reasons."""
    first = failure.reasons[0]
    more = {} if isinstance(failure, Refused) else {"code": first.code, "message": first.message}
    return v1_body(failure.reasons, request_id, **more)


def _quickstart(failure: Failure, _request_id: str) -> bytes:
    errors = [
        {"code": reason.category.code_name, "parameter": reason.parameter, "message": reason.message}
        for reason in failure.reasons
    ]
    kind = _TYPES.get(failure.status, "invalid_request")
    return msgspec.json.encode({"type": kind, "errors": errors, "retryable": failure.status in _RETRYABLE})


def _oauth(failure: Failure, _request_id: str) -> bytes:
    first = failure.reasons[0]
    error = _OAUTH_ERRORS.get(failure.status, "invalid_request")
    if first.parameter == "grant_type":
        error = "unsupported_grant_type"
    body = {"error": error, "error_description": first.message, "code": first.code, "message": first.message}
    return msgspec.json.encode(body)


def _connections(failure: Failure, _request_id: str) -> bytes:
    """As v1, without the members that the vendor omits before sign-in."""
    reasons = [{"code": reason.code, "message": reason.message} for reason in failure.reasons]
    return msgspec.json.encode({"success": False, "reasons": reasons})


def _actions(failure: Failure, request_id: str) -> bytes:
    """A refused query with the names of both kinds of faults that the actions use; any other failure as v1."""
    if not isinstance(failure, QueryRefused):
        return _v1(failure, request_id)
    message = failure.reasons[0].message
    fault = {"FaultCode": failure.fault, "FaultMessage": message}
    return msgspec.json.encode({"faultcode": f"fns:{failure.fault}", "faultstring": message, **fault})


V1 = Style(_v1, refuses_with_200=True)
CONNECTIONS = Style(_connections, refuses_with_200=True)
ACTIONS = Style(_actions)
QUICKSTART = Style(_quickstart)
OAUTH = Style(_oauth)
