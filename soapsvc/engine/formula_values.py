"""The values of Multi-Attribute Pricing formulas, exactly.

What the functions read ("Price formula for multi-attribute pricing charge model"; the last two in our reading, as the
page says little of them):

- `usageQuantity()`: units of the record; `usageQuantity(RUNNING)` up to and including it, `usageQuantity(TOTAL)` of
  all records of the period.
- `quantity()`: the quantity of a one-time or recurring charge.
- `fieldLookup("account" | "subscription" | "charge" | "usage", "field")`: a field, custom ones as "name__c".
- `objectLookup("object", "field", {"column": value, …}, effectiveDate(…))`: the field of the one custom object that
  matches; conditions may also be written flat: `objectLookup("object", "field", "column", value, …)`.
- `effectiveDate("start", "end")` within it: only objects in force on the day that is rated, both days included, an
  empty end open; of several the one that started last. `effectiveDate("start")`: the last one that started.
  `effectiveDate()`: the day itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from soapsvc.engine.attributes import date_of, field_of, is_number
from soapsvc.engine.enums import squeeze
from soapsvc.engine.errors import RatingError
from soapsvc.engine.formula import Call, Chain, Conditions, Formula, Link, Negation, Node, Number, Text
from soapsvc.engine.model import ZERO

Value: TypeAlias = Fraction | str

MAX_BITS = 20_000
"""The largest size of a numerator or denominator: beyond it a formula is a mistake or an attack."""


@dataclass(frozen=True, slots=True)
class FormulaContext:
    """What formulas look up.

    `objects` holds account, subscription and charge by lower-case name: records of the model, or mappings by v1 field.
    `tables` holds custom objects by their name, each a list of mappings.
    """

    objects: Mapping[str, object] = field(default_factory=dict)
    tables: Mapping[str, Sequence[Mapping[str, object]]] = field(default_factory=dict)


@dataclass(slots=True)
class Moment:
    """What changes from one evaluation to the next: the usage record, if any, quantities, and the day that is rated."""

    quantity: Decimal = ZERO
    usage: object = None
    units: Fraction | None = None
    running: Fraction = Fraction(0)
    total: Fraction = Fraction(0)
    day: date | None = None


@dataclass(frozen=True, slots=True)
class _Period:
    """An effectiveDate(…) inside an objectLookup: the fields that hold the first and last day."""

    start: str
    end: str | None


class Evaluator:
    """Evaluates one formula again and again; objects that were looked up once are remembered."""

    def __init__(self, formula: Formula, context: FormulaContext) -> None:
        self.formula = formula
        self.context = context
        self.moment = Moment()
        self._found: dict[tuple[str, tuple[tuple[str, Value], ...]], list[Mapping[str, object]]] = {}

    def amount(self, moment: Moment) -> Fraction:
        """The amount at a moment. Raises RatingError BAD_FORMULA or LOOKUP_FAILED, with column and caret."""
        self.moment = moment
        return self.number(self.formula.root)

    def number(self, node: Node) -> Fraction:
        """The value of a node as a number; a text of digits counts as one, as custom fields hold them."""
        value = self.value(node)
        if isinstance(value, Fraction):
            return value
        if not is_number(value):
            raise self.formula.error(node.column, f"{value!r} is not a number" if value else "there is no number here")
        return Fraction(value.strip())

    def value(self, node: Node) -> Value:
        if isinstance(node, (Number, Text)):
            return node.value
        if isinstance(node, Negation):
            return -self.number(node.operand)
        if isinstance(node, Chain):
            return self.chain(node)
        if isinstance(node, Conditions):
            raise self.formula.error(node.column, "conditions in braces belong into objectLookup")
        return self.call(node)

    def chain(self, node: Chain) -> Fraction:
        value = self.number(node.first)
        for link in node.links:
            value = self.joined(value, link)
            if max(value.numerator.bit_length(), value.denominator.bit_length()) > MAX_BITS:
                raise self.formula.error(link.column, "the result has too many digits")
        return value

    def joined(self, left: Fraction, link: Link) -> Fraction:
        right = self.number(link.operand)
        if link.sign == "+":
            return left + right
        if link.sign == "-":
            return left - right
        if link.sign == "*":
            return left * right
        if link.sign == "/":
            if not right:
                raise self.formula.error(link.column, "division by zero")
            return left / right
        return self.power(left, right, link.column)

    def power(self, base: Fraction, exponent: Fraction, column: int) -> Fraction:
        if exponent.denominator != 1:
            raise self.formula.error(column, "only whole exponents are supported, as others have no exact result")
        if not base and exponent < 0:
            raise self.formula.error(column, "zero has no negative power")
        bits = max(base.numerator.bit_length(), base.denominator.bit_length())
        if bits * abs(exponent.numerator) > MAX_BITS:
            raise self.formula.error(column, "the result has too many digits")
        return base**exponent.numerator

    def call(self, node: Call) -> Value:
        if node.name == "usagequantity":
            return self.usage_quantity(node)
        if node.name == "quantity":
            return Fraction(self.moment.quantity)
        if node.name == "fieldlookup":
            return self.field_lookup(node)
        if node.name == "objectlookup":
            return self.object_lookup(node)
        if node.name == "effectivedate":
            if node.arguments:
                raise self.formula.error(node.column, "effectiveDate with fields belongs into objectLookup")
            return self.day(node.column).isoformat()
        values = [self.number(argument) for argument in node.arguments]
        return min(values) if node.name == "min" else max(values)

    def usage_quantity(self, node: Call) -> Fraction:
        if self.moment.units is None:
            raise self.formula.error(node.column, "usageQuantity is for usage charges; others have quantity()")
        if not node.arguments:
            return self.moment.units
        scope = self.text(node.arguments[0]).upper()
        if scope == "RUNNING":
            return self.moment.running
        if scope == "TOTAL":
            return self.moment.total
        raise self.formula.error(node.arguments[0].column, f"usageQuantity takes RUNNING or TOTAL, not {scope!r}")

    def text(self, node: Node) -> str:
        value = self.value(node)
        if not isinstance(value, str):
            raise self.formula.error(node.column, "a text in quotes is needed here")
        return value

    def day(self, column: int) -> date:
        if self.moment.day is None:
            raise self.formula.error(column, "effectiveDate needs a usage record, whose day it compares with")
        return self.moment.day

    def field_lookup(self, node: Call) -> Value:
        kind, name = self.text(node.arguments[0]), self.text(node.arguments[1])
        record = self.moment.usage if squeeze(kind) == "usage" else self.context.objects.get(_object_name(kind))
        if record is None:
            known = ", ".join(sorted({*self.context.objects, *(["usage"] if self.moment.usage is not None else [])}))
            raise self.formula.error(
                node.arguments[0].column, f"there is no {kind!r} to look a field up in; there is: {known}"
            )
        found = field_of(record, name)
        if found is None:
            raise self.formula.error(
                node.arguments[1].column, f"the {kind} has no value in field {name!r}", "LOOKUP_FAILED"
            )
        return _value(found)

    def object_lookup(self, node: Call) -> Value:
        table, wanted, conditions, period = self.lookup_arguments(node)
        matches = self.matching(table, tuple(conditions), node.column)
        if period is not None:
            matches = self.in_force(matches, period, node.column)
        if len(matches) != 1:
            count = "no" if not matches else f"{len(matches)}"
            given = ", ".join(f"{name} = {value}" for name, value in conditions)
            problem = f"{count} {table} match {given or 'without conditions'}, but one must"
            raise self.formula.error(node.column, problem, "LOOKUP_FAILED")
        found = field_of(matches[0], wanted)
        if found is None:
            raise self.formula.error(
                node.column, f"the {table} found has no value in field {wanted!r}", "LOOKUP_FAILED"
            )
        return _value(found)

    def matching(
        self, table: str, conditions: tuple[tuple[str, Value], ...], column: int
    ) -> Sequence[Mapping[str, object]]:
        """The objects of a table that meet all conditions."""
        found = self._found.get((table, conditions))
        if found is None:
            records = self.context.tables.get(table)
            if records is None:
                raise self.formula.error(column, f"there is no object {table!r}", "LOOKUP_FAILED")
            found = [record for record in records if _matches(record, conditions)]
            self._found[table, conditions] = found
        return found

    def lookup_arguments(self, node: Call) -> tuple[str, str, list[tuple[str, Value]], _Period | None]:
        """Table, wanted field, conditions and period of an objectLookup."""
        conditions: list[tuple[str, Value]] = []
        plain: list[Node] = []
        period = None
        for argument in node.arguments:
            if isinstance(argument, Conditions):
                conditions += [(name, self.value(value)) for name, value in argument.fields]
            elif isinstance(argument, Call) and argument.name == "effectivedate" and argument.arguments:
                names = [self.text(part) for part in argument.arguments]
                period = _Period(names[0], names[1] if len(names) > 1 else None)
            else:
                plain.append(argument)
        if len(plain) < 2 or len(plain) % 2:
            problem = "objectLookup needs an object, a field, and conditions in braces or as pairs of column and value"
            raise self.formula.error(node.column, problem)
        pairs = zip(plain[2::2], plain[3::2], strict=True)
        conditions += [(self.text(name), self.value(value)) for name, value in pairs]
        return self.text(plain[0]), self.text(plain[1]), conditions, period

    def in_force(
        self, records: Sequence[Mapping[str, object]], period: _Period, column: int
    ) -> list[Mapping[str, object]]:
        """The one record that is in force on the day and started last, if there is one."""
        day = self.day(column)
        best: tuple[date, Mapping[str, object]] | None = None
        for record in records:
            start = self.day_at(record, period.start, column) or date.min
            end = self.day_at(record, period.end, column) if period.end else None
            if start <= day and (end is None or day <= end) and (best is None or start > best[0]):
                best = (start, record)
        return [best[1]] if best is not None else []

    def day_at(self, record: Mapping[str, object], name: str, column: int) -> date | None:
        value = field_of(record, name)
        try:
            return None if value is None else date_of(value, name)
        except RatingError as error:
            raise self.formula.error(column, error.message.rstrip("."), "LOOKUP_FAILED") from error


def _object_name(kind: str) -> str:
    name = squeeze(kind)
    return "charge" if name == "rateplancharge" else name


def _value(found: object) -> Value:
    if isinstance(found, (Decimal, int)) and not isinstance(found, bool):
        return Fraction(found)
    return str(found)


def _matches(record: Mapping[str, object], conditions: Sequence[tuple[str, Value]]) -> bool:
    return all(_same(field_of(record, name), value) for name, value in conditions)


def _same(found: object, wanted: Value) -> bool:
    """Equality as numbers where both are numbers, else as texts."""
    if found is None:
        return wanted == ""
    return _key(_value(found)) == _key(wanted)


def _key(value: Value) -> Value:
    return Fraction(value) if isinstance(value, str) and is_number(value) else value
