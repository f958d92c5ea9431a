"""Discounts on rated items: percentages that compound or stack, fixed amounts with a balance, partial periods, credits.

An item's discounts form a chain: each takes its share of what the ones before it left (or of the whole, when
stacked), is rounded, and never takes more than is left. Sources: "Process discounts", "Stacked discounts", "Discount
balance", "Enhanced discount use cases", "How discounts work with prorated credits", "Credit for prorated discounts";
observed previews: amounts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import groupby

from soapsvc.engine.coupons import Coupons, enhanced_window, month_share
from soapsvc.engine.discount_scope import Discount
from soapsvc.engine.enums import ChargeModel, squeeze
from soapsvc.engine.errors import RatingError
from soapsvc.engine.model import ZERO, BillingRules, Subscription
from soapsvc.engine.money import Rounding
from soapsvc.engine.rows import ChargeRows, CreditBasis, Rows
from soapsvc.engine.trace import Step, Trace, decimal_text

_HUNDRED = 100


@dataclass(slots=True)
class DiscountRows:
    """The items of one discount on one series; `applied_to` holds positions in that series, ascending."""

    discount: Discount
    applied_to: list[int] = field(default_factory=list)
    starts: list[date] = field(default_factory=list)
    ends: list[date] = field(default_factory=list)
    amounts: list[Decimal] = field(default_factory=list)
    traces: list[Trace] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Target:
    """An amount to be discounted: gross and rounded, exact, with its service period."""

    amount: Decimal
    exact: Fraction
    start: date
    end: date
    one_time: bool


@dataclass(frozen=True, slots=True)
class _Cut:
    """What one discount takes off a target: positive, rounded; exact before rounding; the service dates of its item."""

    discount: Discount
    amount: Decimal
    exact: Fraction
    base: Fraction
    start: date
    end: date


class Discounter:
    """Applies the discounts of an account to its charge items, in the order in which the items are rated.

    It remembers what fixed amounts have left, so items must come in wire order, each once.
    """

    def __init__(self, discounts: Sequence[Discount], rules: BillingRules, rounding: Rounding, explain: bool) -> None:
        self._discounts = sorted(discounts, key=lambda discount: discount.order)
        self._rules = rules
        self._rounding = rounding
        self._explain = explain
        self._coupons = Coupons()
        self._follow_classes = squeeze(rules.stacked_discount_class) == "follow"
        self._unrounded = squeeze(rules.percent_discount_base) == "unrounded"

    def apply(self, charge: ChargeRows, rows: Rows, subscription: Subscription) -> list[DiscountRows]:
        """The discount items on `rows`, one `DiscountRows` per discount that has any, in order of application."""
        scope = [item for item in self._discounts if item.reduces(rows.charge, subscription, charge.type)]
        if not scope:
            return []
        found = {id(discount): DiscountRows(discount) for discount in scope}
        one_time = charge.type == "OneTime"
        for position, amount in enumerate(rows.amounts):
            basis = rows.credits[position] if rows.credits is not None else None
            if basis is not None:
                self._credit(scope, rows, position, basis, found)
            elif amount > 0:
                target = _Target(amount, rows.exact[position], rows.starts[position], rows.ends[position], one_time)
                for taken in self._chain(scope, target, self._coupons):
                    self._add(found[id(taken.discount)], position, taken, -taken.amount, -taken.exact)
        return [rows for rows in found.values() if rows.applied_to]

    def _add(self, rows: DiscountRows, position: int, taken: _Cut, amount: Decimal, exact: Fraction) -> None:
        if not amount:
            return
        rows.applied_to.append(position)
        rows.starts.append(taken.start)
        rows.ends.append(taken.end)
        rows.amounts.append(amount)
        if self._explain:
            rows.traces.append(_trace(taken, amount, exact, self._rounding))

    def _chain(
        self, scope: Sequence[Discount], target: _Target, coupons: Coupons, billed: bool = False
    ) -> Iterator[_Cut]:
        active = [item for item in scope if _covers(item, target, billed)]
        if self._follow_classes:
            yield from self._by_class(active, target, coupons)
            return
        left, left_exact = target.amount, target.exact
        for discount in active:
            base, base_exact = (
                (target.amount, target.exact) if discount.charge.is_stacked_discount else (left, left_exact)
            )
            taken = self._take(discount, target, base, base_exact, left, coupons)
            left, left_exact = left - taken.amount, left_exact - taken.exact
            yield taken

    def _by_class(self, active: Sequence[Discount], target: _Target, coupons: Coupons) -> Iterator[_Cut]:
        left, left_exact = target.amount, target.exact
        for _, members in groupby(active, key=lambda discount: discount.discount_class):
            ordered = sorted(members, key=lambda discount: (discount.order[1], not discount.charge.is_stacked_discount))
            stacked_base, stacked_exact = left, left_exact
            for discount in ordered:
                stacked = discount.charge.is_stacked_discount and discount.model is ChargeModel.DISCOUNT_PERCENTAGE
                base, base_exact = (stacked_base, stacked_exact) if stacked else (left, left_exact)
                taken = self._take(discount, target, base, base_exact, left, coupons)
                left, left_exact = left - taken.amount, left_exact - taken.exact
                yield taken

    def _take(
        self, discount: Discount, target: _Target, base: Decimal, base_exact: Fraction, left: Decimal, coupons: Coupons
    ) -> _Cut:
        start, end = enhanced_window(discount, target.start, target.end, target.one_time)
        if discount.model is ChargeModel.DISCOUNT_PERCENTAGE:
            whole = base_exact if self._unrounded else Fraction(base)
            share = month_share(discount, target.start, target.end, start, end)
            exact = whole * share * percentage(discount) / _HUNDRED
        else:
            whole = Fraction(base)
            exact = coupons.available(discount, target.start, target.end, target.one_time)
        amount = min(self._rounding(exact), max(left, ZERO))
        if discount.model is ChargeModel.DISCOUNT_FIXED_AMOUNT:
            coupons.consume(discount, target.start, amount)
        return _Cut(discount, amount, min(exact, Fraction(left)) if exact > left else exact, whole, start, end)

    def _credit(
        self, scope: Sequence[Discount], rows: Rows, position: int, basis: CreditBasis, found: dict[int, DiscountRows]
    ) -> None:
        """Gives back what discounts took off the credited part: the billed amount's chain less the kept one's."""
        start, end = rows.starts[position], rows.ends[position]
        given_back = _Target(-rows.amounts[position], -rows.exact[position], basis.start, end, False)
        billed = _Target(basis.billed, Fraction(basis.billed), basis.start, end, False)
        kept = _Target(basis.kept, Fraction(basis.kept), basis.start, end, False)
        credited = {id(cut.discount): cut.exact for cut in self._chain(scope, given_back, Coupons(), billed=True)}
        kept_cuts = {id(cut.discount): cut.amount for cut in self._chain(scope, kept, Coupons(), billed=True)}
        for taken in self._chain(scope, billed, Coupons(), billed=True):
            if taken.discount.model is ChargeModel.DISCOUNT_FIXED_AMOUNT:
                exact = self._fixed_credit(taken, basis)
            elif self._unrounded:
                exact = credited[id(taken.discount)]
            else:
                exact = Fraction(taken.amount - kept_cuts[id(taken.discount)])
            item = _Cut(taken.discount, taken.amount, exact, taken.base, start, end)
            self._add(found[id(taken.discount)], position, item, self._rounding(exact), exact)

    def _fixed_credit(self, taken: _Cut, basis: CreditBasis) -> Fraction:
        if self._rules.credit_prorated_fixed_discount:
            return Fraction(taken.amount) * basis.share
        return Fraction(max(taken.amount - basis.kept, ZERO))


def _covers(discount: Discount, target: _Target, billed: bool) -> bool:
    end = discount.billed_end if billed else discount.end
    if discount.charge.apply_to_billing_period_partially and not billed:
        return discount.start < target.end and target.start < end
    return discount.start <= target.start < end


def percentage(discount: Discount) -> Fraction:
    """The discount's percentage. Raises RatingError MISSING_VALUE without one."""
    value = discount.charge.discount_percentage
    if value is None:
        raise RatingError("MISSING_VALUE", "A percentage discount needs discountPercentage.", "discountPercentage")
    return Fraction(value)


def _trace(taken: _Cut, amount: Decimal, exact: Fraction, rounding: Rounding) -> Trace:
    if taken.discount.model is ChargeModel.DISCOUNT_PERCENTAGE:
        percent = f"{taken.discount.charge.discount_percentage:f}"
        inputs = (
            ("base", decimal_text(taken.base)),
            ("discountPercentage", percent),
        )
        step = Step("discount.percentage", "Process discounts", "- base x percentage / 100", exact, inputs)
    else:
        inputs = (("base", decimal_text(taken.base)), ("discountAmount", f"{taken.discount.charge.discount_amount:f}"))
        step = Step(
            "discount.fixed", "Discount balance", "- what the open period's balance and the item allow", exact, inputs
        )
    return Trace((step,), exact, amount, str(rounding))
