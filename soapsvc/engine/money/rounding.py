"""Exact rounding, and the list of modules that may round; all others compute with fractions and exact decimals.

These modules of the engine round, and no other:

- an item's amount, once, by the currency, mode and increment of the tenant: `charges/one_time_items`,
  `charges/usage_items`, and `charges/recurring/price` (a price for a year or so rounds the running total instead);
- the credited and the kept part of a billed amount: `charges/recurring/credits`;
  - a discount on an item, or its credit: `discounts/chain`, `discounts/credited`;
- the net, or the tax, within a price: `documents/tax`;
- each record's amount, where the tenant rates usage individually: `usage/quantity_meters` and
  `usage/record_meters`;
- a record's quantity, by its unit: `usage/records`;
- the vendor's function `round` of price formulas: `pricing/formulas/values`;
- the units of an item that is divided at a commitment, to nine decimals: `subscription/true_ups`.

Sources: "Customization of currencies", "Customization of units of measure"; half up is away from zero for negative
amounts too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from enum import StrEnum
from fractions import Fraction

from soapsvc.engine.account import BillingRules, UnitOfMeasure, squeeze
from soapsvc.engine.errors import RatingError
from soapsvc.engine.money.arithmetic import exact

LARGEST_AMOUNT = 10**24
"""An amount beyond this is a data error, not a bill: it keeps every later step within exact decimals."""

_SMALL_BITS = LARGEST_AMOUNT.bit_length() - 1
# Moving the decimal point must not round: the default context keeps only 28 digits.
_WIDE = Context(prec=60)


class RoundingMode(StrEnum):
    """How a half, or any digits beyond the last place, are rounded."""

    HALF_UP = "HALF_UP"
    UP = "UP"
    DOWN = "DOWN"


_MODES = {
    "halfup": RoundingMode.HALF_UP,
    "up": RoundingMode.UP,
    "roundup": RoundingMode.UP,
    "down": RoundingMode.DOWN,
    "rounddown": RoundingMode.DOWN,
}


@dataclass(frozen=True, slots=True)
class Rounding:
    """Rounds to `decimals` places, or to multiples of `increment` where it is set (0.05 for cash in francs)."""

    decimals: int
    mode: RoundingMode
    increment: Decimal | None = None

    def __call__(self, value: Fraction) -> Decimal:
        """The amount of money nearest to `value` under the mode. Raises RatingError AMOUNT_TOO_LARGE beyond 10^24."""
        numerator, denominator = value.as_integer_ratio()
        if numerator.bit_length() > _SMALL_BITS and abs(numerator) > LARGEST_AMOUNT * denominator:
            raise RatingError("AMOUNT_TOO_LARGE", "An amount exceeds 10^24; check price and quantity.", "price")
        if self.increment:
            step = Fraction(self.increment)
            value = rounded(value / step, self.mode) * step
            numerator, denominator = value.as_integer_ratio()
        units = _divided(numerator * 10**self.decimals, denominator, self.mode)
        return _WIDE.scaleb(units, -self.decimals)

    def all(self, values: Sequence[Fraction]) -> list[Decimal]:
        """The values rounded one by one. Neighbours that are the same object are rounded once."""
        found: list[Decimal] = []
        last = None
        for value in values:
            found.append(found[-1] if value is last else self(value))
            last = value
        return found

    def __str__(self) -> str:
        increment = f", increment {self.increment}" if self.increment else ""
        return f"{self.mode.value} to {self.decimals} decimals{increment}"


def rounded(value: Fraction, mode: RoundingMode) -> int:
    """The whole number that `value` rounds to, by magnitude: -2.5 half up is -3."""
    return _divided(value.numerator, value.denominator, mode)


def _divided(numerator: int, denominator: int, mode: RoundingMode) -> int:
    magnitude, rest = divmod(abs(numerator), denominator)
    if mode is RoundingMode.HALF_UP:
        magnitude += 2 * rest >= denominator
    elif mode is RoundingMode.UP:
        magnitude += rest > 0
    return -magnitude if numerator < 0 else magnitude


def rounding_of(rules: BillingRules) -> Rounding:
    """The account's rounding, from its rules. Raises RatingError for an unknown mode or an invalid increment."""
    mode = _mode(rules.rounding_mode, "billing_rules.roundingMode")
    increment = rules.rounding_increment
    if increment is not None:
        exact(increment, "billing_rules.roundingIncrement")
    return Rounding(rules.decimals, mode, increment)


def unit_rounding(unit: UnitOfMeasure) -> Rounding:
    """How quantities of a unit are rounded. Raises RatingError UNKNOWN_VALUE for an unknown mode."""
    return Rounding(unit.decimals, _mode(unit.rounding_mode, "unit_of_measure.rounding_mode"))


def _mode(written: str, field: str) -> RoundingMode:
    mode = _MODES.get(squeeze(written))
    if mode is None:
        name, known = field.rpartition(".")[2], ", ".join(RoundingMode)
        raise RatingError("UNKNOWN_VALUE", f"{name} is {written!r}; known values: {known}.", field)
    return mode
