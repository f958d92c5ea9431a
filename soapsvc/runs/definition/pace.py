"""How fast a run went: how many accounts were done at which second, as the run keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

_SHARE = 120
"""The next moment is noted after this part of the time that a run has taken, and not before a second has passed."""


class Moment(NamedTuple):
    """So many seconds after its start, a run had done so many accounts; `failed` ones are among the `finished`."""

    seconds: int
    finished: int
    failed: int


class Speed(NamedTuple):
    """Accounts a second from one moment to another, both in seconds from the start; `failed` are apart."""

    since: int
    until: int
    succeeded: float
    failed: float


def is_worth_noting(moments: Sequence[Moment], seconds: int) -> bool:
    """Whether enough time has passed since the last moment, so that a run of a day has some hundreds of them."""
    return seconds - (moments[-1].seconds if moments else 0) >= 1 + seconds // _SHARE


def noted(moments: Sequence[Moment], now: Moment) -> tuple[Moment, ...]:
    """The moments with one more; of two in one second the later counts."""
    return (*(each for each in moments if each.seconds < now.seconds), now)


def speeds(moments: Sequence[Moment], most: int) -> list[Speed]:
    """The speeds between the moments, of at most so many spans of about the same length."""
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
    """As the database keeps them."""
    return msgspec.json.encode([tuple(each) for each in moments]).decode()


def moments_of(text: str | None) -> tuple[Moment, ...]:
    """As the database has kept them; none for a run of a release that did not."""
    return tuple(msgspec.json.decode(text, type=list[Moment])) if text else ()
