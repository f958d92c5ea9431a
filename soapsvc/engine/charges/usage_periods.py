"""Which periods of a usage charge are due, and which share of a full period each is.

    S              charged through                       target        E
    |--- billed ---|--- ended, due ---|--- ended, due ---|-- open --)  |

Sources: "Rate usage charges", "Proration" (usage stubs), "Rating by billing period", "Unbilled Usage", "Changing bill
cycle day".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import NamedTuple

from soapsvc.engine.account import BillingPeriod, BillingRules, Charge, squeeze
from soapsvc.engine.charges.preview_context import Context
from soapsvc.engine.charges.recurring import due_periods_on_grids, grid_on
from soapsvc.engine.schedule import (
    BillingGrid,
    Piece,
    ServicePeriods,
    Span,
    factor,
    first_period,
    proration_rules,
    start_of,
)
from soapsvc.engine.usage import Period, is_on_demand, is_smoothed

_DAY = timedelta(1)
_SPECIFIC_DAYS = squeeze(BillingPeriod.SPECIFIC_DAYS)

Billings = Sequence[tuple[date, BillingGrid]]
"""The grids of a charge, each with the day from which it holds."""


class DuePeriods(NamedTuple):
    """Periods to be rated, oldest first, and by position the partial ones, with their grids.

    `is_open`: the last one has not ended; it is rated on demand up to the target date.
    """

    periods: list[Period]
    partial: dict[int, tuple[Piece, BillingGrid]]
    is_open: bool

    @property
    def opens_partial(self) -> bool:
        """Whether the first period is a partial one, also where its share of the price is the whole.

        Under Assume30Days, 30 days of a month of 31 cost a whole month.
        """
        return 0 in self.partial

    def reach_end(self, span: Span, target: date) -> bool:
        """Whether they reach the end of a span, with a period that has ended or is rated as a whole.

        The last period may run past that end (Invoice Past End-of-Term).
        """
        last = self.periods[-1][1]
        return last >= span.end and not (self.is_open and last == target)

    def shares(self, charge: Charge, rules: BillingRules) -> list[Fraction]:
        """Each period's share of a full one; empty when all are full."""
        if not self.partial:
            return []
        proration = proration_rules(charge, rules)
        shares = [Fraction(1)] * len(self.periods)
        for position, (piece, billing_grid) in self.partial.items():
            shares[position] = factor(piece, billing_grid, proration)
        return shares


def counted_from(charge: Charge, latest: date, grids: Billings) -> date | None:
    """The start of the periods to be rated: the charged-through date, or earlier for charges whose rating looks back.

    A smoothing window counts billed usage, so its periods start with the charge. On demand, the whole period is rated
    again and the amount billed in it is deducted, unless the period has ended with the charge (whose last period
    may run to `latest`).
    """
    through, start = charge.charged_through_date, start_of(charge)
    if through is None or is_smoothed(charge):
        return None
    is_open = is_on_demand(charge) and start < through < latest
    return period_start(grids, start, through) if is_open else through


def period_start(grids: Billings, start: date, day: date) -> date:
    """The start of the period that holds `day`, where the first period starts on the earlier day `start`."""
    before = due_periods_on_grids(grids, Span(start, day), day - _DAY, in_arrears=False)[-1][1]
    return before.starts[-1] if before.piece(len(before) - 1).period_end > day else day


def due_periods(charge: Charge, span: Span, grids: Billings, target: date, rules: BillingRules) -> DuePeriods:
    """The ended periods of a span, on all its grids; on demand also the open one up to the target date (exclusive).

    On demand, none where the target lies before the charged-through date.
    """
    on_demand = is_on_demand(charge)
    if on_demand and target < (charge.charged_through_date or target):
        return DuePeriods([], {}, is_open=False)
    periods, partial = _joined(due_periods_on_grids(grids, span, target, in_arrears=not on_demand))
    is_open = on_demand and _open_last(charge, periods, partial, target, rules)
    return DuePeriods(periods, partial, is_open)


def _open_last(
    charge: Charge,
    periods: list[Period],
    partial: dict[int, tuple[Piece, BillingGrid]],
    target: date,
    rules: BillingRules,
) -> bool:
    """Cut the last period at the target date where it reaches beyond it; True when it is open.

    With Unbilled Usage, a partial period of Specific_Days is rated on its last day, and then as a whole.
    """
    if not periods or periods[-1][1] <= target:
        return False
    last = len(periods) - 1
    start, end = periods[last]
    whole = rules.unbilled_usage and last in partial and squeeze(charge.billing_period or "") == _SPECIFIC_DAYS
    if whole and target == end - _DAY:
        return True
    if whole or start == target:
        partial.pop(last, None)
        del periods[last]
        return False
    periods[last] = start, target
    return True


def usage_opening(first: date, grids: Billings, context: Context) -> date:
    """The first billed day of a charge that starts, or starts again, on `first`.

    A first stub is skipped where the tenant does not bill usage in partial months, or in partial weeks. Specific_Days
    count as neither. Where a period is a whole term, its stub counts as a partial month.
    """
    rules = context.shared.account.rules
    billing_grid = grid_on(grids, first)
    bills = (
        rules.bill_usage_partial_week if billing_grid.in_weeks else rules.bill_usage_partial_month or billing_grid.days
    )
    if bills or first > context.shared.request.target_date:
        return first
    period_start, period_end = first_period(first, billing_grid)
    return first if first == period_start else period_end


def closed_periods(charge: Charge, grids: Billings, through: date, since: date | None = None) -> DuePeriods:
    """The periods of a charge that were billed: those that ended by the charged-through date.

    The first one starts with the charge, or on `since`.
    """
    span = Span(since or start_of(charge), through)
    return DuePeriods(*_joined(due_periods_on_grids(grids, span, through, in_arrears=True)), False)


def _joined(
    on_grids: Iterable[tuple[BillingGrid, ServicePeriods]],
) -> tuple[list[Period], dict[int, tuple[Piece, BillingGrid]]]:
    """The periods of several grids one after the other, and by position the partial ones."""
    periods: list[Period] = []
    partial: dict[int, tuple[Piece, BillingGrid]] = {}
    for billing_grid, found in on_grids:
        for position, piece in found.partial.items():
            partial[len(periods) + position] = piece, billing_grid
        periods += zip(found.starts, found.ends, strict=True)
    return periods, partial
