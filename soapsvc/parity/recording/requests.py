"""Requests for previews in the form of REST v1, as clients send them and as recordings keep them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from soapsvc.engine.account import ChargeType
from soapsvc.engine.result import AssumeRenewal, PreviewRequest
from soapsvc.parity.recording.privacy import encoded
from soapsvc.tenant.reading import Document, FieldProblem, day, each, first, flag, kind, optional, text

_CHARGE_TYPES = {each.lower(): each.value for each in ChargeType}
_RENEWALS = {each.lower(): each for each in AssumeRenewal}


class Asked(NamedTuple):
    """An account by its id, its number, or both, and the request for it."""

    account_id: str | None
    account_number: str | None
    request: PreviewRequest


def read_request(document: Document) -> Asked:
    """A request for the preview of one account. Raises FieldProblem."""
    account_id, number = first(document, "accountId"), first(document, "accountNumber")
    if account_id is None and number is None:
        raise FieldProblem("accountId", "is missing, and so is accountNumber; give one of them")
    target = optional(document, "targetDate", day)
    if target is None:
        raise FieldProblem("targetDate", "is missing")
    numbers = optional(document, "subscriptionNumbers", each(text))
    request = PreviewRequest(
        target,
        optional(document, "assumeRenewal", renewal) or AssumeRenewal.NONE,
        optional(document, "chargeTypeToExclude", excluded) or frozenset(),
        optional(document, "includingEvergreenSubscription", flag) or False,
        optional(document, "includingDraftItems", flag) or False,
        subscription_numbers=None if numbers is None else frozenset(numbers),
    )
    return Asked(account_id, number, request)


def renewal(value: object) -> AssumeRenewal:
    """The value of assumeRenewal, in any case."""
    found = _RENEWALS.get(value.lower()) if isinstance(value, str) else None
    if found is None:
        raise FieldProblem("", f"is {kind(value)}; it must be one of {', '.join(AssumeRenewal)}")
    return found


def excluded(value: object) -> frozenset[str]:
    """Charge types, as a list or separated by commas."""
    parts = value.split(",") if isinstance(value, str) else each(text)(value)
    named = [part.strip() for part in parts if part.strip()]
    if unknown := [name for name in named if name.lower() not in _CHARGE_TYPES]:
        raise FieldProblem(
            "", f"names {', '.join(unknown)}, which is not a charge type; charge types are {', '.join(ChargeType)}"
        )
    return frozenset(_CHARGE_TYPES[name.lower()] for name in named)


def request_document(request: PreviewRequest) -> Mapping[str, object]:
    """The request in the form of a recording, without the account."""
    document: dict[str, object] = {
        "targetDate": request.target_date.isoformat(),
        "assumeRenewal": request.assume_renewal.value,
        "chargeTypeToExclude": sorted(request.exclude),
        "includingEvergreenSubscription": request.including_evergreen_subscription,
        "includingDraftItems": request.including_draft_items,
    }
    if request.subscription_numbers is not None:
        document["subscriptionNumbers"] = sorted(request.subscription_numbers)
    return document


def request_text(request: PreviewRequest) -> str:
    """The request as one line of JSON: the same text for the same request."""
    return encoded(request_document(request)).decode()


def instant(value: object) -> datetime:
    """A moment with its offset. Raises FieldProblem without an offset, as its meaning would depend on the machine."""
    written = text(value)
    try:
        found = datetime.fromisoformat(written)
    except ValueError as error:
        raise FieldProblem("", f"is {kind(value)}, not a moment such as 2024-01-31T08:30:00+01:00") from error
    if found.tzinfo is None:
        raise FieldProblem("", f"is {kind(value)}, which has no offset; write it as in 2024-01-31T08:30:00Z")
    return found


def dates(value: object) -> tuple[date, ...]:
    """A list of dates."""
    return each(day)(value)
