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

from soapsvc.engine.errors import RatingError
from soapsvc.engine.schedule.billing_periods import BillingGrid
from soapsvc.engine.schedule.calendar import FIRST_DATE, FOREVER, ListGrid, out_of_calendar
from soapsvc.engine.schedule.proration import Piece, ProrationRules

_DAY = timedelta(1)

MAX_PERIODS = 100_000
"""The most due periods of one charge; more are a data error (a safety bound, not a rule of billing)."""


class Span(NamedTuple):
    """The time to be billed, `[start, end)`, and the rules at its two ends.

    `ends_charge`: the charge itself ends at `end`, so the tenant's rules on stubs apply (a price change inside a charge
    makes no stub). `latest`: the last period may run past `end` to this day (Invoice Past End-of-Term), None if it must
    not. `rebased`: `start` is a charged-through date.
    """

    start: date
    end: date
    ends_charge: bool = True
    latest: date | None = None
    rebased: bool = False


@dataclass(slots=True)
class ServicePeriods:
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


def due_periods(span: Span, billing_grid: BillingGrid, target: date, in_arrears: bool) -> ServicePeriods:
    """The due service periods of `span`.

    In advance, a period is due when it starts on or before `target`; in arrears, when its exclusive end is on or before
    `target`.
    """
    start, end = span.start, span.end
    if start >= end or start > target:
        return ServicePeriods((), ())
    grid = billing_grid.grid
    first = grid.index(start)
    last_day = min(target, end - _DAY)
    if start < FIRST_DATE or last_day > FOREVER:
        raise out_of_calendar(start if start < FIRST_DATE else last_day)
    last = grid.index(last_day)
    if last - first >= MAX_PERIODS:
        raise RatingError(
            "TOO_MANY_PERIODS",
            f"There are more than {MAX_PERIODS} billing periods up to {target}; take an earlier target date.",
            "billingPeriod",
        )
    starts = list(grid.boundaries(first, last + 1))
    period_start, starts[0] = starts[0], start
    final = grid.boundary(last + 1)
    ends = starts[1:]
    ends.append(min(final, span.latest or end))
    result = ServicePeriods(starts, ends)
    if period_start != start or ends[0] != grid.boundary(first + 1):
        rebased = span.rebased and period_start != start
        result.partial[0] = Piece(start, ends[0], period_start, grid.boundary(first + 1), rebased)
    position = last - first
    if position and ends[position] != final:
        result.partial[position] = Piece(starts[position], ends[position], starts[position], final)
    if in_arrears and ends[-1] > target:
        _drop_last(result)
    return result


def _drop_last(result: ServicePeriods) -> None:
    position = len(result.starts) - 1
    result.partial.pop(position, None)
    result.starts = result.starts[:position]
    result.ends = result.ends[:position]


def opening(start: date, billing_grid: BillingGrid, rules: ProrationRules) -> date:
    """The first billed day of a charge that starts on `start` ("Proration", which stubs are billed).

    A leading stub is reduced to its whole months, or skipped, by rules that do not bill every stub.
    """
    period_start, period_end = first_period(start, billing_grid)
    if start == period_start:
        return start
    if billing_grid.days:
        return period_end if billing_grid.in_weeks and not rules.partial_week else start
    if rules.partial_month:
        return start
    if not rules.partial_period:
        return period_end
    months = billing_grid.grid.month_starts(period_start, period_end)
    return months[bisect_left(months, start)]


def first_period(start: date, billing_grid: BillingGrid) -> tuple[date, date]:
    """The full period that holds a charge's start; outside the known terms, one that begins with the charge."""
    grid = billing_grid.grid
    if isinstance(grid, ListGrid) and not grid.dates[0] <= start < grid.dates[-1]:
        return start, FOREVER
    return grid.holding(start)


def closing(span: Span, billing_grid: BillingGrid, rules: ProrationRules, target: date) -> Span:
    """The span with its end moved by the tenant's rules on the stub at the end of the charge ("Proration").

    The stub is widened to a whole month, or to its period; a partial week is dropped. A span that is not due to its end
    yet is unchanged. The span has at least one day.
    """
    if rules.bills_stubs or not span.ends_charge or span.start > target:
        return span
    period_start, period_end = billing_grid.grid.holding(min(target, span.end - _DAY))
    latest = span.latest or span.end
    if latest >= period_end:
        return span
    if billing_grid.days:
        dropped = billing_grid.in_weeks and not rules.partial_week
        return span._replace(end=period_start) if dropped else span
    if rules.partial_month:
        return span
    if not rules.partial_period:
        return span._replace(latest=period_end)
    months = billing_grid.grid.month_starts(period_start, period_end)
    return span._replace(latest=months[bisect_left(months, latest)])


def billed_periods(span: Span, billing_grid: BillingGrid) -> ServicePeriods:
    """The periods of `span`, without regard to a target date: the billed periods, for credits."""
    return due_periods(span, billing_grid, FOREVER, in_arrears=False)
