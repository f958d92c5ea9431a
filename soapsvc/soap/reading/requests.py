"""Read the body of `login` and `billingPreview` as clients write it: the canonical body and the values in it."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple

from lxml import etree

from soapsvc.engine.result import PreviewRequest
from soapsvc.soap import ns
from soapsvc.soap.contract import CanonicalBody, Version
from soapsvc.soap.frame import ClientFault, InvalidType, Node, RowError
from soapsvc.soap.reading.fields import TOLERATED, Fields, Reading, append, shown, xsd_boolean
from soapsvc.soap.reading.values import is_id

_REQUEST = "BillingPreviewRequest"
_REQUESTS = f"{{{ns.API}}}requests"

Canonical = tuple[Hashable, ...]
"""The version of a BillingPreviewRequest, and the values of its fields: they have one canonical form."""


class ReadRequest(NamedTuple):
    """One BillingPreviewRequest: `account_id` where it is a valid ID; without `errors`, `request` for the engine."""

    account_id: str | None
    request: PreviewRequest | None
    canonical: Canonical
    errors: tuple[RowError, ...] = ()


class ValidRequests:
    """The canonical requests that Spyne has validated lately: clients ask for the same previews again and again."""

    def __init__(self, most: int = 4096) -> None:
        self._most = most
        self._known: set[Canonical] = set()

    def __contains__(self, canonical: Canonical) -> bool:
        """Whether it is valid for sure."""
        return canonical in self._known

    def add(self, requests: Iterable[ReadRequest]) -> None:
        """Keep the requests of a call that was validated."""
        if len(self._known) >= self._most:
            self._known.clear()
        self._known.update(request.canonical for request in requests)


def read_strings(call: Node, names: Sequence[str], body: CanonicalBody) -> dict[str, str]:
    """The call's string arguments by name; also puts them into `body` in canonical form."""
    given: dict[str, str] = {}
    for child in call.children:
        if child.name in names and child.namespace in TOLERATED and (value := child.value) is not None:
            given[child.name] = value
    append(body.element, ns.API, ((name, given.get(name)) for name in names))
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


def read_requests(call: Node, reading: Reading, body: CanonicalBody, valid: ValidRequests) -> list[ReadRequest]:
    """The requests of a billingPreview call in order; those not in `valid` are put into `body`, in canonical form.

    Raises ClientFault where the call holds anything but `requests`.
    """
    version = reading.shape.since
    return [_read_request(Fields(node, _REQUEST, reading), version, body, valid) for node in records(call, "requests")]


def _read_request(fields: Fields, version: Version, body: CanonicalBody, valid: ValidRequests) -> ReadRequest:
    account_id = _account_id(fields)
    exclude = fields.exclude()
    target_date = fields.target_date()
    evergreen = fields.boolean("IncludingEvergreenSubscription")
    renewal = fields.assume_renewal()
    canonical = version, account_id, exclude, target_date, evergreen, renewal
    if canonical not in valid:
        values = {
            "AccountId": account_id,
            "ChargeTypeToExclude": ",".join(exclude) or None,
            "TargetDate": fields.date_text(target_date),
            "IncludingEvergreenSubscription": xsd_boolean(evergreen),
            "AssumeRenewal": renewal.value,
        }
        fields.put_into(etree.SubElement(body.element, _REQUESTS), ns.API, values)
    if fields.errors or target_date is None:
        return ReadRequest(account_id, None, canonical, tuple(fields.errors))
    request = PreviewRequest(
        target_date=target_date,
        assume_renewal=renewal,
        exclude=frozenset(exclude),
        including_evergreen_subscription=evergreen,
    )
    return ReadRequest(account_id, request, canonical)


def _account_id(fields: Fields) -> str | None:
    value = fields.required("AccountId")
    if value is None or is_id(value):
        return value
    fields.errors.append(unknown_key(value))
    return None


def unknown_key(account_id: str) -> RowError:
    """The error of a request for an account that the tenant does not have."""
    return RowError("INVALID_VALUE", f"The account id {shown(account_id)} is invalid.", "AccountId")
