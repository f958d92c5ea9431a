"""Read the lexical forms that legacy clients send. An unreadable text gives None, and `fields` reports it."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache

from soapsvc.soap.contract import ID_PATTERN

_ID = re.compile(ID_PATTERN, re.ASCII)
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_TIME = re.compile(r"T(\d\d):(\d\d):(\d\d)(\.\d+)?", re.ASCII)
_OFFSET = re.compile(r"Z|[+-](\d\d):(\d\d)", re.ASCII)
_MAX_OFFSET = timedelta(hours=14)
_LONGEST_REMEMBERED = 40
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


def is_id(text: str) -> bool:
    """Whether `text` is a value of the contract's type ID."""
    return _ID.fullmatch(text) is not None


def parse_boolean(text: str) -> bool | None:
    """The boolean that `text` writes, in any case, or None."""
    return _BOOLEANS.get(text.lower())


def parse_target_date(text: str, zone: tzinfo | None) -> date | None:
    """The calendar day of an xsd:date or xsd:dateTime, or None where `text` is neither.

    Without an offset it is the day as written. With one, it is the day in `zone` at that instant (a date with an offset
    is the instant at which that day begins). A `zone` of None means the day as written, whatever the offset.
    """
    # Cached texts must be short, whatever clients send.
    return _parsed(text, zone) if len(text) <= _LONGEST_REMEMBERED else _parsed.__wrapped__(text, zone)


@lru_cache(maxsize=1024)
def _parsed(text: str, zone: tzinfo | None) -> date | None:
    day_match = _DATE.match(text)
    if day_match is None:
        return None
    time_match = _TIME.match(text, day_match.end())
    end = time_match.end() if time_match else day_match.end()
    offset_match = _OFFSET.fullmatch(text, end)
    if offset_match is None and end != len(text):
        return None
    try:
        day = date(*map(int, day_match.groups()))
        clock, next_day = _time(time_match) if time_match else (time(), False)
        if next_day:
            day += timedelta(days=1)
        if offset_match is None:
            return day
        offset = _offset(offset_match)
        if zone is None:
            return day
        return datetime.combine(day, clock, timezone(offset)).astimezone(zone).date()
    except (ValueError, OverflowError):
        return None


def _time(match: re.Match[str]) -> tuple[time, bool]:
    """The time of day, and whether it is 24:00, midnight of the next day; raises ValueError for an invalid time."""
    hour, minute, second = map(int, match.group(1, 2, 3))
    if hour == 24 and minute == second == 0 and not (match[4] or "").strip(".0"):
        return time(), True
    return time(hour, minute, second), False


def _offset(match: re.Match[str]) -> timedelta:
    if match[0] == "Z":
        return timedelta()
    minutes = int(match[2])
    offset = timedelta(hours=int(match[1]), minutes=minutes)
    if minutes > 59 or offset > _MAX_OFFSET:
        raise ValueError(f"no offset: {match[0]}")
    return -offset if match[0][0] == "-" else offset
