"""The items that earlier invoices billed of a charge, computed again: they have used up balances of discounts."""

from __future__ import annotations

from collections.abc import Sequence

from soapsvc.engine.account import ChargeType
from soapsvc.engine.charges.item_rows import Rows, facts_of
from soapsvc.engine.charges.one_time_items import is_gone, one_time_item
from soapsvc.engine.charges.preview_context import Context
from soapsvc.engine.charges.recurring import first_billed_day, grids_of, recurring_price, recurring_rows
from soapsvc.engine.schedule import Segment, Span, billed_periods, proration_rules, start_of


def billed_before(charge_type: ChargeType, segments: Sequence[Segment], context: Context) -> list[Rows]:
    """The items that earlier invoices billed of a charge, computed again: one `Rows` per segment, none for usage."""
    found = (_segment_billed_before(charge_type, segment, context) for segment in segments)
    return [rows for rows in found if rows is not None]


def _segment_billed_before(charge_type: ChargeType, segment: Segment, context: Context) -> Rows | None:
    charge = segment.charge
    start, through = start_of(charge), charge.charged_through_date
    if through is None or through < start or charge_type is ChargeType.USAGE:
        return None
    if charge_type is ChargeType.ONE_TIME:
        given_back = is_gone(segment) and through == start
        return None if given_back else one_time_item(charge, start, context, credit=False).parts[0]
    rules, grids = proration_rules(charge, context.shared.account.rules), grids_of(charge, context)
    billing_grid = grids[0][1]
    price = recurring_price(charge, billing_grid, rules, context)
    opens = max(start, first_billed_day(segment, grids, rules, context))
    periods = billed_periods(Span(opens, through, ends_charge=False), billing_grid)
    if not periods.starts:
        return None
    facts = facts_of(charge, context.subscription, charge_type, context.transient)
    return recurring_rows(price, periods, facts, start, context.shared.rounding, context.shared.request.explain)
