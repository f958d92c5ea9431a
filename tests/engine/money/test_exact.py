"""Exact numbers, and fields that are read from what a tenant holds."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from soapsvc.engine.account import Account, date_of, decimal_at, decimal_of, field_of, is_number, mappings_at
from soapsvc.engine.money import exact, number_text
from tests.support.rating import SUBSCRIPTION, error_of, priced, problem, used


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("1.50", "1.5"),
        ("20.00", "20"),
        ("1500", "1500"),
        ("-0.10", "-0.1"),
        ("1E+3", "1000"),
        ("1E-7", "0.0000001"),
    ],
)
def test_numbers_are_written_in_plain_digits(number: str, text: str) -> None:
    assert number_text(Decimal(number)) == text


def test_a_decimal_is_the_fraction_that_it_spells() -> None:
    assert exact(Decimal("0.1"), "price") == Fraction(1, 10)
    assert exact(Decimal("9e100"), "price") == 9 * 10**100
    assert exact(Decimal("1e-100"), "price") == Fraction(1, 10**100)


@pytest.mark.parametrize("number", ["1E+101", "1E-101", "NaN", "-Infinity"])
def test_a_number_beyond_10_to_the_100_either_way_is_refused(number: str) -> None:
    message = f"price is {number}, which is not a number that can be rated."
    assert error_of(lambda: exact(Decimal(number), "price")) == ("BAD_NUMBER", "price", message)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1.5", True),
        (" -2 ", True),
        (".5", True),
        (3, True),
        (Decimal("4.5"), True),
        (Decimal("NaN"), False),
        (True, False),
        ("1e5", False),
        ("", False),
        ("9" * 101, False),
        (None, False),
        (1.5, False),
    ],
)
def test_which_values_count_as_numbers(value: object, expected: bool) -> None:
    assert is_number(value) is expected


def test_numbers_and_days_are_read_or_refused_by_name() -> None:
    assert decimal_of(" 1.50 ", "rate") == Decimal("1.5")
    assert decimal_at({"a": "2"}, "a") == 2
    assert decimal_at({"a": ""}, "a") is None
    assert problem(lambda: decimal_at({"a": "b"}, "a", "outer.")) == ("BAD_NUMBER", "outer.a")
    assert date_of("2024-02-03T10:00:00", "start") == date(2024, 2, 3)
    assert problem(lambda: date_of("2024-13-01", "start")) == ("BAD_DATE", "start")


def test_fields_are_found_by_v1_name_custom_ones_first() -> None:
    assert field_of(Account("a", bill_cycle_day=9), "billCycleDay") == 9
    assert field_of(SUBSCRIPTION, "SubscriptionNumber") == "A-S1"
    assert field_of(priced("PerUnit", price=2, attributes={"Price": 3}), "price") == 3
    assert field_of(used("01-05", 1, fields={"Kind__c": "x"}), "kind__c") == "x"
    assert field_of(used("01-05", 1), "kind__c") is None
    assert field_of(object(), "anything") is None


@pytest.mark.parametrize("value", ["text", 5, [1], [{}, None]])
def test_a_list_of_objects_is_one_or_refused(value: object) -> None:
    assert mappings_at({"rows": [{"a": 1}]}, "rows") == [{"a": 1}]
    assert mappings_at({}, "rows") == ()
    assert problem(lambda: mappings_at({"rows": value}, "rows")) == ("BAD_VALUE", "rows")
