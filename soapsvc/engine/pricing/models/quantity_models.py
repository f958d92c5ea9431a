"""The models that need only a quantity and the charge's prices: for usage, and for rate cards."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from soapsvc.engine.account import Charge, ChargeModel, parse
from soapsvc.engine.errors import RatingError
from soapsvc.engine.pricing.models.flat_fee import FLAT_FEE
from soapsvc.engine.pricing.models.model_rules import ByQuantity, ModelRules, QuantityFee, RatingWarning
from soapsvc.engine.pricing.models.overage import OVERAGE
from soapsvc.engine.pricing.models.per_unit import PER_UNIT
from soapsvc.engine.pricing.models.tiered import (
    HIGH_WATERMARK_TIERED,
    HIGH_WATERMARK_VOLUME,
    TIERED,
    TIERED_WITH_OVERAGE,
    VOLUME,
    warnings_of_tiers,
)

QUANTITY_MODELS: Mapping[ChargeModel, ModelRules] = MappingProxyType(
    {
        ChargeModel.FLAT_FEE: FLAT_FEE,
        ChargeModel.PER_UNIT: PER_UNIT,
        ChargeModel.OVERAGE: OVERAGE,
        ChargeModel.VOLUME: VOLUME,
        ChargeModel.TIERED: TIERED,
        ChargeModel.TIERED_WITH_OVERAGE: TIERED_WITH_OVERAGE,
        ChargeModel.HIGH_WATERMARK_VOLUME: HIGH_WATERMARK_VOLUME,
        ChargeModel.HIGH_WATERMARK_TIERED: HIGH_WATERMARK_TIERED,
    }
)


def quantity_fee(charge: Charge, *, entered_at_zero: bool = True) -> QuantityFee:
    """The fee as a function of the quantity, for rating many groups of usage.

    Without `entered_at_zero`, tiers that start above 0 are not charged for zero units ("Unbilled Usage"). Raises
    RatingError: MISSING_PRICE, MISSING_TIERS, MISSING_VALUE, the errors of tiers, and UNKNOWN_VALUE for a model that
    needs more than a quantity.
    """
    return by_quantity(charge).fee(charge, entered_at_zero)


def fee_formula(charge: Charge, quantity: Decimal) -> str:
    """The sum of `quantity_fee` in numbers, with only the tiers that the quantity reaches."""
    return by_quantity(charge).sum_text(charge, quantity)


def warnings_above(charge: Charge, quantity: Decimal) -> tuple[RatingWarning, ...]:
    """The warning that units above a closed last tier went unbilled; none for a model without such tiers."""
    shares = by_quantity(charge).shares
    return () if shares is None else warnings_of_tiers(shares, charge, quantity)


def by_quantity(charge: Charge) -> ByQuantity:
    """How a charge's model prices a quantity.

    Raises RatingError UNKNOWN_VALUE for a model that needs more than a quantity.
    """
    model = parse(ChargeModel, charge.model, "model")
    rules = QUANTITY_MODELS.get(model)
    if rules is None or rules.by_quantity is None:
        message = f"A charge of model {model.value} cannot be rated here, because it has no fee by quantity."
        raise RatingError("UNKNOWN_VALUE", message, "model")
    return rules.by_quantity
