"""The price formulas of Multi-Attribute Pricing as a syntax tree.

`parser` builds it from a text, `values` evaluates it.
    sum      := product (("+" | "-") product)*
    product  := unary (("*" | "/") unary)*
    unary    := ("+" | "-") unary | power
    power    := atom ("^" unary)?                               binds to the right: 2^3^2 = 2^9, and -2^2 = -4
    atom     := NUMBER | STRING | "(" sum ")" | NAME "(" [argument ("," argument)*] ")" | WORD
    argument := sum | "[" test ("," test)* "]" | "{" STRING ":" sum ("," STRING ":" sum)* "}"
    test     := STRING ("=" | "==" | "<" | "<=" | ">" | ">=") sum

Functions are fieldLookup, objectLookup, effectiveDate, firstValue, usageQuantity, quantity, min, max and round, words
RUNNING, TOTAL, true and false, all in any case. A formula is data: nothing is ever executed, and length and depth are
limited. Source: "Price formula for multi-attribute pricing charge model"; the notation in braces is ours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from soapsvc.engine.errors import RatingError

FIELD = "chargeModelConfiguration.formula"

FUNCTIONS: Mapping[str, tuple[int, int | None]] = MappingProxyType(
    {
        "usagequantity": (0, 1),
        "quantity": (0, 0),
        "fieldlookup": (2, 2),
        "objectlookup": (2, None),
        "effectivedate": (0, 3),
        "firstvalue": (1, None),
        "min": (1, None),
        "max": (1, None),
        "round": (1, 2),
    }
)
"""The functions by lower-case name, with their minimum and maximum number of arguments (None: no maximum)."""


@dataclass(frozen=True, slots=True)
class Number:
    """A literal number."""

    value: Fraction
    column: int


@dataclass(frozen=True, slots=True)
class Text:
    """A literal text, or one of the words RUNNING, TOTAL, true and false."""

    value: str
    column: int


@dataclass(frozen=True, slots=True)
class Negation:
    """The operand with its sign reversed."""

    operand: Node
    column: int


class Link(NamedTuple):
    """An operator (+ - * / ^), its column, and its right operand."""

    sign: str
    column: int
    operand: Node


@dataclass(frozen=True, slots=True)
class OperatorChain:
    """Operators of one precedence, applied from left to right: a chain of any length is one level of the tree."""

    first: Node
    links: tuple[Link, ...]
    column: int


@dataclass(frozen=True, slots=True)
class Conditions:
    """The tests that an object of a lookup must pass: the name of a field, one of = < <= > >=, and a value."""

    tests: tuple[tuple[str, str, Node], ...]
    column: int


@dataclass(frozen=True, slots=True)
class Call:
    """A call of one of FUNCTIONS; `name` is in lower case."""

    name: str
    arguments: tuple[Node, ...]
    column: int


Node: TypeAlias = Number | Text | Negation | OperatorChain | Conditions | Call


@dataclass(frozen=True, slots=True)
class Formula:
    """A parsed formula: its text and its tree."""

    text: str
    root: Node

    def error(self, column: int, problem: str, code: str = "BAD_FORMULA") -> RatingError:
        """The problem with its column (`column` counts from 0, the message from 1) and a caret under it."""
        return RatingError(code, pointed(self.text, column, problem), FIELD)


def pointed(text: str, column: int, problem: str) -> str:
    """The problem, and an excerpt of the formula with a caret under `column` (from 0 here, from 1 in the message)."""
    begin = max(0, column - 50)
    line = re.sub(r"\s", " ", text[begin : column + 30])
    return f"The formula is wrong at column {column + 1}: {problem}.\n  {line}\n  {' ' * (column - begin)}^"
