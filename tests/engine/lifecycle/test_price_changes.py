"""A renewal at another price within a period that is billed already: what is credited, and what keeps its price."""

from __future__ import annotations

from datetime import date

import pytest

from soapsvc.engine.lifecycle import advance
from tests.engine.lifecycle.test_bill import after
from tests.support.building import account, billed, recurring, subscription

RULE = pytest.mark.rule("12 bill runs")


@RULE
@pytest.mark.parametrize(
    ("partial_month", "partial_period", "expected"),
    [
        (True, True, ["2024-02-15…2024-03-31 -151.65", "2024-02-15…2024-03-31 166.81"]),
        (False, True, ["2024-03-01…2024-03-31 -102.20", "2024-03-01…2024-03-31 112.42"]),
        (True, False, []),
        (False, False, []),
    ],
)
def test_a_quarter_of_300_in_which_the_price_rises_by_a_tenth_on_feb_15(
    partial_month: bool, partial_period: bool, expected: list[str]
) -> None:
    """
    Jan 1      Feb 15   Mar 1   Apr 1
      |------------ 300 --------|--- 330 ---      billed on Jan 1
              |---- -151.65, 166.81     if partial months are billed
                        |------ -102.20, 112.42   if only whole months are credited; nothing if only whole quarters are
    """
    rules = {
        "bill_recurring_partial_month": partial_month,
        "prorate_recurring_partial_period": partial_period,
        "invoice_past_end_of_term_auto_renew_on": True,
    }
    quarter = recurring(300, "2024-01-01", "2024-02-15", billing_period="Quarter",
                        price_change_option="SpecificPercentageValue", price_increase_percentage=10)  # fmt: skip
    terms = subscription(quarter, term_start_date="2024-01-01", term_end_date="2024-02-15", auto_renew=True,
                         renewal_term=12)  # fmt: skip
    renewed = advance(after(account(terms, rules=rules), "2024-01-01"), date(2024, 3, 1))
    assert billed(renewed, "2024-04-01") == [*expected, "2024-04-01…2024-06-30 330.00"]
