"""Fees that depend on nothing but a charge's prices and a quantity, as exact decimals.

Sources: "Flat fee pricing", "Per unit pricing", "Volume pricing", "Tiered pricing", "Tiered with overage pricing",
"Overage pricing", "High water mark pricing".
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import NamedTuple

from soapsvc.engine.account import ZERO, Charge, ChargeModel, parse
from soapsvc.engine.errors import RatingError
from soapsvc.engine.money import EXACT, number_text
from soapsvc.engine.pricing.tiers import Bands, Part, bands_of, tiered_parts, total_fee, units_beyond, volume_parts

VOLUME_MODELS = frozenset({ChargeModel.VOLUME, ChargeModel.HIGH_WATERMARK_VOLUME})
TIERED_MODELS = frozenset({ChargeModel.TIERED, ChargeModel.HIGH_WATERMARK_TIERED})
TIER_MODELS = VOLUME_MODELS | TIERED_MODELS | {ChargeModel.TIERED_WITH_OVERAGE}


class RatingWarning(NamedTuple):
    """What was approximated while rating: a stable code in UPPER_SNAKE and a sentence for people."""

    code: str
    message: str


def quantity_fee(charge: Charge, *, entered_at_zero: bool = True) -> Callable[[Decimal], Decimal]:
    """The fee as a function of the quantity, for rating many groups of usage.

    Without `entered_at_zero`, tiers that start above 0 are not charged for zero units ("Unbilled Usage"). Raises
    RatingError: MISSING_PRICE, MISSING_TIERS, MISSING_VALUE, the errors of tiers, and UNKNOWN_VALUE for a model that
    needs more than a quantity.
    """
    model = parse(ChargeModel, charge.model, "model")
    if model is ChargeModel.FLAT_FEE:
        price = price_of(charge)
        return lambda _quantity: price
    if model is ChargeModel.PER_UNIT:
        return partial(EXACT.multiply, price_of(charge))
    if model is ChargeModel.OVERAGE:
        included, price = included_units(charge), overage_price(charge)
        return lambda quantity: EXACT.multiply(max(ZERO, EXACT.subtract(quantity, included)), price)
    if model not in TIER_MODELS:
        message = f"A charge of model {model.value} has no fee by quantity; it is rated by its own rules."
        raise RatingError("UNKNOWN_VALUE", message, "model")
    return _tier_fee(charge, model, entered_at_zero)


def fee_formula(charge: Charge, quantity: Decimal) -> str:
    """The sum by which `quantity_fee` prices a quantity, in numbers; of tiers only those that are reached."""
    model = parse(ChargeModel, charge.model, "model")
    if model is ChargeModel.FLAT_FEE:
        return number_text(price_of(charge))
    if model is ChargeModel.PER_UNIT:
        return f"{number_text(quantity)} x {number_text(price_of(charge))}"
    if model is ChargeModel.OVERAGE:
        included, price = number_text(included_units(charge)), number_text(overage_price(charge))
        return f"max(0, {number_text(quantity)} - {included}) x {price}"
    bands = bands_of(charge.tiers)
    formulas = [str(part) for part in parts_by(model)(bands, quantity)]
    if model is ChargeModel.TIERED_WITH_OVERAGE and (beyond := units_beyond(bands, quantity)):
        formulas.append(f"{number_text(beyond)} x {number_text(overage_price(charge))} overage")
    return " + ".join(formulas) or "0 above the last tier"


def parts_by(model: ChargeModel) -> Callable[[Bands, Decimal], tuple[Part, ...]]:
    """How a model that prices by tier divides a quantity among the bands."""
    return volume_parts if model in VOLUME_MODELS else tiered_parts


def _tier_fee(charge: Charge, model: ChargeModel, entered_at_zero: bool) -> Callable[[Decimal], Decimal]:
    bands = bands_of(charge.tiers)
    parts = parts_by(model)
    beyond = overage_price(charge) if model is ChargeModel.TIERED_WITH_OVERAGE and bands.top is not None else ZERO
    free_at_zero = not entered_at_zero and bands.first_unit > 0

    def fee(quantity: Decimal) -> Decimal:
        if free_at_zero and not quantity:
            return ZERO
        total = total_fee(parts(bands, quantity))
        return EXACT.add(total, EXACT.multiply(units_beyond(bands, quantity), beyond)) if beyond else total

    return fee


def price_of(charge: Charge) -> Decimal:
    """The price of a charge that has one: `price`, or that of its only tier, as catalogue exports hold it."""
    if charge.price is not None:
        return charge.price
    if len(charge.tiers) == 1:
        return charge.tiers[0].price
    raise RatingError("MISSING_PRICE", f"The charge has no price, but its model is {charge.model}.", "price")


def overage_price(charge: Charge) -> Decimal:
    """The price of a unit above the included ones or above the last tier."""
    if charge.overage_price is None:
        raise RatingError(
            "MISSING_PRICE", f"The charge has no overagePrice, but its model is {charge.model}.", "overagePrice"
        )
    return charge.overage_price


def included_units(charge: Charge) -> Decimal:
    """The units that a period includes; never prorated ("Overage pricing")."""
    if charge.included_units is None:
        message = f"The charge has no includedUnits, but its model is {charge.model}."
        raise RatingError("MISSING_VALUE", message, "includedUnits")
    return charge.included_units


def warnings_above(charge: Charge, quantity: Decimal) -> tuple[RatingWarning, ...]:
    """The warning that units above a closed last tier went unbilled, as no page says what happens to them."""
    model = parse(ChargeModel, charge.model, "model")
    if model not in VOLUME_MODELS and model not in TIERED_MODELS:
        return ()
    bands = bands_of(charge.tiers)
    if bands.top is None or quantity <= bands.top:
        return ()
    how = "is not billed" if model in VOLUME_MODELS else "is billed only up to there"
    message = f"The quantity {number_text(quantity)} lies above the last tier's end {number_text(bands.top)} and {how}."
    return (RatingWarning("QUANTITY_ABOVE_LAST_TIER", message),)
