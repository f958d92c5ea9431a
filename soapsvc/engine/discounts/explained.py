"""Explain the amount of a discount's item, for requests with `explain`."""

from __future__ import annotations

from decimal import Decimal

from soapsvc.engine.charges import CreditMethod
from soapsvc.engine.discounts.chain import Reduction
from soapsvc.engine.discounts.scope import Discount
from soapsvc.engine.trace import Step, Trace, decimal_text


def trace_of(reduction: Reduction, amount: Decimal, credit: bool, method: CreditMethod, rounding: str) -> Trace:
    """The trace of `amount`: negative for a discount; positive for its credit, computed by `method`."""
    rule = _rule(reduction.discount, credit, method)
    charge, value = reduction.discount.charge, -reduction.exact if amount < 0 else reduction.exact
    name, number = (
        ("discountAmount", charge.discount_amount)
        if reduction.discount.fixed
        else ("discountPercentage", charge.discount_percentage)
    )
    inputs = (("base", decimal_text(reduction.base)), (name, f"{number:f}"))
    return Trace((Step(*rule, value, inputs),), value, amount, rounding)


def _rule(discount: Discount, credit: bool, method: CreditMethod) -> tuple[str, str, str]:
    """Name, source and formula of a discount or of its credit."""
    if credit and method is CreditMethod.CREDIT_PERIOD and not discount.fixed:
        source = "Cancel regular charges and percentage discounts in billed periods"
        return "discount.credit", source, "what was taken off when billed x the share of the time given back"
    if credit:
        formula = "what was taken off when billed - what is taken off the part kept"
        return "discount.credit", "How discounts work with prorated credits", formula
    if discount.has_balance:
        return "discount.fixed", "Discount balance", "- what the open period's balance and the item allow"
    if discount.fixed:
        formula = "- the part of each period's amount that the item covers"
        return "discount.fixed", "Enhanced discount use cases", formula
    return "discount.percentage", "Process discounts", "- base x percentage / 100"
