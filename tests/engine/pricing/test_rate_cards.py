"""Rate cards in the vendor's own notation: attributes, and amounts by currency."""

from __future__ import annotations

from typing import Any

import pytest

from soapsvc.engine.account import Charge
from tests.support.building import account, billed, recurring
from tests.support.rating import error_of, explained, fee, priced

RULE = "1.2 calculated: the vendor's notation"


def carded(*cards: Any, currency: str | None = "USD", where: str = "pricingAttributes", **attributes: object) -> Charge:
    """A Calculated charge with rate cards and the values of its attributes."""
    return priced("Calculated", currency=currency, attributes={"rateCards": list(cards), where: attributes})


EUROPE = {"attributes": {"region": "EU"}, "pricing": {"unit_amounts": {"USD": 5, "EUR": "4.50"}}}
LARGE = {
    "attributes": [{"name": "region", "value": "US"}, {"name": "seats", "operator": ">=", "value": 5}],
    "pricing": {"unit_amounts": {"USD": 2, "EUR": 1}},
}
OTHERS = {"pricing": {"unit_amount": 3}}


@pytest.mark.rule(RULE)
@pytest.mark.parametrize("where", ["pricingAttributes", "attributes"])
@pytest.mark.parametrize(
    ("attributes", "currency", "expected"),
    [
        ({"region": "EU", "seats": 1}, "USD", "50"),  # 10 x 5
        ({"region": "EU", "seats": 1}, "eur", "45"),  # 10 x 4.50
        ({"region": "US", "seats": 5}, "USD", "20"),
        ({"region": "US", "seats": 4}, "USD", "30"),
    ],
)
def test_10_units_by_region_seats_and_currency(
    attributes: dict[str, Any], currency: str | None, expected: str, where: str
) -> None:
    assert fee(carded(EUROPE, LARGE, OTHERS, currency=currency, where=where, **attributes), 10) == expected


@pytest.mark.rule(RULE)
@pytest.mark.parametrize(
    ("pricing", "expected", "formula"),
    [
        ({"flat_amounts": {"USD": 30, "EUR": 25}}, "30", "30"),
        ({"flat_amount": 12}, "12", "12"),
        ({"unit_amounts": {"GBP": 1}}, "15", "15 x 1"),
        (
            {"tiers": [{"up_to": 10, "unit_amounts": {"USD": 2}}, {"unit_amounts": {"USD": 1}}]},
            "25",
            "10 x 2 + 5 x 1",
        ),
        (
            {
                "tiers_mode": "volume",
                "tiers": [{"up_to": 10, "unit_amounts": {"USD": 2}}, {"unit_amounts": {"USD": 1}}],
            },
            "15",
            "15 x 1",
        ),
        ({"tiers": [{"up_to": 10, "flat_amount": 7}, {"flat_amount": 4}]}, "11", "7 flat + 4 flat"),
        (
            {
                "charge_model": "Volume",
                "tiers": [{"up_to": 10, "unit_amounts": {"USD": 2}}, {"unit_amounts": {"USD": 1}}],
            },
            "15",
            "15 x 1",
        ),
        ({"charge_model": "PerUnit", "unit_amount": "0.5", "minimumAmount": 8}, "8", "(15 x 0.5, at least 8)"),
    ],
)
def test_the_price_of_15_units_by_the_form_of_the_card(pricing: dict[str, Any], expected: str, formula: str) -> None:
    """If the charge has no currency, the card's only currency applies."""
    charge = carded({"pricing": pricing}, currency=None if "GBP" in str(pricing) else "USD")
    assert fee(charge, 15) == expected
    assert [step.formula for step in explained(charge, 15).steps] == [formula]


@pytest.mark.rule(RULE)
def test_a_recurring_charge_of_10_seats_is_billed_by_its_card() -> None:
    charge = recurring(
        None, "2024-01-01", model="Calculated", quantity=10, currency="USD",
        attributes={"rateCards": [EUROPE, OTHERS], "attributes": {"region": "EU"}},
    )  # fmt: skip
    assert billed(account(charge), "2024-01-01") == ["2024-01-01…2024-01-31 50.00"]


@pytest.mark.rule("wrong data: calculated")
@pytest.mark.parametrize(
    ("card", "currency", "code", "words"),
    [
        (EUROPE, "CHF", "MISSING_PRICE", "rateCards[0].pricing.unit_amounts has no amount in CHF"),
        (EUROPE, None, "MISSING_PRICE", "no amount in the charge's currency, which is missing"),
        ({"pricing": {"unit_amounts": 5}}, "USD", "BAD_VALUE", "unit_amounts must map currencies to amounts"),
        ({"pricing": {"unit_amounts": {"USD": "five"}}}, "USD", "BAD_NUMBER", "which is not a number"),
        ({"attributes": "EU", "pricing": {}}, "USD", "BAD_VALUE", "attributes must be a list of objects"),
        ({"pricing": {"tiers": [{"up_to": 5}]}}, "USD", "MISSING_PRICE", "A tier of a rate card has no price"),
        ({"pricing": {}}, "USD", "MISSING_PRICE", "has no price"),
    ],
)
def test_a_rate_card_without_a_price_is_refused(card: Any, currency: str | None, code: str, words: str) -> None:
    found = error_of(lambda: fee(carded(card, currency=currency, region="EU"), 1))
    assert found[0] == code
    assert words in found[2]
