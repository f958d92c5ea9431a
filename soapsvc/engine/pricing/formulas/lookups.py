"""Find the records for lookups in price formulas: custom objects by their fields and by the day.

Source: "Price formula for multi-attribute pricing charge model".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from operator import ge, gt, le, lt
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

from soapsvc.engine.account import date_of, field_of, is_number
from soapsvc.engine.errors import RatingError
from soapsvc.engine.pricing.formulas.syntax import Formula

Value: TypeAlias = Fraction | str
Record: TypeAlias = Mapping[str, object]

_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = MappingProxyType({"<": lt, "<=": le, ">": gt, ">=": ge})
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ].*)?")


class Test(NamedTuple):
    """A condition on a field of a record: one of = < <= > >= and the value to compare with."""

    field: str
    sign: str
    wanted: Value


def value_of(found: object) -> Value:
    """A field's value for formulas: a number, or a text; booleans are `true` and `false`."""
    if isinstance(found, bool):
        return "true" if found else "false"
    return Fraction(found) if isinstance(found, (Decimal, int)) else str(found)


class Lookups:
    """Finds records of the custom objects that a formula names; each lookup is cached."""

    def __init__(self, formula: Formula, tables: Mapping[str, Sequence[Record]]) -> None:
        self._formula = formula
        self._tables = tables
        self._found: dict[tuple[str, tuple[Test, ...]], list[Record]] = {}

    def matching(self, table: str, tests: tuple[Test, ...], column: int) -> list[Record]:
        """The records of a table that pass all tests. Raises RatingError LOOKUP_FAILED."""
        found = self._found.get((table, tests))
        if found is None:
            records = self._tables.get(table)
            if records is None:
                raise self._formula.error(
                    column, f"there is no object {table!r}; give it in customObjects", "LOOKUP_FAILED"
                )
            found = [record for record in records if all(self._passes(record, test, column) for test in tests)]
            self._found[table, tests] = found
        return found

    def in_force(
        self, records: Sequence[Record], fields: tuple[str, str | None], day: date, column: int
    ) -> list[Record]:
        """The record in force on the day, as a list of one: of several, the one that started last. Empty without any.

        `fields` name the first and the last day, both inclusive; an empty end is open, an empty start has no limit.
        """
        best: tuple[date, Record] | None = None
        for record in records:
            start = self._day_at(record, fields[0], column) or date.min
            end = self._day_at(record, fields[1], column) if fields[1] else None
            if start <= day and (end is None or day <= end) and (best is None or start > best[0]):
                best = (start, record)
        return [best[1]] if best is not None else []

    def _day_at(self, record: Record, name: str, column: int) -> date | None:
        value = field_of(record, name)
        return None if value is None else self.day_of(value, name, column)

    def day_of(self, value: object, name: str, column: int) -> date:
        """The day that a value holds. Raises RatingError LOOKUP_FAILED."""
        try:
            return date_of(value, name)
        except RatingError as error:
            raise self._formula.error(column, error.message.rstrip("."), "LOOKUP_FAILED") from error

    def _passes(self, record: Record, test: Test, column: int) -> bool:
        found = field_of(record, test.field)
        if test.sign == "=":
            return _same(found, test.wanted)
        if found is None:
            return False
        left, right = _key(value_of(found)), _key(test.wanted)
        compare = _COMPARISONS[test.sign]
        if isinstance(left, Fraction) and isinstance(right, Fraction):
            return compare(left, right)
        if isinstance(left, str) and isinstance(right, str) and _DATE.fullmatch(left) and _DATE.fullmatch(right):
            return compare(self.day_of(left, test.field, column), self.day_of(right, test.field, column))
        problem = f"{left} {test.sign} {right} compares values that are neither numbers nor dates"
        raise self._formula.error(column, problem, "LOOKUP_FAILED")


def _same(found: object, wanted: Value) -> bool:
    """Equality as numbers where both are numbers, else as texts; `true` and `false` match in any case."""
    if found is None:
        return wanted == ""
    if isinstance(found, bool):
        return isinstance(wanted, str) and wanted.casefold() == value_of(found)
    return _key(value_of(found)) == _key(wanted)


def _key(value: Value) -> Value:
    return Fraction(value) if isinstance(value, str) and is_number(value) else value
