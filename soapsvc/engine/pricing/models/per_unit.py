"""A price per unit. Source: "Per unit pricing"."""

from __future__ import annotations

from decimal import Decimal
from functools import partial

from soapsvc.engine.account import Charge
from soapsvc.engine.money import EXACT, exact_product, number_text
from soapsvc.engine.pricing.models.model_rules import (
    ByQuantity,
    Formulas,
    Metering,
    ModelRules,
    QuantityFee,
    Rated,
    inputs_of,
    price_of,
)
from soapsvc.engine.trace import Step


def _list_fee(charge: Charge, quantity: Decimal, explain: bool, _formulas: Formulas) -> Rated:
    price = price_of(charge)
    value = exact_product(price, quantity)
    if not explain:
        return Rated(value)
    step = Step("pricing.per_unit", "Per unit pricing", _sum_text(charge, quantity), value, inputs_of(price, quantity))
    return Rated(value, (step,))


def _quantity_fee(charge: Charge, _entered_at_zero: bool) -> QuantityFee:
    return partial(EXACT.multiply, price_of(charge))


def _sum_text(charge: Charge, quantity: Decimal) -> str:
    return f"{number_text(quantity)} x {number_text(price_of(charge))}"


PER_UNIT = ModelRules(
    _list_fee,
    ByQuantity(_quantity_fee, _sum_text),
    metering=Metering.BY_GROUP,
    needs_quantity=True,
    approximates=False,
)
