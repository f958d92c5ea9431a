"""How amounts, days and ids look on every wire."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soapsvc.randomness import drawn_from, random_uuid, random_uuid_text
from soapsvc.wire import Texts, decimal_text, first_day, fresh_ids, last_day


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("10.00", "10"),
        ("-112.50", "-112.5"),
        ("0.00", "0"),
        ("-0.00", "0"),
        ("1E+3", "1000"),
        ("1E-9", "0.000000001"),
        ("100", "100"),
    ],
)
def test_an_amount_is_the_shortest_plain_decimal(value: str, text: str) -> None:
    assert decimal_text(Decimal(value)) == text


def test_an_end_is_shown_as_the_last_day_of_its_period() -> None:
    assert (first_day(date(2024, 2, 1)), last_day(date(2024, 3, 1))) == ("2024-02-01", "2024-02-29")


def test_texts_are_made_once_and_forgotten_before_they_are_too_many() -> None:
    made: list[int] = []

    def spelled(value: int) -> str:
        made.append(value)
        return str(value)

    texts = Texts(spelled, 2)
    assert [texts[value] for value in (1, 2, 1, 2, 3, 1)] == ["1", "2", "1", "2", "3", "1"]
    assert made == [1, 2, 3, 1]
    assert len(texts) == 2


def test_as_many_ids_as_wanted_each_another_one_of_32_hex_digits() -> None:
    ids = fresh_ids(3)
    assert [len(each) for each in ids] == [32, 32, 32]
    assert len(set(ids)) == 3
    assert int("".join(ids), 16)
    assert fresh_ids(0) == []


@given(st.binary(min_size=16, max_size=16))
def test_the_text_of_a_random_uuid_is_that_of_the_library(drawn: bytes) -> None:
    with drawn_from(lambda _size: drawn):
        assert random_uuid_text() == str(random_uuid())
