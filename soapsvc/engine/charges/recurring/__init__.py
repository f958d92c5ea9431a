"""The items of recurring charges: their grids, prices, and what is given back.

Read `items` (the entry) with `billing_grids`, `price` (the price of a period from one told in months or years, to the
cent), `cached_charges` and `credits` (what comes back, and from which day on).
"""

from soapsvc.engine.charges.recurring.billing_grids import due_periods_on_grids, grid_on, grids_of
from soapsvc.engine.charges.recurring.credits import CreditMethod
from soapsvc.engine.charges.recurring.items import first_billed_day, recurring_charge_rows, segment_spans
from soapsvc.engine.charges.recurring.price import recurring_price, recurring_rows

__all__ = [
    "CreditMethod",
    "due_periods_on_grids",
    "first_billed_day",
    "grid_on",
    "grids_of",
    "recurring_charge_rows",
    "recurring_price",
    "recurring_rows",
    "segment_spans",
]
