"""Usage charges in a whole preview: which periods are due, their stubs, what was billed, discounts on them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from soapsvc.engine.account import Tier, UsageRecord
from tests.support.building import (
    account,
    amount_off,
    answer,
    line,
    metered,
    percent_off,
    recurring,
    segments,
    sound,
    statement,
    subscription,
    used,
)

YEAR = "2024-01-01"


def rated(charge: Any, records: list[UsageRecord], target: str, **rules: Any) -> list[str]:
    """`first day … last day amount quantity` of each item."""
    terms = charge if hasattr(charge, "charges") else subscription(charge)
    items = sound(answer(account(terms, usage=tuple(records), rules=rules), target)).items()
    return [f"{line(item)} {item.quantity:f}" for item in items]


@pytest.mark.rule("9.2 due")
@pytest.mark.parametrize(("target", "items"), [("2014-07-04", 0), ("2014-07-05", 1)])
def test_usage_of_a_period_is_due_on_the_day_after_its_last(target: str, items: int) -> None:
    """
    Jun 5 … Jul 4, due on Jul 5.
    """
    lines = rated(metered(2, "2014-06-05", billing_day="ChargeTriggerDay"), [used("2014-06-20", 7)], target)
    assert lines == ["2014-06-05…2014-07-04 14.00 7"][:items]


@pytest.mark.rule("9.2 zero usage")
def test_a_period_without_usage_is_an_item_of_0() -> None:
    assert rated(metered(2, YEAR), [], "2024-03-01") == [
        "2024-01-01…2024-01-31 0.00 0",
        "2024-02-01…2024-02-29 0.00 0",
    ]


@pytest.mark.rule("9.2 zero usage")
def test_or_no_item_where_the_tenant_skips_charges_without_records() -> None:
    records = [used("2024-02-10", 3)]
    lines = rated(metered(2, YEAR), records, "2024-03-01", skip_usage_without_records=True)
    assert lines == ["2024-02-01…2024-02-29 6.00 3"]


@pytest.mark.rule("9.2 flat fee")
def test_a_flat_fee_is_charged_for_any_usage() -> None:
    lines = rated(metered("-5.79", YEAR, model="FlatFee"), [used("2024-02-10", 3)], "2024-03-01")
    assert lines == ["2024-01-01…2024-01-31 -5.79 0", "2024-02-01…2024-02-29 -5.79 3"]


@pytest.mark.rule("9.1 records")
def test_only_the_start_of_a_record_decides_its_period() -> None:
    records = [
        used("2023-12-31", 100),
        used("2024-01-01", 1),
        used("2024-01-31", 2, end_date=recurring(1, "2024-03-01").effective_start_date),
        used("2024-02-01", 4),
        used("2024-03-01", 100),
    ]
    assert rated(metered(1, YEAR), records, "2024-03-01") == [
        "2024-01-01…2024-01-31 3.00 3",
        "2024-02-01…2024-02-29 4.00 4",
    ]


@pytest.mark.rule("9.2 due")
def test_usage_continues_at_the_charged_through_date_and_a_closed_period_takes_no_late_records() -> None:
    records = [used("2024-01-10", 5), used("2024-02-10", 3)]
    assert rated(metered(1, YEAR, charged_through_date="2024-02-01"), records, "2024-03-01") == [
        "2024-02-01…2024-02-29 3.00 3"
    ]


@pytest.mark.rule("7.4 what is kept is not billed again")
@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize(("model", "march"), [("PerUnit", "8.00 4"), ("FlatFee", "2.00 4")])
def test_usage_that_was_billed_beyond_a_price_change_is_not_billed_at_the_new_price(
    model: str, march: str, late: bool
) -> None:
    """
    1 to Feb 14, then 2; billed to Mar 1; 3 units in February are known by their status or not, 4 in March are new

    Feb 1         Feb 14        Mar 1             Apr 1
      |--------- billed ----------|------ at 2 ------|
    """
    before = metered(1, YEAR, charged_through_date="2024-03-01", model=model)
    changed = subscription(*segments(before, metered(2, "2024-02-14", model=model)), end="2025-01-01")
    for status in (None, "Processed") if not late else ("Processed",):
        records = [used("2024-02-20", 3, rbe_status=status), used("2024-03-20", 4)]
        assert rated(changed, records, "2024-04-01", late_usage=late) == [f"2024-03-01…2024-03-31 {march}"]


@pytest.mark.rule("9.5 late usage")
def test_late_units_after_a_price_change_that_was_billed_before_are_at_the_price_they_were_billed_at() -> None:
    """1 to Feb 14, then 2; billed to Mar 1 at 1, then to Apr 1 at 2; 5 late units on Feb 20 are 5, once."""
    before = metered(1, YEAR, charged_through_date="2024-03-01")
    after = metered(2, "2024-02-14", charged_through_date="2024-04-01")
    lines = rated(
        subscription(*segments(before, after), end="2025-01-01"), [used("2024-02-20", 5)], "2024-04-01", late_usage=True
    )
    assert lines == ["2024-02-01…2024-02-29 5.00 5"]


@pytest.mark.rule("9.5 late usage")
def test_unless_the_tenant_takes_late_usage() -> None:
    """90 units were billed at 10; 20 more make 110 at 9: 990 - 900."""
    tiers = (Tier(Decimal(1), Decimal(10), Decimal(100)), Tier(Decimal(101), Decimal(9), Decimal(200)))
    charge = metered(None, YEAR, model="Volume", tiers=tiers, charged_through_date="2024-02-01")
    records = [used("2024-01-05", 90, rbe_status="Processed"), used("2024-01-20", 20)]
    assert rated(charge, records, "2024-02-01", late_usage=True) == ["2024-01-01…2024-01-31 90.00 20"]


@pytest.mark.rule("9.2 stubs")
@pytest.mark.parametrize(
    ("bills", "expected"),
    [
        (True, ["2024-01-16…2024-01-31 5.00 5", "2024-02-01…2024-02-29 3.00 3", "2024-03-01…2024-03-10 2.00 2"]),
        (False, ["2024-02-01…2024-02-29 3.00 3", "2024-03-01…2024-03-10 2.00 2"]),
    ],
)
def test_usage_in_a_first_stub_is_billed_or_not_in_the_last_one_always(bills: bool, expected: list[str]) -> None:
    """
    Jan 16   Feb 1      Mar 1  Mar 11
      |-- 5 ---|--- 3 ----|- 2 -|
    """
    records = [used("2024-01-20", 5), used("2024-02-10", 3), used("2024-03-05", 2)]
    terms = subscription(metered(1, "2024-01-16"), end="2024-03-11")
    assert rated(terms, records, "2024-04-01", bill_usage_partial_month=bills) == expected


@pytest.mark.rule("9.2 stubs")
@pytest.mark.parametrize(("bills", "items"), [(True, 2), (False, 1)])
def test_the_same_for_weeks_by_their_own_rule(bills: bool, items: int) -> None:
    weekly = metered(1, "2024-01-03", billing_period="Week", billing_day="SpecificDayofWeek/monday")
    lines = rated(weekly, [used("2024-01-04", 5)], "2024-01-15", bill_usage_partial_week=bills)
    assert len(lines) == items
    assert lines[-1] == "2024-01-08…2024-01-14 0.00 0"


@pytest.mark.rule("9.2 stubs")
@pytest.mark.parametrize(
    ("period", "length", "month", "week", "first"),
    [
        ("Specific_Days", 14, False, False, "2024-01-08…2024-01-14 5.00 5"),
        ("Specific_Days", 10, False, False, "2024-01-08…2024-01-10 5.00 5"),
        ("Specific_Weeks", 2, True, False, "2024-01-15…2024-01-28 3.00 3"),
        ("Specific_Weeks", 2, False, True, "2024-01-08…2024-01-14 5.00 5"),
    ],
)
def test_usage_in_a_first_stub_of_specific_days_is_billed_under_any_rule_on_months_and_weeks(
    period: str, length: int, month: bool, week: bool, first: str
) -> None:
    """
    Jan 1   Jan 8     Jan 15
      :.......|--- 5 ---|--- 3 …        periods aligned to the subscription, which started a week before the charge
    """
    charge = metered(
        1, "2024-01-08", billing_period=period, specific_billing_period=length,
        billing_period_alignment="AlignToSubscriptionStart",
    )  # fmt: skip
    records = [used("2024-01-09", 5), used("2024-01-20", 3)]
    terms = subscription(charge, start="2024-01-01")
    switches = {"bill_usage_partial_month": month, "bill_usage_partial_week": week}
    assert rated(terms, records, "2024-02-01", **switches)[0] == first


@pytest.mark.rule("9.2 stubs")
@pytest.mark.parametrize(("month", "items"), [(True, 1), (False, 0)])
def test_the_rule_on_months_decides_the_first_stub_of_a_term(month: bool, items: int) -> None:
    """A charge from March on in periods that are the subscription's terms."""
    charge = metered(1, "2024-03-10", billing_period="Subscription_Term")
    terms = subscription(charge, start="2024-01-01", end="2025-01-01")
    lines = rated(terms, [used("2024-05-01", 7)], "2025-01-01", bill_usage_partial_month=month)
    assert lines == ["2024-03-10…2024-12-31 7.00 7"][:items]
    assert lines == rated(
        terms, [used("2024-05-01", 7)], "2025-01-01", bill_usage_partial_month=month, bill_usage_partial_week=not month
    )


@pytest.mark.rule("9.2 time-based proration")
@pytest.mark.parametrize(
    ("option", "amount"), [("TimeBasedProration", "17.00"), ("NoProration", "31.00"), (None, "31.00")]
)
def test_31_units_in_17_of_31_days(option: str | None, amount: str) -> None:
    terms = subscription(metered(1, "2023-01-15", proration_option=option), end="2023-02-01")
    lines = rated(terms, [used("2023-01-20", 31)], "2023-02-01")
    assert [each.split()[1] for each in lines] == [amount]


@pytest.mark.rule("1.2 pre-rated")
def test_a_record_s_only_custom_field_is_its_rate_10_x_10_plus_20_x_1_plus_1_x_10() -> None:
    records = [
        used("2024-01-02", 10, fields={"tariff__c": "10"}),
        used("2024-01-03", 20, fields={"tariff__c": "1"}),
        used("2024-01-04", 1, fields={"tariff__c": "10"}),
    ]
    assert rated(metered(None, YEAR, model="PreratedPerUnit"), records, "2024-02-01") == [
        "2024-01-01…2024-01-31 130.00 31"
    ]


@pytest.mark.rule("1.2 pre-rated")
def test_two_custom_fields_leave_the_rate_unknown() -> None:
    records = (used("2024-01-02", 10, fields={"tariff__c": "10", "route__c": "7"}),)
    result = answer(account(metered(None, YEAR, model="PreratedPerUnit"), usage=records), "2024-02-01")
    assert [error.code for error in result.errors] == ["MISSING_USAGE_FIELD"]


@pytest.mark.rule("9.4 on demand")
def test_on_demand_the_open_period_is_rated_up_to_the_target() -> None:
    records = [used("2024-01-05", 3), used("2024-02-02", 4), used("2024-02-09", 5), used("2024-02-10", 100)]
    charge = metered(1, YEAR, usage_record_rating_option="OnDemand")
    assert rated(charge, records, "2024-02-10") == ["2024-01-01…2024-01-31 3.00 3", "2024-02-01…2024-02-09 9.00 9"]


@pytest.mark.rule("9.4 on demand")
def test_on_demand_what_was_billed_in_the_open_period_is_deducted() -> None:
    records = [used("2024-02-02", 4), used("2024-02-09", 5)]
    charge = metered(
        1, YEAR, usage_record_rating_option="OnDemand", charged_through_date="2024-02-05",
        billed_amount_in_period=4, billed_quantity_in_period=4,
    )  # fmt: skip
    (item,) = rated(charge, records, "2024-02-10")
    assert item.split()[1] == "5.00"


@pytest.mark.rule("1.3 smoothing")
def test_a_smoothing_window_remembers_the_periods_that_were_billed() -> None:
    """
    500 included, 0.1 each above, windows of 3 months, billed as it occurs: 700, 200 and 700 use 1600 of 1500.
    Two months were billed (nothing); March bills the 100.
    """
    charge = metered(
        None,
        YEAR,
        model="Overage",
        included_units=500,
        overage_price="0.1",
        smoothing_model="RollingWindow",
        overage_calculation_option="PerBillingPeriod",
        number_of_periods=3,
        charged_through_date="2024-03-01",
    )
    records = [
        used("2024-01-10", 700, rbe_status="Processed"),
        used("2024-02-10", 200, rbe_status="Processed"),
        used("2024-03-10", 700),
    ]
    assert rated(charge, records, "2024-04-01") == ["2024-03-01…2024-03-31 10.00 100"]


@pytest.mark.rule("1.3 unused units")
def test_unused_units_of_a_window_are_credited() -> None:
    """1500 included in three months, 900 used: 600 x 0.05 are credited, named as a credit."""
    charge = metered(
        None,
        YEAR,
        name="Minutes",
        model="Overage",
        included_units=500,
        overage_price="0.1",
        smoothing_model="RollingWindow",
        overage_calculation_option="PerBillingPeriod",
        overage_unused_units_credit_option="CreditBySpecificRate",
        unused_units_credit_rates="0.05",
        number_of_periods=3,
    )
    records = [used(f"2024-0{month}-10", 300) for month in (1, 2, 3)]
    items = list(sound(answer(account(charge, usage=tuple(records)), "2024-04-01")).items())
    assert [(f"{item.amount:f}", item.charge_name) for item in items][-1] == ("-30.00", "Minutes -- Credit")


@pytest.mark.rule("8.2 usage")
def test_a_discount_covers_usage_by_the_start_of_its_period() -> None:
    """
    20 % from Jan 15 on: January's period began before, February's is reduced.
    """
    charges = (metered(10, YEAR), percent_off(20, "2024-01-15"))
    whole = account(subscription(*charges), usage=(used("2024-01-20", 1), used("2024-02-20", 1)))
    assert statement(whole, "2024-03-01") == [
        "C-U 2024-01-01…2024-01-31 10.00",
        "C-U 2024-02-01…2024-02-29 10.00",
        "C-D1 2024-02-01…2024-02-29 -2.00",
    ]


@pytest.mark.rule("8.4 balance")
def test_usage_uses_a_balance_up_before_a_recurring_charge_of_a_greater_number() -> None:
    """100 a month for C-0 and C-1; what usage took when it was billed is not known, so February starts afresh."""
    charges = (
        metered(10, YEAR, number="C-0", charged_through_date="2024-02-01"),
        recurring(60, YEAR, charged_through_date="2024-02-01"),
        amount_off(100, YEAR, charged_through_date="2024-02-01"),
    )
    whole = account(subscription(*charges), usage=(used("2024-02-20", 7),))
    assert [" ".join(each.split()[::2]) for each in statement(whole, "2024-03-01")] == [
        "C-0 70.00",
        "C-D1 -70.00",
        "C-1 60.00",
        "C-D1 -30.00",
        "C-1 60.00",
        "C-D1 -60.00",
    ]


@pytest.mark.rule("6 assumeRenewal")
def test_usage_continues_in_an_assumed_term() -> None:
    charge = metered(1, YEAR, charged_through_date="2024-12-01")
    whole = account(subscription(charge), usage=(used("2025-01-20", 4),))
    assert statement(whole, "2025-02-01", renew="All") == [
        "C-U 2024-12-01…2024-12-31 0.00",
        "C-U 2025-01-01…2025-01-31 4.00",
    ]


@pytest.mark.rule("9.6 imported funds")
@pytest.mark.parametrize(("on_charge", "number"), [(True, "C-U"), (False, None)])
def test_prepaid_funds_that_cannot_be_read_say_where_they_are(on_charge: bool, number: str | None) -> None:
    broken = {"prepaidBalanceFunds": [{"startDate": "2024-01-01"}]}
    charge = metered(1, YEAR, attributes=broken if on_charge else {})
    terms = subscription(charge, attributes={} if on_charge else broken)
    result = answer(account(terms, usage=(used("2024-01-02", 1),)), "2024-02-01")
    (error,) = result.errors
    assert (error.field, error.subscription_number, error.charge_number) == (
        "prepaidBalanceFunds.totalBalance",
        "A-S1",
        number,
    )
