"""Billing periods of a charge: their length, the grid they lie on, and the pieces that a span of time is cut into.

Sources: "Billing periods customization", "Date attributes for product rate plan charges" (alignment),
"RatePlanCharge" (bill day), observed previews: periods.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from soapsvc.engine.account import (
    BillingPeriod,
    BillingPeriodAlignment,
    BillingTiming,
    Charge,
    ChargeType,
    Subscription,
    is_true_up,
    parse,
    parse_or,
    squeeze,
)
from soapsvc.engine.errors import RatingError
from soapsvc.engine.schedule.calendar import (
    FIRST_DATE,
    FOREVER,
    MONTHS,
    DayGrid,
    Grid,
    MonthGrid,
    first_bill_day,
    first_weekday,
)

_MONTHS: Mapping[BillingPeriod, int] = MappingProxyType(
    {
        BillingPeriod.MONTH: 1,
        BillingPeriod.QUARTER: 3,
        BillingPeriod.SEMI_ANNUAL: 6,
        BillingPeriod.ANNUAL: 12,
        BillingPeriod.EIGHTEEN_MONTHS: 18,
        BillingPeriod.TWO_YEARS: 24,
        BillingPeriod.THREE_YEARS: 36,
        BillingPeriod.FIVE_YEARS: 60,
    }
)
_DAYS: Mapping[BillingPeriod, int] = MappingProxyType({BillingPeriod.WEEK: 7})
_SPECIFIC_DAYS: Mapping[BillingPeriod, int] = MappingProxyType(
    {BillingPeriod.SPECIFIC_WEEKS: 7, BillingPeriod.SPECIFIC_DAYS: 1}
)
_TERM = squeeze(BillingPeriod.SUBSCRIPTION_TERM)
_RECURRING, _USAGE = squeeze(ChargeType.RECURRING), squeeze(ChargeType.USAGE)
_MOST_DAYS = (FOREVER - FIRST_DATE).days
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ONES = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
_TEENS = (
    *("tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth"),
    *("sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth"),
)
_ORDINALS: Mapping[str, int] = MappingProxyType(
    {
        **{word: day for day, word in enumerate((*_ONES, *_TEENS), start=1)},
        **{f"twenty{word}": day for day, word in enumerate(_ONES, start=21)},
        "thirtieth": 30,
        "thirtyfirst": 31,
        "last": 31,
        "end": 31,
        "endofmonth": 31,
    }
)


def is_billed_by_terms(charge: Charge) -> bool:
    """True for a charge whose periods are the terms of its subscription (Subscription_Term)."""
    return squeeze(charge.billing_period or "") == _TERM


def period_months(period: BillingPeriod, specific: int | None) -> int:
    """The length of a period in months; 0 for periods counted in days and for Subscription_Term.

    Raises RatingError when a specific period lacks its `specificBillingPeriod`.
    """
    if period is BillingPeriod.SPECIFIC_MONTHS:
        return _specific(specific, MONTHS)
    return _MONTHS.get(period, 0)


def period_days(period: BillingPeriod, specific: int | None) -> int:
    """The length of a period in days; 0 for periods counted in months and for Subscription_Term."""
    if period in _SPECIFIC_DAYS:
        return _SPECIFIC_DAYS[period] * _specific(specific, _MOST_DAYS // _SPECIFIC_DAYS[period])
    return _DAYS.get(period, 0)


def _specific(specific: int | None, most: int) -> int:
    if specific is None or not 1 <= specific <= most:
        raise RatingError(
            "INVALID_PERIOD",
            f"specificBillingPeriod is {specific}, it must be 1 to {most}.",
            "specificBillingPeriod",
        )
    return specific


def trigger_date(charge: Charge) -> date:
    """The day on which the charge's first segment started: it anchors the grid of all segments.

    Where the account has only the last segment, it is that segment's trigger date, else its start.
    """
    first = charge.original_effective_start_date
    if first is None and (charge.segment or 1) > 1:
        first = charge.trigger_date
    return first or start_of(charge)


def start_of(charge: Charge) -> date:
    """The start of a segment. Raises RatingError MISSING_DATE without one."""
    if charge.effective_start_date is None:
        raise RatingError("MISSING_DATE", "The charge has no effectiveStartDate.", "effectiveStartDate")
    return charge.effective_start_date


def is_in_arrears(charge: Charge) -> bool:
    """True for a charge whose periods are due after their end: usage, true-ups, and recurring charges that say so."""
    kind = squeeze(charge.type)
    if kind != _RECURRING:
        return kind == _USAGE
    timing = parse_or(BillingTiming, charge.billing_timing, "billingTiming", BillingTiming.IN_ADVANCE)
    return timing is BillingTiming.IN_ARREARS or is_true_up(charge)


def bill_day(charge: Charge, subscription: Subscription, bill_cycle_day: int, term_start: date, term_end: date) -> int:
    """The bill day (1 to 31) of a charge that is billed in months. Raises RatingError for a spelling without a day."""
    kind = squeeze(charge.billing_day or "DefaultFromCustomer")
    if kind == "defaultfromcustomer":
        return _checked_day(bill_cycle_day, "billCycleDay")
    if kind == "chargetriggerday":
        return trigger_date(charge).day
    if kind == "subscriptionstartday":
        return _subscription_start(subscription).day
    if kind == "termstartday":
        return _known(term_start, "termStartDate").day
    if kind == "termendday":
        return _known(term_end, "termEndDate").day
    if kind.startswith("specificdayofmonth"):
        return _specific_day_of_month(charge.billing_day or "", kind.removeprefix("specificdayofmonth"))
    known = (
        "DefaultFromCustomer, ChargeTriggerDay, SubscriptionStartDay, TermStartDay, TermEndDay, SpecificDayofMonth/1"
    )
    message = f"billingDay is {charge.billing_day!r}, which is not known; values are such as {known}."
    raise RatingError("UNKNOWN_VALUE", message, "billingDay")


def _specific_day_of_month(text: str, ordinal: str) -> int:
    digits = re.search(r"\d+", ordinal)
    if digits:
        return _checked_day(int(digits.group()), "billingDay")
    word = ordinal.removesuffix("ofthemonth").removesuffix("day")
    if word in _ORDINALS:
        return _ORDINALS[word]
    raise RatingError("UNKNOWN_VALUE", f"billingDay is {text!r}, which names no day from 1 to 31.", "billingDay")


def _checked_day(day: int, field: str) -> int:
    if not 1 <= day <= 31:
        raise RatingError("INVALID_BILL_CYCLE_DAY", f"{field} is {day}; a bill day must be 1 to 31.", field)
    return day


def _weekday(charge: Charge, subscription: Subscription, base: date, term: tuple[date, date]) -> int:
    """The weekday of a charge that is billed in weeks: the one in `billingDay`, or that of the date it refers to."""
    kind = squeeze(charge.billing_day or "")
    if kind.startswith("specificdayofweek"):
        name = kind.removeprefix("specificdayofweek")
        for number, weekday in enumerate(_WEEKDAYS):
            if name and weekday.startswith(name[:3]):
                return number
        raise RatingError(
            "UNKNOWN_VALUE", f"billingDay is {charge.billing_day!r}, which names no day of the week.", "billingDay"
        )
    if kind == "chargetriggerday":
        return trigger_date(charge).weekday()
    if kind == "subscriptionstartday":
        return _subscription_start(subscription).weekday()
    if kind in ("termstartday", "termendday"):
        start, end = term
        return (_known(end, "termEndDate") if kind == "termendday" else _known(start, "termStartDate")).weekday()
    return base.weekday()


def _known(day: date, field: str) -> date:
    """The term date that anchors the grid. Raises RatingError MISSING_DATE where the term has none."""
    if day >= FOREVER:
        raise RatingError(
            "MISSING_DATE",
            f"The subscription has no {field}, but this charge's billing periods are aligned to it.",
            field,
        )
    return day


def _subscription_start(subscription: Subscription) -> date:
    start = subscription.subscription_start_date or subscription.contract_effective_date
    if start is None:
        raise RatingError("MISSING_DATE", "The subscription has no subscriptionStartDate.", "subscriptionStartDate")
    return start


class BillingGrid(NamedTuple):
    """The division of a charge's time: the grid, and the length of a full period in months or in days (the other is 0).

    `in_weeks`: the period is one of weeks. Specific_Days are not weeks, even 7 or 21 of them.
    """

    grid: Grid
    months: int
    days: int
    in_weeks: bool = False


def first_bill_day_of(billing_grid: BillingGrid, day: date) -> date:
    """The first bill day on or after `day`; `day` itself for Specific_Days, which have no bill day."""
    if isinstance(billing_grid.grid, MonthGrid):
        return first_bill_day(day, billing_grid.grid.bill_day)
    if billing_grid.in_weeks and isinstance(billing_grid.grid, DayGrid):
        return first_weekday(day, billing_grid.grid.anchor.weekday())
    return day


def billing_grid_of(
    charge: Charge, subscription: Subscription, bill_cycle_day: int, term_start: date, term_end: date
) -> BillingGrid:
    """The grid of a recurring or usage charge whose term (for AlignToTerm…) is `[term_start, term_end)`.

    `bill_cycle_day` is the account's. Raises RatingError for an unknown period, day or alignment, or a missing date.
    Subscription_Term is not handled here: its periods are the terms.
    """
    period = parse(BillingPeriod, charge.billing_period or "", "billingPeriod")
    alignment = parse_or(
        BillingPeriodAlignment,
        charge.billing_period_alignment,
        "billingPeriodAlignment",
        BillingPeriodAlignment.ALIGN_TO_CHARGE,
    )
    base = _base(alignment, charge, subscription, term_start, term_end)
    months = period_months(period, charge.specific_billing_period)
    if months:
        return _monthly(base, bill_day(charge, subscription, bill_cycle_day, term_start, term_end), months)
    days = period_days(period, charge.specific_billing_period)
    in_weeks = period is not BillingPeriod.SPECIFIC_DAYS
    if in_weeks:
        base = first_weekday(base, _weekday(charge, subscription, base, (term_start, term_end)))
    return BillingGrid(DayGrid(base, days), 0, days, in_weeks)


@lru_cache(maxsize=4096)
def _monthly(base: date, day: int, months: int) -> BillingGrid:
    return BillingGrid(MonthGrid(first_bill_day(base, day), months, day), months, 0)


def _base(
    alignment: BillingPeriodAlignment, charge: Charge, subscription: Subscription, term_start: date, term_end: date
) -> date:
    if alignment is BillingPeriodAlignment.ALIGN_TO_SUBSCRIPTION_START:
        return _subscription_start(subscription)
    if alignment is BillingPeriodAlignment.ALIGN_TO_TERM_START:
        return _known(term_start, "termStartDate")
    if alignment is BillingPeriodAlignment.ALIGN_TO_TERM_END:
        return _known(term_end, "termEndDate")
    return trigger_date(charge)
