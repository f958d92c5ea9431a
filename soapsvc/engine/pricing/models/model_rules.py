"""The interface of a charge model, as the rest of the engine uses it.

A model is a `ModelRules`, in the module of its family, and a line in the table of `charge_models` (or of
`quantity_models`, for a model that prices a quantity by the charge's prices alone).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from soapsvc.engine.account import ONE, Charge, decimal_at
from soapsvc.engine.errors import RatingError
from soapsvc.engine.money import number_text
from soapsvc.engine.pricing.formulas import FormulaContext
from soapsvc.engine.pricing.models.tiers import Bands, TierShare
from soapsvc.engine.trace import Step

PRICE_FACTOR = "priceFactor"
"""The attribute of a charge that keeps its `price_factor`."""


class RatingWarning(NamedTuple):
    """A warning about an approximation: a stable code in UPPER_SNAKE and a sentence for people."""

    code: str
    message: str


class Rated(NamedTuple):
    """An exact amount, its steps (only for `explain`), and warnings about approximations."""

    value: Fraction
    steps: tuple[Step, ...] = ()
    warnings: tuple[RatingWarning, ...] = ()


class Metering(Enum):
    """How the usage records of a period are read for a model; the meters are in the room `usage`."""

    BY_GROUP = auto()
    """The units of each rating group are priced."""
    BY_PERIOD = auto()
    """All units of the period are priced together."""
    WATERMARK = auto()
    """The units of the day with the most usage are priced."""
    PRERATED_TOTAL = auto()
    """Each record holds its amount."""
    PRERATED_RATE = auto()
    """Each record holds its price per unit."""
    FORMULA = auto()
    """A formula is evaluated for each record."""
    DECISION_TABLE = auto()
    """All units of the period are priced by the rate card whose conditions hold."""


Formulas: TypeAlias = Callable[[], FormulaContext]
ListFee: TypeAlias = Callable[[Charge, Decimal, bool, Formulas], Rated]
QuantityFee: TypeAlias = Callable[[Decimal], Decimal]
Shares: TypeAlias = Callable[[Bands, Decimal], tuple[TierShare, ...]]


class ByQuantity(NamedTuple):
    """How a model prices a quantity by the charge's prices alone.

    - `fee(charge, entered_at_zero)`: the fee as a function of the quantity; see `quantity_fee`.
    - `sum_text(charge, quantity)`: the fee as a sum in numbers.
    - `shares`: how a quantity is divided among tiers, the last of which may be closed; None for models without tiers.
    """

    fee: Callable[[Charge, bool], QuantityFee]
    sum_text: Callable[[Charge, Decimal], str]
    shares: Shares | None = None


@dataclass(frozen=True, slots=True)
class ModelRules:
    """How a charge model prices.

    - `list_fee(charge, quantity, explain, formulas)`: the fee of a full list-price period; None where usage records
    hold it.
      - `by_quantity`: how it prices a quantity, for models that need no other input.
    - `metering`: how usage records are read.
    - `needs_quantity`: a one-time or recurring charge must have a quantity.
      - `approximates`: some quantities are priced by our own reading of the documentation, with a warning.
      - `has_tiers`: its price is that of its tiers.
    """

    list_fee: ListFee | None = None
    by_quantity: ByQuantity | None = None
    metering: Metering = Metering.BY_PERIOD
    needs_quantity: bool = False
    approximates: bool = True
    has_tiers: bool = False


def price_of(charge: Charge) -> Decimal:
    """The price of a charge that has one: `price`, or that of its only tier, as catalogue exports hold it."""
    if charge.price is not None:
        return charge.price
    if len(charge.tiers) == 1:
        return charge.tiers[0].price
    raise RatingError("MISSING_PRICE", f"The charge has no price, but its model is {charge.model}.", "price")


def price_factor(charge: Charge) -> Decimal:
    """By what renewals have multiplied the price of a formula or of rate cards, which no field of a charge holds.

    Raises RatingError BAD_NUMBER.
    """
    factor = decimal_at(charge, PRICE_FACTOR) if PRICE_FACTOR in charge.attributes else None
    return ONE if factor is None else factor


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


def inputs_of(price: Decimal | None, quantity: Decimal | None) -> tuple[tuple[str, str], ...]:
    """Price and quantity as the inputs of a step, without blank ones."""
    given = (("price", price), ("quantity", quantity))
    return tuple((name, number_text(value)) for name, value in given if value is not None)
