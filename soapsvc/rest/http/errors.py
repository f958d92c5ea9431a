"""The failures of a REST request. Each class has its HTTP status; each reason has its codes.

    Failure
    ├── Refused              the request was understood and cannot be answered: v1 answers with HTTP 200, others and
    │                        the strict switch with the status of the reason's category
    ├── QueryRefused         400   a query in ZOQL, with the code of SOAP
    ├── BadRequest           400   a header, or the body as a whole, breaks HTTP or the contract
    ├── Unauthorized         401   no token, or one that is unknown or expired
    ├── Forbidden            403   an organization that the user may not see
    ├── NotFound             404   no such path
    ├── MethodNotAllowed     405
    ├── InFlight             409   the first request with this idempotency key is still under way
    ├── TooLarge             413
    ├── UnsupportedMedia     415
    ├── RangeNotSatisfiable  416   a range of bytes beyond the file
    ├── KeyReused            422   the idempotency key belongs to another request
    ├── TooManyRequests      429   with Retry-After
    ├── Unexpected           500
    └── Unavailable          503   the tenant store does not answer; with Retry-After

A v1 code is a resource of six digits and a category of two ("Error codes"). The resources of a billing preview's
fields are not public; all have the resource 500000, which the vendor uses for whole objects.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from http import HTTPStatus

from soapsvc.engine.result import BillingDataError

_RESOURCE = 500000
_SIGN_IN_FIRST = 90000011


class Category(Enum):
    """The kind of a failure: the last two digits of its v1 code, its Quickstart code, and its true HTTP status."""

    PERMISSION = 10, "permission_denied", HTTPStatus.FORBIDDEN
    AUTHENTICATION = 11, "authentication_failed", HTTPStatus.UNAUTHORIZED
    INVALID_VALUE = 20, "invalid_value", HTTPStatus.BAD_REQUEST
    UNKNOWN_FIELD = 21, "unknown_parameter", HTTPStatus.BAD_REQUEST
    MISSING_FIELD = 22, "missing_parameter", HTTPStatus.BAD_REQUEST
    MISSING_PARAMETER = 23, "missing_parameter", HTTPStatus.BAD_REQUEST
    QUERY_PARAMETER = 27, "invalid_value", HTTPStatus.BAD_REQUEST
    RULE = 30, "rule_violated", HTTPStatus.UNPROCESSABLE_ENTITY
    NOT_FOUND = 40, "not_found", HTTPStatus.NOT_FOUND
    METHOD = 45, "method_not_allowed", HTTPStatus.METHOD_NOT_ALLOWED
    LOCKING = 50, "conflict", HTTPStatus.CONFLICT
    INTERNAL = 60, "internal_error", HTTPStatus.INTERNAL_SERVER_ERROR
    TEMPORARY = 61, "temporarily_unavailable", HTTPStatus.SERVICE_UNAVAILABLE
    LIMIT = 70, "limit_exceeded", HTTPStatus.TOO_MANY_REQUESTS
    MALFORMED = 90, "malformed_request", HTTPStatus.BAD_REQUEST

    def __init__(self, digits: int, name: str, status: HTTPStatus) -> None:
        self.digits = digits
        self.code_name = name
        self.status = status


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason of a failure; `parameter` is the field, header or query parameter at fault, if there is one."""

    category: Category
    message: str
    parameter: str | None = None

    @property
    def code(self) -> int:
        """The v1 code."""
        if self.category is Category.AUTHENTICATION:
            return _SIGN_IN_FIRST
        return _RESOURCE * 100 + self.category.digits


class Failure(Exception):
    """A request that failed, with its reasons."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR

    def __init__(self, *reasons: Reason, headers: Mapping[str, str] | None = None) -> None:
        super().__init__("; ".join(reason.message for reason in reasons))
        self.reasons = reasons
        self.headers = dict(headers or {})


class Refused(Failure):
    """The request cannot be answered: a value, a field or an account is wrong or unknown."""

    @property
    def status(self) -> HTTPStatus:  # type: ignore[override]
        """The true status: the status of the first reason."""
        return self.reasons[0].category.status


class QueryRefused(Failure):
    """A query that is malformed, or names an unknown object or field; `fault` is the SOAP code."""

    status = HTTPStatus.BAD_REQUEST

    def __init__(self, fault: str, message: str) -> None:
        super().__init__(Reason(Category.INVALID_VALUE, message, "queryString"))
        self.fault = fault


class BadRequest(Failure):
    """A header or the whole body is wrong."""

    status = HTTPStatus.BAD_REQUEST

    def __init__(self, message: str, parameter: str | None = None) -> None:
        super().__init__(Reason(Category.INVALID_VALUE, message, parameter))


class Unauthorized(Failure):
    """The caller is unknown. The message is the vendor's; clients fetch a new token when they see the status."""

    status = HTTPStatus.UNAUTHORIZED

    def __init__(self, message: str = "Authentication error") -> None:
        super().__init__(Reason(Category.AUTHENTICATION, message), headers={"WWW-Authenticate": "Bearer"})


class Forbidden(Failure):
    """The caller may not do this."""

    status = HTTPStatus.FORBIDDEN

    def __init__(self, message: str, parameter: str) -> None:
        super().__init__(Reason(Category.PERMISSION, message, parameter))


class NotFound(Failure):
    """There is no such path."""

    status = HTTPStatus.NOT_FOUND

    def __init__(self, message: str) -> None:
        super().__init__(Reason(Category.NOT_FOUND, message))


class MethodNotAllowed(Failure):
    """The path has other methods."""

    status = HTTPStatus.METHOD_NOT_ALLOWED

    def __init__(self, allowed: Sequence[str]) -> None:
        methods = ", ".join(sorted(allowed))
        super().__init__(
            Reason(Category.METHOD, f"This path has only the methods {methods}."), headers={"Allow": methods}
        )


class InFlight(Failure):
    """The first request with an idempotency key is still being executed."""

    status = HTTPStatus.CONFLICT

    def __init__(self) -> None:
        message = "A request with this idempotency key is still being processed; try again later."
        super().__init__(Reason(Category.LOCKING, message, "Idempotency-Key"), headers={"Retry-After": "1"})


class TooLarge(Failure):
    """The body is above the limit."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE

    def __init__(self, message: str) -> None:
        super().__init__(Reason(Category.LIMIT, message))


class UnsupportedMedia(Failure):
    """The body has a media type that this path does not accept."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE

    def __init__(self, message: str, parameter: str) -> None:
        super().__init__(Reason(Category.MALFORMED, message, parameter))


class RangeNotSatisfiable(Failure):
    """The requested range of bytes is not in the file, which has `size` bytes."""

    status = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE

    def __init__(self, size: int) -> None:
        message = f"The file has only {size} bytes; the range begins after its end."
        super().__init__(Reason(Category.INVALID_VALUE, message, "Range"), headers={"Content-Range": f"bytes */{size}"})


class KeyReused(Failure):
    """An idempotency key was used for another request before."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self) -> None:
        message = "This idempotency key was used for a request with another URL, method, body or rights; use a new key."
        super().__init__(Reason(Category.INVALID_VALUE, message, "Idempotency-Key"))


class TooManyRequests(Failure):
    """A limit of requests per time, or at once, is reached."""

    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, message: str, retry_after: timedelta) -> None:
        seconds = max(1, int(retry_after.total_seconds()))
        super().__init__(Reason(Category.LIMIT, message), headers={"Retry-After": f"{seconds}"})


class Unexpected(Failure):
    """An unexpected error; the log has the details under the reference."""

    def __init__(self, reference: str) -> None:
        super().__init__(Reason(Category.INTERNAL, f"An unexpected error has occurred. Reference: {reference}"))


class Unavailable(Failure):
    """The tenant store does not answer at the moment."""

    status = HTTPStatus.SERVICE_UNAVAILABLE

    def __init__(self) -> None:
        message = "The service cannot reach its data at the moment; try again later."
        super().__init__(Reason(Category.TEMPORARY, message), headers={"Retry-After": "5"})


def unratable(errors: Iterable[BillingDataError]) -> list[Reason]:
    """The reasons for an account whose data cannot be rated."""
    return [Reason(Category.RULE, f"{error.code}: {error.message}", error.field) for error in errors]


def unknown_key(key: str, parameter: str | None = None) -> Reason:
    """The reason for a record that the tenant does not have, or that the caller may not see."""
    return Reason(Category.NOT_FOUND, f"Cannot find entity by key: '{key}'.", parameter)
