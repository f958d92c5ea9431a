"""The part of an item that an enhanced percentage covers is counted in months of the discount's own grid."""

from __future__ import annotations

import pytest

from tests.support.building import percent_off, recurring, statement, subscription


@pytest.mark.rule("8.5 monthly items")
def test_an_item_that_ends_on_the_first_day_of_a_month_has_that_day_of_its_31() -> None:
    """
    Jun 15      Jul 1  Jul 2
      |-- 16/30 --|-1/31-|       10 % of 56.67 x (16/30) / (16/30 + 1/31) = 5.34
      |==========|
    """
    charge = recurring(100, "2024-05-15", "2024-07-02", billing_day="ChargeTriggerDay")
    discount = percent_off(10, "2024-06-15", "2024-07-01", apply_to_billing_period_partially=True)
    lines = statement(subscription(charge, discount, start="2024-05-15"), "2024-06-15")
    assert lines[-2:] == ["C-1 2024-06-15…2024-07-01 56.67", "C-D1 2024-06-15…2024-06-30 -5.34"]


@pytest.mark.rule("8.5 months first")
def test_a_quarterly_discount_counts_the_months_of_its_quarter() -> None:
    """10 % of 1000 x (15/29 + 1) / 3, not by the 46 days of 91 (50.55)."""
    charge = recurring(1000, "2024-01-01", billing_period="Quarter")
    discount = percent_off(
        10,
        "2024-02-15",
        billing_period="Quarter",
        billing_period_alignment="AlignToSubscriptionStart",
        apply_to_billing_period_partially=True,
    )
    lines = statement(subscription(charge, discount, start="2024-01-01"), "2024-01-01")
    assert lines[-1] == "C-D1 2024-02-15…2024-03-31 -50.57"


@pytest.mark.rule("8.5 annual item")
def test_a_quarterly_discount_counts_each_month_of_a_year_once() -> None:
    """10 % of 1200 x (15/29 + 10) / 12 = 105.17."""
    charge = recurring(1200, "2024-01-01", billing_period="Annual")
    enhanced = {"billing_period": "Quarter", "apply_to_billing_period_partially": True}
    discount = percent_off(10, "2024-02-15", billing_period_alignment="AlignToSubscriptionStart", **enhanced)
    lines = statement(subscription(charge, discount, start="2024-01-01"), "2024-01-01")
    assert lines[-1] == "C-D1 2024-02-15…2024-12-31 -105.17"
