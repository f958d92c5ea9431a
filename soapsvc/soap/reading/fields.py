"""The fields of one record (a request, a zObject) as clients write them, read into values.

Tolerated: fields in the api, the object or no namespace, in any order; white space, `xsi:nil` and empty elements as
"not given"; every spelling of a boolean and of a date; fields that this version does not have. An unreadable value is a
`RowError` of the record, never a fault of the call.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from datetime import date, tzinfo
from typing import NamedTuple

from lxml import etree

from soapsvc.engine.result import AssumeRenewal
from soapsvc.soap import ns
from soapsvc.soap.contract import Shape
from soapsvc.soap.frame import Node, RowError
from soapsvc.soap.reading.values import parse_boolean, parse_target_date

TOLERATED = frozenset({ns.API, ns.OBJECT, ""})
CHARGE_TYPES = ("OneTime", "Recurring", "Usage")
_RENEWALS = {renewal.value: renewal for renewal in AssumeRenewal}
_SHOWN_CHARACTERS = 64


class Reading(NamedTuple):
    """How records are read.

    `zone` converts a TargetDate with an offset (None: the day as written), `latest` is the latest accepted TargetDate.
    """

    shape: Shape
    zone: tzinfo | None
    latest: date


class Fields:
    """The fields of a record of type `complex_type` in the contract; `errors` collects the problems.

    `further` names fields that are read in versions that do not have them, too.
    """

    def __init__(self, node: Node, complex_type: str, reading: Reading, further: Container[str] = ()) -> None:
        self._type = complex_type
        self._reading = reading
        self._given: dict[str, str] = {}
        self.errors: list[RowError] = []
        known = reading.shape.names(complex_type)
        seen = set()
        for child in () if node.is_nil else node.children:
            if (child.name not in known and child.name not in further) or child.namespace not in TOLERATED:
                continue
            if child.name in seen:
                self.error("INVALID_VALUE", f"{child.name} is given more than once", child.name)
            seen.add(child.name)
            if (value := child.value) is not None:
                self._given[child.name] = value

    def error(self, code: str, message: str, field: str) -> None:
        """Add an error about a field."""
        self.errors.append(RowError(code, message, field))

    def get(self, name: str) -> str | None:
        """A field's text."""
        return self._given.get(name)

    def required(self, name: str) -> str | None:
        """A field's text; an error where it is not given."""
        value = self._given.get(name)
        if value is None:
            self.error("MISSING_REQUIRED_VALUE", f"Missing required value: {name}", name)
        return value

    def target_date(self) -> date | None:
        """The TargetDate, which is required."""
        value = self.required("TargetDate")
        if value is None:
            return None
        day = parse_target_date(value, self._reading.zone)
        if day is None:
            self.error("INVALID_VALUE", f"The target date {shown(value)} is not a date.", "TargetDate")
        elif day > self._reading.latest:
            self.error("INVALID_VALUE", f"The target date {day} is after {self._reading.latest}.", "TargetDate")
        return day

    def exclude(self) -> tuple[str, ...]:
        """The charge types to exclude, each once, in the order of a subscription's items."""
        if "ChargeTypeToExclude" not in self._given:
            return ()
        names = self.names("ChargeTypeToExclude")
        for name in names:
            if name not in CHARGE_TYPES:
                known = ", ".join(CHARGE_TYPES)
                message = f"The charge type {shown(name)} is invalid. Charge types are {known}."
                self.error("INVALID_VALUE", message, "ChargeTypeToExclude")
        return tuple(name for name in CHARGE_TYPES if name in names)

    def names(self, field: str) -> list[str]:
        """The names that a field lists, separated by commas."""
        return [name for part in self._given.get(field, "").split(",") if (name := part.strip())]

    def boolean(self, name: str) -> bool:
        """A boolean; false where it is not given."""
        value = self._given.get(name)
        if value is None:
            return False
        said = parse_boolean(value)
        if said is None:
            self.error("INVALID_VALUE", f"The value {shown(value)} is neither true nor false.", name)
        return said is True

    def assume_renewal(self) -> AssumeRenewal:
        """AssumeRenewal; None where it is not given."""
        value = self._given.get("AssumeRenewal")
        if value is None:
            return AssumeRenewal.NONE
        if value in _RENEWALS:
            return _RENEWALS[value]
        known = ", ".join(_RENEWALS)
        self.error("INVALID_VALUE", f"The value {shown(value)} is invalid. Values are {known}.", "AssumeRenewal")
        return AssumeRenewal.NONE

    def date_text(self, day: date | None) -> str | None:
        """A date-like value in the form of the contract's version."""
        return None if day is None else self._reading.shape.date_text(day.isoformat())

    def put_into(self, element: etree._Element, namespace: str, values: Mapping[str, str | None]) -> None:
        """Write `values` into the canonical body, in the order of the WSDL."""
        fields = self._reading.shape.fields(self._type)
        append(element, namespace, ((field.name, values.get(field.name)) for field in fields))


def append(parent: etree._Element, namespace: str, fields: Iterable[tuple[str, str | None]]) -> None:
    """Append the fields that have a value."""
    for name, value in fields:
        if value is not None:
            etree.SubElement(parent, f"{{{namespace}}}{name}").text = value


def xsd_boolean(value: bool) -> str:
    """A boolean as the contract writes it."""
    return "true" if value else "false"


def shown(value: str) -> str:
    """A value for a message: quoted, and cut if it is long."""
    return value if len(value) <= _SHOWN_CHARACTERS else f"{value[: _SHOWN_CHARACTERS - 3]}..."
