"""Values as XML text: escaped, and without the characters that XML 1.0 forbids."""

from __future__ import annotations

import re
from datetime import datetime

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PLAIN = re.compile("[\t\n\u0020-%'-;=?-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")
_SPECIAL = re.compile(r"[&<>\r]")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}


def text(value: str) -> str:
    """Any string as element content; characters that XML 1.0 forbids become U+FFFD."""
    if _PLAIN.fullmatch(value):
        return value
    value = _FORBIDDEN.sub("\ufffd", value)
    return _SPECIAL.sub(lambda match: _ESCAPES[match[0]], value)


def element(name: str, value: str | None) -> str:
    """An element with `value` as its text; empty for None, as null values are absent on the wire."""
    return f"<{name}>{text(value)}</{name}>" if value else ""


def instant_text(value: datetime) -> str:
    """A true dateTime: milliseconds and the numeric offset of the value's zone, never `Z`."""
    return value.isoformat(timespec="milliseconds")
