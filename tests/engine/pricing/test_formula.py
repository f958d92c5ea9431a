"""The formula language: arithmetic, precedence, and errors that point at the mistake."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soapsvc.engine.errors import RatingError
from soapsvc.engine.pricing import FIELD, Evaluator, FormulaContext, Moment
from soapsvc.engine.pricing.formulas.parser import MAX_DEPTH, MAX_LENGTH, parse_formula
from soapsvc.engine.trace import decimal_text
from tests.support.rating import error_of


def value(text: str) -> Fraction:
    """The value of a formula that looks nothing up."""
    return Evaluator(parse_formula(text), FormulaContext()).amount(Moment())


def mistake(text: str) -> str:
    """The message about a formula that is wrong."""
    code, field, message = error_of(lambda: value(text))
    assert (code, field) == ("BAD_FORMULA", FIELD)
    return message


@pytest.mark.rule("1.2 multi-attribute")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("20 - 5 - 3", "12"),
        ("20 / 4 / 2", "2.5"),
        ("2 ^ 3 ^ 2", "512"),
        ("-2 ^ 2", "-4"),
        ("(-2) ^ 2", "4"),
        ("2 ^ -2", "0.25"),
        ("2 * -3", "-6"),
        ("+4 - -4", "8"),
        ("--1", "1"),
        ("0.1 + 0.2", "0.3"),
        (".5 * 3.", "1.5"),
        ("1 / 3 * 3", "1"),
        ("min(3, 1, 2)", "1"),
        ("MAX(3, min(9, 5))", "5"),
        ("max(7)", "7"),
        ("\t2\n*\n3 ", "6"),
        ("'4' * \"2\"", "8"),
        ("' 1.5 ' + 0", "1.5"),
        ("0 ^ 0", "1"),
        ("round(10.233, 2)", "10.23"),
        ("round(-10.0236, 3)", "-10.024"),
        ("round(2.5, 0)", "3"),
        ("Round(-2.5)", "-3"),
        ("round(2.4999)", "2"),
        ("round(1250, -2)", "1300"),
        ("round(1 / 3, 40) * 0 + round(0.5)", "1"),
        ("firstValue(3, 1 / 0)", "3"),
    ],
)
def test_arithmetic_is_exact_and_binds_as_in_mathematics(text: str, expected: str) -> None:
    assert decimal_text(value(text)) == expected


def test_a_message_shows_the_formula_with_a_caret_under_the_mistake() -> None:
    assert mistake("usageQuantity() * (3 + )") == (
        "The formula is wrong at column 24: expected a number, a function or '(', but found ')'.\n"
        "  usageQuantity() * (3 + )\n"
        "                         ^"
    )


def test_of_a_long_formula_only_the_part_around_the_mistake_is_shown() -> None:
    shown = mistake("1 + " * 100 + "?" + " + 1" * 100).splitlines()
    assert shown[0].startswith("The formula is wrong at column 401:")
    assert shown[1][shown[2].index("^")] == "?"
    assert len(shown[1]) < 90


@pytest.mark.rule("wrong data: formula")
@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("", 1, "found the end of the formula"),
        ("1 +", 4, "found the end of the formula"),
        ("(1", 3, "expected ')'"),
        ("1)", 2, "expected the end of the formula, but found ')'"),
        ("1 2", 3, "expected the end of the formula, but found '2'"),
        ("a + 1", 1, "'a' is not a function; known functions: fieldLookup"),
        ("min", 4, "expected '('"),
        ("min(1 2)", 7, "expected ',', but found '2'"),
        ("min(", 5, "found the end of the formula"),
        ("min()", 1, "min takes at least 1 arguments, not 0"),
        ("quantity(1)", 1, "quantity takes 0 arguments, not 1"),
        ('usageQuantity("TOTAL", 1)', 1, "usageQuantity takes 0 to 1 arguments, not 2"),
        ("1 + 2 ; 3", 7, "';' has no meaning here"),
        ('min("a', 5, "no closing quote"),
        ("1 / (2 - 2)", 3, "division by zero"),
        ("0 ^ -1", 3, "zero has no negative power"),
        ("2 ^ 0.5", 3, "only whole exponents"),
        ("9 ^ 9 ^ 9", 3, "too many digits"),
        ("3 ^ 9999 * 3 ^ 9999", 10, "too many digits"),
        ("'x' + 1", 1, "'x' is not a number"),
        ("'' + 1", 1, "a number is missing here"),
        ("RUNNING * 2", 1, "'RUNNING' is not a number"),
        ('min({"a": 1})', 5, "conditions in brackets or braces can only stand in objectLookup"),
        ("min({1: 1})", 6, "expected a field name in quotes"),
        ('min({"a" 1})', 10, "expected ':'"),
        ('min({"a": 1)', 12, "expected '}'"),
        ('min(["a" 1])', 10, "expected one of = < <= > >=, but found '1'"),
        ('min(["a": 1])', 9, "expected one of = < <= > >=, but found ':'"),
        ('min(["a" = 1})', 13, "expected ']'"),
        ('min(["a" < 1, 2])', 15, "expected a field name in quotes, but found '2'"),
        ("1 < 2", 3, "expected the end of the formula, but found '<'"),
        ("round(1, 2, 3)", 1, "round takes 1 to 2 arguments, not 3"),
        ("round(1, 0.5)", 10, "round takes a whole number of decimals, at most 40"),
        ("round(1, 41)", 10, "round takes a whole number of decimals, at most 40"),
        ("round(1, -41)", 10, "round takes a whole number of decimals, at most 40"),
        ("firstValue()", 1, "firstValue takes at least 1 arguments, not 0"),
        ("true + 1", 1, "'true' is not a number"),
        ('min({"a": 1,})', 13, "expected a field name in quotes, but found '}'"),
        ("1" * 101, 1, "more than 100 digits"),
        ("(" * (MAX_DEPTH + 1) + "1", MAX_DEPTH + 2, "nested more than 40 levels"),
        ("-" * (MAX_DEPTH + 1) + "1", MAX_DEPTH + 2, "nested more than 40 levels"),
        ("1" + "^1" * (MAX_DEPTH + 1), 2 * MAX_DEPTH + 3, "nested more than 40 levels"),
        ("min(" * (MAX_DEPTH + 1) + "1", 4 * MAX_DEPTH + 5, "nested more than 40 levels"),
        ('fieldLookup(1 + 2, "a")', 13, "a text in quotes is needed here"),
        ('fieldLookup(-1, "a")', 13, "a text in quotes is needed here"),
        ('fieldLookup(2 ^ 2, "a")', 15, "a text in quotes is needed here"),
        ("usageQuantity(1)", 1, "usageQuantity is only for usage charges"),
    ],
)
def test_a_bad_formula_is_refused_at_its_column(text: str, column: int, words: str) -> None:
    message = mistake(text)
    assert f"at column {column}:" in message
    assert words in message


def test_length_and_depth_have_limits_within_which_all_is_well() -> None:
    assert value("1" + "+1" * ((MAX_LENGTH - 1) // 2)) == 4000
    assert value("1".ljust(MAX_LENGTH)) == 1
    assert value("9" * 100) == 10**100 - 1
    assert value("(" * MAX_DEPTH + "1" + ")" * MAX_DEPTH) == 1
    assert value("1" + "^1" * MAX_DEPTH) == 1
    assert value("min(" * MAX_DEPTH + "1" + ")" * MAX_DEPTH) == 1
    assert "8002 characters; at most 8000 are allowed" in mistake("1" + "+1" * 4000 + " ")


def test_a_mistake_is_shown_with_a_caret_on_one_line() -> None:
    assert mistake("1 +\n  ?").split("\n")[1:] == ["  1 +   ?", "        ^"]


@pytest.mark.parametrize("text", ["__import__('os')", "quantity.__class__", "lambda: 1", "open('x')"])
def test_a_formula_is_data_and_nothing_in_it_is_executed(text: str) -> None:
    assert "The formula is wrong at column" in mistake(text)


# Any tree of the grammar has the value that its own arithmetic says.

Tree = tuple[str, Fraction]


def _join(left: Tree, sign: str, right: Tree) -> Tree:
    results = {"+": left[1] + right[1], "-": left[1] - right[1], "*": left[1] * right[1]}
    return f"({left[0]} {sign} {right[0]})", results[sign]


NUMBERS = st.decimals(min_value=0, max_value=1000, places=2).map(lambda number: (f"{number}", Fraction(number)))
TREES = st.recursive(
    NUMBERS,
    lambda inner: (
        st.builds(_join, inner, st.sampled_from("+-*"), inner)
        | inner.map(lambda tree: (f"-{tree[0]}", -tree[1]))
        | st.lists(inner, min_size=1, max_size=3).map(
            lambda trees: (f"max({', '.join(text for text, _ in trees)})", max(found for _, found in trees))
        )
    ),
    max_leaves=12,
)


@pytest.mark.rule("property: formula")
@given(TREES)
def test_a_formula_has_the_value_of_its_tree(tree: Tree) -> None:
    text, expected = tree
    assert value(text) == expected


@given(st.text(alphabet="0123456789.+-*/^(){}:,\"' minaxTOL", max_size=40))
def test_any_text_is_either_a_value_or_a_typed_error(text: str) -> None:
    try:
        found = value(text)
    except RatingError as error:
        found = error
    assert isinstance(found, Fraction) or "wrong at column" in found.message
