"""Tiers: what is wrong with them is said, and what holds for all of them."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soapsvc.engine.account import Charge, Tier
from soapsvc.engine.pricing import list_fee
from tests.support.rating import error_of, fee, priced, problem, tiers


@pytest.mark.rule("wrong data: tiers")
@pytest.mark.parametrize(
    ("given_tiers", "code", "field", "words"),
    [
        (tiers("0-10 2", "15- 1"), "TIER_GAP", "tiers.startingUnit", "between 10 and 15, where tier 2 starts"),
        (tiers("5- 1"), "TIER_GAP", "tiers.startingUnit", "between 0 and 5"),
        (tiers("0-10 2", "10.5-20 2", "22.5- 1"), "TIER_GAP", "tiers.startingUnit", "between 20 and 22.5"),
        (tiers("0-10 2", "8- 1"), "TIER_OVERLAP", "tiers.startingUnit", "Tier 2 starts at 8; it must start at 10"),
        (tiers("-2-10 2"), "TIER_OVERLAP", "tiers.startingUnit", "Tier 1 starts at -2; it must start at 0"),
        (tiers("0- 2", "11- 1"), "TIER_OVERLAP", "tiers.endingUnit", "Tier 1 has no endingUnit"),
        (tiers("5-2 1"), "TIER_REVERSED", "tiers.endingUnit", "ends at 2 before it starts at 5"),
    ],
)
def test_tiers_that_leave_units_without_or_with_two_prices_are_refused(
    given_tiers: tuple[Tier, ...], code: str, field: str, words: str
) -> None:
    found = error_of(lambda: fee(priced("Volume", tiers=given_tiers), 3))
    assert found[:2] == (code, field)
    assert words in found[2]


def test_an_unknown_price_format_is_refused() -> None:
    charge = priced("Volume", tiers=(Tier(Decimal(0), Decimal(1), None, "PerDozen"),))
    assert problem(lambda: fee(charge)) == ("UNKNOWN_VALUE", "tiers.priceFormat")


@pytest.mark.parametrize("name", ["starting_unit", "price", "ending_unit"])
def test_a_tier_without_finite_numbers_is_refused(name: str) -> None:
    values = {"starting_unit": Decimal(0), "price": Decimal(1), "ending_unit": Decimal(9), name: Decimal("NaN")}
    v1 = {"starting_unit": "startingUnit", "price": "price", "ending_unit": "endingUnit"}[name]
    assert problem(lambda: fee(priced("Volume", tiers=(Tier(**values),)))) == ("BAD_NUMBER", f"tiers.{v1}")


def test_tiers_may_come_in_any_order_and_in_catalogue_spelling() -> None:
    later = Tier(Decimal(11), Decimal(3), None, "Per Unit")
    first = Tier(Decimal(0), Decimal(50), Decimal(10), "flat fee")
    assert fee(priced("Tiered", tiers=(later, first)), 12) == "56"


def test_a_tier_that_says_nothing_of_its_format_is_per_unit() -> None:
    assert fee(priced("Tiered", tiers=(Tier(Decimal(0), Decimal(50), None, ""),)), 3) == "150"


@pytest.mark.parametrize("label", ["10", "10.001", "10.5", "11"])
def test_a_tier_may_be_labelled_with_the_end_before_it_or_up_to_one_unit_later(label: str) -> None:
    assert fee(priced("Tiered", tiers=tiers("0-10 1", f"{label}- 2")), 12) == "14"


def test_a_tier_of_one_unit_10_x_2_plus_1_x_5_plus_1_x_1() -> None:
    assert fee(priced("Tiered", tiers=tiers("0-10 2", "11-11 5", "12- 1")), 12) == "26"


def test_quantities_of_10_to_the_12_are_exact() -> None:
    """10 x 0.3 + (10^12 - 10 + 0.000001) x 0.0000001."""
    charge = priced("Tiered", tiers=tiers("0-10 0.3", "11- 0.0000001"))
    quantity = Decimal("1000000000000.000001")
    assert list_fee(charge, quantity).value == 3 + (Fraction(quantity) - 10) / 10**7


# Properties of all tiers and quantities.

AMOUNTS = st.decimals(min_value=0, max_value=10**9, places=4)


@st.composite
def bands(draw: st.DrawFn, *, flat: bool = True) -> tuple[Tier, ...]:
    """Contiguous tiers from 0 on, the last one open."""
    ends = sorted(draw(st.sets(st.decimals(min_value=1, max_value=10**6, places=2), max_size=5)))
    formats = st.sampled_from(["PerUnit", "FlatFee"] if flat else ["PerUnit"])
    starts = [Decimal(0), *ends]
    return tuple(
        Tier(start, draw(AMOUNTS), end, draw(formats)) for start, end in zip(starts, [*ends, None], strict=True)
    )


def _direct(charge: Charge, quantity: Decimal) -> Fraction:
    """The sum over the tiers, from their definition alone."""
    total, floor = Fraction(0), Fraction(0)
    for position, tier in enumerate(charge.tiers):
        ceiling = Fraction(tier.ending_unit) if tier.ending_unit is not None else max(Fraction(quantity), floor)
        if tier.price_format == "FlatFee":
            total += Fraction(tier.price) if position == 0 or quantity > floor else 0
        else:
            total += max(Fraction(0), min(Fraction(quantity), ceiling) - floor) * Fraction(tier.price)
        floor = ceiling
    return total


@pytest.mark.rule("property: tiers")
@given(bands(), st.decimals(min_value=0, max_value=10**12, places=6))
def test_the_sum_of_the_tiers_is_the_direct_formula(found: tuple[Tier, ...], quantity: Decimal) -> None:
    charge = priced("Tiered", tiers=found)
    assert list_fee(charge, quantity).value == _direct(charge, quantity)


@given(bands(), AMOUNTS, AMOUNTS)
def test_more_units_never_cost_less_by_tiers(found: tuple[Tier, ...], one: Decimal, other: Decimal) -> None:
    charge = priced("Tiered", tiers=found)
    less, more = sorted((one, other))
    assert list_fee(charge, less).value <= list_fee(charge, more).value


@given(bands(), st.data())
def test_volume_and_tiers_agree_within_the_first_tier(found: tuple[Tier, ...], data: st.DataObject) -> None:
    quantity = data.draw(st.decimals(min_value=0, max_value=found[0].ending_unit or 10**9, places=3))
    assert (
        list_fee(priced("Volume", tiers=found), quantity).value
        == list_fee(priced("Tiered", tiers=found), quantity).value
    )


@given(bands(flat=False), AMOUNTS)
def test_volume_is_the_price_of_one_tier_for_every_unit(found: tuple[Tier, ...], quantity: Decimal) -> None:
    value = list_fee(priced("Volume", tiers=found), quantity).value
    assert value in {Fraction(quantity) * Fraction(tier.price) for tier in found}


@given(AMOUNTS, AMOUNTS, AMOUNTS)
def test_overage_is_nothing_up_to_the_included_units_and_linear_above(
    included: Decimal, price: Decimal, more: Decimal
) -> None:
    charge = priced("Overage", included_units=included, overage_price=price)
    assert list_fee(charge, included).value == 0
    assert list_fee(charge, included + more).value == Fraction(more) * Fraction(price)


@given(bands(), st.decimals(min_value=0, max_value=10**6, places=3), AMOUNTS)
def test_overage_beyond_the_tiers_adds_to_the_full_tiers(
    found: tuple[Tier, ...], more: Decimal, price: Decimal
) -> None:
    top = found[-1].starting_unit + 10
    closed = (*found[:-1], Tier(found[-1].starting_unit, found[-1].price, top, found[-1].price_format))
    charge = priced("TieredWithOverage", tiers=closed, overage_price=price)
    full = list_fee(priced("Tiered", tiers=closed), top).value
    assert list_fee(charge, top + more).value == full + Fraction(more) * Fraction(price)
