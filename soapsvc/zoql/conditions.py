"""Whether a record fits a query.

A field without a value fits only `= null`, neither `!=` nor any other comparison, as in SQL. Texts are compared by code
point, and without regard to case if the caller asked for that. Instants are compared whatever their offsets.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from typing import Any

from soapsvc.zoql.catalogue import Record
from soapsvc.zoql.parser import Comparison, Query
from soapsvc.zoql.types import TEXTS

Fits = Callable[[Record], bool]

_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


def condition(query: Query, zone: tzinfo, *, case_sensitive: bool = True) -> Fits:
    """Tests records; instants without an offset are in the tenant's `zone`."""
    alternatives = [[_fits(each, zone, case_sensitive) for each in ands] for ands in query.alternatives]
    if not alternatives:
        return lambda _record: True
    return lambda record: any(all(fits(record) for fits in ands) for ands in alternatives)


def _fits(comparison: Comparison, zone: tzinfo, case_sensitive: bool) -> Fits:
    read, wanted, folded = comparison.field.reader(zone), comparison.value, False
    if wanted is None:
        is_null = comparison.operator == "="
        return lambda record: (read(record) is None) is is_null
    if isinstance(wanted, datetime) and wanted.tzinfo is None:
        wanted = wanted.replace(tzinfo=zone)
    if isinstance(wanted, str) and comparison.field.type in TEXTS and not case_sensitive:
        wanted, folded = wanted.casefold(), True
    compare = like(str(wanted)) if comparison.operator == "like" else _OPERATORS[comparison.operator]

    def fits(record: Record) -> bool:
        value = read(record)
        if value is None:
            return False
        return compare(value.casefold() if folded and isinstance(value, str) else value, wanted)

    return fits


def like(pattern: str) -> Callable[[Any, Any], bool]:
    """Compares texts with a pattern, in which each `%` stands for any characters. The time is linear in both."""
    first, *inner = pattern.split("%")
    if not inner:
        return lambda value, _: value == first
    *middle, last = inner

    def fits(value: Any, _: Any) -> bool:
        end = len(value) - len(last)
        if not value.startswith(first) or not value.endswith(last) or end < len(first):
            return False
        place = len(first)
        for part in middle:
            found = value.find(part, place, end)
            if found < 0:
                return False
            place = found + len(part)
        return True

    return fits
