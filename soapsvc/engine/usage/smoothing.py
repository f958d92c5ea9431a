"""Overage smoothing: included units pooled over several billing periods, as pure arithmetic on usage per period.

    RollingWindow, PerBillingPeriod       |Jan Feb Mar|Apr May Jun|Jul …     fixed windows, billed as soon as it occurs
    RollingWindow, EndOfSmoothingPeriod   |Jan Feb Mar|                      no overage: slide by one period
                                              |Feb Mar Apr|                  overage: bill the window, start a new one
    Rollover                              unused units serve the next N periods, oldest first; an overage empties them

A leading partial period is not smoothed: its usage is rated by itself.
Source: "Overage smoothing pricing" and its example pages.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from soapsvc.engine.account import ZERO, Charge, ChargeModel, parse, squeeze
from soapsvc.engine.errors import RatingError
from soapsvc.engine.money import EXACT, number_text
from soapsvc.engine.pricing import included_units


class PeriodUsage(NamedTuple):
    """The usage of one billing period `[start, end)`."""

    start: date
    end: date
    quantity: Decimal


class SmoothedUnits(NamedTuple):
    """Units to bill over `[start, end)`; with `credit`, unused units to credit. `formula` is the sum in numbers."""

    start: date
    end: date
    units: Decimal
    formula: str
    credit: bool = False


class Smoothing(NamedTuple):
    """A charge's smoothing plan: included units per period, the number of periods, and the rule on unused units."""

    included: Decimal
    periods: int
    credits: bool


def is_smoothed(charge: Charge) -> bool:
    """Whether a charge smooths its overage; only the Overage model can."""
    return bool(charge.smoothing_model) and parse(ChargeModel, charge.model, "model") is ChargeModel.OVERAGE


def smooth(charge: Charge, usage: Sequence[PeriodUsage], *, leading_partial: bool, ends: bool) -> list[SmoothedUnits]:
    """The overage of consecutive billing periods, from the charge's first one on, oldest first.

    `leading_partial`: the first of them is not a full period. `ends`: the charge, or its price, ends with the last one.
    Raises RatingError UNKNOWN_VALUE or MISSING_VALUE for the plan.
    """
    run = _method(charge)
    periods = charge.number_of_periods
    if periods is None or periods < 1:
        message = f"numberOfPeriods is {periods}, but smoothing needs 1 or more."
        raise RatingError("MISSING_VALUE", message, "numberOfPeriods")
    plan = Smoothing(included_units(charge), periods, _credits(charge))
    found = []
    if leading_partial and usage:
        found = _billed(usage[0], usage[0].end, _over(usage[0].quantity, plan.included), "leading partial period")
        usage = usage[1:]
    return found + run(plan, usage, ends)


def _method(charge: Charge) -> Callable[[Smoothing, Sequence[PeriodUsage], bool], list[SmoothedUnits]]:
    model = squeeze(charge.smoothing_model or "")
    if model == "rollover":
        return _rollover
    if model != "rollingwindow":
        message = f"smoothingModel is {charge.smoothing_model!r}; known values: RollingWindow, Rollover."
        raise RatingError("UNKNOWN_VALUE", message, "smoothingModel")
    option = squeeze(charge.overage_calculation_option or "EndOfSmoothingPeriod")
    if option == "perbillingperiod":
        return _as_it_occurs
    if option != "endofsmoothingperiod":
        message = (
            f"overageCalculationOption is {charge.overage_calculation_option!r}; known values: EndOfSmoothingPeriod, "
            "PerBillingPeriod."
        )
        raise RatingError("UNKNOWN_VALUE", message, "overageCalculationOption")
    return _at_end_of_window


def _credits(charge: Charge) -> bool:
    option = squeeze(charge.overage_unused_units_credit_option or "NoCredit")
    if option not in {"nocredit", "creditbyspecificrate"}:
        message = (
            f"overageUnusedUnitsCreditOption is {charge.overage_unused_units_credit_option!r}; known values: NoCredit, "
            "CreditBySpecificRate."
        )
        raise RatingError("UNKNOWN_VALUE", message, "overageUnusedUnitsCreditOption")
    return option == "creditbyspecificrate"


def _as_it_occurs(plan: Smoothing, usage: Sequence[PeriodUsage], _ends: bool) -> list[SmoothedUnits]:
    """Fixed windows: each period bills the window's usage above its included units, less the units billed before."""
    allowance = EXACT.multiply(plan.included, Decimal(plan.periods))
    found: list[SmoothedUnits] = []
    used = billed = ZERO
    for index, period in enumerate(usage):
        used = EXACT.add(used, period.quantity)
        units = EXACT.subtract(_over(used, allowance), billed)
        billed = EXACT.add(billed, units)
        before = EXACT.subtract(billed, units)
        formula = f"max(0, {_used(used, allowance)}) - {number_text(before)} billed"
        found += _billed(period, period.end, units, formula)
        if (index + 1) % plan.periods == 0:
            unused = _over(allowance, used)
            if plan.credits and unused:
                formula = f"{number_text(allowance)} - {number_text(used)} used in the window"
                found.append(SmoothedUnits(period.start, period.end, unused, formula, credit=True))
            used = billed = ZERO
    return found


def _at_end_of_window(plan: Smoothing, usage: Sequence[PeriodUsage], ends: bool) -> list[SmoothedUnits]:
    """Sliding windows: a full window with overage is billed whole; one without overage drops its oldest period."""
    found: list[SmoothedUnits] = []
    window: deque[PeriodUsage] = deque()
    for period in usage:
        window.append(period)
        if len(window) == plan.periods:
            billed = _settled(plan, window)
            found += billed
            if billed:
                window.clear()
            else:
                window.popleft()
    return found + _settled(plan, window) if ends and window else found


def _settled(plan: Smoothing, window: Sequence[PeriodUsage]) -> list[SmoothedUnits]:
    used = ZERO
    for period in window:
        used = EXACT.add(used, period.quantity)
    allowance = EXACT.multiply(plan.included, Decimal(len(window)))
    return _billed(window[0], window[-1].end, _over(used, allowance), _used(used, allowance))


def _rollover(plan: Smoothing, usage: Sequence[PeriodUsage], _ends: bool) -> list[SmoothedUnits]:
    """Unused units of the last N periods are used up, oldest first, before an overage is billed."""
    found: list[SmoothedUnits] = []
    carried: deque[Decimal] = deque(maxlen=plan.periods)
    for period in usage:
        available = plan.included
        for unused in carried:
            available = EXACT.add(available, unused)
        units = _over(period.quantity, available)
        if units:
            formula = f"{number_text(period.quantity)} - {number_text(available)} included and carried"
            found += _billed(period, period.end, units, formula)
            carried.clear()
        else:
            _use(carried, _over(period.quantity, plan.included))
            carried.append(_over(plan.included, period.quantity))
    return found


def _use(carried: deque[Decimal], units: Decimal) -> None:
    """Takes units from the carried ones, oldest first."""
    for index, unused in enumerate(carried):
        taken = min(unused, units)
        carried[index] = EXACT.subtract(unused, taken)
        units = EXACT.subtract(units, taken)


def _used(used: Decimal, allowance: Decimal) -> str:
    return f"{number_text(used)} used in the window - {number_text(allowance)}"


def _over(quantity: Decimal, allowance: Decimal) -> Decimal:
    return max(ZERO, EXACT.subtract(quantity, allowance))


def _billed(first: PeriodUsage, end: date, units: Decimal, formula: str) -> list[SmoothedUnits]:
    return [SmoothedUnits(first.start, end, units, formula)] if units else []
