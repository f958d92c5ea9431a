"""The fee of one full list-price period, model by model: before list price base, proration, discounts and rounding.

Sources: "Flat fee pricing", "Per unit pricing", "Volume pricing", "Tiered pricing", "Tiered with overage pricing",
"Overage pricing", "High water mark pricing", "Delivery pricing". All arithmetic is exact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import partial
from types import MappingProxyType
from typing import NamedTuple

from soapsvc.engine.enums import ChargeModel, parse
from soapsvc.engine.errors import RatingError
from soapsvc.engine.exact import EXACT, exact, number_text, refusing_loss
from soapsvc.engine.model import ONE, ZERO, Charge
from soapsvc.engine.tiers import Bands, band_at, bands_of, reached, tiered_fee, units_in, volume_fee
from soapsvc.engine.trace import Step


class RatingWarning(NamedTuple):
    """What was approximated while rating: a stable code in UPPER_SNAKE and a sentence for people."""

    code: str
    message: str


class Rated(NamedTuple):
    """An exact amount, the steps that led to it (only when asked for), and what was approximated."""

    value: Fraction
    steps: tuple[Step, ...] = ()
    warnings: tuple[RatingWarning, ...] = ()


def list_fee(charge: Charge, quantity: Decimal, *, explain: bool = False) -> Rated:
    """The fee of a charge for one full list-price period at `quantity`; of a Delivery charge, the fee of one delivery.

    For a high watermark the quantity is the watermark itself. Raises RatingError, naming the v1 field: MISSING_PRICE,
    MISSING_TIERS, MISSING_VALUE, TIER_GAP, TIER_OVERLAP, TIER_REVERSED, UNKNOWN_VALUE, BAD_NUMBER.
    """
    model = parse(ChargeModel, charge.model, "model")
    rater = _RATERS.get(model)
    if rater is None:
        message = f"A charge of model {model.value} has no fee of its own; it is rated by its own rules."
        raise RatingError("UNKNOWN_VALUE", message, "model")
    return rater(charge, quantity, explain)


def billed_quantity(charge: Charge) -> Decimal:
    """The quantity of a one-time or recurring charge; 1 where the model needs none and the charge holds none.

    Raises RatingError MISSING_QUANTITY for a model that is priced by quantity.
    """
    if charge.quantity is not None:
        return charge.quantity
    model = parse(ChargeModel, charge.model, "model")
    if model in _BY_QUANTITY:
        raise RatingError("MISSING_QUANTITY", f"A charge of model {model.value} needs a quantity.", "quantity")
    return ONE


def fee_function(charge: Charge, *, entered_at_zero: bool = True) -> Callable[[Decimal], Decimal]:
    """The fee as a function of the quantity, for rating many groups of usage; same errors as `list_fee`.

    Serves the models that depend on nothing but the quantity. Without `entered_at_zero`, a tier that starts above 0 is
    not charged for zero units ("Unbilled Usage").
    """
    model = parse(ChargeModel, charge.model, "model")
    if model is ChargeModel.FLAT_FEE:
        price = price_of(charge)
        return lambda _quantity: price
    if model is ChargeModel.PER_UNIT:
        price = price_of(charge)
        return lambda quantity: EXACT.multiply(quantity, price)
    if model is ChargeModel.OVERAGE:
        included, price = included_units(charge), overage_price(charge)
        return lambda quantity: EXACT.multiply(max(ZERO, EXACT.subtract(quantity, included)), price)
    return _tier_function(charge, model, entered_at_zero)


def _tier_function(charge: Charge, model: ChargeModel, entered_at_zero: bool) -> Callable[[Decimal], Decimal]:
    bands = bands_of(charge.tiers)
    of_units: Callable[[Decimal], Decimal]
    if model in _VOLUME:
        of_units = partial(volume_fee, bands)
    elif model in _TIERED:
        of_units = partial(tiered_fee, bands)
    else:
        overage = overage_price(charge) if bands.top is not None else ZERO
        of_units = partial(_tiered_with_overage_fee, bands, overage)
    if entered_at_zero or bands.first_unit <= 0:
        return of_units
    return lambda quantity: of_units(quantity) if quantity else ZERO


def _tiered_with_overage_fee(bands: Bands, price: Decimal, quantity: Decimal) -> Decimal:
    return EXACT.add(tiered_fee(bands, quantity), EXACT.multiply(_beyond(bands, quantity), price))


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


def _beyond(bands: Bands, quantity: Decimal) -> Decimal:
    """The units above a closed last band."""
    if bands.top is None or quantity <= bands.top:
        return ZERO
    return EXACT.subtract(quantity, bands.top)


def _flat_fee(charge: Charge, _quantity: Decimal, explain: bool) -> Rated:
    value = exact(price_of(charge), "price")
    if not explain:
        return Rated(value)
    return Rated(
        value, (Step("pricing.flat_fee", "Flat fee pricing", "price", value, _inputs(price_of(charge), None)),)
    )


def _per_unit(charge: Charge, quantity: Decimal, explain: bool) -> Rated:
    price = price_of(charge)
    value = exact(price, "price") * exact(quantity, "quantity")
    if not explain:
        return Rated(value)
    formula = f"{number_text(quantity)} x {number_text(price)}"
    return Rated(value, (Step("pricing.per_unit", "Per unit pricing", formula, value, _inputs(price, quantity)),))


def _delivery(charge: Charge, _quantity: Decimal, explain: bool) -> Rated:
    value = exact(price_of(charge), "price")
    if not explain:
        return Rated(value)
    formula = "price of one delivery"
    return Rated(
        value, (Step("pricing.delivery", "Delivery pricing", formula, value, _inputs(price_of(charge), None)),)
    )


def _overage(charge: Charge, quantity: Decimal, explain: bool) -> Rated:
    value = _fee(charge, quantity)
    if not explain:
        return Rated(value)
    included, price = included_units(charge), overage_price(charge)
    formula = f"max(0, {number_text(quantity)} - {number_text(included)}) x {number_text(price)}"
    inputs = (("includedUnits", number_text(included)), *_inputs(price, quantity))
    return Rated(value, (Step("pricing.overage", "Overage pricing", formula, value, inputs),))


def _volume(charge: Charge, quantity: Decimal, explain: bool) -> Rated:
    value = _fee(charge, quantity)
    bands = bands_of(charge.tiers)
    warnings = warnings_above(charge, quantity)
    if not explain:
        return Rated(value, (), warnings)
    band = band_at(bands, quantity)
    if band is None:
        formula = f"0: {number_text(quantity)} lies above the last tier"
    elif band.flat:
        formula = f"{number_text(band.price)} flat for the tier of {number_text(quantity)} units"
    else:
        formula = f"{number_text(quantity)} x {number_text(band.price)}"
    price = band.price if band is not None else None
    return Rated(value, (Step("pricing.volume", _source(charge), formula, value, _inputs(price, quantity)),), warnings)


def _tiered(charge: Charge, quantity: Decimal, explain: bool) -> Rated:
    value = _fee(charge, quantity)
    warnings = warnings_above(charge, quantity)
    if not explain:
        return Rated(value, (), warnings)
    bands = bands_of(charge.tiers)
    parts = []
    for band in reached(bands.bands, quantity):
        price = number_text(band.price)
        parts.append(f"{price} flat" if band.flat else f"{number_text(units_in(band, quantity))} x {price}")
    rule = "pricing.tiered"
    beyond = _beyond(bands, quantity)
    if parse(ChargeModel, charge.model, "model") is ChargeModel.TIERED_WITH_OVERAGE:
        rule = "pricing.tiered_with_overage"
        if beyond:
            parts.append(f"{number_text(beyond)} x {number_text(overage_price(charge))} overage")
    step = Step(rule, _source(charge), " + ".join(parts), value, _inputs(None, quantity))
    return Rated(value, (step,), warnings)


def _fee(charge: Charge, quantity: Decimal) -> Fraction:
    with refusing_loss("quantity"):
        return exact(fee_function(charge)(quantity), "price")


def warnings_above(charge: Charge, quantity: Decimal) -> tuple[RatingWarning, ...]:
    """The warning that units above a closed last tier went unbilled, as no page says what happens to them."""
    model = parse(ChargeModel, charge.model, "model")
    if model not in _VOLUME and model not in _TIERED:
        return ()
    bands = bands_of(charge.tiers)
    if not _beyond(bands, quantity) or bands.top is None:
        return ()
    how = "is not billed" if model in _VOLUME else "is billed only up to there"
    message = f"The quantity {number_text(quantity)} lies above the last tier's end {number_text(bands.top)} and {how}."
    return (RatingWarning("QUANTITY_ABOVE_LAST_TIER", message),)


def _inputs(price: Decimal | None, quantity: Decimal | None) -> tuple[tuple[str, str], ...]:
    given = (("price", price), ("quantity", quantity))
    return tuple((name, number_text(value)) for name, value in given if value is not None)


def _source(charge: Charge) -> str:
    return _SOURCES[parse(ChargeModel, charge.model, "model")]


_VOLUME = frozenset({ChargeModel.VOLUME, ChargeModel.HIGH_WATERMARK_VOLUME})
_TIERED = frozenset({ChargeModel.TIERED, ChargeModel.HIGH_WATERMARK_TIERED})
_BY_QUANTITY = frozenset(
    {ChargeModel.PER_UNIT, ChargeModel.VOLUME, ChargeModel.TIERED, ChargeModel.TIERED_WITH_OVERAGE}
)

_SOURCES: Mapping[ChargeModel, str] = MappingProxyType(
    {
        ChargeModel.VOLUME: "Volume pricing",
        ChargeModel.TIERED: "Tiered pricing",
        ChargeModel.TIERED_WITH_OVERAGE: "Tiered with overage pricing",
        ChargeModel.HIGH_WATERMARK_VOLUME: "High water mark pricing",
        ChargeModel.HIGH_WATERMARK_TIERED: "High water mark pricing",
    }
)

_RATERS: Mapping[ChargeModel, Callable[[Charge, Decimal, bool], Rated]] = MappingProxyType(
    {
        ChargeModel.FLAT_FEE: _flat_fee,
        ChargeModel.PER_UNIT: _per_unit,
        ChargeModel.DELIVERY: _delivery,
        ChargeModel.OVERAGE: _overage,
        ChargeModel.VOLUME: _volume,
        ChargeModel.TIERED: _tiered,
        ChargeModel.TIERED_WITH_OVERAGE: _tiered,
        ChargeModel.HIGH_WATERMARK_VOLUME: _volume,
        ChargeModel.HIGH_WATERMARK_TIERED: _tiered,
    }
)
