"""Faults: failures of a whole call, which processes nothing. Each class has its code and its typed detail.

    SoapFault
    ├── ProtocolFault            the message is not a valid call; a code of SOAP itself, no detail
    │   ├── ClientFault          soapenv:Client            malformed, hostile, or not what the WSDL describes
    │   ├── VersionMismatch      soapenv:VersionMismatch   the root is not an envelope of SOAP 1.1 or 1.2
    │   ├── MustUnderstand       soapenv:MustUnderstand    an unknown mandatory header
    │   └── UnsupportedMedia     soapenv:Client, HTTP 415  a body whose media type is not XML
    └── ApiFault                 fns:<ErrorCode> and a detail element that the WSDL declares
        ├── WrongLogin           fns:INVALID_VALUE         LoginFault
        ├── InvalidType          fns:INVALID_TYPE          InvalidTypeFault
        ├── MalformedQuery       fns:MALFORMED_QUERY       MalformedQueryFault, also with INVALID_TYPE, INVALID_FIELD
        ├── BadLocator           fns:INVALID_QUERY_LOCATOR InvalidQueryLocatorFault
        └── UnexpectedError      fns:UNKNOWN_ERROR         UnexpectedErrorFault
            ├── InvalidSession   fns:INVALID_SESSION
            ├── InvalidVersion   fns:INVALID_VERSION
            ├── TooManyRequests  fns:MAX_RECORDS_EXCEEDED
            ├── Busy             fns:REQUEST_EXCEEDED_LIMIT, HTTP 429 and Retry-After
            ├── TooManyLogins    fns:REQUEST_EXCEEDED_LIMIT, HTTP 429 and Retry-After
            └── Unavailable      fns:SERVER_UNAVAILABLE, HTTP 503 and Retry-After

Every other fault is sent with HTTP 500, because many legacy clients do not read the body of another status. A problem
of one BillingPreviewRequest is not a fault, but a `RowError` on its result.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


class SoapFault(Exception):
    """A failure of the whole call; `message` is the text that the caller reads."""

    code = "UNKNOWN_ERROR"
    http_status = 500
    retry_after: timedelta | None = None

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class ProtocolFault(SoapFault):
    """The message is not a call. `code` is SOAP 1.1's name for it, `code12` that of SOAP 1.2."""

    code = "Client"
    code12 = "Sender"


class ClientFault(ProtocolFault):
    """The message is malformed, breaks a limit, or is not what the WSDL describes."""


class VersionMismatch(ProtocolFault):
    """The document's root is not a SOAP envelope of a known version."""

    code = "VersionMismatch"
    code12 = "VersionMismatch"


class MustUnderstand(ProtocolFault):
    """A header is marked mustUnderstand, and the service does not know it."""

    code = "MustUnderstand"
    code12 = "MustUnderstand"


class UnsupportedMedia(ProtocolFault):
    """The request's content type is not one of SOAP messages."""

    http_status = 415


class ApiFault(SoapFault):
    """A fault of the contract: `code` is a value of its ErrorCode, `detail` the element that carries it."""

    code = "UNKNOWN_ERROR"
    detail = "UnexpectedErrorFault"


class WrongLogin(ApiFault):
    """User name and password do not match. The vendor's code for it is INVALID_VALUE, not INVALID_LOGIN."""

    code = "INVALID_VALUE"
    detail = "LoginFault"

    def __init__(self) -> None:
        super().__init__("Invalid login. User name and password do not match.")


class InvalidType(ApiFault):
    """An element says with `xsi:type` that it is another type than the WSDL wants there."""

    code = "INVALID_TYPE"
    detail = "InvalidTypeFault"


class MalformedQuery(ApiFault):
    """A query that cannot be read; `code` names the problem."""

    detail = "MalformedQueryFault"

    def __init__(self, message: str, code: str = "MALFORMED_QUERY") -> None:
        super().__init__(message)
        self.code = code


class BadLocator(ApiFault):
    """The locator of a queryMore call is unknown or has expired."""

    code = "INVALID_QUERY_LOCATOR"
    detail = "InvalidQueryLocatorFault"


class UnexpectedError(ApiFault):
    """A fault without a type of its own in the WSDL."""


class InvalidSession(UnexpectedError):
    """The session is missing, unknown or expired: clients log in again when they see the code."""

    code = "INVALID_SESSION"

    def __init__(self) -> None:
        super().__init__("Invalid session")


class InvalidVersion(UnexpectedError):
    """The URL names no version of the contract."""

    code = "INVALID_VERSION"


class TooManyRequests(UnexpectedError):
    """More requests, objects or records than one call may hold."""

    code = "MAX_RECORDS_EXCEEDED"


class Busy(UnexpectedError):
    """More calls under way than the tenant may have."""

    code = "REQUEST_EXCEEDED_LIMIT"
    http_status = 429

    def __init__(self, retry_after: timedelta) -> None:
        super().__init__(
            "The total number of concurrent requests has exceeded the limit allowed by the system. "
            "Please resubmit your request later."
        )
        self.retry_after = retry_after


class TooManyLogins(UnexpectedError):
    """After many wrong logins, this one was refused without checking the password."""

    code = "REQUEST_EXCEEDED_LIMIT"
    http_status = 429

    def __init__(self, retry_after: timedelta) -> None:
        super().__init__("Too many logins have failed lately, so this one was not checked; try again in a moment.")
        self.retry_after = retry_after


class Unavailable(UnexpectedError):
    """The tenant store does not answer at the moment."""

    code = "SERVER_UNAVAILABLE"
    http_status = 503

    def __init__(self, retry_after: timedelta) -> None:
        super().__init__("The service cannot reach its data at the moment; try again later.")
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class RowError:
    """Why one request of a call has no preview; `code` is a value of the contract's ErrorCode."""

    code: str
    message: str
    field: str | None = None
