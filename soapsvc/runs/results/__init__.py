"""The results of a run: the items of an account as rows, stored in the database, compared with another run's.

Read `account_items`, `text_rows`, `stored`, `compare`.
"""

from soapsvc.runs.results.account_items import CREDIT_MEMO_ITEM, INVOICE_ITEM, AccountItems
from soapsvc.runs.results.compare import Difference, DifferenceType, differences
from soapsvc.runs.results.stored import (
    DIFFERENCE_FIELDS,
    FAILED_ACCOUNTS,
    ITEM_DIFFERENCES,
    ITEMS,
    Kind,
    all_items,
    find_results,
    items_in_range,
)
from soapsvc.runs.results.text_rows import Row, item_rows

__all__ = [
    "CREDIT_MEMO_ITEM",
    "DIFFERENCE_FIELDS",
    "FAILED_ACCOUNTS",
    "INVOICE_ITEM",
    "ITEMS",
    "ITEM_DIFFERENCES",
    "AccountItems",
    "Difference",
    "DifferenceType",
    "Kind",
    "Row",
    "all_items",
    "differences",
    "find_results",
    "item_rows",
    "items_in_range",
]
