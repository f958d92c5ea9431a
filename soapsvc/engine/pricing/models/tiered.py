"""Prices by tier: all units at the price of one tier (volume), or each unit at the price of its own tier (tiered).

Sources: "Volume pricing", "Tiered pricing", "Tiered with overage pricing", "High water mark pricing".
"""

from __future__ import annotations

from decimal import Decimal
from functools import partial

from soapsvc.engine.account import ZERO, Charge
from soapsvc.engine.money import EXACT, exact, number_text, refusing_loss
from soapsvc.engine.pricing.models.model_rules import (
    ByQuantity,
    Formulas,
    Metering,
    ModelRules,
    QuantityFee,
    Rated,
    RatingWarning,
    Shares,
    inputs_of,
    overage_price,
)
from soapsvc.engine.pricing.models.tiers import bands_of, tiered_parts, total_fee, units_beyond, volume_parts
from soapsvc.engine.trace import Step


def _quantity_fee(shares: Shares, with_overage: bool, charge: Charge, entered_at_zero: bool) -> QuantityFee:
    bands = bands_of(charge.tiers)
    beyond = overage_price(charge) if with_overage and bands.top is not None else ZERO
    free_at_zero = not entered_at_zero and bands.first_unit > 0

    def fee(quantity: Decimal) -> Decimal:
        if free_at_zero and not quantity:
            return ZERO
        total = total_fee(shares(bands, quantity))
        return EXACT.add(total, EXACT.multiply(units_beyond(bands, quantity), beyond)) if beyond else total

    return fee


def _sum_text(shares: Shares, with_overage: bool, charge: Charge, quantity: Decimal) -> str:
    """The sum in numbers, with only the tiers that the quantity reaches."""
    bands = bands_of(charge.tiers)
    formulas = [str(part) for part in shares(bands, quantity)]
    if with_overage and (beyond := units_beyond(bands, quantity)):
        formulas.append(f"{number_text(beyond)} x {number_text(overage_price(charge))} overage")
    return " + ".join(formulas) or "0 above the last tier"


def warnings_of_tiers(shares: Shares, charge: Charge, quantity: Decimal) -> tuple[RatingWarning, ...]:
    """The warning that units above a closed last tier went unbilled, as no page says what happens to them."""
    bands = bands_of(charge.tiers)
    if bands.top is None or quantity <= bands.top:
        return ()
    how = "it is not billed" if shares is volume_parts else "only the units up to there are billed"
    message = f"The quantity {number_text(quantity)} exceeds the last tier's end {number_text(bands.top)}; {how}."
    return (RatingWarning("QUANTITY_ABOVE_LAST_TIER", message),)


def _by_tiers(
    rule: str,
    source: str,
    shares: Shares,
    *,
    with_overage: bool = False,
    metering: Metering = Metering.BY_PERIOD,
    needs_quantity: bool = False,
) -> ModelRules:
    quantity_fee, sum_text = partial(_quantity_fee, shares, with_overage), partial(_sum_text, shares, with_overage)

    def list_fee(charge: Charge, quantity: Decimal, explain: bool, _formulas: Formulas) -> Rated:
        exact(quantity, "quantity")
        with refusing_loss("quantity"):
            value = exact(quantity_fee(charge, True)(quantity), "price")
        warnings = () if with_overage else warnings_of_tiers(shares, charge, quantity)
        if not explain:
            return Rated(value, (), warnings)
        step = Step(rule, source, sum_text(charge, quantity), value, inputs_of(None, quantity))
        return Rated(value, (step,), warnings)

    return ModelRules(
        list_fee,
        ByQuantity(quantity_fee, sum_text, None if with_overage else shares),
        metering=metering,
        needs_quantity=needs_quantity,
        has_tiers=True,
    )


VOLUME = _by_tiers(
    "pricing.volume",
    "Volume pricing",
    volume_parts,
    metering=Metering.BY_GROUP,
    needs_quantity=True,
)
TIERED = _by_tiers(
    "pricing.tiered",
    "Tiered pricing",
    tiered_parts,
    metering=Metering.BY_GROUP,
    needs_quantity=True,
)
TIERED_WITH_OVERAGE = _by_tiers(
    "pricing.tiered_with_overage", "Tiered with overage pricing", tiered_parts, with_overage=True, needs_quantity=True
)
HIGH_WATERMARK_VOLUME = _by_tiers(
    "pricing.high_watermark_volume", "High water mark pricing", volume_parts, metering=Metering.WATERMARK
)
HIGH_WATERMARK_TIERED = _by_tiers(
    "pricing.high_watermark_tiered", "High water mark pricing", tiered_parts, metering=Metering.WATERMARK
)
