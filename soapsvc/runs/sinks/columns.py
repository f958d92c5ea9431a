"""The columns of result files and their names.

Source: "Field descriptions of the CSV output file"; the columns of credit memo items, and the second spelling of the
header, are those that a public connector declares for these files.
"""

from __future__ import annotations

from soapsvc.runs.definition import ITEM_FIELDS, Header

INVOICE_COLUMNS = 15
"""The columns of a tenant without Invoice Settlement; a tenant with it has all columns."""

FAILURE_COLUMNS = (
    "Account: ID",
    "Account: Number",
    "Error: Code",
    "Error: Message",
    "Error: Field",
    "Subscription: Number",
    "Rate Plan Charge: Number",
)
_NAMES = {
    "account_id": "Account: ID",
    "rate_plan_charge_id": "Rate Plan Charge: ID",
    "invoice_item_charge_amount": "Invoice Item: Charge Amount",
    "invoice_item_processing_type": "Invoice Item: Processing Type",
    "invoice_item_service_start_date": "Invoice Item: Service Start Date",
    "invoice_item_service_end_date": "Invoice Item: Service End Date",
    "invoice_item_charge_date": "Invoice Item: Charge Date",
    "invoice_item_id": "Invoice Item: ID",
    "subscription_id": "Subscription: SubscriptionId",
    "applied_to_invoice_item_id": "Invoice Item: AppliedToInvoiceItemId",
    "invoice_item_quantity": "Invoice Item: Quantity",
    "invoice_item_uom": "Invoice Item: UOM",
    "invoice_item_charge_type": "Invoice Item: ChargeType",
    "subscription_number": "Invoice Item: SubscriptionNumber",
    "rate_plan_charge_number": "Invoice Item: ChargeNumber",
    "legal_document_item_type": "Legal Document Item: Type",
    "credit_memo_item_id": "Credit Memo Item: ID",
    "credit_memo_item_amount": "Credit Memo Item: Amount",
    "credit_memo_item_description": "Credit Memo Item: Description",
    "credit_memo_item_sku": "Credit Memo Item: Sku",
    "credit_memo_item_sku_name": "Credit Memo Item: SkuName",
    "credit_memo_item_service_start_date": "Credit Memo Item: Service Start Date",
    "credit_memo_item_service_end_date": "Credit Memo Item: Service End Date",
    "credit_memo_item_quantity": "Credit Memo Item: Quantity",
    "credit_memo_item_uom": "Credit Memo Item: UOM",
}
_CONNECTOR_NAMES = {
    **_NAMES,
    "rate_plan_charge_id": "Rate Plan Charge: Id",
    "invoice_item_id": "Invoice Item: Id",
    "subscription_number": "Subscription: Subscription Number",
    "rate_plan_charge_number": "Rate Plan Charge: Charge Number",
}


def item_fields(credit_memos: bool) -> tuple[str, ...]:
    """The fields of a file of items, in order."""
    return ITEM_FIELDS if credit_memos else ITEM_FIELDS[:INVOICE_COLUMNS]


def item_columns(header: Header, credit_memos: bool) -> tuple[str, ...]:
    """The names of the same columns, in the chosen spelling."""
    names = _CONNECTOR_NAMES if header is Header.CONNECTOR else _NAMES
    return tuple(names[field] for field in item_fields(credit_memos))
