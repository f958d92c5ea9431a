"""An account's draft invoices and credit memos with their items, under the names that the import reads."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from soapsvc.tenant.reading import Document, first
from soapsvc.vendor.errors import Refused
from soapsvc.vendor.fetching.selection import quoted
from soapsvc.vendor.paging import Ask, pages, queried

_INVOICES = (
    "select Id, AccountId, InvoiceNumber, InvoiceDate, TargetDate, Status, Amount from Invoice "
    "where Status = 'Draft' and AccountId = "
)
_ITEMS = (
    "select Id, AppliedToInvoiceItemId, ChargeAmount, ChargeDate, ChargeName, ChargeNumber, ChargeType, "
    "ProcessingType, ProductName, Quantity, RatePlanChargeId, ServiceStartDate, ServiceEndDate, SKU, SubscriptionId, "
    "SubscriptionNumber, TaxAmount, TaxCode, TaxMode, UnitPrice, UOM from InvoiceItem where InvoiceId = "
)
_MEMOS = "/v1/credit-memos"


def read_drafts(ask: Ask, account: str) -> Sequence[Document]:
    """The drafts of the account with that id. Without Invoice Settlement there are no memos. Raises VendorError."""
    return [*_invoices(ask, account), *_memos(ask, account)]


def _invoices(ask: Ask, account: str) -> Sequence[Document]:
    found = []
    for invoice in queried(ask, f"{_INVOICES}{quoted(account)}"):
        items = [_lowered(item) for item in queried(ask, f"{_ITEMS}{quoted(first(invoice, 'Id') or '')}")]
        found.append({**_lowered(invoice), "invoiceItems": items})
    return found


def _memos(ask: Ask, account: str) -> Sequence[Document]:
    query = (("accountId", account), ("status", "Draft"), ("pageSize", "40"))
    try:
        memos = list(pages(ask, _MEMOS, query, "creditmemos"))
    except Refused:
        return []
    found = []
    for memo in memos:
        path = f"{_MEMOS}/{quote(first(memo, 'id') or '', safe='')}/items"
        items = list(pages(ask, path, (("pageSize", "40"),), "items"))
        found.append({**memo, "accountId": account, "creditMemoItems": items})
    return found


def _lowered(record: Document) -> dict[str, object]:
    """A record whose SOAP names are spelled as in v1."""
    return {name[:1].lower() + name[1:]: value for name, value in record.items()}
