"""Cuts a span of service time on a charge's billing grid into the service periods that are due.

    start                                    end
      [stub)[ full period )[ full period )[stub)
Sources: "Billing timing" (what is due), "Proration" (which stubs are billed), observed previews: request, periods.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from soapsvc.engine.calendar import FIRST_DATE, FOREVER, out_of_calendar
from soapsvc.engine.errors import RatingError
from soapsvc.engine.periods import Billing
from soapsvc.engine.proration import Piece, ProrationRules

_DAY = timedelta(1)

MAX_PERIODS = 100_000
"""A charge with more due periods than this is a data error (a safety bound, not a rule of billing)."""


class Span(NamedTuple):
    """The time to be billed, `[start, end)`, and what holds at its two ends.

    `begins` / `ends`: the charge itself starts / ends there, so that the tenant's rules on stubs apply (a price
    change inside a charge is no stub). `straddles`: the last period may run past `end` (Invoice Past End-of-Term).
    `rebased`: `start` is a charged-through date.
    """

    start: date
    end: date
    begins: bool = True
    ends: bool = True
    straddles: bool = False
    rebased: bool = False


@dataclass(slots=True)
class Cut:
    """Service periods, oldest first; `partial` holds those that are not full periods, by position."""

    starts: Sequence[date]
    ends: Sequence[date]
    partial: dict[int, Piece] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.starts)

    def piece(self, position: int) -> Piece:
        """The period at `position`, as a part of its full period."""
        found = self.partial.get(position)
        if found is not None:
            return found
        start, end = self.starts[position], self.ends[position]
        return Piece(start, end, start, end)


def cut(span: Span, billing: Billing, target: date, in_arrears: bool) -> Cut:
    """The due service periods of `span`, without regard to the tenant's stub rules.

    In advance a period is due when it starts on or before `target`; in arrears when its exclusive end is on or before
    it.
    """
    start, end = span.start, span.end
    if start >= end or start > target:
        return Cut((), ())
    grid = billing.grid
    first = grid.index(start)
    last_day = min(target, end - _DAY)
    if start < FIRST_DATE or last_day > FOREVER:
        raise out_of_calendar(start if start < FIRST_DATE else last_day)
    last = grid.index(last_day)
    if last - first >= MAX_PERIODS:
        raise RatingError(
            "TOO_MANY_PERIODS", f"More than {MAX_PERIODS} billing periods up to {target}.", "billingPeriod"
        )
    starts = list(grid.boundaries(first, last + 1))
    period_start, starts[0] = starts[0], start
    final = grid.boundary(last + 1)
    ends = starts[1:]
    ends.append(final if span.straddles or final < end else end)
    result = Cut(starts, ends)
    if period_start != start or ends[0] != grid.boundary(first + 1):
        rebased = span.rebased and period_start != start
        result.partial[0] = Piece(start, ends[0], period_start, grid.boundary(first + 1), rebased)
    position = last - first
    if position and ends[position] != final:
        result.partial[position] = Piece(starts[position], ends[position], starts[position], final)
    if in_arrears and ends[-1] > target:
        _drop_last(result)
    return result


def _drop_last(result: Cut) -> None:
    position = len(result.starts) - 1
    result.partial.pop(position, None)
    result.starts = result.starts[:position]
    result.ends = result.ends[:position]


def apply_stub_rules(result: Cut, span: Span, billing: Billing, rules: ProrationRules) -> Cut:
    """The cut after the tenant's rules on partial months, periods and weeks ("Proration", which stubs are billed).

    A leading stub is reduced to its whole months, or dropped; a trailing one is widened to its month, or to its
    period; partial weeks are dropped at both ends. What is not prorated is billed with every stub.
    """
    if not result.partial or not rules.prorates:
        return result
    last = len(result) - 1
    if span.ends and last in result.partial and result.partial[last].end == span.end:
        _trailing(result, last, billing, rules)
    if span.begins and 0 in result.partial and result.partial[0].start > result.partial[0].period_start:
        return _leading(result, billing, rules)
    return result


def _trailing(result: Cut, last: int, billing: Billing, rules: ProrationRules) -> None:
    piece = result.partial[last]
    if billing.days:
        if not rules.partial_week and billing.in_weeks:
            _drop_last(result)
        return
    if rules.partial_month:
        return
    wider = piece.period_end
    if rules.partial_period:
        months = billing.grid.month_starts(piece.period_start, piece.period_end)
        wider = months[bisect_left(months, piece.end)]
    if wider != piece.end:
        result.ends = [*result.ends[:last], wider]
        _replace(result, last, Piece(piece.start, wider, piece.period_start, piece.period_end))


def _leading(result: Cut, billing: Billing, rules: ProrationRules) -> Cut:
    piece = result.partial[0]
    if billing.days:
        return without_first(result) if billing.in_weeks and not rules.partial_week else result
    if rules.partial_month:
        return result
    if not rules.partial_period:
        return without_first(result)
    months = billing.grid.month_starts(piece.period_start, piece.period_end)
    start = months[bisect_left(months, piece.start)]
    if start >= piece.end:
        return without_first(result)
    result.starts = [start, *result.starts[1:]]
    _replace(result, 0, Piece(start, piece.end, piece.period_start, piece.period_end))
    return result


def _replace(result: Cut, position: int, piece: Piece) -> None:
    if piece.whole:
        del result.partial[position]
    else:
        result.partial[position] = piece


def without_first(result: Cut) -> Cut:
    """The cut without its first period."""
    partial = {position - 1: piece for position, piece in result.partial.items() if position}
    return Cut(result.starts[1:], result.ends[1:], partial)


def billed_cut(span: Span, billing: Billing, rules: ProrationRules) -> Cut:
    """The periods of `span`, whatever the target: what has been billed, for credits."""
    return apply_stub_rules(cut(span, billing, FOREVER, in_arrears=False), span, billing, rules)
