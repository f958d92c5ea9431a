"""Renewals at the latest price of the catalogue: which price each charge model takes, and when it keeps its own."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from soapsvc.engine.account import CatalogCharge, Tier
from soapsvc.tenant.formats import read_catalog_charge
from tests.support.building import account, billed, metered, percent_off, recurring, subscription, used


def tiers(price: int, end: int | None) -> tuple[Tier, ...]:
    """One tier from 0."""
    return (Tier(Decimal(0), Decimal(price), None if end is None else Decimal(end)),)


@pytest.mark.rule("6 price change: catalogue")
@pytest.mark.parametrize(
    ("model", "fields"),
    [
        ("Tiered", {}),
        ("Volume", {}),
        ("TieredWithOverage", {"overage_price": 3}),
        ("HighWatermarkVolumePricing", {}),
        ("HighWatermarkTieredPricing", {}),
    ],
)
def test_usage_is_rated_by_the_latest_tiers_10_x_1_then_10_x_2(model: str, fields: dict[str, Any]) -> None:
    assert renewed_usage(model, tiers(2, 100), tiers=tiers(1, 100), **fields) == ["10.00", "20.00"]


@pytest.mark.rule("6 price change: catalogue")
def test_units_above_the_latest_tiers_cost_the_latest_overage_price_4_x_1_and_6_x_3_then_4_x_2_and_6_x_5() -> None:
    latest = {"overage_price": Decimal(5)}
    own = {"tiers": tiers(1, 4), "overage_price": 3}
    assert renewed_usage("TieredWithOverage", tiers(2, 4), latest=latest, **own) == ["22.00", "38.00"]
    assert renewed_usage("TieredWithOverage", tiers(2, 4), **own) == ["22.00", "26.00"]


@pytest.mark.rule("6 price change: catalogue")
def test_overage_costs_the_latest_overage_price_10_x_1_then_10_x_2() -> None:
    latest = {"overage_price": Decimal(2)}
    own = {"included_units": 0, "overage_price": 1}
    assert renewed_usage("Overage", (), latest=latest, **own) == ["10.00", "20.00"]
    assert renewed_usage("Overage", (), **own) == ["10.00", "10.00"]


@pytest.mark.rule("6 price change: catalogue")
def test_a_price_in_the_only_tier_is_the_price_10_x_2() -> None:
    assert renewed_usage("PerUnit", tiers(2, None), price=1) == ["10.00", "20.00"]


def renewed_usage(model: str, prices: tuple[Tier, ...], *, latest: Any = None, **fields: Any) -> list[str]:
    """The amounts of 10 units in Feb and in Mar 2024: the renewal on Mar 1 is at the catalogue's tiers and `latest`."""
    entry = CatalogCharge("prpc", "Usage", model, "Month", uom="Each", tiers=prices, **(latest or {}))
    charge = metered(
        fields.pop("price", None),
        "2024-01-01",
        model=model,
        product_rate_plan_charge_id="prpc",
        price_change_option="UseLatestProductCatalogPricing",
        charged_through_date="2024-02-01",
        **fields,
    )
    terms = subscription(charge, start="2024-01-01", end="2024-03-01")
    whole = account(terms, catalog={"prpc": entry}, usage=(used("2024-02-05", 10), used("2024-03-05", 10)))
    return [each.split()[1] for each in billed(whole, "2024-04-01", renew="All")]


@pytest.mark.rule("6 price change: catalogue")
@pytest.mark.parametrize(
    ("own", "latest", "takes"),
    [
        (("Specific_Months", 3), ("Specific_Months", 3), True),
        (("Specific_Months", 3), ("Specific_Months", 4), False),
        (("Specific_Months", 3), ("Specific_Months", None), True),  # as any other field that the catalogue leaves blank
        (("Specific_Months", 3), ("Quarter", None), True),
        (("Quarter", None), ("Specific Months", 3), True),
        (("Quarter", None), ("Specific Months", None), False),
        (("Specific_Months", 3), ("Month", None), False),
        (("Specific_Weeks", 12), ("Specific Weeks", 12), True),
        (("Specific_Weeks", 12), ("Specific Weeks", 13), False),
        (("Specific_Days", 84), ("Specific_Days", 90), False),
        (("Specific_Days", 84), ("Specific_Weeks", 12), False),
        (("Quarter", None), ("quarterly", None), True),
    ],
)
def test_the_latest_price_is_for_the_same_period_only(
    own: tuple[str, int | None], latest: tuple[str, int | None], takes: bool
) -> None:
    entry = CatalogCharge("prpc", billing_period=latest[0], specific_billing_period=latest[1], price=Decimal(40))
    assert (from_april(own, entry) != from_april(own)) is takes


@pytest.mark.rule("6 price change: catalogue")
@pytest.mark.parametrize(("months", "amount"), [(3, "40.00"), (4, "30.00")])
def test_30_for_three_months_then_40_or_still_30_where_the_latest_price_is_for_four(months: int, amount: str) -> None:
    document = {"id": "prpc", "billingPeriod": "Specific_Months", "specificBillingPeriod": months}
    (entry,) = read_catalog_charge({**document, "pricing": [{"currency": "USD", "price": 40}]})
    assert from_april(("Specific_Months", 3), entry) == [f"2024-04-01…2024-06-30 {amount}"]


def from_april(own: tuple[str, int | None], *catalog: CatalogCharge) -> list[str]:
    """What 30 a period costs after the renewal on Apr 1 2024, at the latest price of a catalogue."""
    charge = recurring(
        30,
        "2024-01-01",
        billing_period=own[0],
        specific_billing_period=own[1],
        product_rate_plan_charge_id="prpc",
        price_change_option="UseLatestProductCatalogPricing",
    )
    terms = subscription(charge, start="2024-01-01", end="2024-04-01")
    whole = account(terms, catalog={entry.id: entry for entry in catalog}, currency="USD")
    return [each for each in billed(whole, "2024-04-01", renew="All") if each >= "2024-04"]


@pytest.mark.rule("6 price change: catalogue")
@pytest.mark.parametrize("numbers", [(0, 1), (1, 0)], ids=["ascending", "descending"])
def test_the_latest_tiers_may_come_in_any_order_20_units_x_2(numbers: tuple[int, int]) -> None:
    ordered = (Tier(Decimal(0), Decimal(3), Decimal(10)), Tier(Decimal(11), Decimal(2)))
    latest = tuple(ordered[number] for number in numbers)
    assert at_latest_tiers(20, latest) == "40.00"


@pytest.mark.rule("6 price change: catalogue")
def test_a_quantity_below_the_latest_tiers_keeps_its_price_3_x_1() -> None:
    assert at_latest_tiers(3, (Tier(Decimal(5), Decimal(9)),)) == "3.00"
    assert at_latest_tiers(3, (Tier(Decimal(1), Decimal(9)),)) == "27.00"


@pytest.mark.rule("6 price change: catalogue")
def test_the_same_tiers_in_another_order_do_not_split_a_period() -> None:
    ordered = (Tier(Decimal(0), Decimal(1), Decimal(10)), Tier(Decimal(11), Decimal(1)))
    assert at_latest_tiers(20, ordered[::-1], tiers=ordered) == "20.00"


def at_latest_tiers(quantity: int, latest: tuple[Tier, ...], **fields: Any) -> str:
    """The amount of the month from Mar 17 2024 of units at 1; the renewal on Mar 17 is at the catalogue's tiers."""
    charge = recurring(
        None,
        "2024-01-17",
        model="Volume",
        quantity=quantity,
        product_rate_plan_charge_id="prpc",
        price_change_option="UseLatestProductCatalogPricing",
        charged_through_date="2024-03-17",
        billing_day="ChargeTriggerDay",
        **{"tiers": tiers(1, None), **fields},
    )
    whole = account(subscription(charge, end="2024-03-17"), catalog={"prpc": CatalogCharge("prpc", tiers=latest)})
    (only,) = billed(whole, "2024-03-17", renew="All")
    return only.split()[1]


@pytest.mark.rule("6 price change: catalogue")
@pytest.mark.parametrize(("period", "amount"), [("Month", "-20.00"), (None, "-10.00")])
def test_a_discount_without_a_period_has_not_the_catalogue_s_100_less_20_or_still_10_percent(
    period: str | None, amount: str
) -> None:
    discount = percent_off(
        10,
        "2024-01-01",
        billing_period=period,
        product_rate_plan_charge_id="prpc",
        price_change_option="UseLatestProductCatalogPricing",
    )
    terms = subscription(recurring(100, "2024-01-01", charged_through_date="2024-03-01"), discount, end="2024-03-01")
    entry = CatalogCharge("prpc", billing_period="Month", discount_percentage=Decimal(20))
    whole = account(terms, catalog={"prpc": entry})
    assert billed(whole, "2024-03-01", renew="All") == [
        "2024-03-01…2024-03-31 100.00",
        f"2024-03-01…2024-03-31 {amount}",
    ]
