"""Read discount charges: the window of each segment under the assumed terms, and its own grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from soapsvc.engine.account import DISCOUNT_MODELS, Charge, ChargeModel, ChargeType, DiscountLevel, parse, parse_or
from soapsvc.engine.charges import Context, facts_of, grids_of, overlap
from soapsvc.engine.discounts.scope import Discount, reduced_types
from soapsvc.engine.pricing import changes_price, priced_segments
from soapsvc.engine.schedule import FOREVER, BillingGrid, DayGrid, ListGrid, Segment, proration_rules, start_of


def is_discount(charge: Charge) -> bool:
    """True for a discount charge, which has no items of its own."""
    return parse(ChargeModel, charge.model, "model") in DISCOUNT_MODELS


def discounts_of(segment: Segment, context: Context) -> list[Discount]:
    """The discounts of a segment: one for each percentage that it has over its renewals; usually one.

    Raises RatingError for an unknown value, such as a level.
    """
    whole = _discount(segment, context)
    if whole.fixed or not changes_price(segment.charge):
        return [whole]
    pieces = priced_segments(segment.charge, whole.start, whole.end, context.terms, context.shared.account.catalog)
    return [
        # Billed items were reduced by the stored percentage.
        replace(whole, charge=charge, start=start, end=end, billed_end=start if position else whole.billed_end)
        for position, (charge, start, end) in enumerate(pieces)
    ]


def check_windows(discounts: Sequence[Discount]) -> None:
    """Raises RatingError PERIODS_OVERLAP unless the segments of one discount hold one after the other."""
    for former, latter in pairwise(each for each in discounts if each.start < each.end):
        if latter.start < former.end:
            raise overlap(latter.start)


def _discount(segment: Segment, context: Context) -> Discount:
    charge, end = segment.charge, segment.end
    start = start_of(charge)
    through = None if end.bills_past_term_end else charge.charged_through_date
    billed_to = max(end.end, charge.original_effective_end_date or end.end, through or end.end)
    billing_grid = grids_of(charge, context)[0][1] if charge.billing_period else BillingGrid(DayGrid(start, 1), 0, 1)
    # Where its periods are terms, no period is known after the last assumed term.
    known = billing_grid.grid.dates[-1] if isinstance(billing_grid.grid, ListGrid) else FOREVER
    return Discount(
        charge,
        context.subscription,
        facts_of(charge, context.subscription, ChargeType.RECURRING, context.transient, "Discount"),
        parse(ChargeModel, charge.model, "model"),
        start,
        min(end.end, known),
        min(billed_to, known),
        billing_grid,
        proration_rules(charge, context.shared.account.rules),
        end.bills_past_term_end,
        end.latest,
        parse_or(DiscountLevel, charge.discount_level, "discountLevel", DiscountLevel.RATE_PLAN),
        reduced_types(charge.apply_discount_to),
    )
