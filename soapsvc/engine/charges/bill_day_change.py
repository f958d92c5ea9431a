"""The open period of an on-demand charge after the account's bill cycle day has changed.

    bill cycle day 20, billed on demand to Jan 18
                   Dec 20                        Jan 18   Jan 20   Jan 25       Feb 15
    day now 15       |---- open period, billed --------|----|------- period -------|
    day now 25       |---- open period, billed --------|----|- stub -|-- period …
    day now 18, 19   the open period ends on that day

A change never moves the start of a period into billed time: the open period keeps its start. It keeps its end too,
unless the new day lies between the charged-through date and that end. Source: "Changing bill cycle day" (on-demand
rating).
"""

from __future__ import annotations

from datetime import date, timedelta

from soapsvc.engine.account import Charge, decimal_at, squeeze
from soapsvc.engine.charges.preview_context import Context
from soapsvc.engine.charges.usage_periods import Billings, period_start
from soapsvc.engine.errors import RatingError
from soapsvc.engine.result import Note
from soapsvc.engine.schedule import BillingGrid, ListGrid, billing_grid_of, start_of
from soapsvc.engine.usage import is_on_demand

_DAY = timedelta(1)
_FIELD = "formerBillCycleDay"


def with_open_period(charge: Charge, grids: Billings, context: Context) -> tuple[Billings, Note | None]:
    """The grids of a usage charge, with the period that was open when the account's bill cycle day changed.

    The account's field `formerBillCycleDay` is ours: the bill cycle day before the change, which no field of the vendor
    holds. Where it is blank and the charge was billed within a period, a note says so. Raises RatingError BAD_NUMBER or
    INVALID_BILL_CYCLE_DAY for that field.
    """
    through, start = charge.charged_through_date, start_of(charge)
    if through is None or through <= start or not is_on_demand(charge) or not _is_by_account(charge, grids):
        return grids, None
    former = _former_day(context)
    if former == context.shared.bill_cycle_day:
        return grids, None
    if former is None:
        within = period_start(grids, start, through) < through
        return grids, _unknown(charge, through, context) if within else None
    old = billing_grid_of(charge, context.subscription, former, *context.current_term)
    opened, closes = old.grid.holding(through)
    ends = min(_boundary_from(grids, max(through, opened + _DAY)), closes)
    found = [(opened, BillingGrid(ListGrid([opened, ends]), old.months, 0)), (ends, _holding(grids, ends))]
    if start < opened:
        found.insert(0, (start, old))
    return [*found, *(each for each in grids if each[0] > ends)], None


def _is_by_account(charge: Charge, grids: Billings) -> bool:
    """Whether the charge takes its bill day from the account."""
    by_account = squeeze(charge.billing_day or "DefaultFromCustomer") == "defaultfromcustomer"
    return by_account and grids[0][1].months > 0


def _former_day(context: Context) -> int | None:
    day = decimal_at(context.shared.account, _FIELD)
    if day is None:
        return None
    if day not in range(1, 32):
        raise RatingError("INVALID_BILL_CYCLE_DAY", f"{_FIELD} is {day}; a bill day must be 1 to 31.", _FIELD)
    return int(day)


def _holding(grids: Billings, day: date) -> BillingGrid:
    return [billing_grid for since, billing_grid in grids if since <= day or since == grids[0][0]][-1]


def _boundary_from(grids: Billings, day: date) -> date:
    """The first boundary, on or after a day, of the grid that holds now."""
    grid = _holding(grids, day).grid
    return grid.boundary(grid.index(day - _DAY) + 1)


def _unknown(charge: Charge, through: date, context: Context) -> Note:
    text = (
        f"Charge {charge.number} was billed on demand to {through}, within a billing period. It is assumed that the"
        f" bill cycle day has not changed since that period began. If it has, give the account's {_FIELD}."
    )
    return Note("warning", "FORMER_BILL_DAY_UNKNOWN", text, context.subscription.subscription_number, charge.number)
