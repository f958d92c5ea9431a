"""The items of one charge: what is due and not billed yet, at rounded amounts, and what comes back.

The room joins the rooms below: service periods of `schedule`, fees of `pricing`, amounts of `usage`. It offers the rows
of one-time, recurring and usage charges, before discounts, tax and credit memo rules.

Read `preview_context` (what all share), `item_rows` (the result); `recurring_items`, `recurring_price`, `rating_cache`
and `credits`; `usage_items`, `usage_periods` and `bill_day_change`; `invariants`.
"""

from soapsvc.engine.charges.credits import CreditMethod
from soapsvc.engine.charges.invariants import check, overlap
from soapsvc.engine.charges.item_rows import ChargeRows, CreditBasis, Rows, facts_of
from soapsvc.engine.charges.preview_context import AccountContext, Context, account_context, auto_set_bill_cycle_day
from soapsvc.engine.charges.recurring_items import (
    billed_before,
    billings_of,
    cut_on_grids,
    one_time_rows,
    recurring_charge_rows,
)
from soapsvc.engine.charges.usage_items import billed_usage_rows, usage_rows

__all__ = [
    "AccountContext",
    "ChargeRows",
    "Context",
    "CreditBasis",
    "CreditMethod",
    "Rows",
    "account_context",
    "auto_set_bill_cycle_day",
    "billed_before",
    "billed_usage_rows",
    "billings_of",
    "check",
    "cut_on_grids",
    "facts_of",
    "one_time_rows",
    "overlap",
    "recurring_charge_rows",
    "usage_rows",
]
