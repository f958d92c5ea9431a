"""Overage smoothing: 100 units included per month, 0.5 per unit above, pooled over three months."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soapsvc.engine.account import Charge, UsageRecord
from soapsvc.engine.trace import decimal_text
from soapsvc.engine.usage import UsageRow
from soapsvc.engine.usage.smoothing import PeriodUsage, smooth
from tests.support.rating import months, priced, problem, rated, rows_of, told, used

PLAN = {"included_units": 100, "overage_price": "0.5", "number_of_periods": 3}
AS_IT_OCCURS = priced("Overage", smoothing_model="RollingWindow", overage_calculation_option="PerBillingPeriod", **PLAN)
AT_THE_END = priced(
    "Overage", smoothing_model="RollingWindow", overage_calculation_option="EndOfSmoothingPeriod", **PLAN
)
ROLLOVER = priced("Overage", smoothing_model="Rollover", **PLAN)


def monthly(*quantities: object) -> list[UsageRecord]:
    """One record in each month of 2024."""
    return [used(f"{month:02}-15", quantity) for month, quantity in enumerate(quantities, start=1)]


def smoothed(charge: Charge, *quantities: object, **options: Any) -> list[str]:
    """The items of a year, in brief: first and last month, units, amount."""
    rows = rows_of(charge, monthly(*quantities), months(len(quantities)), **options)
    return [f"{_span(row)} {row.quantity} = {decimal_text(row.amount)}" for row in rows]


def _span(row: UsageRow) -> str:
    first, last = row.start.strftime("%b"), (row.end - timedelta(1)).strftime("%b")
    return first if first == last else f"{first}-{last}"


@pytest.mark.rule("1.3 rolling window, per billing period")
def test_overage_of_a_fixed_window_is_billed_in_the_month_in_which_it_occurs() -> None:
    """
    Jan  Feb  Mar | Apr  May  Jun
    150  140   90 | 400   10    5
    150  290  380 | 400  410  415     used so far, of 300
               80 | 100   10    5     billed
    """
    assert smoothed(AS_IT_OCCURS, 150, 140, 90, 400, 10, 5) == [
        "Mar 80 = 40",
        "Apr 100 = 50",
        "May 10 = 5",
        "Jun 5 = 2.5",
    ]


def test_unused_units_lapse_with_their_window() -> None:
    assert smoothed(AS_IT_OCCURS, 0, 0, 0, 301, 0, 0) == ["Apr 1 = 0.5"]


@pytest.mark.rule("1.3 rolling window, end of smoothing period")
def test_a_window_without_overage_slides_one_with_overage_is_billed_whole() -> None:
    """
    Jan  Feb  Mar  Apr  May  Jun  Jul  Aug
     90  100  105  130   50   60   70  130
    |--- 295 ---|                             of 300: slide
         |--- 335 ---|                        35 billed: a new window
                        |--- 180 ---|         slide
                             |--- 260 --|     slide
                                  |Jul Aug|   short at the end: 200 of 200
    """
    assert smoothed(AT_THE_END, 90, 100, 105, 130, 50, 60, 70, 130, price_ends=True) == ["Feb-Apr 35 = 17.5"]


@pytest.mark.rule("1.3 rolling window, end of smoothing period")
def test_a_short_window_at_the_end_of_the_charge_is_settled_with_its_own_months() -> None:
    """Apr, May: 250 used of 2 x 100."""
    quantities = (100, 100, 150, 120, 130)
    assert smoothed(AT_THE_END, *quantities) == ["Jan-Mar 50 = 25"]
    assert smoothed(AT_THE_END, *quantities, price_ends=True) == ["Jan-Mar 50 = 25", "Apr-May 50 = 25"]


def test_without_an_option_overage_is_billed_at_the_end_of_the_window() -> None:
    charge = priced("Overage", smoothing_model="rolling window", **PLAN)
    assert smoothed(charge, 0, 0, 301) == ["Jan-Mar 1 = 0.5"]


@pytest.mark.rule("1.3 rollover")
def test_unused_units_of_three_months_serve_a_later_one_and_an_overage_empties_them() -> None:
    """
    Jan  Feb  Mar  Apr  May  Jun
     70   80  160  140  100  101
     30   50         -    -         carried to the next months: 30 + 20, none left after Mar
               10   40         1    160 - 150, 140 - 100, 101 - 100
    """
    assert smoothed(ROLLOVER, 70, 80, 160, 140, 100, 101) == ["Mar 10 = 5", "Apr 40 = 20", "Jun 1 = 0.5"]


@pytest.mark.rule("1.3 rollover")
def test_carried_units_are_used_oldest_first_and_expire_after_three_months() -> None:
    """
    Jan  Feb  Mar  Apr   May  Jun
     40  100  100  150   100  120     Jan leaves 60: Apr takes 50 of them, the last 10 expire
      .    .    .   .      .   20     nothing is left in Jun
    """
    assert smoothed(ROLLOVER, 40, 100, 100, 150, 100, 120) == ["Jun 20 = 10"]
    assert smoothed(ROLLOVER, 40, 90, 100, 150, 110, 100) == []  # Feb's 10 are still there in May


def test_the_rest_of_carried_units_is_used_in_the_next_month() -> None:
    """Jan leaves 60, Feb takes 50 of them: Mar has 100 + 10."""
    assert smoothed(ROLLOVER, 40, 150, 120) == ["Mar 10 = 5"]


def test_all_records_of_a_month_count() -> None:
    records = [used("01-05", 60), used("01-06", 70)]
    charge = priced("Overage", smoothing_model="Rollover", **PLAN)
    assert rated(charge, *records) == ["2024-01-01…2024-01-31 15 for 30 units"]


@pytest.mark.rule("1.3 leading partial period")
@pytest.mark.parametrize(
    ("charge", "expected"),
    [
        (AS_IT_OCCURS, ["Jan 30 = 15", "Apr 5 = 2.5"]),
        (AT_THE_END, ["Jan 30 = 15", "Feb-Apr 5 = 2.5"]),
        (ROLLOVER, ["Jan 30 = 15", "Mar 5 = 2.5"]),
    ],
)
def test_a_leading_partial_month_is_rated_by_itself(charge: Charge, expected: list[str]) -> None:
    """Jan (partial): 130 - 100. Feb to Apr: 100 + 105 + 100 of 300."""
    assert smoothed(charge, 130, 100, 105, 100, leading_partial=True) == expected


def test_a_leading_partial_month_rolls_nothing_over() -> None:
    assert smoothed(ROLLOVER, 0, 101, leading_partial=True) == ["Feb 1 = 0.5"]


@pytest.mark.rule("1.3 unused units credit")
def test_unused_units_are_credited_in_the_last_month_of_a_full_window() -> None:
    """Jan to Mar: 300 - 240 unused, at 0.2. Apr to Jun: 330 used. Jul: no full window."""
    charge = priced(
        "Overage",
        smoothing_model="RollingWindow",
        overage_calculation_option="PerBillingPeriod",
        overage_unused_units_credit_option="CreditBySpecificRate",
        unused_units_credit_rates="0.2",
        **PLAN,
    )
    rows = rows_of(charge, monthly(80, 80, 80, 110, 110, 110, 0), months(7), explain=True)
    assert [(row.start.month, row.quantity, row.amount, row.credit) for row in rows] == [
        (3, 60, -12, True),
        (6, 30, 15, False),
    ]
    assert [row.end.month for row in rows] == [4, 7]
    source = "(Overage smoothing pricing)"
    assert [told(row.steps)[0] for row in rows] == [
        f"usage.smoothing: (300 - 240 used in the window) x -0.2 = -12  [units=60, price=-0.2]  {source}",
        "usage.smoothing: (max(0, 330 used in the window - 300) - 0 billed) x 0.5 = 15  [units=30, price=0.5]  "
        + source,
    ]


@pytest.mark.rule("explain: usage")
@pytest.mark.parametrize(
    ("charge", "formulas"),
    [
        (AT_THE_END, ["(leading partial period) x 0.5", "(310 used in the window - 300) x 0.5"]),
        (ROLLOVER, ["(leading partial period) x 0.5", "(110 - 100 included and carried) x 0.5"]),
    ],
)
def test_a_smoothed_overage_is_explained_on_request(charge: Charge, formulas: list[str]) -> None:
    """Jan (partial): 130 - 100. Feb to Apr: 100 + 100 + 110, of 300, or 110 with nothing carried."""
    records = monthly(130, 100, 100, 110)
    rows = rows_of(charge, records, months(4), leading_partial=True, explain=True)
    assert [[step.formula for step in row.steps] for row in rows] == [[formula] for formula in formulas]
    assert {row.steps for row in rows_of(charge, records, months(4), leading_partial=True)} == {()}


def test_a_plan_may_be_of_one_month() -> None:
    charge = priced("Overage", smoothing_model="RollingWindow", **{**PLAN, "number_of_periods": 1})
    assert smoothed(charge, 80, 130) == ["Feb 30 = 15"]


def test_periods_that_are_billed_count_but_are_not_billed_again() -> None:
    """
    Jan  Feb  Mar | Apr  May  Jun
    290  100  100 | 100  100  101      billed through Apr 1, by records that are processed
    """
    records = [
        used(f"{month:02}-15", quantity, rbe_status="Processed" if month < 4 else "Pending", sequence=month)
        for month, quantity in enumerate((290, 100, 100, 100, 100, 101), start=1)
    ]
    billed_through = months(4)[3][0]
    assert rated(AS_IT_OCCURS, *records, periods=months(6), billed_through=billed_through) == [
        "2024-06-01…2024-06-30 0.5 for 1 units"
    ]


def test_without_overage_there_are_no_items() -> None:
    assert smoothed(AS_IT_OCCURS, 0, 0, 0) == []
    assert smoothed(ROLLOVER) == []


def test_smoothing_is_for_a_model_that_is_known() -> None:
    charge = priced("Barter", smoothing_model="Rollover", **PLAN)
    assert problem(lambda: smoothed(charge, 1)) == ("UNKNOWN_VALUE", "model")


@pytest.mark.rule("wrong data: smoothing")
@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"smoothing_model": "Sliding"}, "UNKNOWN_VALUE", "smoothingModel"),
        ({"overage_calculation_option": "Never"}, "UNKNOWN_VALUE", "overageCalculationOption"),
        ({"overage_unused_units_credit_option": "Some"}, "UNKNOWN_VALUE", "overageUnusedUnitsCreditOption"),
        ({"number_of_periods": 0}, "MISSING_VALUE", "numberOfPeriods"),
        ({"number_of_periods": None}, "MISSING_VALUE", "numberOfPeriods"),
        ({"included_units": None}, "MISSING_VALUE", "includedUnits"),
        ({"overage_price": None}, "MISSING_PRICE", "overagePrice"),
        ({"overage_price": "NaN"}, "BAD_NUMBER", "overagePrice"),
        (
            {
                "overage_unused_units_credit_option": "CreditBySpecificRate",
                "overage_calculation_option": "PerBillingPeriod",
                "number_of_periods": 2,
            },
            "MISSING_PRICE",
            "unusedUnitsCreditRates",
        ),
    ],
)
def test_a_plan_that_cannot_be_read_names_the_field(fields: dict[str, Any], code: str, field: str) -> None:
    values = {"smoothing_model": "RollingWindow", **PLAN, **fields}
    charge = priced("Overage", **{name: value for name, value in values.items() if value is not None})
    quantities = (0, 0) if field == "unusedUnitsCreditRates" else (400, 400, 400)
    assert problem(lambda: smoothed(charge, *quantities)) == (code, field)


# Properties of every plan and every year.

YEARS = st.lists(st.integers(0, 400), max_size=24)


def _usage(quantities: Sequence[int]) -> list[PeriodUsage]:
    return [
        PeriodUsage(*period, Decimal(quantity))
        for period, quantity in zip(months(len(quantities)), quantities, strict=True)
    ]


def _units(charge: Charge, quantities: Sequence[int]) -> list[Decimal]:
    return [item.units for item in smooth(charge, _usage(quantities), leading_partial=False, ends=True)]


@pytest.mark.rule("property: smoothing")
@given(YEARS)
def test_smoothing_never_bills_more_than_plain_overage(quantities: list[int]) -> None:
    plain = sum(max(0, quantity - 100) for quantity in quantities)
    assert all(sum(_units(charge, quantities)) <= plain for charge in (AS_IT_OCCURS, AT_THE_END, ROLLOVER))


@given(YEARS)
def test_fixed_windows_bill_the_overage_of_each_window(quantities: list[int]) -> None:
    windows = [quantities[first : first + 3] for first in range(0, len(quantities), 3)]
    assert sum(_units(AS_IT_OCCURS, quantities)) == sum(max(0, sum(window) - 300) for window in windows)


@given(YEARS)
def test_a_plan_of_one_period_by_windows_is_plain_overage(quantities: list[int]) -> None:
    plain = [Decimal(quantity - 100) for quantity in quantities if quantity > 100]
    for option in ("PerBillingPeriod", "EndOfSmoothingPeriod"):
        fields = {**PLAN, "smoothing_model": "RollingWindow", "overage_calculation_option": option}
        assert _units(priced("Overage", **{**fields, "number_of_periods": 1}), quantities) == plain


@given(YEARS)
def test_sliding_windows_never_overlap(quantities: list[int]) -> None:
    items = smooth(AT_THE_END, _usage(quantities), leading_partial=False, ends=True)
    assert all(one.end <= other.start for one, other in pairwise(items))
