"""The Calculated model: the fee by the rate card whose conditions hold.

Source: "Usage tiered pricing with adjustments and formula support".
"""

from __future__ import annotations

from decimal import Decimal

from soapsvc.engine.account import Charge
from soapsvc.engine.money import exact, refusing_loss
from soapsvc.engine.pricing.models.decision_tables import decision_table
from soapsvc.engine.pricing.models.model_rules import Formulas, Metering, ModelRules, Rated, inputs_of
from soapsvc.engine.trace import Step


def _list_fee(charge: Charge, quantity: Decimal, explain: bool, _formulas: Formulas) -> Rated:
    exact(quantity, "quantity")
    with refusing_loss("quantity"):
        fee = decision_table(charge).fee(quantity)
    value = exact(fee.value, "price")
    if not explain:
        return Rated(value, (), fee.warnings)
    source = "Usage tiered pricing with adjustments and formula support"
    step = Step("pricing.calculated", source, fee.formula, value, inputs_of(None, quantity))
    return Rated(value, (step,), fee.warnings)


CALCULATED = ModelRules(_list_fee, metering=Metering.DECISION_TABLE)
