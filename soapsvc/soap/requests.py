"""From the body as clients write it to the canonical body and the values in it.

Tolerated: children of `requests` in the api, the object or no namespace, in any order; white space, `xsi:nil` and
empty elements as "not given"; every spelling of a boolean and of a date; elements that this version does not know.
What cannot be read in one request is a `RowError` of that request, never a fault of the call.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo

from lxml import etree

from soapsvc.engine.result import AssumeRenewal, PreviewRequest
from soapsvc.soap import ns
from soapsvc.soap.contract import Shape
from soapsvc.soap.faults import ClientFault, InvalidType, RowError
from soapsvc.soap.values import is_id, parse_boolean, parse_target_date
from soapsvc.soap.xmltree import Node

_TOLERATED = frozenset({ns.API, ns.OBJECT, ""})
_REQUEST = "BillingPreviewRequest"
CHARGE_TYPES = ("OneTime", "Recurring", "Usage")
_RENEWALS = {renewal.value: renewal for renewal in AssumeRenewal}


@dataclass(frozen=True, slots=True)
class Asked:
    """One BillingPreviewRequest: `account_id` where it is an ID; without `errors`, `request` is what to preview."""

    account_id: str | None
    request: PreviewRequest | None
    errors: tuple[RowError, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """How requests are read.

    `zone` is where a TargetDate with an offset leads to (None: the day as written), `latest` the last one that is
    accepted.
    """

    shape: Shape
    zone: tzinfo | None
    latest: date


def canonical(call: Node) -> etree._Element:
    """The call's element, empty: what Spyne dispatches on."""
    return etree.Element(f"{{{call.namespace}}}{call.name}")


def read_strings(call: Node, names: Sequence[str], body: etree._Element) -> dict[str, str]:
    """The call's string arguments by name; also puts them into `body` in canonical form."""
    given: dict[str, str] = {}
    for child in call.children:
        if child.name in names and child.namespace in _TOLERATED and (value := child.value) is not None:
            given[child.name] = value
    _append(body, ((name, given.get(name)) for name in names))
    return given


def check_types(call: Node) -> None:
    """Raise InvalidType where an element of `requests` says that it is no BillingPreviewRequest."""
    for index, child in enumerate(call.children):
        if child.xsi_type not in (None, _REQUEST):
            raise InvalidType(f"requests[{index}] is a {child.xsi_type}, not a {_REQUEST}")


def read_requests(call: Node, reading: Reading, body: etree._Element) -> list[Asked]:
    """The requests of a billingPreview call in order; also puts them into `body` in canonical form.

    Raises ClientFault where the call holds anything but `requests`.
    """
    asked = []
    for child in call.children:
        if child.name != "requests" or child.namespace not in _TOLERATED:
            raise ClientFault(f"Unexpected subelement {child.name}")
        asked.append(_Request(child, reading).read(etree.SubElement(body, f"{{{ns.API}}}requests")))
    return asked


def _append(parent: etree._Element, fields: Iterable[tuple[str, str | None]]) -> None:
    for name, value in fields:
        if value is not None:
            etree.SubElement(parent, f"{{{ns.API}}}{name}").text = value


class _Request:
    """Reads one request, and collects what is wrong with it."""

    def __init__(self, node: Node, reading: Reading) -> None:
        self._reading = reading
        self._errors: list[RowError] = []
        self._given: dict[str, str] = {}
        known = {field.name for field in reading.shape.fields(_REQUEST)}
        seen = set()
        for child in () if node.is_nil else node.children:
            if child.name not in known or child.namespace not in _TOLERATED:
                continue
            if child.name in seen:
                self._error("INVALID_VALUE", f"{child.name} is given more than once", child.name)
            seen.add(child.name)
            if (value := child.value) is not None:
                self._given[child.name] = value

    def read(self, element: etree._Element) -> Asked:
        """The request; `element` gets the values in the order and form of the WSDL."""
        account_id = self._account_id()
        exclude = self._exclude()
        target_date = self._target_date()
        evergreen = self._evergreen()
        renewal = self._renewal()
        values: dict[str, str | None] = {
            "AccountId": account_id,
            "ChargeTypeToExclude": ",".join(sorted(exclude)) or None,
            "TargetDate": self._reading.shape.date_text(target_date.isoformat()) if target_date else None,
            "IncludingEvergreenSubscription": "true" if evergreen else "false",
            "AssumeRenewal": renewal.value,
        }
        _append(element, ((field.name, values[field.name]) for field in self._reading.shape.fields(_REQUEST)))
        if self._errors or target_date is None:
            return Asked(account_id, None, tuple(self._errors))
        request = PreviewRequest(
            target_date=target_date,
            assume_renewal=renewal,
            exclude=exclude,
            including_evergreen_subscription=evergreen,
        )
        return Asked(account_id, request)

    def _error(self, code: str, message: str, field: str) -> None:
        self._errors.append(RowError(code, message, field))

    def _required(self, name: str) -> str | None:
        value = self._given.get(name)
        if value is None:
            self._error("MISSING_REQUIRED_VALUE", f"Missing required value: {name}", name)
        return value

    def _account_id(self) -> str | None:
        value = self._required("AccountId")
        if value is None or is_id(value):
            return value
        self._errors.append(unknown_account(value))
        return None

    def _target_date(self) -> date | None:
        value = self._required("TargetDate")
        if value is None:
            return None
        day = parse_target_date(value, self._reading.zone)
        if day is None:
            self._error("INVALID_VALUE", f"The target date {_shown(value)} is not a date.", "TargetDate")
        elif day > self._reading.latest:
            self._error("INVALID_VALUE", f"The target date {day} is after {self._reading.latest}.", "TargetDate")
        return day

    def _exclude(self) -> frozenset[str]:
        names = [name.strip() for name in self._given.get("ChargeTypeToExclude", "").split(",")]
        for name in names:
            if name and name not in CHARGE_TYPES:
                known = ", ".join(CHARGE_TYPES)
                message = f"The charge type {_shown(name)} is invalid. Charge types are {known}."
                self._error("INVALID_VALUE", message, "ChargeTypeToExclude")
        return frozenset(names).intersection(CHARGE_TYPES)

    def _evergreen(self) -> bool:
        name = "IncludingEvergreenSubscription"
        value = self._given.get(name, "false")
        said = parse_boolean(value)
        if said is None:
            self._error("INVALID_VALUE", f"The value {_shown(value)} is neither true nor false.", name)
        return said is True

    def _renewal(self) -> AssumeRenewal:
        value = self._given.get("AssumeRenewal", AssumeRenewal.NONE.value)
        if value in _RENEWALS:
            return _RENEWALS[value]
        known = ", ".join(_RENEWALS)
        self._error("INVALID_VALUE", f"The value {_shown(value)} is invalid. Values are {known}.", "AssumeRenewal")
        return AssumeRenewal.NONE


def unknown_account(account_id: str) -> RowError:
    """The error of a request for an account that the tenant does not have."""
    return RowError("INVALID_VALUE", f"The account id {_shown(account_id)} is invalid.", "AccountId")


def _shown(value: str) -> str:
    """A value as a message repeats it: short."""
    return value if len(value) <= 64 else f"{value[:61]}..."
