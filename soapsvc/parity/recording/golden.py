"""Captures of the golden format: one JSON file with account, subscriptions, preview, and inferred values.

A capture does not have its request: `inferred_request` has a matching one, with a range of target dates that have the
same answer. It has only some of the account's subscriptions.
"""

from __future__ import annotations

from collections.abc import Iterator

from soapsvc.engine.result import PreviewRequest
from soapsvc.parity.recording.answers import read_answer, without_taxes
from soapsvc.parity.recording.model import AccountData, Answer, RecordedPreview
from soapsvc.parity.recording.requests import excluded, renewal
from soapsvc.tenant.reading import Document, FieldProblem, at, day, each, flag, mapping, optional, text

_REQUEST = "inferred_request"
_DATES = ("targetDateLikely", "targetDateFrom", "targetDateTo")


def is_golden(document: Document) -> bool:
    """Whether a document is a capture of this format."""
    return "preview" in document and _REQUEST in document


def read_golden(document: Document, name: str) -> RecordedPreview:
    """The capture as a recorded preview; its account has the capture's name. Raises FieldProblem."""
    inferred = at(_REQUEST, mapping, document[_REQUEST])
    name = optional(document, "name", text) or name
    targets = [target for key in _DATES if (target := optional(inferred, key, day)) is not None]
    if not targets:
        raise FieldProblem(f"{_REQUEST}.{_DATES[0]}", "is missing")
    assumed = optional(inferred, "assumeRenewal", renewal)
    request = PreviewRequest(targets[0], exclude=optional(inferred, "chargeTypeToExclude", excluded) or frozenset())
    if assumed is not None:
        request = PreviewRequest(targets[0], assumed, request.exclude)
    tax = optional(document, "inferred_tax", mapping) or {}
    return RecordedPreview(
        name,
        name,
        request,
        _answer(document, tax),
        data=_data(document, tax, name),
        more_target_dates=tuple(dict.fromkeys(targets[1:])),
        name=name,
    )


def _answer(document: Document, tax: Document) -> Answer:
    answer = at("preview", read_answer, at("preview", mapping, document["preview"]))
    if optional(tax, "taxAmountReportedAsZero", flag):
        return Answer(without_taxes(answer.items), answer.refusals, answer.charge_date)
    return answer


def _data(document: Document, tax: Document, name: str) -> AccountData:
    subscriptions = (
        optional(document, "subscriptions", each(mapping))
        or optional(document, "subscriptions_reconstructed", each(mapping))
        or ()
    )
    account = optional(document, "account", mapping) or {}
    own = {
        "currency": next(_currencies(subscriptions), "GBP"),
        **{key: value for key, value in account.items() if value is not None},
        **(optional(document, "inferred_account", mapping) or {}),
        "id": name,
        "accountNumber": name,
    }
    return AccountData(
        own,
        subscriptions,
        catalog=_catalog(optional(document, "catalog_excerpt", mapping) or {}),
        tax_rates=tuple(_rates(tax)),
        partial=True,
    )


def _currencies(subscriptions: tuple[Document, ...]) -> Iterator[str]:
    for subscription in subscriptions:
        for plan in optional(subscription, "ratePlans", each(mapping)) or ():
            for charge in optional(plan, "ratePlanCharges", each(mapping)) or ():
                if (currency := optional(charge, "currency", text)) is not None:
                    yield currency


def _catalog(excerpt: Document) -> tuple[Document, ...]:
    charges = [
        {"id": key, **{name: value for name, value in mapping(facts).items() if not name.startswith("_")}}
        for key, facts in excerpt.items()
    ]
    return ({"productRatePlans": [{"productRatePlanCharges": charges}]},) if charges else ()


def _rates(tax: Document) -> Iterator[Document]:
    for charge_number, percent in (optional(tax, "ratesPercentByCharge", mapping) or {}).items():
        yield {"percent": percent, **({} if charge_number == "*" else {"charge_number": charge_number})}
