"""Rating groups, and rounding record by record."""

from __future__ import annotations

import pytest

from soapsvc.engine.account import BillingRules, Charge, UsageRecord
from soapsvc.engine.usage.quantity_meters import MAX_EXPLAINED_GROUPS
from tests.support.rating import months, priced, rated, rows_of, tiers, used

GROUPS = ["ByBillingPeriod", "ByUsageStartDate", "ByUsageRecord", "ByUsageUpload", "ByGroupId"]
BY_DAY = tiers("0-20 5", "21-60 4", "61- 3")

# Day      upload   group   units
# Jan 2    one      x       10, 15
# Jan 2    two      x       10
# Jan 9    one      y       30
# Feb 1    two      y       70
RECORDS = [
    used("01-02", 10, file_name="one.csv", group_id="x"),
    used("01-02", 15, file_name="one.csv", group_id="x"),
    used("01-02", 10, file_name="two.csv", group_id="x"),
    used("01-09", 30, file_name="one.csv", group_id="y"),
    used("02-01", 70, file_name="two.csv", group_id="y"),
]


@pytest.mark.rule("9.3 rating groups")
@pytest.mark.parametrize(
    ("group", "january"),
    [
        ("ByBillingPeriod", "195"),  # 65 x 3
        ("ByUsageStartDate", "260"),  # 35 x 4 + 30 x 4
        ("ByUsageRecord", "295"),  # 10 x 5 + 15 x 5 + 10 x 5 + 30 x 4
        ("ByUsageUpload", "270"),  # 55 x 4 + 10 x 5
        ("ByGroupId", "260"),  # 35 x 4 + 30 x 4
    ],
)
def test_each_group_is_rated_by_itself_by_volume(group: str, january: str) -> None:
    charge = priced("Volume", tiers=BY_DAY, rating_group=group)
    assert rated(charge, *RECORDS, periods=months(2)) == [
        f"2024-01-01…2024-01-31 {january} for 65 units",
        "2024-02-01…2024-02-29 210 for 70 units",
    ]


@pytest.mark.rule("9.3 rating groups")
@pytest.mark.parametrize(
    ("group", "january"),
    [
        ("ByBillingPeriod", "275"),  # 20 x 5 + 40 x 4 + 5 x 3
        ("ByUsageStartDate", "300"),  # (20 x 5 + 15 x 4) + (20 x 5 + 10 x 4)
        ("ByUsageRecord", "315"),  # 35 x 5 + (20 x 5 + 10 x 4)
    ],
)
def test_each_group_is_rated_by_itself_by_tiers(group: str, january: str) -> None:
    charge = priced("Tiered", tiers=BY_DAY, rating_group=group)
    assert rated(charge, *RECORDS) == [f"2024-01-01…2024-01-31 {january} for 65 units"]


@pytest.mark.parametrize("group", GROUPS)
def test_groups_change_nothing_per_unit(group: str) -> None:
    assert rated(priced("PerUnit", price=2, rating_group=group), *RECORDS) == ["2024-01-01…2024-01-31 130 for 65 units"]


@pytest.mark.parametrize("group", GROUPS)
def test_a_period_without_usage_has_one_item_in_every_group(group: str) -> None:
    charge = priced("Tiered", tiers=tiers("0- 9 flat"), rating_group=group)
    assert rated(charge) == ["2024-01-01…2024-01-31 9 for 0 units"]


@pytest.mark.parametrize(
    "charge",
    [
        priced("FlatFee", price=5),
        priced("Overage", included_units=50, overage_price=1),
        priced("TieredWithOverage", tiers=tiers("0-60 0"), overage_price=1),
    ],
)
def test_other_models_know_no_groups(charge: Charge) -> None:
    plain = rated(charge, *RECORDS)
    grouped = priced(
        charge.model,
        rating_group="ByUsageRecord",
        price=charge.price or 0,
        tiers=charge.tiers,
        included_units=charge.included_units or 0,
        overage_price=charge.overage_price or 0,
    )
    assert rated(grouped, *RECORDS) == plain


def test_catalogue_spellings_of_groups_are_known() -> None:
    charge = priced("Volume", tiers=BY_DAY, rating_group="By Usage Record")
    assert rated(charge, *RECORDS) == ["2024-01-01…2024-01-31 295 for 65 units"]


@pytest.mark.rule("explain: rating groups")
def test_groups_are_explained_one_by_one_and_added() -> None:
    rows = rows_of(priced("Volume", tiers=BY_DAY, rating_group="ByUsageUpload"), RECORDS, explain=True)
    assert [step.formula for step in rows[0].steps] == ["55 x 4", "10 x 5", "the fees of 2 rating groups, added"]


def test_only_the_first_of_many_groups_are_listed() -> None:
    records = [used("01-05", number) for number in range(50)]
    rows = rows_of(priced("Volume", tiers=BY_DAY, rating_group="ByUsageRecord"), records, explain=True)
    assert len(rows[0].steps) == MAX_EXPLAINED_GROUPS + 1
    assert rows[0].steps[-1].formula == "the fees of 50 rating groups, added"


# Rounding record by record.

INDIVIDUALLY = BillingRules(rate_usage_individually=True)
THIRDS = [used("01-02", 1), used("01-03", 1), used("01-04", 1)]


def both(charge: Charge, *records: UsageRecord) -> list[str]:
    """The amount without and with rounding per record."""
    return [rated(charge, *records, rules=rules)[0].split()[1] for rules in (BillingRules(), INDIVIDUALLY)]


@pytest.mark.rule("9.3 rounded individually")
def test_three_units_at_0_334_are_1_002_together_and_3_x_0_33_one_by_one() -> None:
    assert both(priced("PerUnit", price="0.334"), *THIRDS) == ["1.002", "0.99"]


@pytest.mark.rule("9.3 rounded individually")
def test_by_volume_the_whole_group_chooses_the_price_that_each_record_is_rounded_at() -> None:
    """3 units: 0.225 each, rounded to 0.23."""
    charge = priced("Volume", tiers=tiers("0-2 9", "3- 0.225"))
    assert both(charge, *THIRDS) == ["0.675", "0.69"]


@pytest.mark.rule("9.3 rounded individually")
def test_by_tiers_each_record_takes_the_units_after_those_before_it() -> None:
    """1.114 | 1.114 | 0.004: 1.11 + 1.11 + 0.00."""
    charge = priced("Tiered", tiers=tiers("0-2 1.114", "3- 0.004"))
    assert both(charge, *THIRDS) == ["2.232", "2.22"]


@pytest.mark.parametrize(("model", "expected"), [("Volume", ["5.554", "5.55"]), ("Tiered", ["5.554", "5.55"])])
def test_a_flat_tier_is_charged_once_not_per_record(model: str, expected: list[str]) -> None:
    assert both(priced(model, tiers=tiers("0-9 5.554 flat")), *THIRDS) == expected


@pytest.mark.parametrize("group", GROUPS)
def test_groups_and_rounding_per_record_work_together(group: str) -> None:
    """Every record costs 1 x 0.334 or 1 x 0.336, whichever group it is in."""
    charge = priced("Tiered", tiers=tiers("0-1 0.334", "2- 0.336"), rating_group=group)
    expected = {"ByBillingPeriod": "1.01", "ByUsageUpload": "1.01", "ByGroupId": "1.01"}.get(group, "0.99")
    assert both(charge, *THIRDS)[1] == expected  # 0.33 + 0.34 + 0.34, or 3 x 0.33
    volume = priced("Volume", tiers=tiers("0-1 0.334", "2- 0.336"), rating_group=group)
    expected = {"ByBillingPeriod": "1.02", "ByUsageUpload": "1.02", "ByGroupId": "1.02"}.get(group, "0.99")
    assert both(volume, *THIRDS)[1] == expected  # 3 x 0.34, or 3 x 0.33


def test_units_above_a_closed_last_tier_cost_nothing_one_by_one_either() -> None:
    charge = priced("Volume", tiers=tiers("0-2 1.111"))
    rows = rows_of(charge, THIRDS, rules=INDIVIDUALLY)
    assert (rows[0].amount, rows[0].warnings[0].code) == (0, "QUANTITY_ABOVE_LAST_TIER")


def test_pre_rated_amounts_and_formulas_are_rounded_per_record_too() -> None:
    records = [used("01-02", 1, fields={"totalAmount": "0.334"}), used("01-03", 1, fields={"totalAmount": "0.334"})]
    assert both(priced("PreratedPricing"), *records) == ["0.668", "0.66"]
    formula = {"chargeModelConfiguration": {"formula": "usageQuantity() / 3"}}
    assert both(priced("MultiAttributePricing", attributes=formula), *THIRDS) == ["1", "0.99"]


@pytest.mark.parametrize(
    "charge",
    [
        priced("FlatFee", price="0.334"),
        priced("Overage", included_units=0, overage_price="0.334"),
        priced("TieredWithOverage", tiers=tiers("0-1 0.334"), overage_price="0.334"),
        priced("Tiered", tiers=tiers("0- 0.334"), usage_record_rating_option="OnDemand"),
    ],
)
def test_flat_fees_overage_and_tiers_on_demand_are_never_rounded_per_record(charge: Charge) -> None:
    plain, individually = both(charge, *THIRDS)
    assert plain == individually


def test_a_period_without_usage_costs_what_zero_units_cost_one_by_one_too() -> None:
    assert both(priced("Tiered", tiers=tiers("0- 9.999 flat"))) == ["9.999", "9.999"]


def test_rounding_per_record_is_explained() -> None:
    rows = rows_of(priced("PerUnit", price="0.334"), THIRDS, rules=INDIVIDUALLY, explain=True)
    assert [step.formula for step in rows[0].steps] == ["3 records, each rounded HALF_UP to 2 decimals, added"]
