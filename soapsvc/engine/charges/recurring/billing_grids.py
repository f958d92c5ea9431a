"""The grids that a charge's billing periods lie on, and the periods of a span that are due on them.

term 1           |-- quarter --|-- quarter --|    a renewal term that is no multiple of the period
term 2                              |-- stub --|-- quarter --| …           anchors its own grid
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from soapsvc.engine.account import BillingPeriod, Charge, date_of, parse
from soapsvc.engine.charges.preview_context import Context
from soapsvc.engine.charges.recurring.cached_charges import CachedCharge, current_grid
from soapsvc.engine.errors import RatingError
from soapsvc.engine.schedule import (
    FIRST_TERM_FROM,
    FOREVER,
    BillingGrid,
    Grid,
    ListGrid,
    MonthGrid,
    ProrationRules,
    ServicePeriods,
    Span,
    billing_grid_of,
    closing,
    due_periods,
    is_evergreen,
    start_of,
)

_DAY = timedelta(1)


def grids_of(charge: Charge, context: Context, cached: CachedCharge | None = None) -> list[tuple[date, BillingGrid]]:
    """The grids of a charge with the date from which each holds.

    There is one, unless the grid is aligned to the term and a renewal term is not a multiple of the billing period:
    then each assumed term anchors its own.
    """
    terms, subscription = context.terms, context.subscription
    period = parse(BillingPeriod, charge.billing_period or "", "billingPeriod")
    if period is BillingPeriod.SUBSCRIPTION_TERM:
        return [(start_of(charge), _term_grid(charge, context))]
    first = cached.billing_grid(context) if cached is not None else current_grid(charge, context)
    found = [(terms.starts[0], first)]
    if len(terms.starts) == 1 or "term" not in f"{charge.billing_period_alignment}{charge.billing_day}".lower():
        return found
    ends = (*terms.starts[1:], terms.end)[1:]
    for term_start, term_end in zip(terms.starts[1:], ends, strict=True):
        if term_end == FOREVER:
            break
        billing_grid = billing_grid_of(charge, subscription, context.shared.bill_cycle_day, term_start, term_end)
        anchor = billing_grid.grid.boundary(billing_grid.grid.index(term_start) + 1)
        if not _continues(found[-1][1].grid, billing_grid.grid, anchor):
            found.append((term_start, billing_grid))
    return found


def _continues(latest: Grid, new: Grid, anchor: date) -> bool:
    """Whether the new grid, with a boundary on `anchor`, is the latest one.

    Grids of different bill days from 28 to 31 share boundaries in short months only.
    """
    if isinstance(latest, MonthGrid) and isinstance(new, MonthGrid) and latest.bill_day != new.bill_day:
        return False
    return latest.boundary(latest.index(anchor)) == anchor


def _term_grid(charge: Charge, context: Context) -> BillingGrid:
    """The terms as periods. A charged-through date before the current term is the end of a former term.

    A charge that began within a former term has an attribute with that term's start, if `lifecycle` renewed it.

    A subscription that was renewed to evergreen has no term; the end of the charge is then the term's end.
    """
    terms, through = context.terms, charge.charged_through_date
    last: date | None = terms.end
    if is_evergreen(context.subscription):
        last = charge.effective_end_date
    if last is None:
        raise RatingError(
            "INVALID_PERIOD", "billingPeriod Subscription_Term needs a subscription with terms.", "billingPeriod"
        )
    began = charge.attributes.get(FIRST_TERM_FROM)
    first = min(start_of(charge), terms.starts[0], *([date_of(began, FIRST_TERM_FROM)] if began is not None else []))
    former = {through} if through is not None and first < through < terms.starts[0] else set()
    dates = {*terms.starts, *former, max(last, through or last), first}
    return BillingGrid(ListGrid(sorted(dates)), 0, 0)


def due_periods_on_grids(
    grids: Sequence[tuple[date, BillingGrid]],
    span: Span,
    target: date,
    in_arrears: bool,
    rules: ProrationRules | None = None,
) -> list[tuple[BillingGrid, ServicePeriods]]:
    """Cuts a span on the grid of the term that each period starts in: (grid, its periods), in time order.

    A period is never cut where the grid changes, so all parts but the last end with a period; the time left up to the
    new grid's next boundary is a stub of the new grid. It is not the charge's first or last stub: `rules` say how the
    stub at the end of the charge is billed.
    """
    if len(grids) == 1:
        billing_grid = grids[0][1]
        span = span if rules is None else closing(span, billing_grid, rules, target)
        return [(billing_grid, due_periods(span, billing_grid, target, in_arrears))]
    found = []
    start = span.start
    while start < span.end and start <= target:
        position = _position(grids, start)
        billing_grid = grids[position][1]
        change = grids[position + 1][0] if position + 1 < len(grids) else FOREVER
        stop = billing_grid.grid.boundary(billing_grid.grid.index(change - _DAY) + 1) if change < FOREVER else span.end
        former = grids[position - 1][1] if position else None
        part = _part(span, start, stop, former)
        part = part if rules is None else closing(part, billing_grid, rules, target)
        periods = due_periods(part, billing_grid, target, in_arrears)
        if len(periods):
            found.append((billing_grid, periods))
        start = stop
    return found


def grid_on(grids: Sequence[tuple[date, BillingGrid]], day: date) -> BillingGrid:
    """The grid that holds on a day: that of the day's term, or the first grid for a day before all terms."""
    return grids[_position(grids, day)][1]


def _position(grids: Sequence[tuple[date, BillingGrid]], day: date) -> int:
    return max((place for place, (since, _) in enumerate(grids) if since <= day), default=0)


def _part(span: Span, start: date, stop: date, former: BillingGrid | None) -> Span:
    """The part of a span on one grid, `[start, stop)`. A grid begins where the last period of the former grid ends."""
    rebased = span.rebased and (former is None or former.grid.holding(start - _DAY)[1] != start)
    return span._replace(start=start, end=min(stop, span.end), rebased=rebased)
