"""Errors of calls to the vendor's service. Messages have no secrets and no personal data.

VendorError
├── CredentialsMissing    there are no credentials, or they cannot be read
├── CredentialsRefused    the service refuses the credentials
│   └── CallerUnknown     … in one call, though it accepted them before or has not checked them yet
├── Unreachable           no connection, or no answer in time
├── BadAnswer             the answer is not as documented, such as half a document
├── Busy                  the service has no capacity for the call now (429)
├── Broken                the service failed to answer (5xx, or the body says so)
├── Refused               the service refuses the call
│   ├── Forbidden         … for this user, or without this feature
│   ├── NotThere          … because nothing has this key
│   └── LocatorExpired    … because the query's locator is too old
└── PageRepeated          a list starts again instead of ending
"""

from __future__ import annotations

_LONGEST = 300


class VendorError(Exception):
    """A call to the vendor's service that failed."""


class CredentialsMissing(VendorError):
    """There are no credentials, or they cannot be read."""


class CredentialsRefused(VendorError):
    """The service refuses the credentials."""


class CallerUnknown(CredentialsRefused):
    """The service refuses the credentials in one call; another token may help."""


class Unreachable(VendorError):
    """There was no connection, or no answer in time."""


class BadAnswer(VendorError):
    """An answer that cannot be read: incomplete, or not in the documented form."""


class Busy(VendorError):
    """The service has no capacity now. `seconds` is the waiting time that it asks for, None if it names none."""

    def __init__(self, message: str, seconds: float | None = None) -> None:
        super().__init__(message)
        self.seconds = seconds


class Broken(VendorError):
    """The service failed to answer."""


class Refused(VendorError):
    """The service refuses the call; `code` is the service's own error code, None if it gives none."""

    def __init__(self, message: str, code: int | str | None = None) -> None:
        super().__init__(message)
        self.code = code


class Forbidden(Refused):
    """The service will not do that for this user, or without a feature that the tenant lacks."""


class NotThere(Refused):
    """Nothing has this key, or there is no such path."""


class LocatorExpired(Refused):
    """A query cannot be continued: its locator is too old."""


class PageRepeated(VendorError):
    """A list that starts again instead of ending."""


TRANSIENT = (Unreachable, BadAnswer, Busy, Broken)
"""The errors after which a call may succeed if it is repeated."""


def shortened(text: str) -> str:
    """A text shortened for a message: one line, not too long."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
