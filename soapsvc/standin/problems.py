"""What is wrong with a call of the admin plane: a sentence, the field that it is about, the HTTP status.

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
    """The call cannot be carried out; nothing was changed. `near` is the closest name that there is."""

    status = 400
    code = "invalid"

    def __init__(self, message: str, *, field: str | None = None, near: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field or None
        self.near = near

    @classmethod
    def unknown(cls, name: str, known: Iterable[str], why: str) -> Refused:
        """A name is none of those that are known; the nearest one is told."""
        names = list(known)
        near = nearest(name, names)
        hint = f"; did you mean {near}?" if near is not None else f"; there are {', '.join(names)}"
        return cls(f"{name} {why}{hint}", field=name, near=near)

    def document(self) -> dict[str, Any]:
        """What the caller reads."""
        told = {"code": self.code, "message": self.message, "field": self.field, "didYouMean": self.near}
        return {"error": {name: value for name, value in told.items() if value is not None}}


class NotThere(Refused):
    """There is no such thing."""

    status = 404
    code = "not_found"


class Conflict(Refused):
    """It is in the way of something else."""

    status = 409
    code = "conflict"


class Forbidden(Refused):
    """The caller may not use the admin plane."""

    status = 401
    code = "forbidden"


def nearest(name: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The known name that is closest to one that may be mistyped, whatever its case; None where none is close."""
    folded = {each.lower(): each for each in known}
    found = get_close_matches(name.lower(), folded, n=1, cutoff=cutoff)
    return folded[found[0]] if found else None
