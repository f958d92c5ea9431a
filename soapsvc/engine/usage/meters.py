"""What the usage records of one period cost: a meter reads the records of a span and forgets them.

Which meter a charge model has is in its rules (`Metering`).

Models priced by quantity rate each rating group by itself and add the fees ("Example scenario for usage rating in
group"); a high watermark rates its best day ("High water mark pricing"); pre-rated records bring their amounts
("Pre-rated pricing"); formulas are evaluated per record ("Price formula for multi-attribute pricing charge model").
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from soapsvc.engine.account import (
    ZERO,
    BillingRules,
    Charge,
    ChargeModel,
    RatingGroup,
    UsageRecord,
    decimal_of,
    field_of,
    model_configuration,
    parse,
    parse_or,
    squeeze,
)
from soapsvc.engine.errors import RatingError
from soapsvc.engine.money import EXACT, Rounding, exact, number_text, rounding_of
from soapsvc.engine.pricing import (
    FIELD,
    MAX_BITS,
    Evaluator,
    FormulaContext,
    Metering,
    Moment,
    RatingWarning,
    bands_of,
    context_with,
    decision_table,
    fee_warnings,
    formula_of,
    list_fee,
    quantity_fee,
    rules_of_model,
    volume_parts,
)
from soapsvc.engine.trace import Step

MAX_EXPLAINED_GROUPS = 20
"""A trace tells this many rating groups of an item one by one."""


class Measured(NamedTuple):
    """What the records of a span cost, exactly, and the quantity that an item shows."""

    amount: Fraction
    quantity: Decimal
    steps: tuple[Step, ...] = ()
    warnings: tuple[RatingWarning, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """The records at the positions of `span`, each with its units to be rated: all of them, or `units` by position."""

    records: Sequence[UsageRecord]
    span: range
    units: Sequence[Decimal] | None = None

    def __iter__(self) -> Iterator[tuple[UsageRecord, Decimal]]:
        for offset, position in enumerate(self.span):
            record = self.records[position]
            yield record, record.quantity if self.units is None else self.units[offset]


Meter: TypeAlias = Callable[[Reading], Measured]
Fee: TypeAlias = Callable[[Decimal], Decimal]
Group: TypeAlias = Callable[[UsageRecord], Hashable]


def meter_of(charge: Charge, rules: BillingRules, context: FormulaContext, *, explain: bool) -> Meter:
    """The meter of a usage charge; no record at all costs what zero units cost.

    Raises RatingError as `list_fee` does, and for an unknown rating group.
    """
    metering = rules_of_model(charge).metering
    rounding = rounding_of(rules) if rules.rate_usage_individually else None
    if metering is Metering.FORMULA:
        return FormulaMeter(Evaluator(formula_of(charge), context_with(charge, context)), rounding, explain).measure
    if metering in _PRERATED_FIELDS:
        names, configured = _prerated_fields(charge, metering)
        return PreratedMeter(metering is Metering.PRERATED_RATE, names, configured, rounding, explain).measure
    if metering is Metering.DECISION_TABLE:
        table = decision_table(charge)
        return GroupMeter(charge, lambda quantity: table.fee(quantity).value, _whole_period, explain).measure
    fee = quantity_fee(charge, entered_at_zero=not rules.unbilled_usage)
    if metering is Metering.WATERMARK:
        return WatermarkMeter(charge, fee, explain).measure
    if metering is Metering.BY_PERIOD:
        return GroupMeter(charge, fee, _whole_period, explain).measure
    model = parse(ChargeModel, charge.model, "model")
    group = _GROUPS[parse_or(RatingGroup, charge.rating_group, "ratingGroup", RatingGroup.BY_BILLING_PERIOD)]
    if rounding is None or (model is ChargeModel.TIERED and is_on_demand(charge)):
        return GroupMeter(charge, fee, group, explain).measure
    return IndividualMeter(charge, model, fee, group, rounding, explain).measure


def is_on_demand(charge: Charge) -> bool:
    """Whether usage is rated as it comes. Raises RatingError UNKNOWN_VALUE for an unknown option."""
    option = squeeze(charge.usage_record_rating_option or "EndOfBillingPeriod")
    if option not in {"endofbillingperiod", "ondemand"}:
        known = "EndOfBillingPeriod, OnDemand"
        message = f"usageRecordRatingOption is {charge.usage_record_rating_option!r}; known values: {known}."
        raise RatingError("UNKNOWN_VALUE", message, "usageRecordRatingOption")
    return option == "ondemand"


@dataclass(frozen=True, slots=True)
class GroupMeter:
    """Rates the units of each group and adds the fees; without a `group` every record is one by itself."""

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
        """The steps of a fee; a first tier that zero units do not enter has none at list price."""
        rated = list_fee(self.charge, units, explain=True)
        if rated.value == exact(self.fee(units), "price"):
            return rated.steps
        return (Step("usage.not_entered", "Unbilled Usage", "no units enter the first tier", Fraction(0)),)

    def _groups(self, reading: Reading) -> Iterator[Decimal]:
        if self.group is None:
            return (units for _, units in reading)
        return iter(_totals(reading, self.group).values())


@dataclass(frozen=True, slots=True)
class IndividualMeter:
    """As GroupMeter, but every record's share of its group's fee is rounded ("Rate aggregated or individual usage").

    By volume, the units of the whole group choose the price of each; by tiers, a record takes the units that follow
    those of the group's records before it.
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
        """Units, fee and running total of each record: what its units add to the fee of the records before it."""
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
        """Units, fee and group total of each record; a flat price is for the group's first record."""
        bands = bands_of(self.charge.tiers)
        totals = _totals(reading, self.group) if self.group else {}
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
    """Rates the units of the calendar day that used the most."""

    charge: Charge
    fee: Fee
    explain: bool

    def measure(self, reading: Reading) -> Measured:
        """The amount of a reading: the fee of its best day."""
        days = _totals(reading, _start_date)
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


@dataclass(frozen=True, slots=True)
class PreratedMeter:
    """Adds the amounts that the records bring in a custom field: totals, or rates per unit.

    The field has one of `names`; unless the charge says so (`configured`), a record's only custom field will do.
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
        message = f"A usage record of {record.start_date} has no {self.names[0]}, which its charge is priced by."
        raise RatingError("MISSING_USAGE_FIELD", message, f"usage.{self.names[0]}")


@dataclass(frozen=True, slots=True)
class FormulaMeter:
    """Evaluates the charge's formula for every record and adds the amounts."""

    evaluator: Evaluator
    rounding: Rounding | None
    explain: bool

    def measure(self, reading: Reading) -> Measured:
        """The amount of a reading. Raises RatingError BAD_FORMULA or LOOKUP_FAILED."""
        formula = self.evaluator.formula
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
                message = "The amounts of the records cannot be added exactly: their denominators are too many."
                raise RatingError("BAD_FORMULA", message, FIELD)
            quantity = EXACT.add(quantity, units)
            count += 1
        steps: tuple[Step, ...] = ()
        if self.explain:
            text = f"{formula.text}, for {count} records, added"
            steps = (Step("usage.formula", _FORMULA_SOURCE, text, amount, (("quantity", number_text(quantity)),)),)
        return Measured(amount, quantity, steps)


def _totals(reading: Reading, group: Group) -> dict[Hashable, Decimal]:
    """The units of each group, in the order in which the groups appear."""
    totals: dict[Hashable, Decimal] = {}
    for record, units in reading:
        name = group(record)
        totals[name] = EXACT.add(totals.get(name, ZERO), units)
    return totals


def _prerated_fields(charge: Charge, metering: Metering) -> tuple[tuple[str, ...], bool]:
    """The custom fields that may hold the amount, and whether the charge names them."""
    key, usual = _PRERATED_FIELDS[metering]
    configured = model_configuration(charge, key)
    if configured is None:
        return usual, False
    return (configured, configured.removesuffix("__c")), True


def _whole_period(_record: UsageRecord) -> Hashable:
    return None


def _start_date(record: UsageRecord) -> date:
    return record.start_date


def _upload(record: UsageRecord) -> Hashable:
    return record.file_name


def _group_id(record: UsageRecord) -> Hashable:
    return record.group_id


_GROUPS: Mapping[RatingGroup, Group | None] = MappingProxyType(
    {
        RatingGroup.BY_BILLING_PERIOD: _whole_period,
        RatingGroup.BY_USAGE_START_DATE: _start_date,
        RatingGroup.BY_USAGE_RECORD: None,
        RatingGroup.BY_USAGE_UPLOAD: _upload,
        RatingGroup.BY_GROUP_ID: _group_id,
    }
)
_PRERATED_FIELDS: Mapping[Metering, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        Metering.PRERATED_TOTAL: ("customFieldTotalAmount", ("totalAmount", "totalAmount__c")),
        Metering.PRERATED_RATE: (
            "customFieldPerUnitRate",
            ("perUnitRate", "perUnitRate__c", "perUnitAmount", "perUnitAmount__c", "perUnitPrice", "perUnitPrice__c"),
        ),
    }
)
_GROUPS_SOURCE = "Example scenario for usage rating in group"
_ROUNDED_SOURCE = "Rate aggregated or individual usage"
_FORMULA_SOURCE = "Price formula for multi-attribute pricing charge model"
