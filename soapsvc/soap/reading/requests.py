"""Read the body of `login` and `billingPreview` as clients write it: the canonical body and the values in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from lxml import etree

from soapsvc.engine.result import PreviewRequest
from soapsvc.soap import ns
from soapsvc.soap.frame import ClientFault, InvalidType, Node, RowError
from soapsvc.soap.reading.fields import TOLERATED, Fields, Reading, append, shown, xsd_boolean
from soapsvc.soap.reading.values import is_id

_REQUEST = "BillingPreviewRequest"


class ReadRequest(NamedTuple):
    """One BillingPreviewRequest: `account_id` where it is a valid ID; without `errors`, `request` for the engine."""

    account_id: str | None
    request: PreviewRequest | None
    errors: tuple[RowError, ...] = ()


def canonical(call: Node) -> etree._Element:
    """The call's element, empty: Spyne finds the operation by it."""
    return etree.Element(f"{{{call.namespace}}}{call.name}")


def read_strings(call: Node, names: Sequence[str], body: etree._Element) -> dict[str, str]:
    """The call's string arguments by name; also puts them into `body` in canonical form."""
    given: dict[str, str] = {}
    for child in call.children:
        if child.name in names and child.namespace in TOLERATED and (value := child.value) is not None:
            given[child.name] = value
    append(body, ns.API, ((name, given.get(name)) for name in names))
    return given


def records(call: Node, name: str) -> list[Node]:
    """The call's children, which must all be elements of that name; raises ClientFault."""
    for child in call.children:
        if child.name != name or child.namespace not in TOLERATED:
            raise ClientFault(f"Unexpected subelement {child.name}")
    return call.children


def check_types(call: Node) -> None:
    """Raise InvalidType where an element of `requests` has an `xsi:type` other than BillingPreviewRequest."""
    for index, child in enumerate(call.children):
        if child.xsi_type not in (None, _REQUEST):
            raise InvalidType(f"requests[{index}] is a {child.xsi_type}, not a {_REQUEST}")


def read_requests(call: Node, reading: Reading, body: etree._Element) -> list[ReadRequest]:
    """The requests of a billingPreview call in order; also puts them into `body` in canonical form.

    Raises ClientFault where the call holds anything but `requests`.
    """
    return [
        _read_request(Fields(node, _REQUEST, reading), etree.SubElement(body, f"{{{ns.API}}}requests"))
        for node in records(call, "requests")
    ]


def _read_request(fields: Fields, element: etree._Element) -> ReadRequest:
    account_id = _account_id(fields)
    exclude = fields.exclude()
    target_date = fields.target_date()
    evergreen = fields.boolean("IncludingEvergreenSubscription")
    renewal = fields.assume_renewal()
    values = {
        "AccountId": account_id,
        "ChargeTypeToExclude": ",".join(exclude) or None,
        "TargetDate": fields.date_text(target_date),
        "IncludingEvergreenSubscription": xsd_boolean(evergreen),
        "AssumeRenewal": renewal.value,
    }
    fields.put_into(element, ns.API, values)
    if fields.errors or target_date is None:
        return ReadRequest(account_id, None, tuple(fields.errors))
    request = PreviewRequest(
        target_date=target_date,
        assume_renewal=renewal,
        exclude=frozenset(exclude),
        including_evergreen_subscription=evergreen,
    )
    return ReadRequest(account_id, request)


def _account_id(fields: Fields) -> str | None:
    value = fields.required("AccountId")
    if value is None or is_id(value):
        return value
    fields.errors.append(unknown_key(value))
    return None


def unknown_key(account_id: str) -> RowError:
    """The error of a request for an account that the tenant does not have."""
    return RowError("INVALID_VALUE", f"The account id {shown(account_id)} is invalid.", "AccountId")
