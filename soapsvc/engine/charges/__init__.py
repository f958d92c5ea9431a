"""The items of one charge: what is due and not billed yet, at rounded amounts, and the credits.

The room joins the rooms below: service periods of `schedule`, fees of `pricing`, amounts of `usage`. It offers the rows
of one-time, recurring and usage charges, before discounts, tax and credit memo rules.

Read `preview_context` (what all charges share, such as the bill cycle day that an account has or gets) and `item_rows`
(the result, with the names of items and their endings such as " -- Proration Credit"); `one_time_items`; `recurring` (a
room of its own: grids, prices, credits); `billed_items` (what was billed before); `usage_items` with `usage_periods`
(which are due) and `bill_day_change`; `invariants` (checks of every preview).
"""

from soapsvc.engine.charges.billed_items import billed_before
from soapsvc.engine.charges.invariants import check, overlap
from soapsvc.engine.charges.item_rows import ChargeRows, CreditBasis, RatedItems, RatedRows, Rows, UsageRead, facts_of
from soapsvc.engine.charges.one_time_items import one_time_rows
from soapsvc.engine.charges.preview_context import AccountContext, Context, account_context, auto_set_bill_cycle_day
from soapsvc.engine.charges.recurring import CreditMethod, due_periods_on_grids, grids_of, recurring_charge_rows
from soapsvc.engine.charges.usage_items import billed_usage_rows, usage_rows

__all__ = [
    "AccountContext",
    "ChargeRows",
    "Context",
    "CreditBasis",
    "CreditMethod",
    "RatedItems",
    "RatedRows",
    "Rows",
    "UsageRead",
    "account_context",
    "auto_set_bill_cycle_day",
    "billed_before",
    "billed_usage_rows",
    "check",
    "due_periods_on_grids",
    "facts_of",
    "grids_of",
    "one_time_rows",
    "overlap",
    "recurring_charge_rows",
    "usage_rows",
]
