"""The one charge that a fixed amount for partial periods reduces, also where the data allows several.

Source: "Enhanced discount use cases" and its limitations: with the vendor, such an amount applies to one charge of the
subscription. Where the data allows several, the engine takes the first in the order of balances, with a warning.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from soapsvc.engine.account import Charge, ChargeType, DiscountLevel, Subscription, parse
from soapsvc.engine.discounts.scope import ChargeKey, Discount, SegmentKey, balance_rank
from soapsvc.engine.discounts.windows import is_discount
from soapsvc.engine.result import Note
from soapsvc.engine.schedule import FOREVER, is_billed

_DAY = timedelta(1)


def single_charges(
    discounts: Sequence[Discount], subscriptions: Sequence[Subscription]
) -> tuple[dict[SegmentKey, ChargeKey | None], list[Note]]:
    """The one charge of each enhanced fixed amount, by the discount's segment, and warnings.

    None for a discount without a charge to reduce. The choice depends on the charges alone, not on the target date.
    """
    chosen: dict[SegmentKey, ChargeKey | None] = {}
    notes = []
    for discount in discounts:
        if discount.fixed and discount.enhanced:
            found = sorted(_reducible(discount, subscriptions), key=lambda pair: balance_rank(pair[1]))
            keys = list(dict.fromkeys((number, charge.number) for number, charge in found))
            chosen[discount.key] = keys[0] if keys else None
            if len(keys) > 1:
                notes.append(_warning(discount, keys))
    return chosen, notes


def _reducible(discount: Discount, subscriptions: Sequence[Subscription]) -> Iterator[tuple[str, Charge]]:
    """The charges, with the number of their subscription, that the discount would reduce at some time."""
    number = discount.subscription.subscription_number
    for subscription in subscriptions:
        if discount.level is not DiscountLevel.ACCOUNT and subscription.subscription_number != number:
            continue
        if not is_billed(subscription):  # its charges have no items at any time
            continue
        for charge in subscription.charges:
            if not is_discount(charge) and _meets(discount, charge, subscription):
                yield subscription.subscription_number, charge


def _meets(discount: Discount, charge: Charge, subscription: Subscription) -> bool:
    start, end = charge.effective_start_date, charge.effective_end_date or FOREVER
    if start is None or start >= discount.end or not discount.reduces(charge, parse(ChargeType, charge.type, "type")):
        return False
    return end == subscription.term_end_date or max(end, start + _DAY) > discount.start


def _warning(discount: Discount, keys: Sequence[ChargeKey]) -> Note:
    number, name = discount.subscription.subscription_number, discount.charge.number
    message = (
        f"Discount {name} of subscription {number} is a fixed amount for partial periods, which applies to one charge "
        f"only. Of {len(keys)} charges, it reduces {keys[0][1]} of {keys[0][0]}. To choose another one, list it in "
        "discountApplyDetails."
    )
    return Note("warning", "DISCOUNT_ON_ONE_CHARGE", message, number, name)
