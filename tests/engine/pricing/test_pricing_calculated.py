"""The Calculated model: which rate card is taken, and what its adjustment and limits do."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from soapsvc.engine.account import Charge
from soapsvc.engine.pricing import list_fee
from tests.support.building import answer, recurring
from tests.support.rating import error_of, explained, fee, priced, problem, rated, rows_of, used


def card(pricing: dict[str, Any], *conditions: tuple[str, str, object]) -> dict[str, Any]:
    """A rate card with its conditions as (attribute, operator, value)."""
    named = [{"attribute": name, "operator": operator, "value": value} for name, operator, value in conditions]
    return {"conditions": named, "pricing": pricing}


def calculated(*cards: object, **attributes: object) -> Charge:
    """A Calculated charge with rate cards and pricing attributes."""
    return priced("Calculated", attributes={"rateCards": list(cards), "pricingAttributes": attributes})


CALLS = {
    "model": "Tiered",
    "adjustment": "0.8",
    "minimumAmount": 30,
    "maximumAmount": "150.5",
    "tiers": [
        {"startingUnit": 0, "endingUnit": 1000, "price": "0.04"},
        {"startingUnit": 1001, "price": "0.02"},
    ],
}


@pytest.mark.rule("1.2 calculated")
@pytest.mark.parametrize(
    ("calls", "expected", "formula"),
    [
        (700, "30", "((700 x 0.04) x 0.8, at least 30)"),  # 22.4
        ("937.5", "30", "(937.5 x 0.04) x 0.8"),
        (1500, "40", "(1000 x 0.04) x 0.8 + (500 x 0.02) x 0.8"),
        ("8406.25", "150.5", "(1000 x 0.04) x 0.8 + (7406.25 x 0.02) x 0.8"),
        (20000, "150.5", "((1000 x 0.04) x 0.8 + (19000 x 0.02) x 0.8, at most 150.5)"),  # 336
    ],
)
def test_the_adjusted_fee_is_kept_between_30_and_150_50(calls: object, expected: str, formula: str) -> None:
    charge = calculated(card(CALLS))
    assert fee(charge, calls) == expected
    assert [step.formula for step in explained(charge, calls).steps] == [formula]


@pytest.mark.rule("1.2 calculated")
def test_a_tier_has_limits_of_its_own() -> None:
    """4 x 5 = 20, at most 12; (10 - 4) x 1 = 6, at least 9."""
    pricing = {
        "model": "tiered pricing",
        "tiers": [
            {"endingUnit": 4, "price": 5, "maximumAmount": 12},
            {"startingUnit": 5, "price": 1, "minimumAmount": 9},
        ],
    }
    assert fee(calculated(card(pricing)), 10) == "21"


@pytest.mark.parametrize(("quantity", "expected"), [(3, "30"), (8, "56"), (9, "0")])
def test_a_card_prices_by_volume(quantity: int, expected: str) -> None:
    flat = {"startingUnit": 0, "endingUnit": 5, "price": 30, "priceFormat": "FlatFee"}
    pricing = {"model": "Volume", "tiers": [{"startingUnit": 6, "endingUnit": 8, "price": 7}, flat]}
    assert fee(calculated(card(pricing)), quantity) == expected


def test_units_above_a_cards_closed_tiers_are_warned_of() -> None:
    charge = calculated(card({"model": "Volume", "tiers": [{"endingUnit": 8, "price": 7}]}))
    of_usage = rows_of(charge, [used("01-05", 9)])[0].warnings
    assert [code for code, _ in explained(charge, 9).warnings] == ["QUANTITY_ABOVE_LAST_TIER"]
    assert of_usage == explained(charge, 9).warnings
    assert [step.formula for step in explained(charge, 9).steps] == ["0"]


@pytest.mark.parametrize(
    ("pricing", "expected"),
    [
        ({"price": 3}, "12"),
        ({"model": "FlatFee", "price": 3}, "3"),
        ({"model": "Overage", "includedUnits": 1, "overagePrice": 2}, "6"),
        ({"price": 3, "adjustment": 2}, "24"),
        ({"price": 3, "adjustment": 0}, "0"),
        ({"price": 3, "minimumAmount": 5, "maximumAmount": 5}, "5"),
    ],
)
def test_a_card_prices_4_units_by_a_simple_model(pricing: dict[str, Any], expected: str) -> None:
    assert fee(calculated(card(pricing)), 4) == expected


@pytest.mark.rule("1.2 decision table")
@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"region": "EU", "seats": 5}, "1"),
        ({"region": "EU", "seats": 12}, "2"),
        ({"region": "US", "seats": 12}, "3"),
        ({"Region": "US", "SEATS": "1"}, "4"),
    ],
)
def test_the_first_card_whose_conditions_all_hold_is_taken(attributes: dict[str, object], expected: str) -> None:
    cards = [
        card({"price": 1}, ("region", "==", "EU"), ("seats", "<", "10")),
        card({"price": 2}, ("region", "==", "EU")),
        card({"price": 3}, ("seats", ">=", 12)),
        card({"price": 4}),
    ]
    assert fee(calculated(*cards, **attributes)) == expected


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (("since", "<", "2024-06-01"), True),
        (("since", ">", "2024-06-01"), False),
        (("since", "<=", "2024-05-31"), True),
        (("active", "==", True), True),
        (("active", "==", False), False),
        (("uom", "==", "GB"), True),
        (("quantity", ">", 3), True),
        (("quantity", ">", 4), False),
        (("active", "==", "true"), True),
        (("active", "==", "false"), False),
        (("retired", "==", "false"), True),
        (("seats", "==", "many"), False),
        (("uom", "==", None), False),
    ],
)
def test_dates_flags_fields_of_the_charge_and_the_quantity_are_compared(
    condition: tuple[str, str, object], holds: bool
) -> None:
    charge = calculated(card({"model": "FlatFee", "price": 1}, condition), card({"model": "FlatFee", "price": 0}),
                        since="2024-05-31", active=True, retired=False, seats=5)  # fmt: skip
    assert fee(charge, 4) == ("1" if holds else "0")


def test_a_condition_without_operator_asks_for_equality() -> None:
    size_of_1 = {"conditions": [{"attribute": "size", "value": 1}], "pricing": {"price": 7}}
    assert fee(calculated(size_of_1, card({"price": 2}), size=1), 1) == "7"
    assert fee(calculated(size_of_1, card({"price": 2}), size=2), 1) == "2"


def test_usage_is_rated_by_the_card_too() -> None:
    charge = calculated(card(CALLS))
    records = [used("01-05", 900), used("01-20", 600)]
    assert rated(charge, *records) == ["2024-01-01…2024-01-31 40 for 1500 units"]


@pytest.mark.rule("wrong data: calculated")
@pytest.mark.parametrize(
    ("charge", "code", "field"),
    [
        (priced("Calculated"), "MISSING_VALUE", "rateCards"),
        (priced("Calculated", attributes={"rateCards": "none"}), "BAD_VALUE", "rateCards"),
        (priced("Calculated", attributes={"rateCards": ["none"]}), "BAD_VALUE", "rateCards"),
        (calculated({"conditions": []}), "MISSING_VALUE", "rateCards[0].pricing"),
        (calculated(card({}, ("size", "==", 1))), "MISSING_VALUE", "pricingAttributes"),
        (calculated(card({"price": 1}, ("size", "==", 1)), size=2), "NO_RATE_CARD", "rateCards"),
        (calculated(card({"price": 1}, ("size", "~", 1)), size=2), "UNKNOWN_VALUE", "rateCards[0].conditions.operator"),
        (calculated(card({"price": 1}, ("size", "<", "big")), size="small"), "BAD_VALUE", "rateCards.conditions.value"),
        (
            calculated(card({"price": 1}, ("since", "<", "big")), since="2024-05-31"),
            "BAD_VALUE",
            "rateCards.conditions.value",
        ),
        (calculated(card({"price": "x"})), "BAD_NUMBER", "rateCards[0].pricing.price"),
        (calculated(card({"includedUnits": "x"})), "BAD_NUMBER", "rateCards[0].pricing.includedUnits"),
        (calculated(card({"overagePrice": "x"})), "BAD_NUMBER", "rateCards[0].pricing.overagePrice"),
        (calculated(card({"minimumAmount": "x"})), "BAD_NUMBER", "rateCards[0].pricing.minimumAmount"),
        (calculated(card({"maximumAmount": "x"})), "BAD_NUMBER", "rateCards[0].pricing.maximumAmount"),
        *(
            (
                calculated(card({"model": "Tiered", "tiers": [{"price": 1, name: "x"}]})),
                "BAD_NUMBER",
                f"rateCards[0].pricing.tiers.{name}",
            )
            for name in ("price", "startingUnit", "endingUnit", "up_to", "minimumAmount", "maximumAmount")
        ),
        (calculated(card({"price": 1, "adjustment": "10%"})), "BAD_NUMBER", "rateCards[0].pricing.adjustment"),
        (calculated(card({"model": "Barter"})), "UNKNOWN_VALUE", "rateCards[0].pricing.model"),
        (calculated(card({"model": "Volume", "tiers": "none"})), "BAD_VALUE", "tiers"),
        (calculated(card({"model": "Volume", "tiers": [{}]})), "MISSING_PRICE", "rateCards[0].pricing.tiers.price"),
        (
            calculated(card({"price": 1, "minimumAmount": 5, "maximumAmount": 4})),
            "BAD_VALUE",
            "rateCards[0].pricing.minimumAmount",
        ),
    ],
)
def test_a_table_that_cannot_be_read_names_the_field(charge: Charge, code: str, field: str) -> None:
    assert problem(lambda: fee(charge)) == (code, field)


def test_a_pricing_attribute_may_be_absent_altogether() -> None:
    charge = priced("Calculated", attributes={"rateCards": [card({"price": 1}, ("size", "==", 1))]})
    assert "no pricing attribute 'size'" in error_of(lambda: fee(charge))[2]


@pytest.mark.rule("1.2 calculated")
@pytest.mark.parametrize(
    ("pricing", "formula", "expected"),
    [
        ({"model": "FlatFee", "price": "7.50"}, "7.5", "7.5"),
        ({"model": "PerUnit", "price": "0.3"}, "12 x 0.3", "3.6"),
        ({"model": "PerUnit", "price": "0.3", "adjustment": "0.5"}, "(12 x 0.3) x 0.5", "1.8"),
        ({"model": "Overage", "includedUnits": 10, "overagePrice": 4}, "max(0, 12 - 10) x 4", "8"),
        (
            {
                "model": "Tiered with overage pricing",
                "tiers": [{"startingUnit": 0, "endingUnit": 10, "price": 2}],
                "overagePrice": 3,
            },
            "10 x 2 + 2 x 3 overage",
            "26",
        ),
    ],
)
def test_twelve_units_are_explained_by_the_sum_that_prices_them(
    pricing: dict[str, Any], formula: str, expected: str
) -> None:
    charge = calculated(card(pricing))
    assert [step.formula for step in explained(charge, 12).steps] == [formula]
    assert fee(charge, 12) == expected


def test_nothing_is_explained_unless_asked() -> None:
    assert list_fee(calculated(card(CALLS)), Decimal(1)).steps == ()


@pytest.mark.rule("wrong data: calculated")
@pytest.mark.parametrize("charge_type", ["Recurring", "OneTime", "Usage"])
def test_a_percentage_of_other_charges_is_an_error_of_the_charge(charge_type: str) -> None:
    """Its account has no items at all: an invoice without the charge would be a wrong one."""
    share = recurring(None, "2024-01-01", number="C-2", type=charge_type, model="Calculated", uom="Each")
    (error,) = answer((recurring(10, "2024-01-01"), share), "2024-02-01").errors
    assert (error.code, error.subscription_number, error.charge_number, error.field) == (
        "MISSING_VALUE",
        "A-S1",
        "C-2",
        "rateCards",
    )
    assert "a percentage of other charges is not supported" in error.message
