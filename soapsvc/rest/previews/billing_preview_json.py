"""The answer of `POST /v1/operations/billing-preview` as JSON, with keys and order of real answers.

Sources: "observed previews: response", the vendor's v1 REST reference, and its SDK's models for credit memo items.
"""

from __future__ import annotations

from soapsvc.rest.previews.answers import Surface
from soapsvc.rest.previews.item_rows import (
    AMOUNT,
    APPLIED_TO,
    DELIVERIES,
    END,
    ID,
    NAME,
    QUANTITY,
    START,
    TAX,
    TOTAL,
    Layout,
    fact,
    own_id,
    quoted,
)
from soapsvc.wire import instant_text

INVOICE_ITEM: Layout = (
    ("id", ID),
    ("subscriptionName", fact("subscription_number")),
    ("subscriptionId", own_id("subscription_id")),
    ("subscriptionNumber", fact("subscription_number")),
    ("serviceStartDate", START),
    ("serviceEndDate", END),
    ("chargeAmount", AMOUNT),
    ("chargeDescription", fact("charge_description")),
    ("chargeName", NAME),
    ("chargeNumber", fact("charge_number")),
    ("chargeId", fact("charge_id")),
    ("productName", fact("product_name")),
    ("quantity", QUANTITY),
    ("taxAmount", TAX),
    ("unitOfMeasure", fact("unit_of_measure")),
    ("chargeDate", lambda answer, _: quoted(answer.charge_date)),
    ("chargeType", fact("charge_type")),
    ("processingType", fact("processing_type")),
    ("appliedToItemId", APPLIED_TO),
    ("numberOfDeliveries", DELIVERIES),
)
CREDIT_MEMO_ITEM: Layout = (
    ("amount", TOTAL),
    ("amountWithoutTax", AMOUNT),
    ("appliedToItemId", APPLIED_TO),
    ("chargeDate", lambda answer, _: quoted(answer.charge_date)),
    ("chargeNumber", fact("charge_number")),
    ("chargeType", fact("charge_type")),
    ("comment", fact("charge_description")),
    ("id", ID),
    ("numberOfDeliveries", DELIVERIES),
    ("processingType", fact("processing_type")),
    ("quantity", QUANTITY),
    ("ratePlanChargeId", own_id("rate_plan_charge_id")),
    ("serviceEndDate", END),
    ("serviceStartDate", START),
    ("sku", fact("product_sku")),
    ("skuName", NAME),
    ("subscriptionId", own_id("subscription_id")),
    ("subscriptionNumber", fact("subscription_number")),
    ("unitOfMeasure", fact("unit_of_measure")),
)
BILLING_PREVIEW = Surface(
    invoice_item=INVOICE_ITEM,
    credit_memo_item=CREDIT_MEMO_ITEM,
    charge_date=instant_text,
    closing=',"success":true}',
)
