"""Flat fees: one price for any quantity, per period or per delivery.

Sources: "Flat fee pricing", "Delivery pricing".
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from soapsvc.engine.account import Charge
from soapsvc.engine.money import exact, number_text
from soapsvc.engine.pricing.models.model_rules import (
    ByQuantity,
    Formulas,
    ModelRules,
    QuantityFee,
    Rated,
    inputs_of,
    price_of,
)
from soapsvc.engine.trace import Step


def _quantity_fee(charge: Charge, _entered_at_zero: bool) -> QuantityFee:
    price = price_of(charge)
    return lambda _quantity: price


def _list_fee(rule: str, source: str, formula: str) -> Callable[[Charge, Decimal, bool, Formulas], Rated]:
    def fee(charge: Charge, _quantity: Decimal, explain: bool, _formulas: Formulas) -> Rated:
        price = price_of(charge)
        value = exact(price, "price")
        if not explain:
            return Rated(value)
        return Rated(value, (Step(rule, source, formula, value, inputs_of(price, None)),))

    return fee


FLAT_FEE = ModelRules(
    _list_fee("pricing.flat_fee", "Flat fee pricing", "price"),
    ByQuantity(_quantity_fee, lambda charge, _quantity: number_text(price_of(charge))),
    approximates=False,
)
DELIVERY = ModelRules(_list_fee("pricing.delivery", "Delivery pricing", "price of one delivery"))
