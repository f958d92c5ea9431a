"""Exact decimal arithmetic on prices and quantities: a sum or product that would lose a digit is an error.

`EXACT` serves sums and products of tenant data (fast, decimal); `exact` and `Fraction` serve ratios.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Context, Decimal, DecimalException, DivisionByZero, Inexact, InvalidOperation
from fractions import Fraction
from functools import lru_cache

from soapsvc.engine.errors import RatingError

EXACT = Context(prec=400, traps=[Inexact, InvalidOperation, DivisionByZero])

_LARGEST_EXPONENT = 100


@lru_cache(maxsize=1024)
def exact(value: Decimal, field: str) -> Fraction:
    """The number as a fraction.

    Raises RatingError BAD_NUMBER, naming the v1 `field`, if it is not finite or too large.
    """
    _check(value, field)
    return Fraction(*value.as_integer_ratio())


def exact_product(price: Decimal, quantity: Decimal) -> Fraction:
    """Price x quantity. Raises RatingError as `exact` does, naming the field that is not a number."""
    _check(price, "price")
    _check(quantity, "quantity")
    try:
        return Fraction(*EXACT.multiply(price, quantity).as_integer_ratio())
    except Inexact:
        return Fraction(price) * Fraction(quantity)


def _check(value: Decimal, field: str) -> None:
    if not value.is_finite() or abs(value.adjusted()) > _LARGEST_EXPONENT:
        raise RatingError("BAD_NUMBER", f"{field} is {value}, which is not a number that can be rated.", field)


@contextmanager
def refusing_loss(field: str) -> Iterator[None]:
    """Turns a loss of digits inside the block into RatingError BAD_NUMBER for `field`."""
    try:
        yield
    except DecimalException as error:
        message = (
            f"{field} cannot be rated exactly: its numbers need more than {EXACT.prec} digits, or are not numbers."
        )
        raise RatingError("BAD_NUMBER", message, field) from error


def number_text(value: Decimal) -> str:
    """A number for people: plain digits, without an exponent and without trailing zeros after the point."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
