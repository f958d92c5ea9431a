"""Which discounts reduce which charges, when, and in which order.

Sources: "Specify the discount scope", "Process discounts" (order), observed previews: amounts (a discount covers the
items whose service start lies in its window).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from soapsvc.engine.account import Charge, ChargeModel, ChargeType, DiscountLevel, Subscription, squeeze
from soapsvc.engine.charges import RatedRows
from soapsvc.engine.errors import RatingError
from soapsvc.engine.result import ItemFacts
from soapsvc.engine.schedule import FOREVER, BillingGrid, ProrationRules

_LEVELS = {level: place for place, level in enumerate(DiscountLevel)}
_LAST_CLASS = (2, 0, "")


SegmentKey = int
"""A charge segment by its identity: segments that are split for one preview share their id."""

ChargeKey = tuple[str, str]
"""A charge: subscription number and charge number."""


@dataclass(frozen=True, slots=True)
class Discount:
    """A discount charge segment with its window `[start, end)`.

    `billed_end` is the window's end when the charge was last billed; `billing_grid` is its own grid (fixed amounts have
    a balance per period of it). `bills_past_term_end`: it ends with a term whose last period is billed past the term's
    end. A percentage then follows the item, up to `latest`; a fixed amount does not ("Billing Rules - Billing
    Document"). `level` is rate plan, subscription or account, `kinds` are the types of charges that it reduces.
    """

    charge: Charge
    subscription: Subscription
    facts: ItemFacts
    model: ChargeModel
    start: date
    end: date
    billed_end: date
    billing_grid: BillingGrid
    rules: ProrationRules
    bills_past_term_end: bool
    latest: date
    level: DiscountLevel
    kinds: frozenset[ChargeType]

    def reduces(self, charge: Charge, charge_type: ChargeType) -> bool:
        """True when the discount's level, charge types and list of charges all include the charge.

        The caller passes only charges of the discount's own subscription, except for a discount of the account.
        """
        if charge_type not in self.kinds:
            return False
        if self.level is DiscountLevel.RATE_PLAN and charge.rate_plan_id != self.charge.rate_plan_id:
            return False
        details = self.charge.discount_apply_details
        return not details or any(
            detail.applied_product_rate_plan_charge_id == charge.product_rate_plan_charge_id
            if detail.applied_product_rate_plan_charge_id
            else detail.applied_product_rate_plan_id == charge.product_rate_plan_id
            for detail in details
        )

    @property
    def key(self) -> SegmentKey:
        """The discount's segment: the same for the discount as it was last billed (`when_billed`)."""
        return id(self.charge)

    @property
    def fixed(self) -> bool:
        """True for a fixed amount, False for a percentage."""
        return self.model is ChargeModel.DISCOUNT_FIXED_AMOUNT

    @property
    def enhanced(self) -> bool:
        """True when it applies to the overlap of item and window, not to every item that starts in the window."""
        return self.charge.apply_to_billing_period_partially

    @property
    def has_balance(self) -> bool:
        """True for a fixed amount that items use up; an enhanced one has no balance, only the overlap counts."""
        return self.fixed and not self.enhanced

    @property
    def stacked(self) -> bool:
        """True for a share of the undiscounted amount: stacked, or enhanced ("Enhanced discount use cases")."""
        return self.charge.is_stacked_discount or (self.enhanced and not self.fixed)

    def period(self, day: date) -> tuple[date, date]:
        """The discount's own full period that holds `day`."""
        return self.billing_grid.grid.holding(day)

    @property
    def order(self) -> tuple[tuple[int, int, str], bool, int, str]:
        """The place in the order of application: class, percentage before fixed amount, level, charge number."""
        return self.discount_class, self.fixed, _LEVELS[self.level], self.charge.number

    @property
    def discount_class(self) -> tuple[int, int, str]:
        """The sort key of classes: those with an order first, then those with only a name, then no class."""
        if self.charge.discount_class_order is not None:
            return 0, self.charge.discount_class_order, ""
        if self.charge.discount_class:
            return 1, 0, self.charge.discount_class
        return _LAST_CLASS


def reduced_types(text: str | None) -> frozenset[ChargeType]:
    """The charge types that `applyDiscountTo` names, such as ONETIMERECURRING; all types where it is blank.

    Raises RatingError UNKNOWN_VALUE for any other value.
    """
    squeezed = squeeze(text or "")
    if not squeezed:
        return frozenset(ChargeType)
    found = frozenset(kind for kind in ChargeType if squeeze(kind) in squeezed)
    if re.sub("|".join(map(squeeze, ChargeType)), "", squeezed):
        message = (
            f"applyDiscountTo is {text!r}, which is not known; known values: ONETIME, RECURRING, USAGE, or several of "
            "them joined."
        )
        raise RatingError("UNKNOWN_VALUE", message, "applyDiscountTo")
    return found


def balance_rank(charge: Charge) -> tuple[int, int, date, str]:
    """A charge's place in the order in which a fixed amount is used up: version, segment, start, charge number.

    Source: "Reason why some items on an invoice are discounted and some are not".
    """
    return charge.version or 1, charge.segment or 1, charge.effective_start_date or FOREVER, charge.number


class Candidates:
    """The discounts of an account, found by what they may reduce."""

    def __init__(self, discounts: Sequence[Discount], single: Mapping[SegmentKey, ChargeKey | None]) -> None:
        """`single` holds, by discount, the only charge that it may reduce; see `single_charges`."""
        self._by_subscription = _by_subscription(discounts)
        self._single = single

    def of(self, part: RatedRows) -> list[Discount]:
        """The discounts that may reduce the items of one series, in order of application."""
        charge, rows, subscription = part
        candidates = self._by_subscription.get(subscription.subscription_number, self._by_subscription[None])
        found = [item for item in candidates if item.reduces(rows.charge, charge.type)]
        if self._single:
            key = subscription.subscription_number, charge.number
            found = [item for item in found if self._single.get(item.key, key) == key]
        return found


def _by_subscription(discounts: Sequence[Discount]) -> dict[str | None, list[Discount]]:
    """The discounts that may reduce a subscription's charges, in order of application, by its number.

    The key None holds those of the account, which reduce the charges of every subscription.
    """
    found: dict[str | None, list[Discount]] = {
        None: [each for each in discounts if each.level is DiscountLevel.ACCOUNT]
    }
    for discount in discounts:
        if discount.level is not DiscountLevel.ACCOUNT:
            found.setdefault(discount.subscription.subscription_number, list(found[None])).append(discount)
    for candidates in found.values():
        candidates.sort(key=lambda discount: discount.order)
    return found
