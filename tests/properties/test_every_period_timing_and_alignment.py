"""One suite for every billing period, timing and alignment, against a grid made with python-dateutil.

subscription      term             charge                            term ends
Mar 5 2023        Apr 5            May 20 2023                       Apr 5 2028
   |----------------|----------------[stub)[ full )[ full ) …  [stub)--|        bill day: the 15th, a Thursday
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from dateutil.relativedelta import TH, relativedelta

from soapsvc.engine.account import Subscription
from tests.properties.strategies.accounts import ALIGNMENTS, TIMINGS
from tests.support.building import billed, recurring, subscription

SUBSCRIPTION, TERM, CHARGE, END = date(2023, 3, 5), date(2023, 4, 5), date(2023, 5, 20), date(2028, 4, 5)
PRICE = 1000
MONTHS = {
    "Month": 1,
    "Quarter": 3,
    "Semi_Annual": 6,
    "Annual": 12,
    "Eighteen_Months": 18,
    "Two_Years": 24,
    "Three_Years": 36,
    "Five_Years": 60,
    "Specific_Months": 5,
}
DAYS = {"Week": 7, "Specific_Weeks": 21, "Specific_Days": 10}
PERIODS = (*MONTHS, *DAYS)
BASES = {
    "AlignToCharge": CHARGE,
    "AlignToSubscriptionStart": SUBSCRIPTION,
    "AlignToTermStart": TERM,
    "AlignToTermEnd": END,
}


def subject(period: str, timing: str, alignment: str) -> Subscription:
    specific = {"Specific_Months": 5, "Specific_Weeks": 3, "Specific_Days": 10}.get(period)
    charge = recurring(
        PRICE,
        CHARGE,
        billing_period=period,
        specific_billing_period=specific,
        billing_timing=timing,
        billing_period_alignment=alignment,
        billing_day="SpecificDayofMonth(15th)" if period in MONTHS else "SpecificDayofWeek/thursday",
    )
    return subscription(charge, start=TERM, end=END, subscription_start_date=SUBSCRIPTION)


def boundaries(period: str, alignment: str) -> list[date]:
    """The boundaries around the charge's life: ten years and more on both sides of the base."""
    base = BASES[alignment]
    if period in MONTHS:
        anchor = base + relativedelta(day=15)
        anchor = anchor if anchor >= base else anchor + relativedelta(months=1)
        reach = 120 // MONTHS[period] + 1
        return [anchor + relativedelta(months=MONTHS[period] * count) for count in range(-reach, reach + 1)]
    anchor = base if period == "Specific_Days" else base + relativedelta(weekday=TH)
    reach = 3700 // DAYS[period]
    return [anchor + timedelta(DAYS[period] * count) for count in range(-reach, reach + 1)]


def pieces(period: str, alignment: str) -> list[tuple[date, date, Fraction]]:
    """(start, end, share of the full period by days) of each service period."""
    found = []
    for start, end in pairwise(boundaries(period, alignment)):
        first, last = max(start, CHARGE), min(end, END)
        if first < last:
            found.append((first, last, Fraction((last - first).days, (end - start).days)))
    return found


def text(start: date, end: date, part: Fraction) -> str:
    amount = Decimal(part.numerator * PRICE) / part.denominator
    return f"{start}…{end - timedelta(1)} {amount.quantize(Decimal('0.01'), ROUND_HALF_UP)}"


@pytest.mark.rule("3.3 alignment")
@pytest.mark.parametrize("alignment", ALIGNMENTS)
@pytest.mark.parametrize("timing", TIMINGS)
@pytest.mark.parametrize("period", PERIODS)
def test_the_whole_life_of_a_charge(period: str, timing: str, alignment: str) -> None:
    expected = [text(*piece) for piece in pieces(period, alignment)]
    assert billed(subject(period, timing, alignment), "2030-12-31") == expected


@pytest.mark.rule("4.1 in advance")
@pytest.mark.parametrize("alignment", ALIGNMENTS)
@pytest.mark.parametrize("period", PERIODS)
def test_in_advance_each_period_appears_on_its_first_day(period: str, alignment: str) -> None:
    starts = [start for start, _, _ in pieces(period, alignment)]
    for position, start in enumerate(starts[:30]):
        assert len(billed(subject(period, "IN_ADVANCE", alignment), start - timedelta(1))) == position
        assert len(billed(subject(period, "IN_ADVANCE", alignment), start)) == position + 1


@pytest.mark.rule("4.1 in arrears")
@pytest.mark.parametrize("alignment", ALIGNMENTS)
@pytest.mark.parametrize("period", PERIODS)
def test_in_arrears_each_period_appears_on_the_day_after_its_last(period: str, alignment: str) -> None:
    ends = [end for _, end, _ in pieces(period, alignment)]
    for position, end in enumerate(ends[:30]):
        assert len(billed(subject(period, "IN_ARREARS", alignment), end - timedelta(1))) == position
        assert len(billed(subject(period, "IN_ARREARS", alignment), end)) == position + 1
