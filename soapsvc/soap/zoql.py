"""The part of the vendor's query language that billing preview runs need.

    select FIELD[, FIELD…] from BillingPreviewRun [where FIELD = 'value' [and|or FIELD = 'value']…]

Keywords and names in any case; `and` binds closer than `or`. Only Id, RunNumber and Status can be compared.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from soapsvc.soap.faults import MalformedQuery

MOST_CHARACTERS = 10_000
OBJECT = "BillingPreviewRun"
COMPARABLE = ("Id", "RunNumber", "Status")

_TOKEN = re.compile(r"\s*(?:(?P<word>[A-Za-z_][A-Za-z0-9_]*)|'(?P<text>(?:[^'\\]|\\.)*)'|(?P<sign>[,=]))", re.ASCII)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)

Comparison = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Query:
    """A query: the fields to return; a record fits where all comparisons of an alternative hold, or there is none."""

    fields: tuple[str, ...]
    alternatives: tuple[tuple[Comparison, ...], ...] = ()


def parse_query(text: str, fields: Sequence[str]) -> Query:
    """Read a query over records with these fields; raises MalformedQuery."""
    if len(text) > MOST_CHARACTERS:
        raise MalformedQuery(f"The query has more than {MOST_CHARACTERS} characters")
    return _Parser(text, fields).query()


class _Parser:
    def __init__(self, text: str, fields: Sequence[str]) -> None:
        self._tokens = list(_tokens(text))
        self._fields = {field.lower(): field for field in fields}

    def query(self) -> Query:
        self._keyword("select")
        fields = [self._field(self._word())]
        while self._next() == ("sign", ","):
            self._take()
            fields.append(self._field(self._word()))
        self._keyword("from")
        name = self._word()
        if name.lower() != OBJECT.lower():
            raise MalformedQuery(f"invalid type specified: {name}", "INVALID_TYPE")
        alternatives = self._conditions() if self._is("where") else ()
        if self._tokens:
            raise MalformedQuery(f"The query ends before {self._take()[1]!r}")
        return Query(tuple(dict.fromkeys(fields)), alternatives)

    def _conditions(self) -> tuple[tuple[Comparison, ...], ...]:
        self._keyword("where")
        alternatives = [[self._comparison()]]
        while self._is("and") or self._is("or"):
            if self._word().lower() == "and":
                alternatives[-1].append(self._comparison())
            else:
                alternatives.append([self._comparison()])
        return tuple(map(tuple, alternatives))

    def _comparison(self) -> Comparison:
        field = self._field(self._word())
        if field not in COMPARABLE:
            raise MalformedQuery(f"{field} cannot be compared; {', '.join(COMPARABLE)} can")
        if self._take() != ("sign", "="):
            raise MalformedQuery(f"{field} is compared with =")
        kind, value = self._take()
        if kind != "text":
            raise MalformedQuery(f"The value of {field} stands in single quotes")
        return field, _ESCAPED.sub(r"\1", value)

    def _field(self, word: str) -> str:
        if word.lower() not in self._fields:
            raise MalformedQuery(f"invalid field for query: {OBJECT}.{word}", "INVALID_FIELD")
        return self._fields[word.lower()]

    def _keyword(self, keyword: str) -> None:
        if self._word().lower() != keyword:
            raise MalformedQuery(f"The query lacks {keyword!r}, or has it at another place")

    def _word(self) -> str:
        kind, word = self._take()
        if kind != "word":
            raise MalformedQuery(f"A name is expected, not {word!r}")
        return word

    def _is(self, keyword: str) -> bool:
        kind, word = self._next()
        return kind == "word" and word.lower() == keyword

    def _next(self) -> tuple[str, str]:
        return self._tokens[0] if self._tokens else ("end", "")

    def _take(self) -> tuple[str, str]:
        if not self._tokens:
            raise MalformedQuery("The query ends too early")
        return self._tokens.pop(0)


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens = []
    place, end = 0, len(text.rstrip())
    while place < end:
        match = _TOKEN.match(text, place)
        if match is None:
            raise MalformedQuery(f"The query cannot be read from {text[place : place + 20].strip()!r} on")
        kind = match.lastgroup or ""
        tokens.append((kind, match[kind]))
        place = match.end()
    return tokens
