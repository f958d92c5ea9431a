"""The credits of the discounts on a billed item that is credited, in part or in full.

Sources: "How discounts work with prorated credits", "Credit for prorated discounts", "Cancel regular charges and
percentage discounts in billed periods".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from soapsvc.engine.account import BillingRules, ChargeType, parse
from soapsvc.engine.charges import ChargeRows, CreditBasis, CreditMethod, Rows
from soapsvc.engine.discounts.balances import DiscountBalances, Service, overlap_share
from soapsvc.engine.discounts.billed import Billed
from soapsvc.engine.discounts.chain import Chain, Reduction, Target
from soapsvc.engine.discounts.scope import Discount
from soapsvc.engine.discounts.when_billed import that_reduced, when_billed
from soapsvc.engine.money import Rounding


class CreditedDiscounts:
    """Credits discounts by the tenant's credit method, and restores the balances of fixed amounts."""

    def __init__(self, rules: BillingRules, rounding: Rounding, chain: Chain, billed: Billed) -> None:
        self.method = parse(CreditMethod, rules.credit_method, "billing_rules.creditMethod")
        self._prorates_amounts = rules.credit_prorated_fixed_discount
        self._rounding = rounding
        self._chain = chain
        self._billed = billed

    def on(
        self, scope: Sequence[Discount], charge: ChargeRows, rows: Rows, position: int, basis: CreditBasis
    ) -> Iterator[Reduction]:
        """The credits of the discounts on a billed item. The credit of a fixed amount is added to its balance again."""
        start, end = rows.starts[position], rows.ends[position]
        given_back, kept = Service(start, end), {}
        whole = Service(basis.start, end, charge.type is ChargeType.ONE_TIME)
        ended = min(rows.charge.effective_end_date or start, rows.starts[0])
        then = that_reduced(when_billed(scope, rows.charge, ended), rows.charge.id, whole)
        if basis.kept_exact > 0:
            # Consumed units of a prepayment are kept, though all of its time is credited.
            service = Service(basis.start, start) if start > basis.start else whole
            target = Target(basis.kept, basis.kept_exact, service)
            kept = {reduction.discount.key: reduction for reduction in self._chain.on(then, target, DiscountBalances())}
        known = self._billed.reductions.get((id(rows.charge), basis.start))
        as_taken = DiscountBalances().of_item(rows.charge.id, basis.start)
        taken = known or self._chain.on(then, Target(basis.billed, basis.billed_exact, whole), as_taken)
        for reduction in taken:
            value = self._returned(reduction, kept.get(reduction.discount.key), basis, given_back)
            amount = self._rounding(value)
            if reduction.discount.has_balance and known:
                self._billed.balances.give_back(reduction.discount, basis.start, amount)
            elif reduction.discount.has_balance:
                self._billed.balances.consume(reduction.discount, basis.start, reduction.amount - amount)
            yield Reduction(reduction.discount, amount, value, reduction.base, given_back)

    def _returned(self, taken: Reduction, kept: Reduction | None, basis: CreditBasis, given_back: Service) -> Fraction:
        """The credit of one discount: its share of the credited time, or the discount less that on the kept part."""
        discount = taken.discount
        if discount.has_balance and self._prorates_amounts:
            return Fraction(taken.amount) * basis.share
        exactly = self._chain.unrounded and not discount.fixed
        amount = taken.exact if exactly else Fraction(taken.amount)
        if self.method is CreditMethod.CREDIT_PERIOD and not discount.fixed:
            return amount * _share_given(taken, basis, given_back)
        left = Fraction(0) if kept is None else kept.exact if exactly else Fraction(kept.amount)
        return max(amount - left, Fraction(0))


def _share_given(taken: Reduction, basis: CreditBasis, given_back: Service) -> Fraction:
    """The credited share of a discount's time: that of its item, or that of the overlap of item and discount."""
    window = taken.service
    if window.start == basis.start and window.end == given_back.end:
        return basis.share
    start = max(window.start, given_back.start)
    if start >= window.end:
        return Fraction(0)
    return overlap_share(taken.discount, window, Service(start, window.end))
