"""Documents: tax within prices, invoices and credit memos, currencies, drafts, and why a preview is empty.

The room turns rated and discounted items into what an invoice or credit memo shows.

Read `blocks` (what is shown) and `tax`; `currencies` (which an account is billed in); `document_groups` (which
subscriptions share an invoice) and `credit_memos`; `invoices` and `draft_items` (for code that shows a result);
`reasons` (why a preview is empty: excluded, billed already, not begun, ended).
"""

from soapsvc.engine.documents.blocks import block_of
from soapsvc.engine.documents.credit_memos import divided
from soapsvc.engine.documents.currencies import by_currency, currency_warning
from soapsvc.engine.documents.draft_items import draft_series
from soapsvc.engine.documents.invoices import (
    BilledDocument,
    UpcomingInvoice,
    billed_documents,
    billed_on,
    upcoming_credit_memos,
    upcoming_invoices,
)
from soapsvc.engine.documents.reasons import reasons_for_nothing
from soapsvc.engine.documents.tax import TaxInclusiveRounding

__all__ = [
    "BilledDocument",
    "TaxInclusiveRounding",
    "UpcomingInvoice",
    "billed_documents",
    "billed_on",
    "block_of",
    "by_currency",
    "currency_warning",
    "divided",
    "draft_series",
    "reasons_for_nothing",
    "upcoming_credit_memos",
    "upcoming_invoices",
]
