"""Errors of calls to the vendor's service. Messages have no secrets and no personal data.

VendorError
├── CredentialsMissing    nothing says who calls, or in a way that cannot be read
├── CredentialsRefused    the service does not take who calls
│   └── CallerUnknown     … in a call with credentials that it took before, or was not asked about
├── Unreachable           no answer: no connection, none in time
├── BadAnswer             an answer that is not what the service's documentation promises, such as half a document
├── Busy                  the service has no place for the call now (429)
├── Broken                the service failed to answer (5xx, or the body says so)
├── Refused               the service answers that it will not
│   ├── Forbidden         … for this user, or without this feature
│   ├── NotThere          … because there is nothing of this key
│   └── LocatorExpired    … because a query cannot be gone on with there
└── PageRepeated          a list that begins anew instead of ending
"""

from __future__ import annotations

_LONGEST = 300


class VendorError(Exception):
    """Something between us and the vendor's service that went wrong."""


class CredentialsMissing(VendorError):
    """Nothing says who calls, or in a way that cannot be read."""


class CredentialsRefused(VendorError):
    """The service does not know who calls."""


class CallerUnknown(CredentialsRefused):
    """The service does not know who calls in one call, which may go well with another token."""


class Unreachable(VendorError):
    """There was no answer: no connection, or none in time."""


class BadAnswer(VendorError):
    """An answer that cannot be read: half of one, or not in the documented form."""


class Busy(VendorError):
    """The service has no place for the call now; `seconds` is how long it asks to wait, None where it does not say."""

    def __init__(self, message: str, seconds: float | None = None) -> None:
        super().__init__(message)
        self.seconds = seconds


class Broken(VendorError):
    """The service failed to answer."""


class Refused(VendorError):
    """The service answers that it will not; `code` is its own word for why, None where it has none."""

    def __init__(self, message: str, code: int | str | None = None) -> None:
        super().__init__(message)
        self.code = code


class Forbidden(Refused):
    """The service will not do that for this user, or without a feature that the tenant lacks."""


class NotThere(Refused):
    """There is nothing of this key, or no such path."""


class LocatorExpired(Refused):
    """A query cannot be gone on with there: its locator is too old."""


class PageRepeated(VendorError):
    """A list that begins anew instead of ending."""


TRANSIENT = (Unreachable, BadAnswer, Busy, Broken)
"""The errors after which a call may succeed if it is repeated."""


def shortened(text: str) -> str:
    """A text fit for a message: one line, not too long."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
