"""The types of fields, and how values in imported documents and in queries are read.

Values are text, booleans, exact decimals, dates and instants with a zone. An unreadable value in a document is absent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from typing import Final

from soapsvc.tenant.reading import FieldProblem, day, flag, number

STRING: Final = "string"
ID: Final = "ID"
BOOLEAN: Final = "boolean"
INT: Final = "int"
LONG: Final = "long"
DECIMAL: Final = "decimal"
DATE_TIME: Final = "dateTime"
DATE: Final = "date or dateTime"
"""A calendar day: on the wire a dateTime through 68.0, a date from 69.0 on."""

TEXTS: Final = frozenset({STRING, ID})
NUMBERS: Final = frozenset({INT, LONG, DECIMAL})

Value = str | bool | Decimal | date | datetime

_BARE_OFFSET = re.compile(r"([T ].*[+-]\d{2})(\d{2})$")


def read(field_type: str, raw: object, zone: tzinfo) -> Value | None:
    """The value of a field in a document; None if it is missing or of another type."""
    if raw is None or raw == "":
        return None
    try:
        if field_type in TEXTS:
            return as_text(raw)
        if field_type == BOOLEAN:
            return flag(raw)
        if field_type in NUMBERS:
            exact = number(raw)
            return exact if field_type == DECIMAL or exact == exact.to_integral_value() else None
        if field_type == DATE:
            return raw if isinstance(raw, date) else day(raw)
        return instant(raw, zone)
    except (FieldProblem, ValueError, OverflowError):
        return None


def as_text(raw: object) -> str | None:
    """A value as text; the elements of a list separated by commas."""
    match raw:
        case str():
            return raw
        case bool():
            return "true" if raw else "false"
        case int():
            return str(raw)
        case Decimal():
            return f"{raw:f}"
        case list():
            return ",".join(text for each in raw if (text := as_text(each))) or None
        case _:
            return None


def instant(raw: object, zone: tzinfo) -> datetime | None:
    """The instant of a dateTime. A dateTime without an offset, or a date, is in that zone."""
    if isinstance(raw, datetime):
        moment = raw
    elif isinstance(raw, date):
        moment = datetime.combine(raw, time())
    elif isinstance(raw, str) and raw[:1].isdigit():
        moment = datetime.fromisoformat(_BARE_OFFSET.sub(r"\1:\2", raw.strip()))
    else:
        return None
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment


def given(facts: Mapping[str, object], keys: tuple[str, ...]) -> object:
    """The first value that a document has under one of these keys."""
    for key in keys:
        if (value := facts.get(key)) is not None and value != "":
            return value
    return None
