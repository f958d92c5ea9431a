"""Fixed-amount discounts as coupons, and the overlap that enhanced (partial) discounts are measured by.

A fixed-amount discount has a balance per period of its own billing grid; items that start in the period use it up,
and what is left lapses. Sources: "Discount balance", "Apply discount to past billing periods", "Enhanced discount use
cases", "Applying enhanced discount to one-time charges", "Fixed amount model and percentage model" (a stub's coupon
is prorated).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

from soapsvc.engine.discount_scope import Discount
from soapsvc.engine.enums import ChargeModel
from soapsvc.engine.errors import RatingError
from soapsvc.engine.model import ZERO
from soapsvc.engine.proration import DaysInMonth, Piece, factor, month_fraction


class Coupons:
    """What fixed-amount discounts still have to give, per discount and period."""

    def __init__(self) -> None:
        self._used: dict[tuple[int, date], Decimal] = {}

    def available(self, discount: Discount, start: date, end: date, one_time: bool) -> Fraction:
        """What the discount can take off an item of service `[start, end)`, before the item's own limit.

        Classic: the balance of the one period in which the item starts. Enhanced: the sum over the periods that it
        overlaps, each by the fraction covered.
        """
        value = discount.charge.discount_amount
        if value is None:
            raise RatingError("MISSING_VALUE", "A fixed-amount discount needs discountAmount.", "discountAmount")
        if discount.charge.apply_to_billing_period_partially:
            return Fraction(value) * self._covered(discount, start, end, one_time)
        balance = Fraction(value) * _opened(discount, start, end)
        return max(balance - Fraction(self._used.get(self._key(discount, start), ZERO)), Fraction(0))

    def consume(self, discount: Discount, start: date, amount: Decimal) -> None:
        """Notes that an item starting on `start` used `amount` of the period's balance."""
        if not discount.charge.apply_to_billing_period_partially:
            key = self._key(discount, start)
            self._used[key] = self._used.get(key, ZERO) + amount

    def _key(self, discount: Discount, start: date) -> tuple[int, date]:
        return id(discount), _period(discount, start)[0]

    @staticmethod
    def _covered(discount: Discount, start: date, end: date, one_time: bool) -> Fraction:
        window_start, window_end = enhanced_window(discount, start, end, one_time)
        if one_time:
            period_start, period_end = _period(discount, start)
            window_end = min(discount.end, period_end)
        share = Fraction(0)
        day = window_start
        while day < window_end:
            period_start, period_end = _period(discount, day)
            piece_end = min(period_end, window_end)
            if discount.billing.months:
                months = discount.billing.grid.month_starts(period_start, period_end)
                share += month_fraction(months, day, piece_end, DaysInMonth.USE_ACTUAL_DAYS) / discount.billing.months
            else:
                share += Fraction((piece_end - day).days, (period_end - period_start).days)
            day = piece_end
        return share


def _period(discount: Discount, day: date) -> tuple[date, date]:
    return discount.billing.grid.holding(day)


def _opened(discount: Discount, start: date, end: date) -> Fraction:
    """The share of a full balance that a period opens with: a stub at the discount's start or end is prorated.

    At its end only where the item ends with it; an item that runs on finds the whole balance ("Enhanced discount use
    cases", the tables without the option).
    """
    period_start, period_end = _period(discount, start)
    opened = max(period_start, discount.start)
    closed = discount.end if end <= discount.end < period_end else period_end
    return factor(Piece(opened, closed, period_start, period_end), discount.billing, discount.rules)


def enhanced_window(discount: Discount, start: date, end: date, one_time: bool) -> tuple[date, date]:
    """The service dates of the discount's item: the overlap when enhanced, else those of the reduced item."""
    if not discount.charge.apply_to_billing_period_partially or one_time:
        return start, end
    return max(start, discount.start), min(end, discount.end)


def month_share(discount: Discount, start: date, end: date, overlap_start: date, overlap_end: date) -> Fraction:
    """The part of an item that an enhanced percentage discount covers, months first; 1 for a classic one."""
    if discount.model is not ChargeModel.DISCOUNT_PERCENTAGE or (overlap_start, overlap_end) == (start, end):
        return Fraction(1)
    grid = discount.billing.grid
    first, last = grid.index(start), grid.index(end)
    months = [
        day for index in range(first, last + 1) for day in grid.month_starts(*grid.holding(grid.boundary(index)))[:-1]
    ]
    months.append(grid.boundary(last + 1))
    if len(months) < 2 or not discount.billing.months:
        return Fraction((overlap_end - overlap_start).days, (end - start).days)
    whole = month_fraction(months, start, end, DaysInMonth.USE_ACTUAL_DAYS)
    return month_fraction(months, overlap_start, overlap_end, DaysInMonth.USE_ACTUAL_DAYS) / whole
