"""Reads the text of a query.

    select FIELD[, FIELD…] from OBJECT [where CONDITION {and|or CONDITION}]
    CONDITION: FIELD =|!=|<|>|<=|>= VALUE, FIELD like 'TEXT', FIELD =|!= null
    VALUE: 'text' with backslash escapes, 10.5, true, 2014-06-01, 2014-06-01T00:00:00 with or without an offset

Keywords and names in any case; `and` binds closer than `or`. Source: the vendor's ZOQL.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from soapsvc.zoql.catalogue import Field, Version, ZObject
from soapsvc.zoql.objects import find_object
from soapsvc.zoql.problems import InvalidField, InvalidType, MalformedQuery
from soapsvc.zoql.types import BOOLEAN, DATE, DATE_TIME, TEXTS, Value

MOST_CHARACTERS = 10_000
MOST_CONDITIONS = 200
OPERATORS = ("=", "!=", "<=", ">=", "<", ">")

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<date>\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?)?(?![\w.:+-]))
    |(?P<number>[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?![\w.]))
    |(?P<word>[A-Za-z_]\w*)
    |'(?P<text>(?:[^'\\]|\\.)*)'
    |(?P<sign>!=|<=|>=|[,=<>])
    )""",
    re.ASCII | re.DOTALL | re.VERBOSE,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(?:T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?)?", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)", re.ASCII)
_BOOLEANS = {"true": True, "false": False}

Token = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A condition; `value` None is null. A dateTime without an offset is in the tenant's zone, and naive here."""

    field: Field
    operator: str
    value: Value | None


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query.

    `fields` are in the order of the contract, each once. A record fits if all comparisons of one alternative hold, or
    if there are no alternatives.
    """

    zobject: ZObject
    fields: tuple[Field, ...]
    alternatives: tuple[tuple[Comparison, ...], ...] = ()


def parse_query(text: str, version: Version) -> Query:
    """Read a query of the contract's version. Raises MalformedQuery, InvalidType, InvalidField."""
    if len(text) > MOST_CHARACTERS:
        raise MalformedQuery(f"The query has more than {MOST_CHARACTERS} characters")
    return _Parser(text, version).query()


class _Parser:
    def __init__(self, text: str, version: Version) -> None:
        self._tokens = list(_tokens(text))
        self._place = 0
        self._version = version
        self._conditions = 0

    def query(self) -> Query:
        self._keyword("select")
        names = [self._word()]
        while self._next() == ("sign", ","):
            self._take()
            names.append(self._word())
        self._keyword("from")
        name = self._word()
        zobject = find_object(name)
        if zobject is None:
            raise InvalidType(name)
        asked = {self._field(zobject, each) for each in names}
        alternatives = self._where(zobject) if self._is("where") else ()
        if self._place < len(self._tokens):
            raise MalformedQuery(f"The query ends before {self._take()[1]!r}")
        return Query(zobject, tuple(field for field in zobject.fields if field in asked), alternatives)

    def _where(self, zobject: ZObject) -> tuple[tuple[Comparison, ...], ...]:
        self._keyword("where")
        alternatives = [[self._comparison(zobject)]]
        while self._is("and") or self._is("or"):
            if self._word().lower() == "and":
                alternatives[-1].append(self._comparison(zobject))
            else:
                alternatives.append([self._comparison(zobject)])
        return tuple(map(tuple, alternatives))

    def _comparison(self, zobject: ZObject) -> Comparison:
        self._conditions += 1
        if self._conditions > MOST_CONDITIONS:
            raise MalformedQuery(f"The query has more than {MOST_CONDITIONS} conditions")
        field = self._field(zobject, self._word())
        kind, operator = self._take()
        if kind == "word" and operator.lower() == "like":
            return self._pattern(field)
        if kind != "sign" or operator not in OPERATORS:
            raise MalformedQuery(
                f"{field.name} can be compared with {', '.join(OPERATORS)} or like, not with {operator!r}"
            )
        value = _value(field, *self._take())
        if operator not in {"=", "!="} and (value is None or field.type == BOOLEAN):
            against = "null" if value is None else field.name
            raise MalformedQuery(f"{against} can only be compared with = and !=, not with {operator}")
        return Comparison(field, operator, value)

    def _pattern(self, field: Field) -> Comparison:
        kind, text = self._take()
        if field.type not in TEXTS or kind != "text":
            raise MalformedQuery(f"{field.name} like: like needs a text field and a text in single quotes")
        return Comparison(field, "like", _ESCAPED.sub(r"\1", text))

    def _field(self, zobject: ZObject, name: str) -> Field:
        field = zobject.field(name, self._version)
        if field is None:
            raise InvalidField(zobject.name, name)
        return field

    def _keyword(self, keyword: str) -> None:
        if self._word().lower() != keyword:
            raise MalformedQuery(f"The query has no {keyword!r}, or has it in the wrong place")

    def _word(self) -> str:
        kind, word = self._take()
        if kind != "word":
            raise MalformedQuery(f"The query has {word!r} where a name is expected")
        return word

    def _is(self, keyword: str) -> bool:
        kind, word = self._next()
        return kind == "word" and word.lower() == keyword

    def _next(self) -> Token:
        return self._tokens[self._place] if self._place < len(self._tokens) else ("end", "")

    def _take(self) -> Token:
        token = self._next()
        if token[0] == "end":
            raise MalformedQuery("The query ends too early")
        self._place += 1
        return token


def _tokens(text: str) -> Iterator[Token]:
    place, end = 0, len(text.rstrip())
    while place < end:
        match = _TOKEN.match(text, place)
        if match is None:
            raise MalformedQuery(f"The query cannot be read from here on: {text[place : place + 20].strip()!r}")
        kind = match.lastgroup or ""
        yield kind, match[kind]
        place = match.end()


def _value(field: Field, kind: str, written: str) -> Value | None:
    """The value to compare with; values of any type may be in quotes. An empty text means null."""
    if kind == "word" and written.lower() == "null":
        return None
    if kind == "text":
        written = _ESCAPED.sub(r"\1", written)
        if not written:
            return None
    elif kind == "sign" or (kind == "word" and (field.type != BOOLEAN or written.lower() not in _BOOLEANS)):
        raise MalformedQuery(f"{field.name} needs a value, not {written!r}; put a text in single quotes")
    value = _typed(field.type, written)
    if value is None:
        raise MalformedQuery(f"The value of {field.name} is {written!r}, which is not a {_called(field.type)}")
    return value


def _typed(field_type: str, written: str) -> Value | None:
    if field_type in TEXTS:
        return written
    if field_type == BOOLEAN:
        return _BOOLEANS.get(written.lower())
    if field_type in {DATE, DATE_TIME}:
        return _moment(field_type, written)
    return Decimal(written) if _NUMBER.fullmatch(written) else None


def _moment(field_type: str, written: str) -> Value | None:
    """A date as written, or an instant; None if there is no such day."""
    match = _DATE.fullmatch(written)
    try:
        if match is None:
            return None
        day = date.fromisoformat(match[1])
        if field_type == DATE:
            return day
        return datetime.fromisoformat(_colon(written)) if "T" in written else datetime.combine(day, time())
    except ValueError:
        return None


def _colon(written: str) -> str:
    return re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", written)


def _called(field_type: str) -> str:
    return field_type if field_type not in {DATE, DATE_TIME} else "date such as 2014-06-01 or 2014-06-01T00:00:00"
