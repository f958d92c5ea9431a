"""The answer of `POST /v1/operations/billing-preview` as JSON: keys and their order as in real answers.

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
    quoted,
)
from soapsvc.wire import instant_text

INVOICE_ITEM: Layout = (
    ("id", ID),
    ("subscriptionName", lambda _, facts: quoted(facts.subscription_number)),
    ("subscriptionId", lambda answer, facts: quoted(answer.shown_id(facts, facts.subscription_id))),
    ("subscriptionNumber", lambda _, facts: quoted(facts.subscription_number)),
    ("serviceStartDate", START),
    ("serviceEndDate", END),
    ("chargeAmount", AMOUNT),
    ("chargeDescription", lambda _, facts: quoted(facts.charge_description)),
    ("chargeName", NAME),
    ("chargeNumber", lambda _, facts: quoted(facts.charge_number)),
    ("chargeId", lambda _, facts: quoted(facts.charge_id)),
    ("productName", lambda _, facts: quoted(facts.product_name)),
    ("quantity", QUANTITY),
    ("taxAmount", TAX),
    ("unitOfMeasure", lambda _, facts: quoted(facts.unit_of_measure)),
    ("chargeDate", lambda answer, _: quoted(answer.charge_date)),
    ("chargeType", lambda _, facts: quoted(facts.charge_type)),
    ("processingType", lambda _, facts: quoted(facts.processing_type)),
    ("appliedToItemId", APPLIED_TO),
    ("numberOfDeliveries", DELIVERIES),
)
CREDIT_MEMO_ITEM: Layout = (
    ("amount", TOTAL),
    ("amountWithoutTax", AMOUNT),
    ("appliedToItemId", APPLIED_TO),
    ("chargeDate", lambda answer, _: quoted(answer.charge_date)),
    ("chargeNumber", lambda _, facts: quoted(facts.charge_number)),
    ("chargeType", lambda _, facts: quoted(facts.charge_type)),
    ("comment", lambda _, facts: quoted(facts.charge_description)),
    ("id", ID),
    ("numberOfDeliveries", DELIVERIES),
    ("processingType", lambda _, facts: quoted(facts.processing_type)),
    ("quantity", QUANTITY),
    ("ratePlanChargeId", lambda answer, facts: quoted(answer.shown_id(facts, facts.rate_plan_charge_id))),
    ("serviceEndDate", END),
    ("serviceStartDate", START),
    ("sku", lambda _, facts: quoted(facts.product_sku)),
    ("skuName", NAME),
    ("subscriptionId", lambda answer, facts: quoted(answer.shown_id(facts, facts.subscription_id))),
    ("subscriptionNumber", lambda _, facts: quoted(facts.subscription_number)),
    ("unitOfMeasure", lambda _, facts: quoted(facts.unit_of_measure)),
)
BILLING_PREVIEW = Surface(
    invoice_item=INVOICE_ITEM,
    credit_memo_item=CREDIT_MEMO_ITEM,
    charge_date=instant_text,
    closing=',"success":true}',
)
