"""Values as XML text: escaped, plain, and never what XML 1.0 forbids."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPECIAL = re.compile(r"[&<>\r]")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}

_DAY = timedelta(days=1)


def text(value: str) -> str:
    """Any string as element content; characters that XML has no way to write become U+FFFD."""
    if _FORBIDDEN.search(value):
        value = _FORBIDDEN.sub("\ufffd", value)
    return _SPECIAL.sub(lambda match: _ESCAPES[match[0]], value)


def element(name: str, value: str | None) -> str:
    """An element with `value` as its text; nothing where there is none, as nulls are absent on the wire."""
    return f"<{name}>{text(value)}</{name}>" if value else ""


@lru_cache(maxsize=16384)
def decimal_text(value: Decimal) -> str:
    """The shortest plain decimal: `10`, `-112.5`, `0`; never an exponent, never a negative zero."""
    plain = f"{value:f}"
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    return plain if plain != "-0" else "0"


def instant_text(value: datetime) -> str:
    """A true dateTime: milliseconds and the numeric offset of the value's zone, never `Z`."""
    return value.isoformat(timespec="milliseconds")


@lru_cache(maxsize=32768)
def first_day(start: date) -> str:
    """The first day of a service period `[start, …)`."""
    return start.isoformat()


@lru_cache(maxsize=32768)
def last_day(end: date) -> str:
    """The last day of a service period `[…, end)`: on the wire ends are inclusive."""
    return (end - _DAY).isoformat()
