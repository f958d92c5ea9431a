"""The values of Multi-Attribute Pricing formulas, exactly.

The functions ("Price formula for multi-attribute pricing charge model"; * marks our own reading or notation):

- `usageQuantity()`: units of the record; `usageQuantity(RUNNING)` of the period's records rated before it,
  `usageQuantity(TOTAL)` of those and of the record itself.
- `quantity()`: the quantity of a one-time or recurring charge.
- `fieldLookup("account" | "subscription" | "charge" | "usage", "field")`: a field, custom ones as "name__c".
- `objectLookup("object", "field", ["column" = value, "other" <= value, …])`: the field of the one custom object that
  passes the tests. *Tests of equality may also be written {"column": value, …} or flat: "column", value, ….
- `effectiveDate(objectLookup(…), "start"[, "day"])`: of the objects that pass, the latest that started on or before the
  day, by default the record's day. *Within objectLookup, `effectiveDate("start", "end")` keeps the objects in force
  on the record's day, both days inclusive, an empty end open. `effectiveDate()`: the day itself.
- `firstValue(a, b, …)`: the first value that is not blank. Blank is a field without a value, and a lookup that finds
  no object.
- `round(x, n)`: to n decimals, half away from zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from soapsvc.engine.account import ONE, UsageRecord, field_of, is_number, squeeze
from soapsvc.engine.money import number_text
from soapsvc.engine.pricing.formulas.lookups import Lookups, Record, Test, Value, value_of
from soapsvc.engine.pricing.formulas.moment import FormulaContext, Moment
from soapsvc.engine.pricing.formulas.syntax import (
    Call,
    Conditions,
    Formula,
    Link,
    Negation,
    Node,
    Number,
    OperatorChain,
    Text,
)

MAX_BITS = 20_000
"""The largest size of a numerator or denominator, in bits: beyond it a formula is a mistake or an attack."""

MAX_DECIMALS = 40
"""The largest number of decimals that `round` accepts, on either side of the point."""

_OF_USAGE: Mapping[str, str] = {"startdatetime": "startDate", "enddatetime": "endDate"}
"""Fields of the vendor's usage records that have another name in the model."""


class _Blank(NamedTuple):
    """Why a lookup has no value, and where."""

    column: int
    problem: str


class _Lookup(NamedTuple):
    """The arguments of an objectLookup; `period` are the fields of an effectiveDate within it."""

    table: str
    wanted: str
    tests: tuple[Test, ...]
    period: tuple[str, str | None] | None


class Evaluator:
    """Evaluates one formula for many moments; objects that were looked up are cached.

    Each amount is multiplied by `factor`, the change of the price at renewals.
    """

    def __init__(self, formula: Formula, context: FormulaContext, factor: Decimal = ONE) -> None:
        self.formula = formula
        self.shown = formula.text if factor == ONE else f"({formula.text}) x {number_text(factor)}"
        self.factor = Fraction(factor)
        self.context = context
        self.moment = Moment()
        self.lookups = Lookups(formula, context.tables)

    def amount(self, moment: Moment) -> Fraction:
        """The amount at a moment. Raises RatingError BAD_FORMULA or LOOKUP_FAILED, with column and caret."""
        self.moment = moment
        amount = self.number(self.formula.root)
        return amount if self.factor == 1 else amount * self.factor

    def number(self, node: Node) -> Fraction:
        """The value of a node as a number; a text of digits counts as one, as custom fields hold them."""
        value = self.value(node)
        if isinstance(value, Fraction):
            return value
        if not is_number(value):
            raise self.formula.error(node.column, f"{value!r} is not a number" if value else "a number is missing here")
        return Fraction(value.strip())

    def value(self, node: Node) -> Value:
        """The value of a node. Raises RatingError LOOKUP_FAILED where a lookup finds nothing."""
        found = self.found(node)
        if isinstance(found, _Blank):
            raise self.formula.error(found.column, found.problem, "LOOKUP_FAILED")
        return found

    def found(self, node: Node) -> Value | _Blank:
        """The value of a node, or a `_Blank` that says why there is none."""
        if isinstance(node, (Number, Text)):
            return node.value
        if isinstance(node, Negation):
            return -self.number(node.operand)
        if isinstance(node, OperatorChain):
            return self.chain(node)
        if isinstance(node, Conditions):
            raise self.formula.error(node.column, "conditions in brackets or braces can only stand in objectLookup")
        return self.call(node)

    def chain(self, node: OperatorChain) -> Fraction:
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
            raise self.formula.error(column, "only whole exponents are supported, because others have no exact result")
        if not base and exponent < 0:
            raise self.formula.error(column, "zero has no negative power")
        bits = max(base.numerator.bit_length(), base.denominator.bit_length())
        if bits * abs(exponent.numerator) > MAX_BITS:
            raise self.formula.error(column, "the result has too many digits")
        return base**exponent.numerator

    def call(self, node: Call) -> Value | _Blank:
        if node.name == "usagequantity":
            return self.usage_quantity(node)
        if node.name == "quantity":
            return Fraction(self.moment.quantity)
        if node.name == "fieldlookup":
            return self.field_lookup(node)
        if node.name == "objectlookup":
            return self.object_lookup(node)
        if node.name == "effectivedate":
            return self.effective_date(node)
        if node.name == "firstvalue":
            return self.first_value(node)
        if node.name == "round":
            return self.rounded(node)
        values = [self.number(argument) for argument in node.arguments]
        return min(values) if node.name == "min" else max(values)

    def usage_quantity(self, node: Call) -> Fraction:
        if self.moment.units is None:
            raise self.formula.error(node.column, "usageQuantity is only for usage charges; use quantity() here")
        if not node.arguments:
            return self.moment.units
        scope = self.text(node.arguments[0]).upper()
        if scope == "RUNNING":
            return self.moment.running
        if scope == "TOTAL":
            return self.moment.running + self.moment.units
        raise self.formula.error(node.arguments[0].column, f"usageQuantity takes RUNNING or TOTAL, not {scope!r}")

    def first_value(self, node: Call) -> Value | _Blank:
        for argument in node.arguments:
            found = self.found(argument)
            if not isinstance(found, _Blank):
                return found
        return _Blank(node.column, "no argument of firstValue has a value")

    def rounded(self, node: Call) -> Fraction:
        value = self.number(node.arguments[0])
        decimals = self.number(node.arguments[1]) if len(node.arguments) > 1 else Fraction(0)
        if decimals.denominator != 1 or abs(decimals) > MAX_DECIMALS:
            problem = f"round takes a whole number of decimals, at most {MAX_DECIMALS}"
            raise self.formula.error(node.arguments[1].column, problem)
        unit = Fraction(10) ** decimals.numerator
        whole = (abs(value) * unit + Fraction(1, 2)).__floor__()
        return Fraction(whole if value >= 0 else -whole) / unit

    def text(self, node: Node) -> str:
        value = self.value(node)
        if not isinstance(value, str):
            raise self.formula.error(node.column, "a text in quotes is needed here")
        return value

    def day(self, column: int) -> date:
        if self.moment.day is None:
            raise self.formula.error(column, "effectiveDate needs a usage record, because it compares with its day")
        return self.moment.day

    def field_lookup(self, node: Call) -> Value | _Blank:
        kind, name = self.text(node.arguments[0]), self.text(node.arguments[1])
        record = self.moment.usage if squeeze(kind) == "usage" else self.context.objects.get(_object_name(kind))
        if record is None:
            known = ", ".join(sorted({*self.context.objects, *(["usage"] if self.moment.usage is not None else [])}))
            raise self.formula.error(node.arguments[0].column, f"fieldLookup has no {kind!r}; it has: {known}")
        found = field_of(record, name)
        if found is None and isinstance(record, UsageRecord):
            found = self.usage_field(record, squeeze(name))
        if found is None:
            return _Blank(node.arguments[1].column, f"the {kind} has no value in field {name!r}")
        return value_of(found)

    def usage_field(self, record: UsageRecord, name: str) -> object:
        """A field of a usage record that has another name in the model; the account number is the account's."""
        if name == "accountnumber":
            return field_of(self.context.objects.get("account"), name)
        own = _OF_USAGE.get(name)
        return None if own is None else field_of(record, own)

    def object_lookup(self, node: Call) -> Value | _Blank:
        lookup = self.lookup_of(node)
        records = self.lookups.matching(lookup.table, lookup.tests, node.column)
        if lookup.period is not None:
            records = self.lookups.in_force(records, lookup.period, self.day(node.column), node.column)
        return self.only(records, lookup, node.column)

    def effective_date(self, node: Call) -> Value | _Blank:
        """The rated day, or a field of the latest object of a lookup that started on or before a day."""
        if not node.arguments:
            return self.day(node.column).isoformat()
        inner = node.arguments[0]
        if not isinstance(inner, Call) or inner.name != "objectlookup":
            raise self.formula.error(node.column, "effectiveDate can only stand in objectLookup, or around it")
        lookup = self.lookup_of(inner)
        if lookup.period is not None or len(node.arguments) < 2:
            problem = "effectiveDate around objectLookup needs one field, which holds the date"
            raise self.formula.error(node.column, problem)
        name = self.text(node.arguments[1])
        if len(node.arguments) > 2:
            day = self.lookups.day_of(self.value(node.arguments[2]), "the day", node.arguments[2].column)
        else:
            day = self.day(node.column)
        records = self.lookups.matching(lookup.table, lookup.tests, inner.column)
        return self.only(self.lookups.in_force(records, (name, None), day, node.column), lookup, inner.column)

    def period(self, node: Call) -> tuple[str, str | None]:
        """The fields that an effectiveDate inside an objectLookup names."""
        names = [self.text(argument) for argument in node.arguments]
        if len(names) > 2:
            raise self.formula.error(node.column, "effectiveDate inside objectLookup takes one or two fields")
        return names[0], names[1] if len(names) > 1 else None

    def only(self, records: Sequence[Record], lookup: _Lookup, column: int) -> Value | _Blank:
        """The wanted field of the one record that was found."""
        given = ", ".join(f"{test.field} {test.sign} {test.wanted}" for test in lookup.tests)
        if not records:
            return _Blank(column, f"no {lookup.table} match {given or 'without conditions'}; exactly one must")
        if len(records) > 1:
            problem = f"{len(records)} {lookup.table} match {given or 'without conditions'}; exactly one must"
            raise self.formula.error(column, problem, "LOOKUP_FAILED")
        found = field_of(records[0], lookup.wanted)
        if found is None:
            return _Blank(column, f"the {lookup.table} that was found has no value in field {lookup.wanted!r}")
        return value_of(found)

    def lookup_of(self, node: Call) -> _Lookup:
        """The table, the wanted field, the tests and the period of an objectLookup."""
        tests: list[Test] = []
        plain: list[Node] = []
        period = None
        for argument in node.arguments:
            if isinstance(argument, Conditions):
                tests += [Test(name, sign, self.value(value)) for name, sign, value in argument.tests]
            elif isinstance(argument, Call) and argument.name == "effectivedate" and argument.arguments:
                period = self.period(argument)
            else:
                plain.append(argument)
        if len(plain) < 2 or len(plain) % 2:
            problem = (
                "objectLookup needs an object, a field, and conditions in brackets or as pairs of column and value"
            )
            raise self.formula.error(node.column, problem)
        pairs = zip(plain[2::2], plain[3::2], strict=True)
        tests += [Test(self.text(name), "=", self.value(value)) for name, value in pairs]
        return _Lookup(self.text(plain[0]), self.text(plain[1]), tuple(tests), period)


def _object_name(kind: str) -> str:
    name = squeeze(kind)
    return "charge" if name == "rateplancharge" else name
