"""Reads discount charges: the window of each segment under the assumed terms, and its own grid."""

from __future__ import annotations

from dataclasses import replace

from soapsvc.engine.billable import billings_of
from soapsvc.engine.calendar import FOREVER, DayGrid, ListGrid
from soapsvc.engine.context import Context
from soapsvc.engine.discount_scope import Discount, reduced_types
from soapsvc.engine.enums import DISCOUNT_MODELS, ChargeModel, ChargeType, DiscountLevel, parse, parse_or
from soapsvc.engine.model import Charge
from soapsvc.engine.periods import Billing, start_of
from soapsvc.engine.price_change import changes_price, priced_segments
from soapsvc.engine.proration import proration_rules
from soapsvc.engine.rows import facts_of
from soapsvc.engine.segments import Segment


def is_discount(charge: Charge) -> bool:
    """True for a discount charge, which has no items of its own."""
    return parse(ChargeModel, charge.model, "model") in DISCOUNT_MODELS


def discounts_of(segment: Segment, context: Context) -> list[Discount]:
    """The discounts that a segment is: one for each percentage that renewals make of it, mostly one in all.

    Raises RatingError for what is not known.
    """
    whole = _discount(segment, context)
    if whole.fixed or not changes_price(segment.charge):
        return [whole]
    pieces = priced_segments(segment.charge, whole.start, whole.end, context.terms, context.account.catalog)
    return [
        # What was billed was billed at the percentage that is stored.
        replace(whole, charge=charge, start=start, end=end, billed_end=start if position else whole.billed_end)
        for position, (charge, start, end) in enumerate(pieces)
    ]


def _discount(segment: Segment, context: Context) -> Discount:
    charge, end = segment.charge, segment.end
    start = start_of(charge)
    through = None if end.straddles else charge.charged_through_date
    billed = max(end.end, charge.original_effective_end_date or end.end, through or end.end)
    billing = billings_of(charge, context)[0][1] if charge.billing_period else Billing(DayGrid(start, 1), 0, 1)
    # Where its periods are terms, none is known after the last that is assumed.
    known = billing.grid.dates[-1] if isinstance(billing.grid, ListGrid) else FOREVER
    return Discount(
        charge,
        context.subscription,
        facts_of(charge, context.subscription, ChargeType.RECURRING, context.transient, "Discount"),
        parse(ChargeModel, charge.model, "model"),
        start,
        min(end.end, known),
        min(billed, known),
        billing,
        proration_rules(charge, context.account.rules),
        end.straddles,
        end.latest,
        parse_or(DiscountLevel, charge.discount_level, "discountLevel", DiscountLevel.RATE_PLAN),
        reduced_types(charge.apply_discount_to),
    )
