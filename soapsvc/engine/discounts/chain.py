"""Apply discounts to one amount, one after the other: percentages that compound or stack, fixed amounts.

Each discount is a share of the amount that the discounts before it left (of the whole amount, when stacked). It is
rounded and never exceeds the amount left. Sources: "Process discounts", "Stacked discounts", "Discount class and
stacked discounts"; observed previews: amounts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from soapsvc.engine.account import BillingRules, PercentDiscountBase, StackedDiscountClass, parse
from soapsvc.engine.discounts.balances import (
    DiscountBalances,
    Service,
    enhanced_amount,
    enhanced_window,
    overlap_share,
    taken_off,
)
from soapsvc.engine.discounts.scope import Discount
from soapsvc.engine.errors import RatingError
from soapsvc.engine.money import Rounding

_HUNDRED = 100


class Target(NamedTuple):
    """An amount to be discounted: gross and rounded, exact, with its service."""

    amount: Decimal
    exact: Fraction
    service: Service


class Reduction(NamedTuple):
    """The reduction of a target by one discount: positive, rounded; exact before rounding; the service of its item."""

    discount: Discount
    amount: Decimal
    exact: Fraction
    base: Fraction
    service: Service


class Chain:
    """Applies discounts to amounts by the tenant's rules; balances of fixed amounts are used up as it goes.

    Raises RatingError for rules, percentages and amounts that are unknown or missing.
    """

    def __init__(self, rules: BillingRules, rounding: Rounding) -> None:
        self._rounding = rounding
        classes = parse(StackedDiscountClass, rules.stacked_discount_class, "billing_rules.stackedDiscountClass")
        base = parse(PercentDiscountBase, rules.percent_discount_base, "billing_rules.percentDiscountBase")
        self._follow_classes = classes is StackedDiscountClass.FOLLOW
        self.unrounded = base is PercentDiscountBase.UNROUNDED

    def on(self, scope: Sequence[Discount], target: Target, balances: DiscountBalances) -> Iterator[Reduction]:
        """The reduction by each discount of the scope that covers the target, one after the other."""
        return self.reductions([item for item in scope if _covers(item, target.service)], target, balances)

    def reductions(self, active: Sequence[Discount], target: Target, balances: DiscountBalances) -> Iterator[Reduction]:
        """The reduction of the target by each of the discounts, which all cover it."""
        if self._follow_classes:
            for _, members in groupby(active, key=lambda discount: discount.discount_class):
                reductions = list(self._class_reductions(list(members), target, balances))
                yield from reductions
                target = _less(target, reductions)
            return
        left = target
        for position, discount in enumerate(active):
            base = target if discount.stacked else left
            reduction = self._reduction(discount, base, left, balances)
            yield reduction
            if position + 1 < len(active):
                left = _less(left, [reduction])

    def _class_reductions(
        self, members: list[Discount], target: Target, balances: DiscountBalances
    ) -> Iterator[Reduction]:
        """Within a class: stacked percentages of the amount before the class, then the others, then fixed amounts."""
        left = target
        for discount in sorted(members, key=lambda discount: (discount.fixed, not discount.stacked)):
            base = target if discount.stacked and not discount.fixed else left
            reduction = self._reduction(discount, base, left, balances)
            yield reduction
            left = _less(left, [reduction])

    def _reduction(self, discount: Discount, base: Target, left: Target, balances: DiscountBalances) -> Reduction:
        try:
            return self._taken(discount, base, left, balances)
        except RatingError as error:
            raise error.of(discount.subscription.subscription_number, discount.charge.number) from error

    def _taken(self, discount: Discount, base: Target, left: Target, balances: DiscountBalances) -> Reduction:
        """The reduction of `base` by a discount, at most the amount `left`."""
        gross = Fraction(base.amount)
        whole = base.exact if self.unrounded and not discount.fixed else gross
        window = enhanced_window(discount, base.service)
        if discount.has_balance:
            taken = balances.left(discount, base.service.start)
        elif discount.fixed:
            taken = enhanced_amount(discount, base.service)
        else:
            taken = whole * share_of(discount)
            if window != base.service:
                taken *= overlap_share(discount, base.service, window)
        amount = min(self._rounding(taken), left.amount)
        if discount.has_balance:
            balances.consume(discount, base.service.start, amount)
        rest = max(left.exact, gross if left is base else Fraction(left.amount))
        return Reduction(discount, amount, min(taken, rest), whole, window)


def _less(target: Target, reductions: Sequence[Reduction]) -> Target:
    """The target after discounts. The exact amount stops at 0, as a discount on the rounded amount may exceed it."""
    amount = target.amount - sum(each.amount for each in reductions)
    exact_amount = target.exact - sum(each.exact for each in reductions)
    return Target(amount, max(exact_amount, Fraction(0)), target.service)


def _covers(discount: Discount, item: Service) -> bool:
    if discount.enhanced:
        return discount.start < item.end and item.start < discount.end
    return discount.start <= item.start < discount.end


def share_of(discount: Discount) -> Fraction:
    """The discount's percentage as a share: 0.1 for 10 %. Raises RatingError for a missing or negative one."""
    value = discount.charge.discount_percentage
    if value is None:
        raise RatingError("MISSING_VALUE", "A percentage discount needs discountPercentage.", "discountPercentage")
    return _hundredth(value)


@lru_cache(maxsize=1024)
def _hundredth(percentage: Decimal) -> Fraction:
    return taken_off(percentage, "discountPercentage") / _HUNDRED
