"""The share of a full period's price that a piece of it costs.

    p0          s                 e        p1
    |-----------[=== the piece ===)---------|      one full period of n months on the bill day's grid

Sources: "Proration", "Prorating - 30 days or actual days", "Total amount calculation with partial period proration";
observed previews: amounts (the denominator is the bill cycle month, not the calendar month).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise

from soapsvc.engine.account import BillingRules, Charge, ProrationOption, is_prepayment, parse
from soapsvc.engine.schedule.billing_periods import BillingGrid
from soapsvc.engine.schedule.calendar import add_months, days_in_month
from soapsvc.engine.trace import Step


class DaysInMonth(StrEnum):
    """How many days a month counts for."""

    USE_ACTUAL_DAYS = "UseActualDays"
    ASSUME_30_DAYS = "Assume30Days"
    ASSUME_30_DAYS_STRICT = "Assume30DaysStrict"


class PartialMonthDenominator(StrEnum):
    """Which month a partial month is measured by: that of the bill cycle, or the one that begins with the piece.

    The vendor's pages support either; the bill cycle month agrees with more pages, and with observed previews.
    """

    BILL_CYCLE_MONTH = "BillCycleMonth"
    PIECE_MONTH = "PieceMonth"


class ProrationUnit(StrEnum):
    """Whether a partial period of several months is measured in whole months first or in days."""

    MONTH_FIRST = "ProrateByMonthFirst"
    DAY = "ProrateByDay"


@dataclass(frozen=True, slots=True)
class ProrationRules:
    """The proration rules that hold for one charge: the tenant's, overridden by the charge's own.

    `full_period` (ChargeFullPeriod): a stub costs a whole period, and there are no credits. A stub of a prepayment
    (`prepaid`) costs a whole period too; its credit has rules of its own.
    """

    partial_month: bool
    partial_period: bool
    partial_week: bool
    days_in_month: DaysInMonth
    unit: ProrationUnit
    denominator: PartialMonthDenominator = PartialMonthDenominator.BILL_CYCLE_MONTH
    full_period: bool = False
    prepaid: bool = False

    @property
    def prorates(self) -> bool:
        """True when a part of a period costs less than the whole."""
        return not (self.full_period or self.prepaid)

    @property
    def bills_stubs(self) -> bool:
        """True when every stub is billed at its own length."""
        return (self.partial_month and self.partial_period and self.partial_week) or not self.prorates


@lru_cache(maxsize=256)
def _tenant_rules(
    partial_month: bool, partial_period: bool, partial_week: bool, days_in_month: str, unit: str, denominator: str
) -> ProrationRules:
    return ProrationRules(
        partial_month,
        partial_period,
        partial_week,
        parse(DaysInMonth, days_in_month, "billing_rules.daysInMonth"),
        parse(ProrationUnit, unit, "billing_rules.prorationUnit"),
        parse(PartialMonthDenominator, denominator, "billing_rules.partialMonthDenominator"),
    )


def proration_rules(charge: Charge, rules: BillingRules) -> ProrationRules:
    """The rules for a charge. Raises RatingError for an unknown value of a rule."""
    tenant = _tenant_rules(
        rules.bill_recurring_partial_month,
        rules.prorate_recurring_partial_period,
        rules.bill_recurring_partial_week,
        rules.days_in_month,
        rules.proration_unit,
        rules.partial_month_denominator,
    )
    if is_prepayment(charge):
        return replace(tenant, prepaid=True)
    option = proration_option(charge)
    if option is ProrationOption.CHARGE_FULL_PERIOD:
        return replace(tenant, full_period=True)
    return _overridden(charge, tenant) if option is ProrationOption.CUSTOMIZE else tenant


def bills_full_periods(charge: Charge) -> bool:
    """True for a charge whose stubs cost a full period, and which has no credits (ChargeFullPeriod)."""
    return proration_option(charge) is ProrationOption.CHARGE_FULL_PERIOD


def proration_option(charge: Charge) -> ProrationOption:
    """How a charge overrides the tenant's rules. Raises RatingError UNKNOWN_VALUE."""
    if not charge.proration_option:
        return ProrationOption.DEFAULT_FROM_TENANT_SETTING
    option: ProrationOption = parse(ProrationOption, charge.proration_option, "prorationOption")
    return option


def _overridden(charge: Charge, tenant: ProrationRules) -> ProrationRules:
    overridden = tenant
    if charge.is_prorate_partial_month is not None:
        overridden = replace(overridden, partial_month=charge.is_prorate_partial_month)
    if charge.days_in_month:
        overridden = replace(overridden, days_in_month=parse(DaysInMonth, charge.days_in_month, "daysInMonth"))
    if charge.proration_unit:
        overridden = replace(overridden, unit=parse(ProrationUnit, charge.proration_unit, "prorationUnit"))
    return overridden


def days_30_360(start: date, end: date) -> int:
    """The days of `[start, end)` when every month has 30 days: a last day that ends its month counts as the 30th."""
    last = end - timedelta(1)
    last_day = 30 if last.day == days_in_month(last.year, last.month) else min(last.day, 30)
    return 360 * (last.year - start.year) + 30 * (last.month - start.month) + last_day - min(start.day, 30) + 1


def days_between(start: date, end: date, rule: DaysInMonth) -> int:
    """The days of `[start, end)`, counted by a rule on the days of a month."""
    if rule is DaysInMonth.ASSUME_30_DAYS_STRICT:
        return days_30_360(start, end)
    return (end - start).days


DayShare = tuple[int, int]
"""(days covered, days of the month): (9, 31); a whole month is (1, 1)."""


def month_parts(month_starts: Sequence[date], start: date, end: date, rule: DaysInMonth) -> list[DayShare]:
    """The part of each month of a grid that `[start, end)` covers."""
    parts = []
    for month_start, month_end in pairwise(month_starts):
        inside_start, inside_end = max(month_start, start), min(month_end, end)
        if inside_start >= inside_end:
            continue
        if inside_start == month_start and inside_end == month_end:
            parts.append((1, 1))
            continue
        whole = (month_end - month_start).days if rule is DaysInMonth.USE_ACTUAL_DAYS else 30
        parts.append((days_between(inside_start, inside_end, rule), whole))
    return parts


def month_fraction(month_starts: Sequence[date], start: date, end: date, rule: DaysInMonth) -> Fraction:
    """The length of `[start, end)` in months of a grid: a whole month is 1, a part is days / days of the month."""
    return _total(month_parts(month_starts, start, end, rule))


def _total(parts: Sequence[DayShare]) -> Fraction:
    return sum((Fraction(days, whole) for days, whole in parts), Fraction(0))


@dataclass(frozen=True, slots=True)
class Piece:
    """A part `[start, end)` of the full period `[period_start, period_end)`.

    `rebased` marks the stub between a charged-through date off the grid and the next boundary, after the bill cycle
    day was changed: of periods of one month it is measured by the month that begins at the charged-through date ("CCV
    calculation examples"), of longer ones by the grid as any other ("Change BCD after subscription activation").
    """

    start: date
    end: date
    period_start: date
    period_end: date
    rebased: bool = False

    @property
    def whole(self) -> bool:
        """True when the piece is the full period."""
        return self.start == self.period_start and self.end == self.period_end


def factor(piece: Piece, billing_grid: BillingGrid, rules: ProrationRules) -> Fraction:
    """The share of the full period's price that `piece` costs, exact, in 0 … 1.

    One-month periods are always measured by their month; longer ones by whole months first, or by days, as the rules
    say.
    """
    if piece.whole or not rules.prorates:
        return Fraction(1)
    parts, periods = _parts(piece, billing_grid, rules)
    return min(_total(parts) / periods, Fraction(1))


def _parts(piece: Piece, billing_grid: BillingGrid, rules: ProrationRules) -> tuple[list[DayShare], int]:
    """The parts of a piece, and the number of their units in a full period."""
    months = billing_grid.months
    whole = (piece.period_end - piece.period_start).days
    if not months:
        return [((piece.end - piece.start).days, whole)], 1
    if months == 1 or rules.unit is ProrationUnit.MONTH_FIRST:
        starts = (
            [add_months(piece.start, month) for month in range(months + 1)]
            if (piece.rebased and months == 1) or rules.denominator is PartialMonthDenominator.PIECE_MONTH
            else billing_grid.grid.month_starts(piece.period_start, piece.period_end)
        )
        return month_parts(starts, piece.start, piece.end, rules.days_in_month), months
    if rules.days_in_month is not DaysInMonth.USE_ACTUAL_DAYS:
        whole = 30 * months
    return [(days_between(piece.start, piece.end, rules.days_in_month), whole)], 1


def factor_step(piece: Piece, billing_grid: BillingGrid, rules: ProrationRules) -> Step:
    """The factor and its formula, such as (9/31 + 1 + 1) / 3."""
    share = factor(piece, billing_grid, rules)
    if rules.full_period:
        return Step(
            "proration", "Charge level proration option", "a stub costs a full period (ChargeFullPeriod)", share
        )
    if rules.prepaid:
        return Step("proration", "Prepayment charge", "a prepayment is not prorated", share)
    parts, periods = _parts(piece, billing_grid, rules)
    text = " + ".join("1" if days == whole else f"{days}/{whole}" for days, whole in parts)
    inputs = (
        ("service", f"{piece.start}…{piece.end}"),
        ("full period", f"{piece.period_start}…{piece.period_end}"),
        ("daysInMonth", rules.days_in_month.value),
        ("prorationUnit", rules.unit.value),
    )
    return Step("proration", "Proration", f"({text}) / {periods}" if periods > 1 else text, share, inputs)
