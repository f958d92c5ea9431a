"""The documents of a bill run as v1 has them: posted invoices and credit memos with their items."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from soapsvc.engine.account import Account
from soapsvc.engine.documents import BilledDocument
from soapsvc.engine.result import InvoiceItem
from soapsvc.randomness import random_hex

_DAY = timedelta(1)
_NUMBERS = {"invoice": "INV", "creditMemo": "CM"}
_ID_BYTES = 16


@dataclass(slots=True)
class Numbers:
    """The numbers of invoices and memos: each kind continues from its last number."""

    last: dict[str, int]

    def next(self, kind: str) -> str:
        """The next number of a kind of document."""
        self.last[kind] = self.last.get(kind, 0) + 1
        return f"{_NUMBERS[kind]}{self.last[kind]:08}"


def number_in(kind: str, document: dict[str, Any]) -> int:
    """The number of a document, 0 where its number is not in our form."""
    name = str(document.get("invoiceNumber") or document.get("number") or "")
    digits = name.removeprefix(_NUMBERS[kind])
    return int(digits) if digits != name and digits.isascii() and digits.isdigit() and len(digits) <= 8 else 0


@dataclass(frozen=True, slots=True)
class Billing:
    """The values that a run's documents share: the run, its target day, and its time by the tenant's clock."""

    run_id: str
    target_date: str
    now: datetime


def document_of(billed: BilledDocument, account: Account, billing: Billing, numbers: Numbers) -> dict[str, Any]:
    """A document of an account, as posted on the run's day and due at once; its ids are drawn."""
    own, total = random_hex(_ID_BYTES), billed.amount + billed.tax_amount
    number, day, moment = numbers.next(billed.kind), billing.now.date().isoformat(), f"{billing.now:%Y-%m-%d %H:%M:%S}"
    items = list(_items(billed, own, moment))
    kinds = {item["chargeType"] for item in items}
    is_memo = billed.kind == "creditMemo"
    return {
        "id": own,
        "documentType": billed.kind,
        "accountId": account.id,
        "accountNumber": account.account_number,
        "number": number,
        **(
            {"creditMemoDate": day, "source": "BillRun"}
            if is_memo
            else {"invoiceNumber": number, "invoiceDate": day, "dueDate": day}
        ),
        "targetDate": billing.target_date,
        "billRunId": billing.run_id,
        "currency": billed.currency,
        "group": billed.group or None,
        "amount": total,
        "amountWithoutTax": billed.amount,
        "taxAmount": billed.tax_amount,
        "balance": total,
        "status": "Posted",
        "postedDate": moment,
        "createdDate": moment,
        "updatedDate": moment,
        "includesOneTime": "OneTime" in kinds,
        "includesRecurring": "Recurring" in kinds,
        "includesUsage": "Usage" in kinds,
        ("creditMemoItems" if is_memo else "invoiceItems"): items,
    }


def _items(billed: BilledDocument, document_id: str, moment: str) -> Iterator[dict[str, Any]]:
    """The items in order; a discount's item names the item that it reduces."""
    for block in billed.blocks:
        ids: list[str] = []
        for item in block.items():
            ids.append(random_hex(_ID_BYTES))
            applied = None if item.applied_to is None else ids[item.applied_to]
            own = _memo_item(item) if billed.kind == "creditMemo" else {"invoiceId": document_id, **_invoice_item(item)}
            yield {"id": ids[-1], **own, "chargeDate": moment, "appliedToItemId": applied}


def _memo_item(item: InvoiceItem) -> dict[str, Any]:
    """The names that items of `GET /v1/credit-memos/{key}/items` have, where they differ from those of invoices."""
    own = _invoice_item(item)
    names = {"sku": "productSku", "skuName": "chargeName", "description": "chargeDescription"}
    renamed = {name: own.pop(other) for name, other in names.items()}
    amount = own.pop("chargeAmount")
    return {"amount": amount, "amountWithoutTax": amount, "sourceItemType": "SubscriptionComponent", **own, **renamed}


def _invoice_item(item: InvoiceItem) -> dict[str, Any]:
    facts = item.facts
    return {
        "subscriptionId": facts.subscription_id,
        "subscriptionName": facts.subscription_number,
        "subscriptionNumber": facts.subscription_number,
        "serviceStartDate": item.service_start.isoformat(),
        "serviceEndDate": (item.service_end - _DAY).isoformat(),
        "chargeAmount": item.amount,
        "taxAmount": item.tax_amount,
        "chargeId": facts.charge_id,
        "ratePlanChargeId": facts.rate_plan_charge_id,
        "chargeNumber": facts.charge_number,
        "chargeName": item.charge_name,
        "chargeDescription": facts.charge_description,
        "chargeType": facts.charge_type,
        "processingType": facts.processing_type,
        "productName": facts.product_name,
        "productSku": facts.product_sku,
        "quantity": item.quantity,
        "unitOfMeasure": facts.unit_of_measure,
    }
