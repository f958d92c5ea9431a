"""Renewals that change prices in percent, for the models whose price no field of the charge holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from soapsvc.engine.account import Account, CatalogCharge, Charge
from soapsvc.engine.lifecycle import advance
from tests.support.building import account, answer, billed, metered, recurring, sound, subscription, used

UPLIFT = {"price_change_option": "SpecificPercentageValue", "price_increase_percentage": 10}


def carded(**pricing: Any) -> dict[str, Any]:
    """The attributes of a Calculated charge with one rate card."""
    return {"rateCards": [{"pricing": pricing}]}


def formula(text: str) -> dict[str, Any]:
    return {"chargeModelConfiguration": {"formula": text}}


TIERS = [{"startingUnit": 0, "endingUnit": 5, "price": 2}, {"startingUnit": 6, "price": 1}]


def monthly(model: str, attributes: dict[str, Any], **fields: Any) -> Charge:
    """3 units in advance, 10 % dearer at each renewal."""
    return recurring(None, "2024-01-01", model=model, quantity=3, attributes=attributes, **{**UPLIFT, **fields})


def amounts(charge: Charge, target: str = "2024-04-01", **fields: Any) -> list[str]:
    """The amounts from Feb 2024 on; the term ends on Mar 1, and each renewal is for a month."""
    charge = replace(charge, charged_through_date=date(2024, 2, 1))
    terms = subscription(charge, start="2024-01-01", end="2024-03-01", renewal_term=1)
    return [each.split()[1] for each in billed(account(terms, **fields), target, renew="All")]


@pytest.mark.rule("6 price change")
@pytest.mark.parametrize(
    ("model", "attributes"),
    [
        ("Calculated", carded(unit_amount=10)),
        ("Calculated", carded(unit_amount=20, adjustment="0.5")),
        ("Calculated", carded(flat_amounts={"USD": 30})),
        ("Calculated", carded(model="Tiered", tiers=[{"startingUnit": 0, "price": 10}])),
        ("MultiAttributePricing", formula("10 * quantity()")),
        ("MultiAttributePricing", formula('fieldLookup("charge", "price") * quantity()')),
    ],
)
def test_rate_cards_and_formulas_grow_at_each_renewal_30_then_33_then_36_30(
    model: str, attributes: dict[str, Any]
) -> None:
    charge = replace(monthly(model, attributes), price=recurring(10, "2024-01-01").price)
    assert amounts(charge) == ["30.00", "33.00", "36.30"]


@pytest.mark.rule("6 price change")
@pytest.mark.parametrize(
    ("model", "attributes"),
    [
        ("Calculated", carded(tiers=TIERS)),
        ("MultiAttributePricing", formula("1.5 * usageQuantity()")),
    ],
)
def test_usage_by_rate_cards_and_formulas_grows_too_15_then_16_50(model: str, attributes: dict[str, Any]) -> None:
    """10 units: 5 x 2 + 5 x 1, or 10 x 1.5."""
    charge = metered(None, "2024-01-01", model=model, attributes=attributes, **UPLIFT)
    usage = used("2024-02-05", 10), used("2024-03-05", 10)
    assert amounts(charge, usage=usage) == ["15.00", "16.50"]


@pytest.mark.rule("6 price change")
@pytest.mark.parametrize(
    ("model", "attributes"),
    [("Calculated", carded(unit_amount=10)), ("MultiAttributePricing", formula("10 * quantity()"))],
)
def test_a_renewal_that_has_happened_keeps_the_change_30_x_1_1_then_x_1_1(
    model: str, attributes: dict[str, Any]
) -> None:
    charge = replace(monthly(model, attributes), charged_through_date=date(2024, 3, 1))
    terms = subscription(charge, start="2024-01-01", end="2024-03-01", renewal_term=1, auto_renew=True)
    for_march = advance(account(terms), date(2024, 3, 2))
    assert billed(for_march, "2024-04-01", renew="All") == [
        "2024-03-01…2024-03-31 33.00",
        "2024-04-01…2024-04-30 36.30",
    ]


@pytest.mark.rule("6 price change")
def test_the_steps_show_the_change() -> None:
    for attributes, model, text in (
        (carded(unit_amount=10), "Calculated", "(3 x 10) x 1.1"),
        (formula("10 * quantity()"), "MultiAttributePricing", "(10 * quantity()) x 1.1"),
    ):
        terms = subscription(monthly(model, attributes), start="2024-01-01", end="2024-03-01")
        *_, march = sound(answer(terms, "2024-03-01", renew="All", explain=True)).items()
        assert march.trace is not None
        assert text in [step.formula for step in march.trace.steps]


@pytest.mark.rule("6 price change")
def test_100_percent_less_is_nothing() -> None:
    charge = monthly("Calculated", carded(unit_amount=10), price_increase_percentage=-100)
    assert amounts(charge) == ["30.00", "0.00", "0.00"]
    flat = recurring(30, "2024-01-01", **{**UPLIFT, "price_increase_percentage": -100})
    assert amounts(flat) == ["30.00", "0.00", "0.00"]


def warned(whole: Account) -> list[tuple[str, str]]:
    result = sound(answer(whole, "2024-04-01", renew="All"))
    return [(note.code, note.message) for note in result.notes if note.kind == "warning"]


@pytest.mark.rule("6 price change")
@pytest.mark.parametrize(
    ("pricing", "expected"),
    [
        ({"unit_amount": 10, "minimumAmount": 32}, ["32.00", "33.00", "36.30"]),
        ({"unit_amount": 10, "maximumAmount": 30}, ["30.00", "30.00", "30.00"]),
        ({"model": "Tiered", "tiers": [{"startingUnit": 0, "price": 10, "maximumAmount": 31}]}, None),
    ],
)
def test_limits_of_rate_cards_stay_with_a_warning(pricing: dict[str, Any], expected: list[str] | None) -> None:
    charge = monthly("Calculated", carded(**pricing))
    assert amounts(charge) == (expected or ["30.00", "31.00", "31.00"])
    text = (
        "Charge C-1 has a price change in percent at its renewal on 2024-03-01: the prices of its rate cards change, "
        "but it is assumed that their minimum and maximum amounts stay as they are."
    )
    assert warned(account(subscription(charge, end="2024-03-01"))) == [("LIMITS_NOT_CHANGED", text)]
    unlimited = monthly("Calculated", carded(unit_amount=10))
    assert not warned(account(subscription(unlimited, end="2024-03-01")))


@pytest.mark.rule("6 price change")
@pytest.mark.parametrize(("percentage", "warns"), [(10, True), (0, False)])
def test_prices_in_usage_records_stay_with_a_warning_7_then_7(percentage: int, warns: bool) -> None:
    charge = metered(None, "2024-01-01", model="PreratedPricing", **{**UPLIFT, "price_increase_percentage": percentage})
    usage = tuple(used(day, 1, fields={"totalAmount__c": 7}) for day in ("2024-02-05", "2024-03-05"))
    assert amounts(charge, usage=usage) == ["7.00", "7.00"]
    text = (
        "Charge C-U has a price change in percent at its renewal on 2024-03-01, but its usage records hold their "
        "prices: they stay as they are."
    )
    whole = account(subscription(charge, end="2024-03-01"), usage=usage)
    assert warned(whole) == [("PRICE_CHANGE_LEFT_OUT", text)] * warns


@pytest.mark.rule("6 price change: catalogue")
@pytest.mark.parametrize(
    ("model", "attributes"),
    [("Calculated", carded(unit_amount=10)), ("MultiAttributePricing", formula("10 * quantity()"))],
)
def test_the_catalogue_s_price_is_not_that_of_rate_cards_or_formulas_so_30_stays_with_a_warning(
    model: str, attributes: dict[str, Any]
) -> None:
    charge = monthly(
        model,
        attributes,
        product_rate_plan_charge_id="prpc",
        price_change_option="UseLatestProductCatalogPricing",
    )
    catalog = {"prpc": CatalogCharge("prpc", price=recurring(99, "2024-01-01").price)}
    assert amounts(charge, catalog=catalog) == ["30.00", "30.00", "30.00"]
    whole = account(subscription(charge, end="2024-03-01"), catalog=catalog)
    assert [code for code, _ in warned(whole)] == ["LATEST_PRICE_UNKNOWN"]
