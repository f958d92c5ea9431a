"""Overage: the included units of a period and the units above them are two items; the first costs nothing.

included   |===== 10 =====|
used       |===== 10 =====|== 5 ==|        (10 units, 0) and (5 units, 10.00) at 2 each
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soapsvc.engine.account import Charge, Tier
from tests.support.building import account, answer, metered, percent_off, sound, subscription
from tests.support.building import used as each_used
from tests.support.rating import months, priced, rated, rows_of, told, used

JANUARY = "2024-01-01…2024-01-31"


def overage(included: object = 10, price: object = 2, **fields: Any) -> Charge:
    return priced("Overage", included_units=included, overage_price=price, **fields)


@pytest.mark.rule("1.2 overage: two items")
@pytest.mark.parametrize(
    ("included", "price", "units", "expected"),
    [
        (10, 2, 15, ["0 for 10 units", "10 for 5 units"]),  # the sample answer of BillingPreview()
        (500, "0.1", 1000, ["0 for 500 units", "50 for 500 units"]),
        (500, "0.50", 600, ["0 for 500 units", "50 for 100 units"]),
        (10, 2, 10, ["0 for 10 units"]),
        (10, 2, 3, ["0 for 3 units"]),
        (10, 2, 0, ["0 for 0 units"]),
        (0, 2, 3, ["6 for 3 units"]),
        ("2.5", 2, "2.75", ["0 for 2.5 units", "0.5 for 0.25 units"]),
    ],
)
def test_units_above_the_included_ones_are_an_item_of_their_own(
    included: object, price: object, units: object, expected: list[str]
) -> None:
    assert rated(overage(included, price), used("01-05", units)) == [f"{JANUARY} {each}" for each in expected]


@pytest.mark.rule("1.2 overage: two items")
def test_every_period_includes_its_units_anew() -> None:
    """(130 - 100) x 0.5; 80 within 100."""
    records = [used("01-03", 70), used("01-30", 60), used("02-03", 80)]
    assert rated(overage(100, "0.5"), *records, periods=months(2)) == [
        f"{JANUARY} 0 for 100 units",
        f"{JANUARY} 15 for 30 units",
        "2024-02-01…2024-02-29 0 for 80 units",
    ]


@pytest.mark.rule("1.2 overage: two items")
@pytest.mark.parametrize(
    ("billed", "new", "expected"),
    [
        (8, 7, ["0 for 2 units", "10 for 5 units"]),
        (10, 5, ["10 for 5 units"]),
        (12, 5, ["10 for 5 units"]),
        (3, 7, ["0 for 7 units"]),
    ],
)
def test_on_demand_and_late_usage_gets_only_the_unused_included_units_free(
    billed: int, new: int, expected: list[str]
) -> None:
    """Of 10 included, some were billed in the period; the new units take what is left, the others cost 2 each."""
    processed = used("01-02", billed, rbe_status="Processed")
    charge = overage(usage_record_rating_option="OnDemand")
    assert rated(charge, processed, used("01-05", new)) == [f"{JANUARY} {each}" for each in expected]

    charge = metered(None, "2024-01-01", model="Overage", included_units=10, overage_price=2,
                     charged_through_date="2024-02-01")  # fmt: skip
    records = (each_used("2024-01-02", billed, rbe_status="Processed"), each_used("2024-01-05", new))
    result = sound(answer(account(charge, usage=records, rules={"late_usage": True}), "2024-02-01"))
    assert [f"{item.amount.normalize():f} for {item.quantity:f} units" for item in result.items()] == expected


@pytest.mark.rule("1.2 overage: two items")
@pytest.mark.parametrize(("suffixes", "name"), [(True, "Readings -- Overage"), (False, "Readings")])
def test_the_overage_is_named_so_where_the_tenant_wants_suffixes(suffixes: bool, name: str) -> None:
    charge = metered(None, "2024-01-01", name="Readings", model="Overage", included_units=10, overage_price=2)
    records = (each_used("2024-01-05", 15),)
    result = sound(answer(account(charge, usage=records, rules={"proration_suffixes": suffixes}), "2024-02-01"))
    assert [item.charge_name for item in result.items()] == ["Readings", name]
    assert not any(result.blocks[0].series.credits or ())


@pytest.mark.rule("1.2 tiered with overage")
@pytest.mark.parametrize(
    "charge",
    [
        priced("TieredWithOverage", tiers=(Tier(Decimal(0), Decimal(0), Decimal(10)),), overage_price=2),
        priced("Calculated", attributes={"rateCards": [
            {"pricing": {"model": "Tiered", "tiers": [{"up_to": 10, "unit_amount": 0}, {"unit_amount": 2}]}}
        ]}),
    ],
)  # fmt: skip
def test_units_above_tiers_or_tiers_of_a_rate_card_have_no_separate_item(charge: Charge) -> None:
    """10 for nothing and 5 at 2, as with Overage; pages print two items for that model alone."""
    assert rated(charge, used("01-05", 15)) == [f"{JANUARY} 10 for 15 units"]


def test_a_discount_reduces_the_overage_alone() -> None:
    charge = metered(None, "2024-01-01", model="Overage", included_units=10, overage_price=2)
    terms = subscription(charge, percent_off(50, "2024-01-01"))
    items = list(sound(answer(account(terms, usage=(each_used("2024-01-05", 15),)), "2024-02-01")).items())
    assert [(item.amount, item.applied_to) for item in items] == [(0, None), (10, None), (-5, 1)]


@pytest.mark.rule("explain: usage")
def test_both_items_are_explained() -> None:
    free, above = rows_of(overage(), [used("01-05", 15)], explain=True)
    assert told(free.steps) == ["usage.included: 10 of 10 included units cost nothing = 0  (Overage pricing)"]
    assert told(above.steps) == [
        "pricing.overage: max(0, 15 - 10) x 2 = 10  [includedUnits=10, price=2, quantity=15]  (Overage pricing)"
    ]


@pytest.mark.rule("property: overage")
@given(st.integers(0, 50), st.lists(st.decimals(0, 40, places=1), max_size=8), st.integers(0, 9))
def test_the_items_sum_to_the_units_used_and_to_the_price_of_those_above(
    included: int, quantities: list[Decimal], price: int
) -> None:
    rows = rows_of(overage(included, price), [used("01-05", each) for each in quantities])
    total = sum(quantities)
    assert sum(row.quantity for row in rows) == total
    assert sum(row.amount for row in rows) == max(0, total - included) * price
    assert all(row.quantity > 0 for row in rows) or total == 0
