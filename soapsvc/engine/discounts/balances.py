"""The balances of fixed-amount discounts, and the overlap that enhanced (partial) discounts are measured by.

A fixed-amount discount has a balance per period of its own billing grid; items that start in the period use it up,
and the rest lapses. An enhanced one has no balance: it gives each item of its one charge the part of every period's
amount that the item covers. Sources: "Discount balance", "Apply discount to past billing periods",
"Enhanced discount use cases", "Applying enhanced discount to one-time charges", "Fixed amount model and percentage
model" (a stub's amount is prorated).
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from soapsvc.engine.account import DiscountLevel
from soapsvc.engine.discounts.scope import Discount, SegmentKey
from soapsvc.engine.errors import RatingError
from soapsvc.engine.money import exact
from soapsvc.engine.schedule import DaysInMonth, Piece, add_months, factor, month_fraction

_ZERO = Fraction(0)
_ACTUAL = DaysInMonth.USE_ACTUAL_DAYS


class Service(NamedTuple):
    """The service period `[start, end)` of an item that is discounted; a one-time item is due on `start` alone."""

    start: date
    end: date
    one_time: bool = False


class DiscountBalances:
    """The unused balances of fixed-amount discounts, per discount and period."""

    def __init__(self) -> None:
        self._used: dict[tuple[SegmentKey, date], Fraction] = {}

    def left(self, discount: Discount, day: date) -> Fraction:
        """The unused balance of the discount's period that holds `day`."""
        period = discount.period(day)
        used = self._used.get((discount.key, period[0]), _ZERO)
        return max(_balance(discount, period) - used, _ZERO)

    def consume(self, discount: Discount, day: date, amount: Decimal) -> None:
        """Deducts the `amount` that an item starting on `day` used."""
        self._use(discount, day, Fraction(amount))

    def give_back(self, discount: Discount, day: date, amount: Decimal) -> None:
        """Restores `amount`, which was credited to an item that starts on `day`."""
        self._use(discount, day, -Fraction(amount))

    def _use(self, discount: Discount, day: date, amount: Fraction) -> None:
        key = discount.key, discount.period(day)[0]
        self._used[key] = max(self._used.get(key, _ZERO) + amount, _ZERO)

    def remember(self, discount: Discount) -> None:
        """Deducts all recorded reductions of billed items by a discount."""
        for each in discount.charge.taken_off or ():
            if discount.start <= each.service_start < discount.billed_end:
                self.consume(discount, each.service_start, each.amount)

    def of_item(self, charge_id: str, start: date) -> DiscountBalances:
        """The balances for a billed item: a discount that records what it took off the item takes that amount again."""
        return _AsTaken(self, charge_id, start)


class _AsTaken(DiscountBalances):
    """Per discount: the amount recorded for one billed item; without a record, the unused balance."""

    def __init__(self, others: DiscountBalances, charge_id: str, start: date) -> None:
        super().__init__()
        self._others = others
        self._item = charge_id, start

    def left(self, discount: Discount, day: date) -> Fraction:
        taken = discount.charge.taken_off
        if taken is None:
            return self._others.left(discount, day)
        return sum(
            (Fraction(each.amount) for each in taken if (each.charge_id, each.service_start) == self._item), _ZERO
        )

    def consume(self, discount: Discount, day: date, amount: Decimal) -> None:
        if discount.charge.taken_off is None:
            self._others.consume(discount, day, amount)


def _balance(discount: Discount, period: tuple[date, date]) -> Fraction:
    """The opening balance of a period of the discount; a stub at the discount's start or end is prorated."""
    opened, closed = max(period[0], discount.start), min(period[1], discount.end)
    return _amount(discount) * factor(Piece(opened, closed, *period), discount.billing_grid, discount.rules)


def _amount(discount: Discount) -> Fraction:
    """The amount of a whole period of a fixed-amount discount. Raises RatingError for a missing or negative one."""
    value = discount.charge.discount_amount
    if value is None:
        raise RatingError("MISSING_VALUE", "A fixed-amount discount needs discountAmount.", "discountAmount")
    return taken_off(value, "discountAmount")


def taken_off(value: Decimal, field: str) -> Fraction:
    """The exact amount or percentage that a discount takes off. Raises RatingError BAD_VALUE for a negative one."""
    found = exact(value, field)
    if found < 0:
        message = f"{field} is {value}, but a discount must be 0 or more; for a surcharge add a charge."
        raise RatingError("BAD_VALUE", message, field)
    return found


def enhanced_amount(discount: Discount, item: Service) -> Fraction:
    """The reduction of an item by an enhanced fixed amount: of each of its periods, the share that the item covers."""
    amount = _amount(discount)
    if item.one_time:
        return amount * _one_time_share(discount, item.start)
    window = enhanced_window(discount, item)
    total, day = _ZERO, window.start
    while day < window.end:
        period = discount.period(day)
        piece_end = min(period[1], window.end)
        total += amount * _share(discount, period, day, piece_end)
        day = piece_end
    return total


def _share(discount: Discount, period: tuple[date, date], start: date, end: date) -> Fraction:
    """The share of one of the discount's periods that `[start, end)` covers, counted in whole months first."""
    if not discount.billing_grid.months:
        return Fraction((end - start).days, (period[1] - period[0]).days)
    months = discount.billing_grid.grid.month_starts(*period)
    return month_fraction(months, start, end, _ACTUAL) / discount.billing_grid.months


def _one_time_share(discount: Discount, day: date) -> Fraction:
    """The share of the discount's period that holds the day of a one-time charge; 1 for the first period.

    On the page, a discount of 5 a month that lasts a month from the charge's day on takes off all of the 5, whatever
    the bill day. So where the discount starts within the period, the period counts from that start.
    """
    period = discount.period(day)
    opened = max(period[0], discount.start)
    months = discount.billing_grid.months
    if not months:
        return min(Fraction((discount.end - opened).days, (period[1] - period[0]).days), Fraction(1))
    starts = [add_months(opened, month) for month in range(months + 1)]
    return month_fraction(starts, opened, min(discount.end, starts[-1]), _ACTUAL) / months


def enhanced_window(discount: Discount, item: Service) -> Service:
    """The service dates of the discount's item: the overlap when enhanced, else those of the reduced item.

    A percentage of the rate plan or subscription that ends with a term covers an item that runs past the term to the
    item's end. A percentage of the account stops with the term.
    """
    if not discount.enhanced or item.one_time:
        return item
    follows = discount.bills_past_term_end and not discount.fixed and discount.level is not DiscountLevel.ACCOUNT
    return Service(max(item.start, discount.start), min(item.end, discount.latest if follows else discount.end))


def overlap_share(discount: Discount, item: Service, window: Service) -> Fraction:
    """The share of an item that the window of an enhanced percentage covers, counted in whole months first."""
    if not discount.billing_grid.months:
        return Fraction((window.end - window.start).days, (item.end - item.start).days)
    grid = discount.billing_grid.grid
    first, last = grid.index(item.start), grid.index(item.end - timedelta(1))
    months = [day for index in range(first, last + 1) for day in grid.month_starts(*_full(discount, index))[:-1]]
    months.append(grid.boundary(last + 1))
    whole = month_fraction(months, item.start, item.end, _ACTUAL)
    return month_fraction(months, window.start, window.end, _ACTUAL) / whole


def _full(discount: Discount, index: int) -> tuple[date, date]:
    return discount.billing_grid.grid.boundary(index), discount.billing_grid.grid.boundary(index + 1)
