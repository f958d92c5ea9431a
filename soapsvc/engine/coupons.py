"""Fixed-amount discounts as coupons, and the overlap that enhanced (partial) discounts are measured by.

A fixed-amount discount has a balance per period of its own billing grid; items that start in the period use it up,
and what is left lapses. An enhanced one gives each item the part of every period's amount that the item covers.
Sources: "Discount balance", "Apply discount to past billing periods", "Enhanced discount use cases", "Applying enhanced
discount to one-time charges", "Fixed amount model and percentage model" (a stub's coupon is prorated).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from soapsvc.engine.calendar import add_months
from soapsvc.engine.discount_scope import Discount
from soapsvc.engine.errors import RatingError
from soapsvc.engine.exact import exact
from soapsvc.engine.proration import DaysInMonth, Piece, factor, month_fraction

_ZERO = Fraction(0)
_ACTUAL = DaysInMonth.USE_ACTUAL_DAYS


class Service(NamedTuple):
    """The service period `[start, end)` of an item that is discounted; a one-time item is due on `start` alone."""

    start: date
    end: date
    one_time: bool = False


@dataclass(frozen=True, slots=True)
class _Claim:
    """What an item may take from the discount's period that starts on `period`, of the `balance` that it opens with."""

    period: date
    balance: Fraction
    most: Fraction


class Coupons:
    """What fixed-amount discounts still have to give, per discount and period."""

    def __init__(self) -> None:
        self._used: dict[tuple[int, date], Fraction] = {}

    def available(self, discount: Discount, item: Service) -> Fraction:
        """What the discount can take off an item, before the item's own limit."""
        return sum((limit for _, limit in self._limits(discount, item)), _ZERO)

    def consume(self, discount: Discount, item: Service, amount: Decimal) -> None:
        """Notes that an item used `amount`, of its earliest period first."""
        rest = Fraction(amount)
        for key, limit in self._limits(discount, item):
            step = min(rest, limit)
            self._used[key] = self._used.get(key, _ZERO) + step
            rest -= step

    def give_back(self, discount: Discount, item: Service, amount: Decimal) -> None:
        """Notes that `amount` of what an item used has come back."""
        rest = Fraction(amount)
        for claim in _claims(discount, item):
            key = _key(discount, claim)
            step = min(rest, self._used.get(key, _ZERO))
            self._used[key] = self._used.get(key, _ZERO) - step
            rest -= step

    def _limits(self, discount: Discount, item: Service) -> list[tuple[tuple[int, date], Fraction]]:
        limits = []
        for claim in _claims(discount, item):
            key = _key(discount, claim)
            left = claim.balance - self._used.get(key, _ZERO)
            limits.append((key, max(min(claim.most, left), _ZERO)))
        return limits


def _key(discount: Discount, claim: _Claim) -> tuple[int, date]:
    return id(discount.charge), claim.period


def _claims(discount: Discount, item: Service) -> Iterator[_Claim]:
    """Classic: the one period in which the item starts. Enhanced: all periods that it overlaps, as far as it does."""
    value = discount.charge.discount_amount
    if value is None:
        raise RatingError("MISSING_VALUE", "A fixed-amount discount needs discountAmount.", "discountAmount")
    amount = exact(value, "discountAmount")
    if not discount.enhanced:
        balance = amount * _opened(discount, item)
        yield _Claim(discount.period(item.start)[0], balance, balance)
    elif item.one_time:
        share = _one_time_share(discount, item.start)
        yield _Claim(item.start, amount, amount * share)
    else:
        window = enhanced_window(discount, item)
        day = window.start
        while day < window.end:
            period_start, period_end = discount.period(day)
            piece_end = min(period_end, window.end)
            opened, closed = max(period_start, discount.start), min(period_end, discount.end)
            balance = amount * _share(discount, (period_start, period_end), opened, closed)
            yield _Claim(period_start, balance, amount * _share(discount, (period_start, period_end), day, piece_end))
            day = piece_end


def _opened(discount: Discount, item: Service) -> Fraction:
    """The share of a full balance that a period opens with: a stub at the discount's start or end is prorated.

    At its end only where the item ends with it, or where the term does; another item that runs on finds the whole
    balance ("Enhanced discount use cases", the tables without the option).
    """
    period_start, period_end = discount.period(item.start)
    opened = max(period_start, discount.start)
    ends = item.end <= discount.end or discount.runs_out
    closed = min(discount.end, period_end) if ends else period_end
    return factor(Piece(opened, closed, period_start, period_end), discount.billing, discount.rules)


def _share(discount: Discount, period: tuple[date, date], start: date, end: date) -> Fraction:
    """The part of one of the discount's periods that `[start, end)` is, months first."""
    if not discount.billing.months:
        return Fraction((end - start).days, (period[1] - period[0]).days)
    months = discount.billing.grid.month_starts(*period)
    return month_fraction(months, start, end, _ACTUAL) / discount.billing.months


def _one_time_share(discount: Discount, day: date) -> Fraction:
    """The part of a period that the discount lasts from the day of a one-time charge on, at most a whole one."""
    months = discount.billing.months
    if not months:
        period_start, period_end = discount.period(day)
        return min(Fraction((discount.end - day).days, (period_end - period_start).days), Fraction(1))
    starts = [add_months(day, month) for month in range(months + 1)]
    return month_fraction(starts, day, min(discount.end, starts[-1]), _ACTUAL) / months


def enhanced_window(discount: Discount, item: Service) -> Service:
    """The service dates of the discount's item: the overlap when enhanced, else those of the reduced item.

    A percentage that ends with a term ends with the item that runs past it, which is of the same subscription unless
    the discount is the account's.
    """
    if not discount.enhanced or item.one_time:
        return item
    follows = discount.runs_out and not discount.fixed and discount.level != "account"
    return Service(max(item.start, discount.start), item.end if follows else min(item.end, discount.end))


def overlap_share(discount: Discount, item: Service, window: Service) -> Fraction:
    """The part of an item that the window of an enhanced percentage discount covers, months first."""
    if not discount.billing.months:
        return Fraction((window.end - window.start).days, (item.end - item.start).days)
    grid = discount.billing.grid
    first, last = grid.index(item.start), grid.index(item.end - timedelta(1))
    months = [day for index in range(first, last + 1) for day in grid.month_starts(*_full(discount, index))[:-1]]
    months.append(grid.boundary(last + 1))
    whole = month_fraction(months, item.start, item.end, _ACTUAL)
    return month_fraction(months, window.start, window.end, _ACTUAL) / whole


def _full(discount: Discount, index: int) -> tuple[date, date]:
    return discount.billing.grid.boundary(index), discount.billing.grid.boundary(index + 1)
