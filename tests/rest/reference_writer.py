"""A slow, obvious writer of REST answers with one dict per item. Tests compare the fast writer with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import count
from typing import Any

from soapsvc.engine.account import DraftItem
from soapsvc.engine.result import Block, InvoiceItem, PreviewResult

Json = dict[str, Any]


def billing_preview(result: PreviewResult) -> Json:
    """The v1 answer; ids are `item N`, and the subscription ids of renewed subscriptions `throw-away`."""
    numbers = count(1)
    answer: Json = {
        "accountId": result.account_id,
        "invoiceItems": [
            *_of_blocks(result, result.blocks, numbers, _invoice_item),
            *(_invoice_draft(result, draft) for draft in result.draft_items if draft.document_type == "invoice"),
        ],
    }
    if result.invoice_settlement:
        answer["creditMemoItems"] = [
            *_of_blocks(result, result.credit_memo_blocks, numbers, _credit_memo_item),
            *(_memo_draft(result, draft) for draft in result.draft_items if draft.document_type == "creditMemo"),
        ]
    answer["success"] = True
    return answer


def _of_blocks(result: PreviewResult, blocks: Iterable[Block], numbers: Iterator[int], write: Any) -> Iterator[Json]:
    for block in blocks:
        items = list(block.items())
        ids = [f"item {next(numbers)}" for _ in items]
        for item in items:
            yield write(result, item, ids[item.row], None if item.applied_to is None else ids[item.applied_to])


def _invoice_item(result: PreviewResult, item: InvoiceItem, item_id: str, applied_to: str | None) -> Json:
    facts = item.facts
    return {
        "id": item_id,
        "subscriptionName": facts.subscription_number,
        "subscriptionId": "throw-away" if facts.transient else facts.subscription_id,
        "subscriptionNumber": facts.subscription_number,
        "serviceStartDate": item.service_start.isoformat(),
        "serviceEndDate": (item.service_end - timedelta(1)).isoformat(),
        "chargeAmount": item.amount,
        "chargeDescription": facts.charge_description,
        "chargeName": item.charge_name,
        "chargeNumber": facts.charge_number,
        "chargeId": facts.charge_id,
        "productName": facts.product_name,
        "quantity": item.quantity,
        "taxAmount": item.tax_amount,
        "unitOfMeasure": facts.unit_of_measure,
        "chargeDate": result.as_of.strftime("%Y-%m-%d %H:%M:%S"),
        "chargeType": facts.charge_type,
        "processingType": facts.processing_type,
        "appliedToItemId": applied_to,
        "numberOfDeliveries": item.number_of_deliveries,
    }


def _credit_memo_item(result: PreviewResult, item: InvoiceItem, item_id: str, applied_to: str | None) -> Json:
    facts = item.facts
    return {
        "amount": item.amount + item.tax_amount,
        "amountWithoutTax": item.amount,
        "appliedToItemId": applied_to,
        "chargeDate": result.as_of.strftime("%Y-%m-%d %H:%M:%S"),
        "chargeNumber": facts.charge_number,
        "chargeType": facts.charge_type,
        "comment": facts.charge_description,
        "id": item_id,
        "numberOfDeliveries": item.number_of_deliveries,
        "processingType": facts.processing_type,
        "quantity": item.quantity,
        "ratePlanChargeId": "throw-away" if facts.transient else facts.rate_plan_charge_id,
        "serviceEndDate": (item.service_end - timedelta(1)).isoformat(),
        "serviceStartDate": item.service_start.isoformat(),
        "sku": facts.product_sku,
        "skuName": item.charge_name,
        "subscriptionId": "throw-away" if facts.transient else facts.subscription_id,
        "subscriptionNumber": facts.subscription_number,
        "unitOfMeasure": facts.unit_of_measure,
    }


def _invoice_draft(result: PreviewResult, draft: DraftItem) -> Json:
    return {
        "id": draft.id,
        "subscriptionName": draft.subscription_number,
        "subscriptionId": draft.subscription_id,
        "subscriptionNumber": draft.subscription_number,
        "serviceStartDate": draft.service_start_date.isoformat(),
        "serviceEndDate": draft.service_end_date.isoformat(),
        "chargeAmount": draft.amount,
        "chargeDescription": draft.charge_description,
        "chargeName": draft.charge_name,
        "chargeNumber": draft.charge_number,
        "chargeId": draft.charge_id,
        "productName": draft.product_name,
        "quantity": draft.quantity,
        "taxAmount": draft.tax_amount,
        "unitOfMeasure": draft.unit_of_measure,
        "chargeDate": result.as_of.strftime("%Y-%m-%d %H:%M:%S"),
        "chargeType": draft.charge_type,
        "processingType": draft.processing_type,
        "appliedToItemId": draft.applied_to_item_id,
        "numberOfDeliveries": 0,
    }


def _memo_draft(result: PreviewResult, draft: DraftItem) -> Json:
    return {
        "amount": draft.amount + draft.tax_amount,
        "amountWithoutTax": draft.amount,
        "appliedToItemId": draft.applied_to_item_id,
        "chargeDate": result.as_of.strftime("%Y-%m-%d %H:%M:%S"),
        "chargeNumber": draft.charge_number,
        "chargeType": draft.charge_type,
        "comment": draft.charge_description,
        "id": draft.id,
        "numberOfDeliveries": 0,
        "processingType": draft.processing_type,
        "quantity": draft.quantity,
        "ratePlanChargeId": draft.rate_plan_charge_id,
        "serviceEndDate": draft.service_end_date.isoformat(),
        "serviceStartDate": draft.service_start_date.isoformat(),
        "sku": draft.product_sku,
        "skuName": draft.charge_name,
        "subscriptionId": draft.subscription_id,
        "subscriptionNumber": draft.subscription_number,
        "unitOfMeasure": draft.unit_of_measure,
    }


def numbered(answer: Json, *, renewed: set[str]) -> Json:
    """The same answer with each generated id replaced by the reference writer's.

    `renewed` are the numbers of the subscriptions whose renewal was assumed. Raises AssertionError if a generated id
    is not 32 hex digits or is used for two things.
    """
    names: dict[str, str] = {}
    numbers = count(1)
    for key in ("invoiceItems", "creditMemoItems"):
        for item in answer.get(key, ()):
            if not item["id"].startswith("draft"):
                assert len(bytes.fromhex(item["id"])) == 16
                assert item["id"] not in names
                names[item["id"]] = f"item {next(numbers)}"
    shown: dict[str, set[str]] = {}
    for key in ("invoiceItems", "creditMemoItems"):
        for item in answer.get(key, ()):
            item["id"] = names.get(item["id"], item["id"])
            item["appliedToItemId"] = names.get(item["appliedToItemId"], item["appliedToItemId"])
            if item["subscriptionNumber"] in renewed:
                shown.setdefault(item["subscriptionNumber"], set()).add(item["subscriptionId"])
                item["subscriptionId"] = "throw-away"
                if "ratePlanChargeId" in item:
                    item["ratePlanChargeId"] = "throw-away"
    assert all(len(ids) == 1 for ids in shown.values()), "a subscription has one throw-away id in an answer"
    return answer
