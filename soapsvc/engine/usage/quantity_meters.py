"""Meters of models that are priced by quantity: by group of records, by record, by the day with the most usage.

Sources: "Example scenario for usage rating in group", "Rate aggregated or individual usage", "High water mark pricing".
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from soapsvc.engine.account import (
    ZERO,
    Charge,
    ChargeModel,
)
from soapsvc.engine.money import EXACT, Rounding, exact, number_text
from soapsvc.engine.pricing import (
    bands_of,
    fee_warnings,
    list_fee,
    volume_parts,
)
from soapsvc.engine.trace import Step
from soapsvc.engine.usage.readings import (
    Fee,
    Group,
    Measured,
    Reading,
    start_date_of,
    totals_by,
)

MAX_EXPLAINED_GROUPS = 20
"""The number of rating groups that a trace of an item lists one by one."""


_GROUPS_SOURCE = "Example scenario for usage rating in group"
_ROUNDED_SOURCE = "Rate aggregated or individual usage"


@dataclass(frozen=True, slots=True)
class GroupMeter:
    """Rates the units of each group and adds the fees; without a `group` every record is its own group."""

    charge: Charge
    fee: Fee
    group: Group | None
    explain: bool

    def measure(self, reading: Reading) -> Measured:
        """The amount of a reading: the groups' fees, added."""
        amount = quantity = largest = ZERO
        count = 0
        steps: list[Step] = []
        for units in self._groups(reading):
            amount = EXACT.add(amount, self.fee(units))
            quantity = EXACT.add(quantity, units)
            largest = max(largest, units)
            count += 1
            if self.explain and count <= MAX_EXPLAINED_GROUPS:
                steps += self._steps(units)
        if not count:
            amount = self.fee(ZERO)
            steps += self._steps(ZERO) if self.explain else ()
        total = exact(amount, "price")
        if self.explain and count > 1:
            formula = f"the fees of {count} rating groups, added"
            steps.append(Step("usage.groups", _GROUPS_SOURCE, formula, total, (("quantity", number_text(quantity)),)))
        return Measured(total, quantity, tuple(steps), fee_warnings(self.charge, largest))

    def _steps(self, units: Decimal) -> tuple[Step, ...]:
        """The steps of a fee; none at list price for zero units that do not enter the first tier."""
        rated = list_fee(self.charge, units, explain=True)
        if rated.value == exact(self.fee(units), "price"):
            return rated.steps
        return (Step("usage.not_entered", "Unbilled Usage", "no units enter the first tier", Fraction(0)),)

    def _groups(self, reading: Reading) -> Iterator[Decimal]:
        if self.group is None:
            return (units for _, units in reading)
        return iter(totals_by(reading, self.group).values())


@dataclass(frozen=True, slots=True)
class IndividualMeter:
    """As GroupMeter, but every record's share of its group's fee is rounded ("Rate aggregated or individual usage").

    By volume, the units of the whole group choose the price of every record. By tiers, a record's units follow the
    units of the records before it in the group.
    """

    charge: Charge
    model: ChargeModel
    fee: Fee
    group: Group | None
    rounding: Rounding
    explain: bool

    def measure(self, reading: Reading) -> Measured:
        """The amount of a reading: the records' rounded shares, added."""
        amount = quantity = largest = ZERO
        count = 0
        shares = self._volume_shares(reading) if self.model is ChargeModel.VOLUME else self._slices(reading)
        for units, share, running in shares:
            amount = EXACT.add(amount, self.rounding(exact(share, "price")))
            quantity = EXACT.add(quantity, units)
            largest = max(largest, running)
            count += 1
        if not count:
            amount = self.fee(ZERO)
        value = exact(amount, "price")
        steps: tuple[Step, ...] = ()
        if self.explain:
            formula = f"{count} records, each rounded {self.rounding}, added"
            steps = (
                Step("usage.individually", _ROUNDED_SOURCE, formula, value, (("quantity", number_text(quantity)),)),
            )
        return Measured(value, quantity, steps, fee_warnings(self.charge, largest))

    def _slices(self, reading: Reading) -> Iterator[tuple[Decimal, Decimal, Decimal]]:
        """Units, fee and running total of each record; its fee is what its units add to the fee so far."""
        used: dict[Hashable, Decimal] = {}
        for record, units in reading:
            name = self.group(record) if self.group else None
            before = used.get(name)
            running = units if before is None else EXACT.add(before, units)
            if self.group:
                used[name] = running
            fee = self.fee(running)
            yield units, fee if before is None else EXACT.subtract(fee, self.fee(before)), running

    def _volume_shares(self, reading: Reading) -> Iterator[tuple[Decimal, Decimal, Decimal]]:
        """Units, fee and group total of each record; a flat price is charged to the group's first record."""
        bands = bands_of(self.charge.tiers)
        totals = totals_by(reading, self.group) if self.group else {}
        seen: set[Hashable] = set()
        for record, units in reading:
            name = self.group(record) if self.group else None
            total = totals.get(name, units)
            parts = volume_parts(bands, total)
            if not parts or (parts[0].flat and name in seen):
                yield units, ZERO, total
            else:
                yield units, parts[0].fee if parts[0].flat else EXACT.multiply(units, parts[0].price), total
            if self.group:
                seen.add(name)


@dataclass(frozen=True, slots=True)
class WatermarkMeter:
    """Rates the units of the calendar day with the most usage."""

    charge: Charge
    fee: Fee
    explain: bool

    def measure(self, reading: Reading) -> Measured:
        """The amount of a reading: the fee of the day with the most usage."""
        days = totals_by(reading, start_date_of)
        peak = max(days.values(), default=ZERO)
        amount = exact(self.fee(peak), "price")
        steps: tuple[Step, ...] = ()
        if self.explain:
            on = f" on {max(days, key=lambda day: days[day])}" if days else ""
            rule = Step(
                "usage.watermark", "High water mark pricing", f"the day with most usage{on}", exact(peak, "quantity")
            )
            steps = (rule, *list_fee(self.charge, peak, explain=True).steps)
        return Measured(amount, peak, steps, fee_warnings(self.charge, peak))
