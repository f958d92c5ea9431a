"""Existing draft billing documents: v1 invoices and credit memos with their items."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from soapsvc.engine.account import DraftItem
from soapsvc.tenant.reading import (
    AccountRef,
    Document,
    FieldProblem,
    Shape,
    account_ref,
    at,
    derived_id,
    each,
    first,
    mapping,
    optional,
    text,
    whole,
)

DocumentType = Literal["invoice", "creditMemo"]
ITEM_KEYS: Mapping[str, DocumentType] = {"invoiceItems": "invoice", "creditMemoItems": "creditMemo"}
_PROCESSING_TYPES = ("Charge", "Discount", "Prepayment", "Tax")
"""By the numbers that the object query and SOAP have for them."""


def _processing_type(value: object) -> str:
    """A processing type by its name or by its number, also where that is a text."""
    if isinstance(value, str) and not value.strip().isdecimal():
        return text(value)
    number = whole(value)
    if not 0 <= number < len(_PROCESSING_TYPES):
        raise FieldProblem("", f"is {number}; it must be 0 to {len(_PROCESSING_TYPES) - 1}")
    return _PROCESSING_TYPES[number]


_ITEM = Shape(
    DraftItem,
    spellings={
        "subscriptionName": "subscription_number",
        "chargeAmount": "amount",
        "amountWithoutTax": "amount",
        "sku": "product_sku",
        "skuName": "charge_name",
        "sKU": "product_sku",
        "comment": "charge_description",
        "description": "charge_description",
        "ratePlanChargeId": "rate_plan_charge_id",
        "uOM": "unit_of_measure",
        "appliedToInvoiceItemId": "applied_to_item_id",
    },
    readers={"document_type": text, "processing_type": _processing_type},
)
_OPTIONAL = {"subscription_id": "", "subscription_number": ""}


@dataclass(frozen=True, slots=True)
class DraftRecord:
    """An imported document with its items; no items if it is no longer a draft."""

    id: str
    account: AccountRef
    items: tuple[DraftItem, ...]
    type: DocumentType


def read_draft(document: Document, document_type: DocumentType | None = None) -> DraftRecord:
    """A draft invoice or credit memo; without `document_type` the document itself must say which it is.

    Raises FieldProblem.
    """
    document_type = document_type or type_of(document)
    items_key = next((key for key, meant in ITEM_KEYS.items() if meant == document_type and key in document), "items")
    document_id = first(document, "id", "invoiceNumber", "memoNumber", "creditMemoNumber", "number")
    if document_id is None:
        raise FieldProblem("id", "is missing")
    documents = optional(document, items_key, each(mapping)) or ()
    is_draft = (first(document, "status") or "Draft").lower() == "draft"
    items = tuple(
        at(f"{items_key}[{index}]", lambda item, index=index: _read_item(item, document_type, document_id, index), item)  # type: ignore[misc]
        for index, item in enumerate(documents)
    )
    return DraftRecord(document_id, account_ref(document), items if is_draft else (), document_type)


def _read_item(document: Document, document_type: DocumentType, document_id: str, index: int) -> DraftItem:
    # A credit memo item's `amount` includes the tax of inclusive charges, so `amountWithoutTax` is read.
    has_net = document.get("amountWithoutTax") is not None
    own = {key: value for key, value in document.items() if not (has_net and key in {"amount", "chargeAmount"})}
    known = {**_OPTIONAL, "id": derived_id("draft item", document_id, str(index))}
    return _ITEM.read({**own, "documentType": document_type}, known)


def type_of(document: Document) -> DocumentType:
    """The type of a document, from its fields."""
    for key, document_type in ITEM_KEYS.items():
        if key in document:
            return document_type
    named = first(document, "documentType", "type") or ""
    if named.lower().startswith("credit") or first(document, "memoNumber", "creditMemoNumber") is not None:
        return "creditMemo"
    return "invoice"
