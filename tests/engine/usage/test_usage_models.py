"""Usage of one or more ended periods, per charge model; no proration, no rounding."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soapsvc.engine.account import BillingRules, Charge, UsageRecord
from soapsvc.engine.usage import rate_usage
from soapsvc.engine.usage.records import MAX_RECORDS
from tests.support.rating import JANUARY, error_of, months, priced, problem, rated, rows_of, tiers, told, used

STEPS_OF_PRICE = tiers("0-10 20", "11-25 15", "26- 12")
SKIP_EMPTY = BillingRules(skip_usage_without_records=True)
UNBILLED = BillingRules(unbilled_usage=True)


@pytest.mark.rule("9.2 usage per period")
def test_a_record_belongs_to_the_period_of_its_start_date_alone() -> None:
    """
    January         February        March
    |--------------|---------------|-----…
    3            4  5            6  7
    """
    records = [used("01-01", 3), used("01-31", 4), used("02-01", 5), used("02-29", 6, end_date=None), used("03-01", 7)]
    assert rated(priced("PerUnit", price=2), *records, periods=months(2)) == [
        "2024-01-01…2024-01-31 14 for 7 units",
        "2024-02-01…2024-02-29 22 for 11 units",
    ]


def test_records_outside_the_due_periods_are_left_alone() -> None:
    records = [used("2023-12-31", 3), used("01-15", 4), used("02-01", 5)]
    assert rated(priced("PerUnit", price=2), *records) == ["2024-01-01…2024-01-31 8 for 4 units"]


def test_without_due_periods_there_is_nothing() -> None:
    assert rated(priced("PerUnit", price=2), used("01-15", 4), periods=[]) == []


@pytest.mark.rule("9.2 usage flat fee")
def test_a_usage_flat_fee_is_charged_for_any_usage_and_shows_the_units() -> None:
    charge = priced("FlatFee", price="6.5")
    assert rated(charge, used("01-03", 2), used("01-04", 9), periods=months(2)) == [
        "2024-01-01…2024-01-31 6.5 for 11 units",
        "2024-02-01…2024-02-29 6.5 for 0 units",
    ]


@pytest.mark.rule("9.2 zero usage")
@pytest.mark.parametrize(
    ("charge", "amount"),
    [
        (priced("PerUnit", price=2), "0"),
        (priced("Volume", tiers=STEPS_OF_PRICE), "0"),
        (priced("Tiered", tiers=tiers("0-5 30 flat", "6- 7")), "30"),
        (priced("Volume", tiers=tiers("0-5 30 flat", "6- 7")), "30"),
        (priced("Overage", included_units=5, overage_price=1), "0"),
        (priced("PreratedPricing"), "0"),
        (priced("HighWatermarkVolumePricing", tiers=tiers("1-5 30 flat")), "30"),
    ],
)
def test_a_period_without_usage_has_an_item_of_what_zero_units_cost(charge: Charge, amount: str) -> None:
    assert rated(charge) == [f"2024-01-01…2024-01-31 {amount} for 0 units"]


@pytest.mark.rule("9.2 zero usage: skipped")
def test_the_tenant_may_leave_periods_without_records_out() -> None:
    charge = priced("PerUnit", price=2)
    assert rated(charge, used("02-05", 0), periods=months(3), rules=SKIP_EMPTY) == [
        "2024-02-01…2024-02-29 0 for 0 units"
    ]


@pytest.mark.rule("9.2 zero usage: unbilled usage")
@pytest.mark.parametrize(("first", "amount"), [("0-5 30 flat", "30"), ("1-5 30 flat", "0")])
def test_with_unbilled_usage_zero_units_only_enter_a_first_tier_that_starts_at_0(first: str, amount: str) -> None:
    rules = replace(UNBILLED, skip_usage_without_records=True)  # which unbilled usage overrides
    charge = priced("Tiered", tiers=tiers(first, "6- 7"))
    assert rated(charge, rules=rules) == [f"2024-01-01…2024-01-31 {amount} for 0 units"]
    assert rated(charge, used("01-02", 1), rules=rules) == ["2024-01-01…2024-01-31 30 for 1 units"]


@pytest.mark.rule("1.2 high watermark")
def test_the_day_with_most_usage_is_rated_3_plus_9_units() -> None:
    """
    Jan 4   Jan 5   Jan 6
    10      3 + 9   11       the watermark is 12
    """
    records = [used("01-04", 10), used("01-05", 3), used("01-06", 11), used("01-05", 9)]
    volume = priced("HighWatermarkVolumePricing", tiers=STEPS_OF_PRICE)
    tiered = priced("HighWatermarkTieredPricing", tiers=STEPS_OF_PRICE)
    assert rated(volume, *records) == ["2024-01-01…2024-01-31 180 for 12 units"]  # 12 x 15
    assert rated(tiered, *records) == ["2024-01-01…2024-01-31 230 for 12 units"]  # 10 x 20 + 2 x 15


@pytest.mark.rule("1.2 pre-rated")
def test_pre_rated_records_bring_their_totals_7_5_plus_2() -> None:
    records = [used("01-04", 10, fields={"totalAmount": "7.5"}), used("01-05", 3, fields={"totalAmount": 2})]
    assert rated(priced("PreratedPricing"), *records) == ["2024-01-01…2024-01-31 9.5 for 13 units"]


@pytest.mark.rule("1.2 pre-rated")
def test_pre_rated_records_bring_their_rates_10_x_0_5_plus_3_x_2() -> None:
    records = [used("01-04", 10, fields={"perUnitRate": "0.5"}), used("01-05", 3, fields={"perUnitRate__c": "2"})]
    assert rated(priced("PreratedPerUnit"), *records) == ["2024-01-01…2024-01-31 11 for 13 units"]


@pytest.mark.parametrize("name", ["cost__c", "cost"])
def test_the_charge_says_which_custom_field_holds_the_amount(name: str) -> None:
    configuration = {"chargeModelConfiguration": {"customFieldTotalAmount": "cost__c"}}
    charge = priced("Prerated Pricing", attributes=configuration)
    record = used("01-04", 10, fields={name: "3", "totalAmount": "99"})
    assert rated(charge, record) == ["2024-01-01…2024-01-31 3 for 10 units"]


@pytest.mark.rule("wrong data: pre-rated")
@pytest.mark.parametrize(
    ("model", "fields", "code", "field"),
    [
        ("PreratedPerUnit", {"perUnitRate": ""}, "MISSING_USAGE_FIELD", "usage.perUnitRate"),
        ("PreratedPricing", {}, "MISSING_USAGE_FIELD", "usage.totalAmount"),
        ("PreratedPricing", {"totalAmount": "ten"}, "BAD_NUMBER", "usage.totalAmount"),
        ("PreratedPricing", {"totalAmount": True}, "BAD_NUMBER", "usage.totalAmount"),
    ],
)
def test_a_record_without_its_amount_is_an_error(model: str, fields: dict[str, object], code: str, field: str) -> None:
    assert problem(lambda: rated(priced(model), used("01-04", 1, fields=fields))) == (code, field)


@pytest.mark.rule("7.1 usage proration")
@pytest.mark.parametrize(("option", "amount"), [("TimeBasedProration", "24"), ("NoProration", "60"), (None, "60")])
def test_usage_of_a_partial_period_is_prorated_only_when_the_charge_says_so(option: str | None, amount: str) -> None:
    """20 units x 3 = 60, of a period that is 2/5 of a full one."""
    charge = priced("PerUnit", price=3, proration_option=option)
    found = rated(charge, used("01-25", 20), used("02-03", 1), periods=months(2), factors=[Fraction(2, 5), Fraction(1)])
    assert found == [f"2024-01-01…2024-01-31 {amount} for 20 units", "2024-02-01…2024-02-29 3 for 1 units"]


def test_a_full_period_and_one_without_factors_are_not_prorated() -> None:
    charge = priced("PerUnit", price=3, proration_option="TimeBasedProration")
    assert rated(charge, used("01-25", 20)) == ["2024-01-01…2024-01-31 60 for 20 units"]
    (row,) = rows_of(charge, [used("01-25", 20)], factors=[Fraction(1)], explain=True)
    assert (row.amount, [step.rule for step in row.steps]) == (60, ["pricing.per_unit"])


def test_records_that_were_billed_are_not_billed_again() -> None:
    records = [used("01-05", 5, rbe_status="Processed"), used("01-06", 3)]
    assert rated(priced("PerUnit", price=2), *records) == ["2024-01-01…2024-01-31 6 for 3 units"]


def test_units_above_a_closed_last_tier_are_warned_of() -> None:
    rows = rows_of(priced("Tiered", tiers=tiers("0-10 2")), [used("01-05", 12)])
    assert [(row.amount, [warning.code for warning in row.warnings]) for row in rows] == [
        (20, ["QUANTITY_ABOVE_LAST_TIER"])
    ]


# Explanations.


@pytest.mark.rule("explain: usage")
@pytest.mark.parametrize(
    ("charge", "formulas"),
    [
        (priced("PerUnit", price=2), ["7 x 2"]),
        (
            priced("HighWatermarkVolumePricing", tiers=STEPS_OF_PRICE),
            ["the day with most usage on 2024-01-05", "5 x 20"],
        ),
        (
            priced("PerUnit", price=2, proration_option="TimeBasedProration"),
            ["7 x 2", "14 x 1/2 of the billing period"],
        ),
    ],
)
def test_usage_is_explained_with_the_numbers_that_were_rated(charge: Charge, formulas: list[str]) -> None:
    rows = rows_of(charge, [used("01-05", 5), used("01-06", 2)], factors=[Fraction(1, 2)], explain=True)
    assert [step.formula for step in rows[0].steps] == formulas
    assert rows[0].steps[-1].value == rows[0].amount


@pytest.mark.rule("explain: usage")
def test_prorated_usage_is_explained_by_the_share_of_the_period() -> None:
    charge = priced("PerUnit", price=2, proration_option="TimeBasedProration")
    (row,) = rows_of(charge, [used("01-05", 7)], factors=[Fraction(1, 2)], explain=True)
    assert told(row.steps)[1:] == ["usage.proration: 14 x 1/2 of the billing period = 7  (Usage charge proration)"]


def test_pre_rated_records_are_explained() -> None:
    fields = {"totalAmount": 3, "perUnitRate": 2}
    totals = rows_of(priced("PreratedPricing"), [used("01-05", 5, fields=fields)], explain=True)
    rates = rows_of(priced("PreratedPerUnit"), [used("01-05", 5, fields=fields)], explain=True)
    assert [step.formula for step in totals[0].steps] == ["total of 1 records, added"]
    assert [step.formula for step in rates[0].steps] == ["quantity x rate of 1 records, added"]


def test_a_period_without_usage_is_explained() -> None:
    assert [step.formula for step in rows_of(priced("PerUnit", price=2), [], explain=True)[0].steps] == ["0 x 2"]
    watermark = priced("HighWatermarkVolumePricing", tiers=STEPS_OF_PRICE)
    assert [step.formula for step in rows_of(watermark, [], explain=True)[0].steps] == [
        "the day with most usage",
        "0 x 20",
    ]


def test_a_first_tier_that_zero_units_do_not_enter_is_explained() -> None:
    charge = priced("Tiered", tiers=tiers("1- 30 flat"))
    rows = rows_of(charge, [], rules=UNBILLED, explain=True)
    assert [(step.rule, step.value) for step in rows[0].steps] == [("usage.not_entered", 0)]


# Limits and wrong data.


class Repeated(list[UsageRecord]):
    """A list that says it holds one record many times, without holding it."""

    def __init__(self, record: UsageRecord, times: int) -> None:
        super().__init__()
        self.record, self.times = record, times

    def __len__(self) -> int:
        return self.times

    def __getitem__(self, position: object) -> UsageRecord:  # type: ignore[override]
        return self.record


@pytest.mark.rule("9.1 at most 200,000 records")
def test_more_than_200000_records_in_a_period_are_refused() -> None:
    charge, record = priced("PerUnit", price=1), used("01-05", 1)
    rows = rate_usage(charge, JANUARY, Repeated(record, MAX_RECORDS), BillingRules())
    assert (rows[0].amount, rows[0].steps) == (MAX_RECORDS, ())
    code, field, message = error_of(
        lambda: rate_usage(charge, JANUARY, Repeated(record, MAX_RECORDS + 1), BillingRules())
    )
    assert (code, field) == ("TOO_MANY_RECORDS", "usage")
    assert message == "200,001 usage records start in the period from 2024-01-01; at most 200,000 are allowed."


def test_the_records_of_other_periods_do_not_count_towards_the_limit() -> None:
    records = [used("01-05", 1)] * 3 + [used("02-05", 1)] * MAX_RECORDS
    rows = rate_usage(priced("PerUnit", price=1), months(2), records, BillingRules())
    assert [row.quantity for row in rows] == [3, MAX_RECORDS]


def test_quantities_of_10_to_the_12_with_nine_decimals_are_exact() -> None:
    records = [used("01-05", "1000000000000.000000001"), used("01-06", "0.000000001")]
    row = rows_of(priced("PerUnit", price="0.000001"), records)[0]
    assert row.amount == Fraction("1000000000000.000000002") / 10**6


@pytest.mark.parametrize("quantity", ["NaN", "1e999"])
def test_a_quantity_that_is_not_a_number_is_refused(quantity: str) -> None:
    found = problem(lambda: rated(priced("PerUnit", price=2), used("01-05", quantity), used("01-06", 1)))
    assert found == ("BAD_NUMBER", "quantity")


@pytest.mark.parametrize(
    ("charge", "field"),
    [
        (priced("PerUnit"), "price"),
        (priced("Volume"), "tiers"),
        (priced("Overage", included_units=1), "overagePrice"),
        (priced("PerUnit", price=1, rating_group="ByMoon"), "ratingGroup"),
        (priced("PerUnit", price=1, usage_record_rating_option="Never"), "usageRecordRatingOption"),
        (priced("Delivery", price=1), "model"),
    ],
)
def test_a_usage_charge_that_cannot_be_rated_names_the_field(charge: Charge, field: str) -> None:
    assert problem(lambda: rated(charge, used("01-05", 1)))[1] == field


# Properties of every model: neither the order of records nor the way of asking for periods matters.

CHARGES = [
    priced("FlatFee", price=3),
    priced("PerUnit", price="1.37"),
    *(
        priced(model, tiers=tiers("0-10 3", "10.5-20 40 flat", "21- 1.1"), rating_group=group)
        for model in ("Volume", "Tiered")
        for group in ("ByBillingPeriod", "ByUsageStartDate", "ByUsageRecord", "ByUsageUpload", "ByGroupId")
    ),
    priced("TieredWithOverage", tiers=tiers("0-10 3", "11-20 2"), overage_price=5),
    priced("Overage", included_units=7, overage_price=2),
    priced("HighWatermarkTieredPricing", tiers=STEPS_OF_PRICE),
    priced("PreratedPerUnit"),
    priced(
        "MultiAttributePricing", attributes={"chargeModelConfiguration": {"formula": "min(usageQuantity(), 3) / 7"}}
    ),
]
RECORDS = st.lists(
    st.builds(
        lambda on, quantity, label: used(
            f"0{1 + on // 28}-{1 + on % 28:02}",
            quantity,
            file_name=label,
            group_id=label,
            fields={"perUnitRate": "0.7"},
        ),
        st.integers(0, 83),
        st.decimals(0, 40, places=2),
        st.sampled_from(["A", "B", None]),
    ),
    max_size=12,
)


@pytest.mark.rule("property: usage order")
@given(st.sampled_from(CHARGES), RECORDS, st.randoms())
def test_the_order_of_the_records_changes_nothing(charge: Charge, records: list[UsageRecord], random: object) -> None:
    shuffled = list(records)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert rated(charge, *records, periods=months(3)) == rated(charge, *shuffled, periods=months(3))


@given(st.sampled_from(CHARGES), RECORDS)
def test_a_period_costs_the_same_alone_and_among_others(charge: Charge, records: list[UsageRecord]) -> None:
    alone = [line for period in months(3) for line in rated(charge, *records, periods=[period])]
    assert rated(charge, *records, periods=months(3)) == alone


@given(RECORDS)
def test_the_quantities_of_the_items_are_those_of_the_records(records: list[UsageRecord]) -> None:
    rows = rows_of(priced("PerUnit", price=1), records, months(3))
    assert sum(row.quantity for row in rows) == sum((record.quantity for record in records), Decimal(0))
