"""The answer of Quickstart's `POST /accounts/{account_id}/preview` as JSON ("Preview an account")."""

from __future__ import annotations

import re
from datetime import datetime

from soapsvc.rest.previews.answers import Surface
from soapsvc.rest.previews.item_rows import (
    AMOUNT,
    APPLIED_TO,
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

CHARGE_TYPES = {"OneTime": "one_time", "Recurring": "recurring", "Usage": "usage"}
_PROCESSING_TYPES = {
    "Charge": "subscription_item",
    "Discount": "discount",
    "Prepayment": "prepayment",
    "Tax": "tax",
}
_CAPITAL = re.compile("[A-Z]")

INVOICE_ITEM: Layout = (
    ("id", ID),
    ("amount", AMOUNT),
    ("applied_to_item_id", APPLIED_TO),
    ("charge_type", lambda _, facts: quoted(CHARGE_TYPES.get(facts.charge_type, facts.charge_type))),
    ("document_date", lambda answer, _: quoted(answer.charge_date[:10])),
    ("processing_type", lambda _, facts: quoted(_PROCESSING_TYPES.get(facts.processing_type, facts.processing_type))),
    ("quantity", QUANTITY),
    ("subscription_item_description", fact("charge_description")),
    ("subscription_item_id", fact("charge_id")),
    ("subscription_item_name", NAME),
    ("subscription_item_number", fact("charge_number")),
    ("product_name", fact("product_name")),
    ("service_start_date", START),
    ("service_end_date", END),
    ("subscription_id", own_id("subscription_id")),
    ("subscription_number", fact("subscription_number")),
    ("subscription_name", fact("subscription_number")),
    ("tax", TAX),
    ("unit_of_measure", fact("unit_of_measure")),
)
CREDIT_MEMO_ITEM: Layout = (
    ("id", ID),
    ("amount", TOTAL),
    ("subtotal", AMOUNT),
    ("applied_to_item_id", APPLIED_TO),
    ("document_item_date", lambda answer, _: quoted(answer.charge_date)),
    ("document_item_number", lambda _answer, _facts: "null"),  # the number is that of a document, and there is none yet
    ("charge_type", lambda _, facts: quoted(CHARGE_TYPES.get(facts.charge_type, facts.charge_type))),
    ("description", fact("charge_description")),
    ("processing_type", lambda _, facts: quoted(_PROCESSING_TYPES.get(facts.processing_type, facts.processing_type))),
    ("quantity", QUANTITY),
    ("subscription_item_id", fact("charge_id")),
    ("service_start_date", START),
    ("service_end_date", END),
    ("sku", fact("product_sku")),
    ("sku_name", NAME),
    ("subscription_id", own_id("subscription_id")),
    ("subscription_number", fact("subscription_number")),
    ("unit_of_measure", fact("unit_of_measure")),
)


def snake_case(name: str) -> str:
    """A v1 name as Quickstart spells it."""
    return _CAPITAL.sub(lambda match: f"_{match[0].lower()}", name)


def _instant(as_of: datetime) -> str:
    return as_of.isoformat(timespec="seconds")


ACCOUNT_PREVIEW = Surface(
    invoice_item=INVOICE_ITEM,
    credit_memo_item=CREDIT_MEMO_ITEM,
    charge_date=_instant,
    closing="}",
    spell=snake_case,
)
