"""Time zones with different results in a sample: by the days of its usage, and by the clock of its charge dates.

A charge date is the instant of the call by the tenant's clock; with the instant of the recording it gives the offset of
the tenant's zone on that day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from soapsvc.parity.recording import RecordedPreview

_USUAL = (
    "America/Los_Angeles",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "Europe/London",
    "Europe/Paris",
    "Europe/Berlin",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Asia/Singapore",
    "Asia/Kolkata",
    "Asia/Dubai",
    "Australia/Sydney",
    "America/Sao_Paulo",
    "UTC",
)
"""Among zones with the same results, the first of these is shown."""
_QUARTER = timedelta(minutes=15)
_MOST_MOMENTS = 500
_CLOCKS_APART = timedelta(minutes=4)


@dataclass(frozen=True, slots=True)
class Clock:
    """An instant, and the tenant's clock at that instant."""

    instant: datetime
    shown: datetime


@dataclass(frozen=True, slots=True)
class Zones:
    """`distinct` has one zone for each way in which usage falls on days; `clocked` those that the charge dates allow.

    `clocked` is None where no charge date gives an offset.
    """

    distinct: tuple[str, ...]
    clocked: frozenset[str] | None


def zones_of(previews: Sequence[RecordedPreview], moments: Iterable[datetime], own: str) -> Zones:
    """The zones with different results in a sample, `own` first among its equals."""
    clocks = [clock for each in previews if (clock := _clock(each)) is not None]
    names = _names(own)
    clocked = frozenset(name for name in names if _fits(name, clocks)) if clocks else None
    candidates = [name for name in names if name in clocked] if clocked else names
    some = sorted(set(moments))
    some = some[:: max(1, len(some) // _MOST_MOMENTS)]
    days: dict[tuple[object, ...], str] = {}
    for name in candidates:
        zone = ZoneInfo(name)
        days.setdefault(tuple(moment.astimezone(zone).date() for moment in some), name)
    return Zones(tuple(days.values()), clocked)


def _names(own: str) -> list[str]:
    return list(dict.fromkeys((own, *_USUAL, *_places())))


@cache
def _places() -> tuple[str, ...]:
    """The zones named after places, without those of the form Etc/GMT+5."""
    return tuple(sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/")))


def _clock(preview: RecordedPreview) -> Clock | None:
    shown = preview.answer.charge_date
    if shown is None or preview.recorded_at is None:
        return None
    offset = shown - preview.recorded_at.replace(tzinfo=None) + (preview.recorded_at.utcoffset() or timedelta())
    apart = abs(offset - _QUARTER * round(offset / _QUARTER))
    return Clock(preview.recorded_at, shown) if apart <= _CLOCKS_APART else None


def _fits(name: str, clocks: Sequence[Clock]) -> bool:
    zone = ZoneInfo(name)
    return all(abs(each.instant.astimezone(zone).replace(tzinfo=None) - each.shown) <= _CLOCKS_APART for each in clocks)
