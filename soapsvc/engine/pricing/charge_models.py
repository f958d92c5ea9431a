"""The table of charge models, and the fee of one full list-price period by any of them.

A fee is before list price base, proration, discounts and rounding; all arithmetic is exact. A new model is a module
with its `ModelRules` and a line here, or in `quantity_models` where it prices a quantity by the charge's prices alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from soapsvc.engine.account import ONE, Charge, ChargeModel, parse
from soapsvc.engine.errors import RatingError
from soapsvc.engine.pricing.formulas import FormulaContext
from soapsvc.engine.pricing.models import (
    CALCULATED,
    DELIVERY,
    MULTI_ATTRIBUTE_PRICING,
    QUANTITY_MODELS,
    Formulas,
    Metering,
    ModelRules,
    Rated,
    RatingWarning,
)

CHARGE_MODELS: Mapping[ChargeModel, ModelRules] = MappingProxyType(
    {
        **QUANTITY_MODELS,
        ChargeModel.DELIVERY: DELIVERY,
        ChargeModel.MULTI_ATTRIBUTE_PRICING: MULTI_ATTRIBUTE_PRICING,
        ChargeModel.CALCULATED: CALCULATED,
        ChargeModel.PRERATED_PRICING: ModelRules(metering=Metering.PRERATED_TOTAL),
        ChargeModel.PRERATED_PER_UNIT: ModelRules(metering=Metering.PRERATED_RATE),
        ChargeModel.DISCOUNT_FIXED_AMOUNT: ModelRules(),
        ChargeModel.DISCOUNT_PERCENTAGE: ModelRules(),
    }
)


def rules_of_model(charge: Charge) -> ModelRules:
    """The rules of a charge's model. Raises RatingError UNKNOWN_VALUE for an unknown model."""
    return CHARGE_MODELS[parse(ChargeModel, charge.model, "model")]


def list_fee(charge: Charge, quantity: Decimal, *, explain: bool = False, formulas: Formulas = FormulaContext) -> Rated:
    """The fee of a charge for one full list-price period at `quantity`; of a Delivery charge, the fee of one delivery.

    For a high watermark the quantity is the watermark itself. `formulas` holds what a formula can look up
    besides the charge. Raises RatingError, naming the v1 field: MISSING_PRICE, MISSING_TIERS, MISSING_VALUE, TIER_GAP,
    TIER_OVERLAP, TIER_REVERSED, UNKNOWN_VALUE, BAD_NUMBER, BAD_VALUE, BAD_FORMULA, LOOKUP_FAILED, NO_RATE_CARD.
    """
    model = parse(ChargeModel, charge.model, "model")
    fee = CHARGE_MODELS[model].list_fee
    if fee is None:
        message = f"A charge of model {model.value} cannot be rated here, because it has no fee by quantity."
        raise RatingError("UNKNOWN_VALUE", message, "model")
    return fee(charge, quantity, explain, formulas)


def fee_warnings(charge: Charge, quantity: Decimal) -> tuple[RatingWarning, ...]:
    """The warnings about approximations in `list_fee` at `quantity`."""
    return list_fee(charge, quantity).warnings if rules_of_model(charge).approximates else ()


def billed_quantity(charge: Charge) -> Decimal:
    """The quantity of a one-time or recurring charge; 1 where the model needs none and the charge has none.

    Raises RatingError MISSING_QUANTITY for a model that is priced by quantity.
    """
    if charge.quantity is not None:
        return charge.quantity
    if rules_of_model(charge).needs_quantity:
        model = parse(ChargeModel, charge.model, "model")
        raise RatingError("MISSING_QUANTITY", f"A charge of model {model.value} needs a quantity.", "quantity")
    return ONE
