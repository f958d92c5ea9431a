"""The items of recurring charges: their grids, prices and credits.

Read `items` (the entry) with `billing_grids`, `price` (from a list price per month or year to the amount of a period,
in cents), `cached_charges` and `credits` (what is credited, and from which day on).
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
