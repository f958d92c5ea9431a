"""Which of several conditions on accounts finds its rows by an index: the one with the fewest entries there.

SQLite keeps no statistics here and would take any index, such as that of a status that every account has. So a bounded
number of entries is counted. The other conditions are written so that no index serves them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Column, ColumnElement, Connection, Select, func, literal, literal_column, select

from soapsvc.tenant.tables import ACCOUNTS, POSTINGS, term

_LAST = "\U0010ffff"
_MOST = 100_000
"""Entries that are counted in an index by number: a few milliseconds."""
_FEW = 5_000
"""Rows that may be read and then sorted by number. Of more, the next fifty are found sooner by their numbers."""


class Condition(NamedTuple):
    """A condition: as an index answers it, and as a filter of rows that are read anyway.

    `entries` selects its entries in the index, which are by number if `is_by_number`. `key` identifies it.
    """

    key: tuple[str, str]
    indexed: ColumnElement[bool]
    filtering: ColumnElement[bool]
    entries: Select[Any]
    is_by_number: bool


def plain(column: Column[str]) -> ColumnElement[str]:
    """The column in a form that no index serves."""
    return column.concat("")


def begins(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """A column that begins with a text."""
    return column.between(text, text + _LAST)


def equals(column: Column[str], value: str, *, is_by_number: bool = True) -> Condition:
    """A batch, currency, status or organization; with `is_by_number` false, an id."""
    indexed = column == value
    return Condition((column.name, value), indexed, plain(column) == value, _entries(indexed), is_by_number)


def starts(column: Column[str], text: str) -> Condition:
    """A name that begins with a text."""
    indexed = begins(column, text)
    key = f"{column.name} from", text
    return Condition(key, indexed, begins(plain(column), text), _entries(indexed), is_by_number=False)


def has_word(word: str) -> Condition:
    """A name with that word."""
    posted = POSTINGS.c.term == term(ACCOUNTS.name, word)
    there = literal(" ").concat(ACCOUNTS.c.name_key).concat(" ").contains(f" {word} ", autoescape=True)
    indexed = ACCOUNTS.c.id.in_(select(POSTINGS.c.key).where(posted)) & there
    return Condition(("word", word), indexed, there, _entries(posted), is_by_number=False)


def _entries(condition: ColumnElement[bool]) -> Select[Any]:
    return select(literal_column("1")).where(condition)


class Narrowest:
    """Reads accounts by the narrowest condition. It counts the entries of each condition once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known: dict[tuple[str, str], int] = {}

    def rows(self, statement: Select[Any], conditions: Sequence[Condition], after: str) -> Sequence[Any]:
        """The rows of a statement that fulfil the conditions, by number, beyond the number `after`."""
        chosen = self._chosen(conditions)
        wanted = [each.indexed if each is chosen else each.filtering for each in conditions]
        # Rows that are found otherwise are sorted. Otherwise SQLite would go through all numbers instead.
        number = ACCOUNTS.c.number if chosen is None or chosen.is_by_number else plain(ACCOUNTS.c.number)
        if after:
            wanted.append(number > after)
        return self._connection.execute(statement.where(*wanted).order_by(number)).all()

    def _chosen(self, conditions: Sequence[Condition]) -> Condition | None:
        """The condition whose index is read; None if going through the numbers is quicker."""
        usable = [each for each in conditions if each.is_by_number or self._of(each) <= _FEW]
        return min(usable, key=self._of, default=None)

    def _of(self, condition: Condition) -> int:
        if condition.key not in self._known:
            most = _MOST if condition.is_by_number else _FEW + 1
            some = condition.entries.limit(most).subquery()
            self._known[condition.key] = self._connection.execute(select(func.count()).select_from(some)).scalar_one()
        return self._known[condition.key]
