"""Problems of a call of the admin plane: a sentence, the field that it concerns, the HTTP status.

Refused              400
├── NotThere         404
├── Conflict         409
└── Forbidden        401 without the token, 403 from a page of another site
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any


class Refused(Exception):
    """The call was refused, and nothing was changed. `near` is the closest known name."""

    status = 400
    code = "invalid"

    def __init__(self, message: str, *, field: str | None = None, near: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field or None
        self.near = near

    @classmethod
    def unknown(cls, name: str, known: Iterable[str], why: str) -> Refused:
        """The error for an unknown name, with the nearest known one."""
        names = list(known)
        near = nearest(name, names)
        hint = f"; did you mean {near}?" if near is not None else f"; there are {', '.join(names)}"
        return cls(f"{name} {why}{hint}", field=name, near=near)

    def document(self) -> dict[str, Any]:
        """The JSON values of the answer."""
        told = {"code": self.code, "message": self.message, "field": self.field, "didYouMean": self.near}
        return {"error": {name: value for name, value in told.items() if value is not None}}


class NotThere(Refused):
    """The object does not exist."""

    status = 404
    code = "not_found"


class Conflict(Refused):
    """The call conflicts with the current state."""

    status = 409
    code = "conflict"


class Forbidden(Refused):
    """The caller may not use the admin plane."""

    status = 401
    code = "forbidden"


def nearest(name: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The known name that is closest to a mistyped one, in any case of letters; None where none is close."""
    folded = {each.lower(): each for each in known}
    found = get_close_matches(name.lower(), folded, n=1, cutoff=cutoff)
    return folded[found[0]] if found else None
