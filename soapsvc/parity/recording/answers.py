"""Read the vendor's answers in the form of REST v1 into items, and write items in the same form.

`POST /v1/operations/billing-preview` answers `invoiceItems` and `creditMemoItems`; a preview run's result file and
SOAP have the same fields. Fields that no comparison needs (ids, descriptions, product names) are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from soapsvc.parity.recording.model import CREDIT_MEMO, INVOICE, Answer, Item, Refusal
from soapsvc.parity.recording.names import Names
from soapsvc.tenant.reading import Document, FieldProblem, at, day, each, first, flag, mapping, number, optional, whole

PROCESSING_TYPES = ("Charge", "Discount", "Prepayment", "Tax")
"""By the numbers that SOAP has for them."""
_DAY = timedelta(days=1)
_LISTS = {"invoiceItems": INVOICE, "creditMemoItems": CREDIT_MEMO}
_ID = "id"
_APPLIED = ("appliedToItemId", "appliedToInvoiceItemId")


def read_answer(document: Document) -> Answer:
    """The answer of a REST preview, or its error. Raises FieldProblem."""
    if optional(document, "success", flag) is False or ("reasons" in document and "invoiceItems" not in document):
        return Answer(refusals=_refusals(document))
    if not any(key in document for key in _LISTS):
        raise FieldProblem("invoiceItems", "is missing, and the answer has no error")
    rows = [
        (kind, item, f"{key}[{index}]")
        for key, kind in _LISTS.items()
        for index, item in enumerate(optional(document, key, each(mapping)) or ())
    ]
    return answer_of(rows, first(document, "chargeDate"))


def answer_of(rows: Sequence[tuple[str, Document, str]], charge_date: str | None = None) -> Answer:
    """The answer with these items, each with its document type and its place. Raises FieldProblem."""
    positions = {row[_ID]: position for position, (_, row, _) in enumerate(rows) if isinstance(row.get(_ID), str)}
    items = []
    for kind, row, place in rows:
        item = at(place, lambda row, kind=kind: _item(kind, row), row)  # type: ignore[misc]
        applied = next((row[key] for key in _APPLIED if row.get(key)), None)
        known = isinstance(applied, str) and applied in positions
        items.append(replace(item, applied_to=positions[str(applied)]) if known else item)
        charge_date = charge_date or first(row, "chargeDate")
    return Answer(tuple(items), charge_date=_instant(charge_date))


def _refusals(document: Document) -> tuple[Refusal, ...]:
    reasons = optional(document, "reasons", each(mapping)) or ({},)
    return tuple(Refusal(str(reason.get("code", "")), str(reason.get("message", ""))) for reason in reasons)


def _item(kind: str, row: Document) -> Item:
    start = _required_day(row, "serviceStartDate")
    amount = _amount(row)
    tax = optional(row, "taxAmount", number)
    if tax is None and kind == CREDIT_MEMO and (gross := optional(row, "amount", number)) is not None:
        tax = gross - amount
    return Item(
        kind,
        first(row, "subscriptionNumber", "subscriptionName") or "",
        first(row, "chargeNumber") or "",
        start,
        _required_day(row, "serviceEndDate") + _DAY,
        amount,
        tax,
        optional(row, "quantity", number),
        _text(row, "chargeName", "skuName"),
        first(row, "chargeType"),
        _processing_type(row.get("processingType")),
        _text(row, "unitOfMeasure", "uOM", "UOM"),
        optional(row, "numberOfDeliveries", whole),
        first(row, "chargeId", "ratePlanChargeId") or "",
    )


def _text(row: Document, *keys: str) -> str | None:
    """A text, "" where the answer has the key without one, None where it does not have the key."""
    known = [key for key in keys if key in row]
    return (first(row, *known) or "") if known else None


def _amount(row: Document) -> Decimal:
    for key in ("amountWithoutTax", "chargeAmount", "amount"):
        if (found := optional(row, key, number)) is not None:
            return found
    raise FieldProblem("chargeAmount", "is missing")


def _required_day(row: Document, key: str) -> date:
    found = optional(row, key, day)
    if found is None:
        raise FieldProblem(key, "is missing")
    return found


def _processing_type(value: object) -> str:
    if value is None or value == "":
        return PROCESSING_TYPES[0]
    if isinstance(value, str) and not value.strip().isdecimal():
        return value
    place = at("processingType", whole, value)
    if not 0 <= place < len(PROCESSING_TYPES):
        raise FieldProblem("processingType", f"is {place}; it must be 0 to {len(PROCESSING_TYPES) - 1}")
    return PROCESSING_TYPES[place]


def _instant(written: str | None) -> datetime | None:
    """The clock's time in a charge date, without its offset."""
    try:
        return datetime.fromisoformat(written).replace(tzinfo=None) if written else None
    except ValueError:
        return None


def answer_document(answer: Answer, names: Names) -> Document:
    """The answer in the form of a recording: the compared fields, with names in the form of `names`."""
    if answer.refusals:
        return {"success": False, "reasons": [{"code": each.code, "message": each.message} for each in answer.refusals]}
    referred = {item.applied_to for item in answer.items}
    rows: dict[str, list[Document]] = {key: [] for key in _LISTS}
    for position, item in enumerate(answer.items):
        key = "creditMemoItems" if item.document == CREDIT_MEMO else "invoiceItems"
        rows[key].append(_row(item, position, position in referred, names))
    charge_date = {"chargeDate": answer.charge_date.isoformat(" ")} if answer.charge_date else {}
    return {**charge_date, **{key: found for key, found in rows.items() if found or key == "invoiceItems"}}


def _row(item: Item, position: int, is_referred: bool, names: Names) -> Document:
    row: dict[str, object] = {
        _ID: str(position) if is_referred else None,
        "subscriptionNumber": item.subscription_number or None,
        "chargeNumber": item.charge_number or None,
        "chargeId": item.charge_id or None,
        "chargeName": None if item.charge_name is None else names.shown(item.charge_name),
        "chargeType": item.charge_type,
        "processingType": item.processing_type,
        "serviceStartDate": item.start.isoformat(),
        "serviceEndDate": (item.end - _DAY).isoformat(),
        "amountWithoutTax" if item.document == CREDIT_MEMO else "chargeAmount": item.amount,
        "taxAmount": item.tax,
        "quantity": item.quantity,
        "unitOfMeasure": item.unit,
        "numberOfDeliveries": item.deliveries,
        _APPLIED[0]: None if item.applied_to is None else str(item.applied_to),
    }
    return _told(row)


def _told(row: Mapping[str, object]) -> Document:
    return {key: value for key, value in row.items() if value is not None}


def without_taxes(items: Iterable[Item]) -> tuple[Item, ...]:
    """The items without taxes, as of an answer that has none."""
    return tuple(replace(item, tax=None) for item in items)
