"""The fee of one full list-price period: one test per charge model, the sum in its name."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from soapsvc.engine.account import ONE, Charge, ChargeModel, Tier
from soapsvc.engine.pricing import billed_quantity, fee_warnings, list_fee, quantity_fee
from soapsvc.engine.pricing.charge_models import CHARGE_MODELS
from soapsvc.engine.pricing.models.quantity_models import warnings_above
from tests.support.rating import error_of, explained, fee, priced, problem, tiers, told

STEPS_OF_PRICE = tiers("0-10 20", "11-25 15", "26- 12")


@pytest.mark.rule("1.2 flat fee")
def test_flat_fee_is_the_price_for_any_quantity() -> None:
    charge = priced("FlatFee", price="19.99")
    assert fee(charge, 1) == "19.99"
    assert fee(charge, 7) == "19.99"


@pytest.mark.rule("1.2 flat fee")
def test_a_negative_flat_fee_stays_negative() -> None:
    assert fee(priced("FlatFee", price="-4.25")) == "-4.25"


@pytest.mark.rule("1.2 per unit")
def test_per_unit_12_5_x_3_2() -> None:
    assert fee(priced("PerUnit", price="3.2"), "12.5") == "40"


@pytest.mark.rule("1.2 per unit")
def test_prices_of_more_than_16_digits_stay_exact() -> None:
    charge = priced("PerUnit", price="0.00000000000000000123")
    assert list_fee(charge, Decimal(10**12)).value * 10**20 == 123 * 10**12


def test_a_price_may_stand_in_the_only_tier_as_catalogue_exports_hold_it() -> None:
    assert fee(priced("FlatFee", tiers=tiers("0- 8"))) == "8"
    assert fee(priced("PerUnit", tiers=tiers("0- 8")), 3) == "24"


@pytest.mark.rule("1.2 per unit")
def test_a_price_of_300_digits_times_a_quantity_of_300_digits_stays_exact() -> None:
    price, quantity = Decimal("0." + "7" * 300), Decimal("1." + "3" * 300)
    value = list_fee(priced("PerUnit", price=price), quantity).value
    assert value * 10**600 == int("7" * 300) * int("1" + "3" * 300)


@pytest.mark.rule("1.2 volume")
@pytest.mark.parametrize(
    ("quantity", "expected"),
    [(0, "0"), (1, "20"), (10, "200"), ("10.5", "157.5"), (11, "165"), (25, "375"), (26, "312"), (1000, "12000")],
)
def test_volume_prices_all_units_by_the_one_tier_that_holds_the_quantity(quantity: object, expected: str) -> None:
    assert fee(priced("Volume", tiers=STEPS_OF_PRICE), quantity) == expected


@pytest.mark.rule("1.2 volume")
def test_volume_with_flat_tiers_costs_the_price_of_the_tier() -> None:
    charge = priced("Volume", tiers=tiers("0-10 50 flat", "11- 80 flat"))
    assert [fee(charge, quantity) for quantity in (0, 10, 11)] == ["50", "50", "80"]


@pytest.mark.rule("1.2 tiered")
@pytest.mark.parametrize(
    ("quantity", "expected"),
    [
        (0, "0"),
        (4, "80"),  # 4 x 20
        (10, "200"),  # 10 x 20
        (11, "215"),  # 10 x 20 + 1 x 15
        (30, "485"),  # 10 x 20 + 15 x 15 + 5 x 12
    ],
)
def test_tiered_prices_each_unit_by_its_tier(quantity: object, expected: str) -> None:
    assert fee(priced("Tiered", tiers=STEPS_OF_PRICE), quantity) == expected


@pytest.mark.rule("1.2 tier boundaries")
def test_a_tier_begins_where_the_one_before_it_ends_not_at_its_label() -> None:
    """3 x 4 + (3.005 - 3) x 2: the label 3.01 is above the quantity, but the quantity enters the tier."""
    assert fee(priced("Tiered", tiers=tiers("0-3 4", "3.01- 2")), "3.005") == "12.01"


@pytest.mark.rule("1.2 flat-fee tiers")
def test_flat_tiers_cost_their_whole_price_once_entered() -> None:
    charge = priced("Tiered", tiers=tiers("0-5 30 flat", "5.01-8 90 flat", "8.01- 40 flat"))
    assert [fee(charge, quantity) for quantity in (0, 5, "5.5", 8, "8.2")] == ["30", "30", "120", "120", "160"]


@pytest.mark.rule("1.2 flat-fee tiers")
def test_tiers_of_both_kinds_mix_30_flat_plus_2_x_7() -> None:
    assert fee(priced("Tiered", tiers=tiers("0-5 30 flat", "6- 7")), 7) == "44"


@pytest.mark.rule("1.2 tiered with overage")
def test_tiered_with_overage_10_x_2_plus_5_x_1_plus_4_x_9() -> None:
    charge = priced("TieredWithOverage", tiers=tiers("0-10 2", "11-15 1"), overage_price=9)
    assert [fee(charge, quantity) for quantity in (15, 19)] == ["25", "61"]
    assert list_fee(charge, Decimal(19)).warnings == ()  # every unit has its price


@pytest.mark.rule("1.2 tiered with overage")
def test_an_open_last_tier_leaves_nothing_for_an_overage_price() -> None:
    assert fee(priced("TieredWithOverage", tiers=tiers("0-10 2", "11- 1")), 15) == "25"


@pytest.mark.rule("1.2 overage")
@pytest.mark.parametrize(("quantity", "expected"), [(0, "0"), (200, "0"), (260, "18")])
def test_overage_prices_only_the_units_above_the_200_included(quantity: int, expected: str) -> None:
    assert fee(priced("Overage", included_units=200, overage_price="0.3"), quantity) == expected


@pytest.mark.rule("1.2 high watermark")
def test_a_high_watermark_of_12_is_rated_by_volume_or_by_tiers() -> None:
    assert fee(priced("HighWatermarkVolumePricing", tiers=STEPS_OF_PRICE), 12) == "180"
    assert fee(priced("HighWatermarkTieredPricing", tiers=STEPS_OF_PRICE), 12) == "230"


@pytest.mark.rule("1.2 delivery")
def test_a_delivery_charge_has_the_fee_of_one_delivery() -> None:
    assert fee(priced("Delivery", price="2.40")) == "2.4"


@pytest.mark.rule("1.2 multi-attribute")
def test_a_formula_prices_without_usage_4_x_2_5() -> None:
    charge = priced("MultiAttributePricing", attributes={"chargeModelConfiguration": {"formula": "quantity() * 2.5"}})
    assert fee(charge, 4) == "10"


@pytest.mark.parametrize(
    "spelling", ["Tiered Pricing", "tieredpricing", "TIERED", "Tiered_Pricing", "Tiered", "tiered-pricing"]
)
def test_models_are_known_in_rest_and_catalogue_spelling(spelling: str) -> None:
    assert fee(priced(spelling, tiers=STEPS_OF_PRICE), 11) == "215"


# Approximations have warnings.


@pytest.mark.rule("1.2 above a closed last tier")
@pytest.mark.parametrize(
    ("model", "expected", "how"),
    [
        ("Tiered", "20", "only the units up to there are billed"),
        ("Volume", "0", "it is not billed"),
        ("High Watermark Tiered Pricing", "20", "only the units up to there are billed"),
        ("High Watermark Volume Pricing", "0", "it is not billed"),
    ],
)
def test_units_above_a_closed_last_tier_go_unbilled_with_a_warning(model: str, expected: str, how: str) -> None:
    charge = priced(model, tiers=tiers("0-10 2"))
    above = list_fee(charge, Decimal(12))
    assert (above.value, [code for code, _ in above.warnings]) == (Decimal(expected), ["QUANTITY_ABOVE_LAST_TIER"])
    assert above.warnings[0].message == f"The quantity 12 exceeds the last tier's end 10; {how}."
    assert list_fee(charge, Decimal(10)).warnings == ()


# Explanations: rule, the formula with its numbers, the exact value, what went in, source.

CALCULATED = {"rateCards": [{"pricing": {"model": "Tiered", "tiers": [{"startingUnit": 0, "price": 3}]}}]}

EXPLAINED = [
    (priced("FlatFee", price=5), 3, "pricing.flat_fee: price = 5  [price=5]  (Flat fee pricing)"),
    (
        priced("PerUnit", price="1.50"),
        3,
        "pricing.per_unit: 3 x 1.5 = 4.5  [price=1.5, quantity=3]  (Per unit pricing)",
    ),
    (
        priced("Delivery", price=2),
        1,
        "pricing.delivery: price of one delivery = 2  [price=2]  (Delivery pricing)",
    ),
    (
        priced("Overage", included_units=5, overage_price=2),
        8,
        "pricing.overage: max(0, 8 - 5) x 2 = 6  [includedUnits=5, price=2, quantity=8]  (Overage pricing)",
    ),
    (priced("Volume", tiers=STEPS_OF_PRICE), 11, "pricing.volume: 11 x 15 = 165  [quantity=11]  (Volume pricing)"),
    (priced("Volume", tiers=tiers("0-9 7 flat")), 3, "pricing.volume: 7 flat = 7  [quantity=3]  (Volume pricing)"),
    (
        priced("Volume", tiers=tiers("0-9 7")),
        30,
        "pricing.volume: 0 above the last tier = 0  [quantity=30]  (Volume pricing)",
    ),
    (
        priced("Tiered", tiers=STEPS_OF_PRICE),
        30,
        "pricing.tiered: 10 x 20 + 15 x 15 + 5 x 12 = 485  [quantity=30]  (Tiered pricing)",
    ),
    (
        priced("TieredWithOverage", tiers=tiers("0-10 2"), overage_price=9),
        12,
        "pricing.tiered_with_overage: 10 x 2 + 2 x 9 overage = 38  [quantity=12]  (Tiered with overage pricing)",
    ),
    (
        priced("TieredWithOverage", tiers=tiers("0-10 2"), overage_price=9),
        4,
        "pricing.tiered_with_overage: 4 x 2 = 8  [quantity=4]  (Tiered with overage pricing)",
    ),
    (
        priced("MultiAttributePricing", attributes={"chargeModelConfiguration": {"formula": "quantity()/4"}}),
        3,
        (
            "pricing.multi_attribute: quantity()/4 = 0.75  [quantity=3]  "
            "(Price formula for multi-attribute pricing charge model)"
        ),
    ),
    (
        priced("Calculated", attributes=CALCULATED),
        4,
        "pricing.calculated: 4 x 3 = 12  [quantity=4]  (Usage tiered pricing with adjustments and formula support)",
    ),
]


@pytest.mark.rule("explain: pricing")
@pytest.mark.parametrize(("charge", "quantity", "line"), EXPLAINED)
def test_an_explanation_names_rule_formula_with_numbers_inputs_and_source(
    charge: Charge, quantity: int, line: str
) -> None:
    found, plain = explained(charge, quantity), list_fee(charge, Decimal(quantity))
    assert told(found.steps) == [line]
    assert (found.value, found.warnings) == (plain.value, plain.warnings)


def test_nothing_is_explained_unless_asked() -> None:
    assert all(list_fee(charge, Decimal(quantity)).steps == () for charge, quantity, _ in EXPLAINED)


# Wrong data names the field at fault.


@pytest.mark.rule("wrong data: pricing")
@pytest.mark.parametrize(
    ("charge", "code", "field"),
    [
        (priced("FlatFee"), "MISSING_PRICE", "price"),
        (priced("PerUnit", tiers=STEPS_OF_PRICE), "MISSING_PRICE", "price"),
        (priced("Delivery"), "MISSING_PRICE", "price"),
        (priced("Volume"), "MISSING_TIERS", "tiers"),
        (priced("TieredWithOverage", tiers=tiers("0-9 1")), "MISSING_PRICE", "overagePrice"),
        (priced("Overage", included_units=1), "MISSING_PRICE", "overagePrice"),
        (priced("Overage", overage_price=1), "MISSING_VALUE", "includedUnits"),
        (priced("MultiAttributePricing"), "MISSING_FORMULA", "chargeModelConfiguration.formula"),
        (priced("Barter"), "UNKNOWN_VALUE", "model"),
        (priced("DiscountPercentage"), "UNKNOWN_VALUE", "model"),
        (priced("PreratedPricing"), "UNKNOWN_VALUE", "model"),
        (priced("FlatFee", price="NaN"), "BAD_NUMBER", "price"),
        (priced("FlatFee", price="1e999"), "BAD_NUMBER", "price"),
        (priced("PerUnit", price="NaN"), "BAD_NUMBER", "price"),
        (priced("Delivery", price="NaN"), "BAD_NUMBER", "price"),
        (priced("PerUnit", price=1), "BAD_NUMBER", "quantity"),
        (priced("Volume", tiers=tiers("0- 1")), "BAD_NUMBER", "quantity"),
        (priced("Calculated", attributes=CALCULATED), "BAD_NUMBER", "quantity"),
        (
            priced("MultiAttributePricing", attributes={"chargeModelConfiguration": {"formula": "quantity()"}}),
            "BAD_NUMBER",
            "quantity",
        ),
    ],
)
def test_a_charge_that_cannot_be_priced_names_the_field(charge: Charge, code: str, field: str) -> None:
    quantity = Decimal("Infinity") if code == "BAD_NUMBER" else ONE
    assert problem(lambda: list_fee(charge, quantity)) == (code, field)


@pytest.mark.rule("wrong data: pricing")
def test_one_unit_costs_its_price_and_two_cost_it_twice() -> None:
    assert [fee(priced("PerUnit", price="2.5"), quantity) for quantity in (1, 2)] == ["2.5", "5"]
    assert problem(lambda: fee(priced("PerUnit", price="NaN"), 1)) == ("BAD_NUMBER", "price")


@pytest.mark.rule("wrong data: pricing")
@pytest.mark.parametrize("model", [("Overage", "includedUnits", "overagePrice"), ("Calculated", "", "")])
def test_numbers_too_far_apart_to_subtract_exactly_are_refused(model: tuple[str, str, str]) -> None:
    """10^100 - 10^-350 has 450 digits."""
    least = Decimal("1e-350")
    card = {"pricing": {"model": "Overage", "includedUnits": least, "overagePrice": 1}}
    charge = priced(model[0], included_units=least, overage_price=1, attributes={"rateCards": [card]})
    assert problem(lambda: list_fee(charge, Decimal("1e100"))) == ("BAD_NUMBER", "quantity")


@pytest.mark.rule("wrong data: pricing")
@pytest.mark.parametrize(
    "charge",
    [
        priced("Volume", tiers=(Tier(Decimal(0), Decimal("1e60"), None, "PerUnit"),)),
        priced("Calculated", attributes={"rateCards": [{"pricing": {"price": Decimal("1e60")}}]}),
    ],
)
def test_a_fee_of_10_to_the_120_is_refused(charge: Charge) -> None:
    assert problem(lambda: list_fee(charge, Decimal("1e60"))) == ("BAD_NUMBER", "price")


@pytest.mark.rule("wrong data: pricing")
@pytest.mark.parametrize(
    "action",
    [
        quantity_fee,
        billed_quantity,
        lambda charge: warnings_above(charge, ONE),
        lambda charge: fee_warnings(charge, ONE),
    ],
)
def test_every_reader_of_the_model_refuses_an_unknown_one(action: Callable[[Charge], object]) -> None:
    assert problem(lambda: action(priced("Barter"))) == ("UNKNOWN_VALUE", "model")


def test_a_delivery_has_no_fee_by_quantity() -> None:
    assert problem(lambda: quantity_fee(priced("Delivery", price=2))) == ("UNKNOWN_VALUE", "model")


@pytest.mark.rule("wrong data: quantity")
def test_a_model_that_is_priced_by_quantity_needs_one() -> None:
    assert error_of(lambda: billed_quantity(priced("Volume"))) == (
        "MISSING_QUANTITY",
        "quantity",
        "A charge of model Volume needs a quantity.",
    )


def test_a_flat_fee_without_quantity_has_quantity_1() -> None:
    assert billed_quantity(priced("FlatFee")) == 1
    assert billed_quantity(priced("PerUnit", quantity=6)) == 6


def test_every_charge_model_is_priced_here_or_said_to_have_rules_of_its_own() -> None:
    own_rules = set()
    for model in ChargeModel:
        code, _, message = error_of(lambda model=model: list_fee(priced(model.value), ONE))
        if "no fee by quantity" in message and code == "UNKNOWN_VALUE":
            own_rules.add(model.value)
    assert own_rules == {"DiscountFixedAmount", "DiscountPercentage", "PreratedPerUnit", "PreratedPricing"}


def test_the_table_has_a_line_for_every_charge_model() -> None:
    assert set(CHARGE_MODELS) == set(ChargeModel)
