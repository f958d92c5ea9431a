"""The price formulas of Multi-Attribute Pricing: text to syntax tree. `formula_values` evaluates the tree.

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
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from soapsvc.engine.errors import RatingError

FIELD = "chargeModelConfiguration.formula"

MAX_LENGTH = 8000
MAX_DEPTH = 40
MAX_DIGITS = 100

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
"""The functions by lower-case name, with their least and greatest number of arguments (None is any)."""

_SPELLINGS = "fieldLookup, objectLookup, effectiveDate, firstValue, usageQuantity, quantity, min, max, round"
_WORDS: Mapping[str, str] = MappingProxyType({"running": "RUNNING", "total": "TOTAL", "true": "true", "false": "false"})
_TESTS = frozenset({"=", "==", "<", "<=", ">", ">="})
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<number>\d+(?:\.\d*)?|\.\d+)
      | (?P<name>[A-Za-z_]\w*)
      | (?P<string>"[^"]*"|'[^']*')
      | (?P<sign>[=<>]=|[-+*/^(){}\[\],:=<>])
    )""",
    re.VERBOSE,
)


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
    """The operand with the other sign."""

    operand: Node
    column: int


class Link(NamedTuple):
    """An operator (+ - * / ^), where it stands, and its right operand."""

    sign: str
    column: int
    operand: Node


@dataclass(frozen=True, slots=True)
class Chain:
    """Operators of one precedence, applied from left to right: a chain of any length is one level deep."""

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


Node: TypeAlias = Number | Text | Negation | Chain | Conditions | Call


@dataclass(frozen=True, slots=True)
class Formula:
    """A parsed formula: its text and its tree."""

    text: str
    root: Node

    def error(self, column: int, problem: str, code: str = "BAD_FORMULA") -> RatingError:
        """The problem with its column (given from 0, told from 1) and a caret under it."""
        return RatingError(code, _pointed(self.text, column, problem), FIELD)


class _Token(NamedTuple):
    kind: str
    text: str
    column: int


_END = "the end of the formula"


@lru_cache(maxsize=1024)
def parse_formula(text: str) -> Formula:
    """The tree of a formula. Raises RatingError BAD_FORMULA with the column of the mistake and a caret under it."""
    if len(text) > MAX_LENGTH:
        message = f"The formula has {len(text)} characters; {MAX_LENGTH} are allowed."
        raise RatingError("BAD_FORMULA", message, FIELD)
    parser = _Parser(text, _tokens(text))
    root = parser.sum(0)
    parser.expect(_END)
    return Formula(text, root)


def _tokens(text: str) -> list[_Token]:
    tokens = []
    position = 0
    length = len(text.rstrip())
    while position < length:
        match = _TOKEN.match(text, position)
        if match is None:
            column = len(text) - len(text[position:].lstrip())
            problem = (
                "this text has no closing quote" if text[column] in "\"'" else f"{text[column]!r} means nothing here"
            )
            raise _error(text, column, problem)
        kind = str(match.lastgroup)
        tokens.append(_Token(kind, match.group(kind), match.start(kind)))
        position = match.end()
    tokens.append(_Token("end", _END, length))
    return tokens


class _Parser:
    """Recursive descent over the tokens; every method returns the node that it read and stands behind it."""

    def __init__(self, text: str, tokens: list[_Token]) -> None:
        self.text = text
        self.tokens = tokens
        self.position = 0

    @property
    def token(self) -> _Token:
        return self.tokens[self.position]

    def take(self) -> _Token:
        token = self.token
        self.position += 1
        return token

    def expect(self, text: str) -> None:
        if self.token.text != text:
            raise self.error(f"expected {_named(text)}, but found {_named(self.token.text)}")
        self.take()

    def error(self, problem: str) -> RatingError:
        return _error(self.text, self.token.column, problem)

    def sum(self, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise self.error(f"the formula is nested more than {MAX_DEPTH} levels deep")
        return self.chain("+-", self.product, depth)

    def product(self, depth: int) -> Node:
        return self.chain("*/", self.unary, depth)

    def chain(self, signs: str, operand: Callable[[int], Node], depth: int) -> Node:
        column = self.token.column
        first = operand(depth)
        links = []
        while self.token.kind == "sign" and self.token.text in signs:
            sign = self.take()
            links.append(Link(sign.text, sign.column, operand(depth)))
        return Chain(first, tuple(links), column) if links else first

    def unary(self, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise self.error(f"the formula is nested more than {MAX_DEPTH} levels deep")
        if self.token.text not in {"+", "-"}:
            return self.power(depth)
        sign = self.take()
        operand = self.unary(depth + 1)
        return Negation(operand, sign.column) if sign.text == "-" else operand

    def power(self, depth: int) -> Node:
        node = self.atom(depth)
        if self.token.text != "^":
            return node
        sign = self.take()
        return Chain(node, (Link("^", sign.column, self.unary(depth + 1)),), sign.column)

    def atom(self, depth: int) -> Node:
        token = self.token
        if token.kind == "number":
            return self.number()
        if token.kind == "string":
            self.take()
            return Text(token.text[1:-1], token.column)
        if token.kind == "name":
            return self.name(depth)
        if token.text != "(":
            raise self.error(f"expected a number, a function or '(', but found {_named(token.text)}")
        self.take()
        node = self.sum(depth + 1)
        self.expect(")")
        return node

    def number(self) -> Node:
        token = self.token
        if len(token.text) > MAX_DIGITS:
            raise self.error(f"a number has more than {MAX_DIGITS} digits")
        self.take()
        return Number(Fraction(token.text), token.column)

    def name(self, depth: int) -> Node:
        token = self.token
        name = token.text.lower()
        if name in _WORDS:
            self.take()
            return Text(_WORDS[name], token.column)
        if name not in FUNCTIONS:
            raise self.error(f"{token.text!r} is not a function; known functions: {_SPELLINGS}")
        self.take()
        self.expect("(")
        arguments = self.arguments(depth + 1)
        self.check_count(token, len(arguments))
        return Call(name, arguments, token.column)

    def arguments(self, depth: int) -> tuple[Node, ...]:
        found: list[Node] = []
        while self.token.text != ")":
            if found:
                self.expect(",")
            found.append(self.conditions(depth) if self.token.text in {"{", "["} else self.sum(depth))
        self.take()
        return tuple(found)

    def conditions(self, depth: int) -> Node:
        opening = self.take()
        braces = opening.text == "{"
        tests: list[tuple[str, str, Node]] = []
        while not tests or self.token.text == ",":
            if tests:
                self.take()
            if self.token.kind != "string":
                raise self.error(f"expected a field name in quotes, but found {_named(self.token.text)}")
            name = self.take().text[1:-1]
            if braces:
                self.expect(":")
            sign = "=" if braces else self.test()
            tests.append((name, sign, self.sum(depth)))
        self.expect("}" if braces else "]")
        return Conditions(tuple(tests), opening.column)

    def test(self) -> str:
        if self.token.kind != "sign" or self.token.text not in _TESTS:
            raise self.error(f"expected one of = < <= > >=, but found {_named(self.token.text)}")
        sign = self.take().text
        return "=" if sign == "==" else sign

    def check_count(self, token: _Token, count: int) -> None:
        least, greatest = FUNCTIONS[token.text.lower()]
        if count < least or (greatest is not None and count > greatest):
            wanted = (
                f"at least {least}"
                if greatest is None
                else f"{least}"
                if least == greatest
                else f"{least} to {greatest}"
            )
            problem = f"{token.text} takes {wanted} arguments, not {count}"
            raise _error(self.text, token.column, problem)


def _named(token: str) -> str:
    return token if token == _END else repr(token)


def _error(text: str, column: int, problem: str) -> RatingError:
    return RatingError("BAD_FORMULA", _pointed(text, column, problem), FIELD)


def _pointed(text: str, column: int, problem: str) -> str:
    """The problem, and an excerpt of the formula with a caret under `column` (from 0 here, from 1 in the message)."""
    begin = max(0, column - 50)
    line = re.sub(r"\s", " ", text[begin : column + 30])
    return f"The formula is wrong at column {column + 1}: {problem}.\n  {line}\n  {' ' * (column - begin)}^"
