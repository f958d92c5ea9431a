"""Parse the text of a price formula: tokens, then recursive descent along the grammar in `syntax`.

A formula is data: nothing is ever executed, and length and depth are limited.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from soapsvc.engine.errors import RatingError
from soapsvc.engine.pricing.formulas.syntax import (
    FIELD,
    FUNCTIONS,
    Call,
    Conditions,
    Formula,
    Link,
    Negation,
    Node,
    Number,
    OperatorChain,
    Text,
    pointed,
)

MAX_LENGTH = 8000
MAX_DEPTH = 40
MAX_DIGITS = 100

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


class _Token(NamedTuple):
    kind: str
    text: str
    column: int


_END = "the end of the formula"


@lru_cache(maxsize=1024)
def parse_formula(text: str) -> Formula:
    """The tree of a formula. Raises RatingError BAD_FORMULA with the column of the mistake and a caret under it."""
    if len(text) > MAX_LENGTH:
        message = f"The formula has {len(text)} characters; at most {MAX_LENGTH} are allowed."
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
                "this text has no closing quote" if text[column] in "\"'" else f"{text[column]!r} has no meaning here"
            )
            raise _error(text, column, problem)
        kind = str(match.lastgroup)
        tokens.append(_Token(kind, match.group(kind), match.start(kind)))
        position = match.end()
    tokens.append(_Token("end", _END, length))
    return tokens


class _Parser:
    """Recursive descent over the tokens; every method returns the node that it read and moves past it."""

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
        return OperatorChain(first, tuple(links), column) if links else first

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
        return OperatorChain(node, (Link("^", sign.column, self.unary(depth + 1)),), sign.column)

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
    return RatingError("BAD_FORMULA", pointed(text, column, problem), FIELD)
