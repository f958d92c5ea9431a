"""The segments of one charge in a row: where the charge itself starts and ends.

    |-- segment 1 --|-- segment 2 --|   (paused)   |-- segment 3 --|
    starts          a price change  ends           starts          ends

Sources: "Proration" (a stub is where a charge starts or ends), "Considerations of suspend a subscription".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from soapsvc.engine.calendar import FOREVER
from soapsvc.engine.model import Charge
from soapsvc.engine.periods import start_of


def with_edges(segments: Sequence[Charge]) -> Iterator[tuple[Charge, bool, bool]]:
    """Each segment, oldest first, and whether the charge itself starts / ends with it.

    It does so at its first and last day, and at both ends of a gap: what a suspension ends and a resumption starts are
    stubs like those of a plan that is removed and added. A segment of no length is no part of the charge's time, so
    that it hides neither end from its neighbours.
    """
    if len(segments) == 1:
        yield segments[0], True, True
        return
    following = iter([each for each in segments if start_of(each) < _end(each)])
    ended, later = None, next(following, None)
    for segment in segments:
        start, end = start_of(segment), _end(segment)
        begins = ended is None or ended < start
        if segment is later:
            ended, later = end, next(following, None)
        yield segment, begins, later is None or end < start_of(later)


def _end(segment: Charge) -> date:
    return segment.effective_end_date or FOREVER
