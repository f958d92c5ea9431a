"""The dates of usage records: ISO, or numbers with slashes in one of two orders.

The vendor reads an upload file by the locale of its user: 05/02/2018 is May 2 for one in the US and February 5 for one
in the United Kingdom ("Usage file format"). The tenant's setting decides (`usage_date_order` in tenant.toml). Without
it, a date in the file with only one reading decides. Without either, a date with two readings is a problem, never a
guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, time
from enum import StrEnum
from mmap import ACCESS_READ, mmap
from pathlib import Path
from zoneinfo import ZoneInfo

from soapsvc.engine.account import squeeze
from soapsvc.tenant.reading import Document, FieldProblem, FileProblem, documents, kind


class DateOrder(StrEnum):
    """The order of month and day in a date with slashes."""

    MONTH_FIRST = "MM/DD/YYYY"
    DAY_FIRST = "DD/MM/YYYY"


KEY = "usage_date_order"
"""The key of tenant.toml for the order."""

_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?: (\d{1,2}):(\d{2})(?::(\d{2}))?(?: ?([AaPp][Mm]))?)?")
_ANY_SLASHED = re.compile(rb"\d\\?/\d{1,2}\\?/\d{4}")
_BARE_OFFSET = re.compile(r"(T.*[+-]\d{2})(\d{2})$")
_MONTHS = 12
_NOON = 12


def local_day(value: object, zone: ZoneInfo, order: DateOrder | None) -> date:
    """The date of what `local_moment` reads. Raises FieldProblem as that does."""
    return local_moment(value, zone, order).date()


def local_moment(value: object, zone: ZoneInfo, order: DateOrder | None) -> datetime:
    """An ISO date or dateTime by the clock of `zone` (its own clock where it has no offset), or a date with slashes.

    A date alone is its midnight. The result has no zone of its own.

    Raises FieldProblem for anything else, and for a date with two readings where `order` is None.
    """
    written = value.strip() if isinstance(value, str) else ""
    try:
        if match := _SLASHED.fullmatch(written):
            day = _slashed(int(match[1]), int(match[2]), int(match[3]), order)
            return datetime.combine(day, _time(match[4], match[5], match[6], match[7]))
        if written[:1].isdigit():
            moment = datetime.fromisoformat(_BARE_OFFSET.sub(r"\1:\2", written))
            return moment.astimezone(zone).replace(tzinfo=None) if moment.tzinfo is not None else moment
    except FieldProblem:
        raise
    except (ValueError, OverflowError) as error:
        form = order or DateOrder.MONTH_FIRST
        raise FieldProblem("", f"is {kind(value)}, not a date such as 2024-01-31 or {form} ({error})") from error
    raise FieldProblem("", f"is {kind(value)}, not a date such as 2024-01-31 or {order or DateOrder.MONTH_FIRST}")


def _time(hours: str | None, minutes: str | None, seconds: str | None, half: str | None) -> time:
    """The time of day after a date with slashes, midnight without one. Raises ValueError for a time like 25:00.

    An hour above 12 is read as one of 24 hours, also with AM or PM after it.
    """
    hour = int(hours or 0)
    if half is not None and hour <= _NOON:
        hour = hour % _NOON + (_NOON if half[0] in "Pp" else 0)
    return time(hour, int(minutes or 0), int(seconds or 0))


def _slashed(first: int, second: int, year: int, order: DateOrder | None) -> date:
    if order is None:
        if _reading(first, second) is None and first != second:
            raise FieldProblem(
                "",
                f"is {first:02}/{second:02}/{year}, which is {date(year, first, second):%d %B} or "
                f"{date(year, second, first):%d %B}; set {KEY} = "
                f'"{DateOrder.MONTH_FIRST}" or "{DateOrder.DAY_FIRST}" in tenant.toml',
            )
        order = _reading(first, second) or DateOrder.MONTH_FIRST
    return date(year, second, first) if order is DateOrder.DAY_FIRST else date(year, first, second)


def _reading(first: int, second: int) -> DateOrder | None:
    """The only order in which two numbers are a month and a day; None where both or neither are possible."""
    if (first > _MONTHS) is (second > _MONTHS):
        return None
    return DateOrder.DAY_FIRST if first > _MONTHS else DateOrder.MONTH_FIRST


def is_slashed(value: object) -> bool:
    """Whether a value is a date with slashes, which no time zone moves."""
    return isinstance(value, str) and _SLASHED.fullmatch(value.strip()) is not None


def order_of(path: Path, wrappers: Iterable[str], keys: Iterable[str]) -> DateOrder | None:
    """The order in a usage file: that of the first date with only one reading, under one of `keys` (squeezed)."""
    try:
        if not _has_slashes(path):
            return None
        for source in documents(path, path.name, tuple(wrappers)):
            if (order := _told(source.document(), frozenset(keys))) is not None:
                return order
    except (OSError, FileProblem, FieldProblem):
        return None  # unreadable values are reported when the file is read
    return None


def _has_slashes(path: Path) -> bool:
    """Whether a file has any date with slashes: a search of its bytes is fast, compared with reading its rows."""
    if path.stat().st_size == 0:
        return False
    with path.open("rb") as handle, mmap(handle.fileno(), 0, access=ACCESS_READ) as content:
        return _ANY_SLASHED.search(content) is not None


def _told(document: Document, keys: frozenset[str]) -> DateOrder | None:
    for key, value in document.items():
        match = _SLASHED.fullmatch(value.strip()) if isinstance(value, str) else None
        if match and squeeze(key) in keys and (order := _reading(int(match[1]), int(match[2]))):
            return order
    return None
