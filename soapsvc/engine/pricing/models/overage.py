"""A price for the units above the included units of a period. Source: "Overage pricing"."""

from __future__ import annotations

from decimal import Decimal

from soapsvc.engine.account import ZERO, Charge
from soapsvc.engine.money import EXACT, exact, number_text, refusing_loss
from soapsvc.engine.pricing.models.model_rules import (
    ByQuantity,
    Formulas,
    ModelRules,
    QuantityFee,
    Rated,
    included_units,
    inputs_of,
    overage_price,
)
from soapsvc.engine.trace import Step


def _list_fee(charge: Charge, quantity: Decimal, explain: bool, _formulas: Formulas) -> Rated:
    exact(quantity, "quantity")
    with refusing_loss("quantity"):
        value = exact(_quantity_fee(charge, True)(quantity), "price")
    if not explain:
        return Rated(value)
    inputs = (("includedUnits", number_text(included_units(charge))), *inputs_of(overage_price(charge), quantity))
    return Rated(value, (Step("pricing.overage", "Overage pricing", _sum_text(charge, quantity), value, inputs),))


def _quantity_fee(charge: Charge, _entered_at_zero: bool) -> QuantityFee:
    included, price = included_units(charge), overage_price(charge)
    return lambda quantity: EXACT.multiply(max(ZERO, EXACT.subtract(quantity, included)), price)


def _sum_text(charge: Charge, quantity: Decimal) -> str:
    included, price = number_text(included_units(charge)), number_text(overage_price(charge))
    return f"max(0, {number_text(quantity)} - {included}) x {price}"


OVERAGE = ModelRules(_list_fee, ByQuantity(_quantity_fee, _sum_text))
