"""The segments of a charge: the end of each, and start and end of the charge itself.

    |-- segment 1 --|-- segment 2 --|   (paused)   |-- segment 3 -- … the end of the term, which its renewal moves
    starts          a price change  ends           starts

Sources: observed previews: periods; "Proration" (a stub is where a charge starts or ends); "Considerations of suspend a
subscription"; "TCB in Ramp Interval Metrics" (a segment of no length yields nothing).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from soapsvc.engine.account import BillingRules, Charge
from soapsvc.engine.schedule.billing_periods import start_of, trigger_date
from soapsvc.engine.schedule.calendar import FOREVER
from soapsvc.engine.schedule.terms import ChargeEnd, Terms, charge_end


class Segment(NamedTuple):
    """A segment with a known start, and its place in the charge.

    `end` is its end under the assumed terms. `charge_started` is the day on which the charge started, or last started
    again after a gap; `is_last`: the charge ends with this segment, for good or up to a gap.
    """

    charge: Charge
    end: ChargeEnd
    charge_started: date
    is_last: bool = True


def by_number(charges: Iterable[Charge]) -> dict[str, list[Charge]]:
    """The segments per charge number, oldest first, each with the start of the charge's first segment."""
    found = _gathered(charges)
    return {number: segments if len(segments) == 1 else _anchored(segments) for number, segments in found.items()}


def first_starts(charges: Iterable[Charge]) -> dict[str, date]:
    """The start of the first segment, by charge number, for a new segment to name; only charges that have a date."""
    starts = {number: _first_start(segments) for number, segments in _gathered(charges).items()}
    return {number: start for number, start in starts.items() if start is not None}


def _gathered(charges: Iterable[Charge]) -> dict[str, list[Charge]]:
    found: dict[str, list[Charge]] = {}
    for charge in charges:
        found.setdefault(charge.number, []).append(charge)
    return found


def _anchored(segments: list[Charge]) -> list[Charge]:
    first = _first_start(segments)
    return [
        segment if segment.original_effective_start_date else replace(segment, original_effective_start_date=first)
        for segment in sorted(segments, key=segment_order)
    ]


def _first_start(segments: Iterable[Charge]) -> date | None:
    """The start of a charge's first segment, None where no segment has a date.

    The export names it, or has the first segment itself. Without both it is the trigger date, as for a single later
    segment ("Date attributes for product rate plan charges"), or else the start of the earliest segment.
    """
    told = [segment.original_effective_start_date or _start_if_first(segment) for segment in segments]
    known = [start for start in told if start is not None]
    if not known:
        later = [segment.trigger_date or segment.effective_start_date for segment in segments]
        known = [start for start in later if start is not None]
    return min(known, default=None)


def _start_if_first(segment: Charge) -> date | None:
    return segment.effective_start_date if (segment.segment or 1) == 1 else None


def segment_order(segment: Charge) -> tuple[date, int]:
    """The place of a segment in its charge: by its start, then its number."""
    return segment.effective_start_date or FOREVER, segment.segment or 1


def last_segments(charges: Iterable[Charge]) -> dict[str, Charge]:
    """The last segment of each charge, by number."""
    found: dict[str, Charge] = {}
    for charge in charges:
        known = found.get(charge.number)
        if known is None or segment_order(known) <= segment_order(charge):
            found[charge.number] = charge
    return found


def placed(segments: Sequence[Charge], terms: Terms, rules: BillingRules) -> list[Segment]:
    """The segments of one charge in their places; they have known starts and are in order.

    Only the last one moves with the term. A charge has stubs at its start and end, and at both ends of a gap: a
    suspension and a resumption make stubs like a plan that is removed and added again. A segment of no length is
    ignored: its neighbours are treated as if it did not exist.
    """
    if len(segments) == 1:
        return [Segment(segments[0], charge_end(segments[0], terms, rules), trigger_date(segments[0]))]
    ends = _ends(segments, terms, rules)
    charge_started, ended = trigger_date(segments[0]), start_of(segments[0])
    found = []
    for charge, end, is_last in zip(segments, ends, _are_last(segments, ends, terms), strict=True):
        charge_started = start_of(charge) if ended < start_of(charge) else charge_started
        ended = max(ended, end.end)
        found.append(Segment(charge, end, charge_started, is_last=is_last))
    return found


def _are_last(segments: Sequence[Charge], ends: Sequence[ChargeEnd], terms: Terms) -> list[bool]:
    """Whether the charge ends with each segment: none that has a length, or that a renewal extends, adjoins it."""
    found: list[bool] = []
    later: date | None = None
    for charge, end in zip(reversed(segments), reversed(ends), strict=True):
        found.append(later is None or end.end < later)
        extended = not charge.removed and (charge.effective_end_date or FOREVER) >= terms.current_end
        later = start_of(charge) if start_of(charge) < end.end or extended else later
    return found[::-1]


def _ends(segments: Sequence[Charge], terms: Terms, rules: BillingRules) -> list[ChargeEnd]:
    """The end of each segment under the terms."""
    found = followers(segments, terms.current_end)
    return [charge_end(charge, terms, rules, follower) for charge, follower in zip(segments, found, strict=True)]


def followers(segments: Sequence[Charge], term_end: date) -> list[date | None]:
    """The start of each segment's follower; None for a segment that continues with the term, which ends on `term_end`.

    Only the last segment that has a length, or that the term's renewal extends, continues. The segments are of one
    charge, with known starts and in order.
    """
    found: list[date | None] = []
    follower: date | None = None
    for charge in reversed(segments):
        found.append(follower)
        start, stored = start_of(charge), charge.effective_end_date
        lasts = stored is None or stored > start or (stored >= term_end and not charge.removed)
        if follower is not None or lasts:
            follower = start
    return found[::-1]
