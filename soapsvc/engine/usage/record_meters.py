"""Meters that price every record by itself: by an amount in the record, or by the charge's formula.

Sources: "Pre-rated pricing", "Price formula for multi-attribute pricing charge model".
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from soapsvc.engine.account import (
    ZERO,
    UsageRecord,
    decimal_of,
    field_of,
)
from soapsvc.engine.errors import RatingError
from soapsvc.engine.money import EXACT, Rounding, exact, number_text
from soapsvc.engine.pricing import (
    FIELD,
    MAX_BITS,
    Evaluator,
    Moment,
)
from soapsvc.engine.trace import Step
from soapsvc.engine.usage.readings import (
    Measured,
    Reading,
)

_FORMULA_SOURCE = "Price formula for multi-attribute pricing charge model"


@dataclass(frozen=True, slots=True)
class PreratedMeter:
    """Adds the amounts that the records hold in a custom field: totals, or rates per unit.

    The field has one of `names`. Unless the charge configures the field (`configured`), a record's only custom field
    counts under any name.
    """

    per_unit: bool
    names: tuple[str, ...]
    configured: bool
    rounding: Rounding | None
    explain: bool

    def measure(self, reading: Reading) -> Measured:
        """The amount of a reading. Raises RatingError MISSING_USAGE_FIELD for a record whose field is blank."""
        amount = quantity = ZERO
        count = 0
        for record, units in reading:
            value = self._value(record)
            share = EXACT.multiply(units, value) if self.per_unit else value
            amount = EXACT.add(amount, self.rounding(exact(share, self.names[0])) if self.rounding else share)
            quantity = EXACT.add(quantity, units)
            count += 1
        total = exact(amount, self.names[0])
        steps: tuple[Step, ...] = ()
        if self.explain:
            each = "quantity x rate" if self.per_unit else "total"
            formula = f"{each} of {count} records, added"
            steps = (
                Step("usage.prerated", "Pre-rated pricing", formula, total, (("quantity", number_text(quantity)),)),
            )
        return Measured(total, quantity, steps)

    def _value(self, record: UsageRecord) -> Decimal:
        for name in self.names:
            value = field_of(record, name)
            if value is not None:
                return decimal_of(value, f"usage.{name}")
        filled = [(name, value) for name, value in record.fields.items() if value not in (None, "")]
        if len(filled) == 1 and not self.configured:
            name, value = filled[0]
            return decimal_of(value, f"usage.{name}")
        message = f"A usage record of {record.start_date} has no {self.names[0]}, which its charge needs for the price."
        raise RatingError("MISSING_USAGE_FIELD", message, f"usage.{self.names[0]}")


@dataclass(frozen=True, slots=True)
class FormulaMeter:
    """Evaluates the charge's formula for every record and adds the amounts."""

    evaluator: Evaluator
    rounding: Rounding | None
    explain: bool

    def measure(self, reading: Reading) -> Measured:
        """The amount of a reading. Raises RatingError BAD_FORMULA or LOOKUP_FAILED."""
        moment = Moment()
        amount = Fraction(0)
        quantity = ZERO
        count = 0
        for record, units in reading:
            moment.usage, moment.day, moment.units = record, record.start_date, exact(units, "quantity")
            share = self.evaluator.amount(moment)
            moment.running += moment.units
            amount += Fraction(self.rounding(share)) if self.rounding else share
            if amount.denominator.bit_length() > MAX_BITS:
                message = (
                    "The amounts of the records cannot be added exactly: they have too many different denominators."
                )
                raise RatingError("BAD_FORMULA", message, FIELD)
            quantity = EXACT.add(quantity, units)
            count += 1
        steps: tuple[Step, ...] = ()
        if self.explain:
            text = f"{self.evaluator.shown}, for {count} records, added"
            steps = (Step("usage.formula", _FORMULA_SOURCE, text, amount, (("quantity", number_text(quantity)),)),)
        return Measured(amount, quantity, steps)
