"""The speed of a run: the number of accounts done at moments that the run stores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

_SHARE = 120
"""The next moment is stored after this part of the run's time so far, and at least one second later."""


class Moment(NamedTuple):
    """The numbers of accounts done `seconds` after a run's start; `failed` ones are among the `finished`."""

    seconds: int
    finished: int
    failed: int


class Speed(NamedTuple):
    """Accounts per second between two moments, both in seconds from the start; `failed` ones are separate."""

    since: int
    until: int
    succeeded: float
    failed: float


def is_worth_noting(moments: Sequence[Moment], seconds: int) -> bool:
    """Whether enough time has passed since the last moment; a run of a day stores some hundreds."""
    return seconds - (moments[-1].seconds if moments else 0) >= 1 + seconds // _SHARE


def noted(moments: Sequence[Moment], now: Moment) -> tuple[Moment, ...]:
    """The moments with one more; of two in the same second, the later is kept."""
    return (*(each for each in moments if each.seconds < now.seconds), now)


def speeds(moments: Sequence[Moment], most: int) -> list[Speed]:
    """The speeds between the moments, in at most that many spans of about the same length."""
    found: list[Speed] = []
    last, step = Moment(0, 0, 0), -(-(moments[-1].seconds if moments else 0) // most)
    for place, each in enumerate(moments):
        is_end = place == len(moments) - 1
        if each.seconds > last.seconds and (each.seconds - last.seconds >= step or is_end):
            span = each.seconds - last.seconds
            failed = each.failed - last.failed
            found.append(
                Speed(last.seconds, each.seconds, (each.finished - last.finished - failed) / span, failed / span)
            )
            last = each
    return found


def moments_text(moments: Sequence[Moment]) -> str:
    """The moments as the database stores them."""
    return msgspec.json.encode([tuple(each) for each in moments]).decode()


def moments_of(text: str | None) -> tuple[Moment, ...]:
    """The moments that the database has stored; none for a run of an early release."""
    return tuple(msgspec.json.decode(text, type=list[Moment])) if text else ()
