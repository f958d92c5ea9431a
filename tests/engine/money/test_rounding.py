"""One rounding per item, by the currency's decimals, the tenant's mode and increment."""

from __future__ import annotations

import ast
import re
from fractions import Fraction
from pathlib import Path

import pytest

from soapsvc.engine.money import RoundingMode
from soapsvc.engine.money.rounding import rounded
from tests.support.building import answer, billed, recurring


@pytest.mark.rule("7.6 rounding")
@pytest.mark.parametrize(
    ("mode", "price", "amount"),
    [
        ("HALF_UP", "1.005", "1.01"),
        ("HALF_UP", "1.0049", "1.00"),
        ("HALF_UP", "-1.005", "-1.01"),  # away from zero
        ("UP", "1.001", "1.01"),
        ("UP", "-1.001", "-1.01"),
        ("UP", "1.00", "1.00"),
        ("DOWN", "1.009", "1.00"),
        ("DOWN", "-1.009", "-1.00"),
        ("RoundDown", "1.009", "1.00"),
        ("round up", "1.001", "1.01"),
    ],
)
def test_a_price_of_three_decimals_in_a_currency_of_two(mode: str, price: str, amount: str) -> None:
    assert billed(recurring(price, "2024-01-01"), "2024-01-01", rules={"rounding_mode": mode}) == [
        f"2024-01-01…2024-01-31 {amount}"
    ]


@pytest.mark.rule("7.6 rounding")
@pytest.mark.parametrize(("decimals", "amount"), [(0, "1235"), (3, "1234.567"), (9, "1234.567000000")])
def test_yen_have_no_decimals_and_dinars_three(decimals: int, amount: str) -> None:
    charge = recurring("1234.567", "2024-01-01")
    assert billed(charge, "2024-01-01", rules={"decimals": decimals}) == [f"2024-01-01…2024-01-31 {amount}"]


@pytest.mark.rule("7.6 rounding increment")
@pytest.mark.parametrize(
    ("price", "mode", "amount"),
    [
        ("1.02", "HALF_UP", "1.00"),
        ("1.025", "HALF_UP", "1.05"),
        ("1.01", "UP", "1.05"),
        ("1.04", "DOWN", "1.00"),
        ("-1.025", "HALF_UP", "-1.05"),
    ],
)
def test_francs_are_paid_in_steps_of_5_rappen(price: str, mode: str, amount: str) -> None:
    rules = {"rounding_increment": "0.05", "rounding_mode": mode}
    assert billed(recurring(price, "2024-01-01"), "2024-01-01", rules=rules) == [f"2024-01-01…2024-01-31 {amount}"]


@pytest.mark.rule("7.6 rounding")
def test_only_the_item_is_rounded_not_the_price() -> None:
    """0.333333 x 3 units = 0.999999, rounded once to 1.00."""
    charge = recurring("0.333333", "2024-01-01", model="PerUnit", quantity=3)
    assert billed(charge, "2024-01-01") == ["2024-01-01…2024-01-31 1.00"]


@pytest.mark.rule("7.6 rounding")
@pytest.mark.parametrize(
    ("value", "half_up", "up", "down"),
    [
        (Fraction(5, 2), 3, 3, 2),
        (Fraction(-5, 2), -3, -3, -2),
        (Fraction(7, 3), 2, 3, 2),
        (Fraction(0), 0, 0, 0),
        (Fraction(4), 4, 4, 4),
    ],
)
def test_rounding_goes_by_magnitude(value: Fraction, half_up: int, up: int, down: int) -> None:
    assert rounded(value, RoundingMode.HALF_UP) == half_up
    assert rounded(value, RoundingMode.UP) == up
    assert rounded(value, RoundingMode.DOWN) == down


def test_an_unknown_mode_is_named() -> None:
    result = answer(recurring(10, "2024-01-01"), "2024-01-01", rules={"rounding_mode": "BANKERS"})
    assert [(error.code, error.field) for error in result.errors] == [("UNKNOWN_VALUE", "billing_rules.roundingMode")]
    assert "roundingMode is 'BANKERS'; known values: HALF_UP, UP, DOWN." in result.errors[0].message


@pytest.mark.rule("7.6 rounding increment")
def test_an_increment_is_named_where_a_rounding_is_explained() -> None:
    rules = {"rounding_increment": "0.05", "rounding_mode": "UP"}
    (item,) = answer(recurring("1.01", "2024-01-01"), "2024-01-01", rules=rules, explain=True).items()
    assert item.trace is not None
    assert list(item.trace.lines())[-1] == "rounding UP to 2 decimals, increment 0.05: 1.01 -> 1.05"


@pytest.mark.rule("7.6 rounding")
def test_the_largest_amount_is_10_to_the_24_whole_or_prorated() -> None:
    """A month from Jan 16 is 16/31 of 9 x 10^23: 464516129032258064516129.032…"""
    assert billed(recurring(10**24, "2024-01-01"), "2024-01-01") == [f"2024-01-01…2024-01-31 {10**24}.00"]
    assert billed(recurring(9 * 10**23, "2024-01-16"), "2024-01-16") == [
        "2024-01-16…2024-01-31 464516129032258064516129.03"
    ]


@pytest.mark.rule("7.6 rounding")
def test_each_month_at_10_005_is_rounded_by_itself() -> None:
    assert billed(recurring("10.005", "2024-01-01"), "2024-02-01") == [
        "2024-01-01…2024-01-31 10.01",
        "2024-02-01…2024-02-29 10.01",
    ]


ROUNDS = re.compile(r"\b_?(rounding|rounded)\(|rounding\.all\(|\.quantize\(|\bround\(")


def test_only_the_modules_listed_in_money_rounding_round(root: Path) -> None:
    engine = root / "soapsvc" / "engine"
    named = re.findall(
        r"`(\w+(?:/\w+)+)`", ast.get_docstring(ast.parse((engine / "money" / "rounding.py").read_text())) or ""
    )
    found = [path.relative_to(engine).with_suffix("").as_posix() for path in sorted(engine.rglob("*.py"))
             if ROUNDS.search(path.read_text())]  # fmt: skip
    assert sorted([*named, "money/rounding"]) == found
