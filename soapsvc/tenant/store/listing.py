"""List and search accounts: by number, name or id, filtered by batch, currency and status, a page at a time.

Each statement reads the index that leaves the fewest rows (`narrowing`), from the page's beginning, so a page of a
million accounts costs about as much as one of a hundred. A search text is tried as the whole id, as the beginning of a
number, as the beginning of a name and as words of a name, in this order; an account is listed by its first match.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import merge
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, func, not_, select

from soapsvc.tenant.store.narrowing import Condition, Narrowest, begins, equals, has_word, starts
from soapsvc.tenant.store.store import Store
from soapsvc.tenant.tables import ACCOUNTS, alive, name_key, unpack_account
from soapsvc.tenant.users import User

_MOST_VALUES = 300


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filters of a list, with any of several batches; an empty field does not filter."""

    text: str = ""
    batches: tuple[str, ...] = ()
    currency: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """An account as a list shows it."""

    id: str
    number: str
    name: str
    currency: str
    batch: str
    status: str
    organization_id: str | None


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of accounts. `next` is the position after which the next page begins; None on the last page."""

    accounts: list[Listed]
    next: str | None


def list_accounts(store: Store, user: User, wanted: Wanted, *, after: str = "", size: int = 50) -> Listing:
    """A page of the matching accounts that the user may see, by number; those of a search by kind of match.

    `after` is the `next` of the page before.
    """
    state = store.version()
    with store.reading() as connection:
        if wanted.text:
            return _searched(connection, state, user, wanted, after, size)
        every = _by_number(Narrowest(connection), state, user, wanted, _Attempt(), after, size + 1)
        rows = list(islice(every, size + 1))
        return Listing(rows[:size], rows[size - 1].number if len(rows) > size else None)


def values_of(store: Store, user: User, column: str) -> list[str]:
    """The values that a column of the accounts has (`batch`, `currency` or `status`), as choices of a form.

    Each value costs one read of the index, for any number of accounts. A user of some organizations gets none, because
    the values of others are not visible to that user.
    """
    if user.organizations:
        return []
    values: list[str] = []
    with store.reading() as connection:
        smallest = select(func.min(ACCOUNTS.c[column]))
        value = connection.execute(smallest).scalar()
        while value is not None and len(values) < _MOST_VALUES:
            values.append(value)
            value = connection.execute(smallest.where(ACCOUNTS.c[column] > value)).scalar()
    return [each for each in values if each]


def _searched(connection: Connection, state: int, user: User, wanted: Wanted, after: str, size: int) -> Listing:
    """A page of a search. Its position is a kind of match, and a number among the matches of this kind."""
    attempts, narrowest = list(_attempts(wanted.text)), Narrowest(connection)
    first, number = _position(after)
    found: list[tuple[int, Listed]] = []
    for place, attempt in enumerate(attempts[first:], start=first):
        earlier = tuple(not_(each.condition) for each in attempts[:place])  # they were listed there
        most = size + 1 - len(found)
        beyond = number if place == first else ""
        rows = _by_number(narrowest, state, user, wanted, attempt.without(earlier), beyond, most)
        found += [(place, each) for each in islice(rows, most)]
        if len(found) > size:
            way, last = found[size - 1]
            return Listing([each for _, each in found[:size]], f"{way} {last.number}")
    return Listing([each for _, each in found], None)


def _position(after: str) -> tuple[int, str]:
    """The kind of match and the number after which a page of a search begins; the beginning for an invalid position."""
    place, _, number = after.partition(" ")
    return (int(place), number) if place.isascii() and place.isdigit() and len(place) < 3 else (0, "")


class _Attempt(NamedTuple):
    """One kind of match: conditions of which one is read by its index, and others."""

    conditions: tuple[Condition, ...] = ()
    others: tuple[ColumnElement[bool], ...] = ()

    @property
    def condition(self) -> ColumnElement[bool]:
        """All of it, as a filter."""
        return and_(*(each.filtering for each in self.conditions), *self.others)

    def without(self, earlier: tuple[ColumnElement[bool], ...]) -> _Attempt:
        """The matches that also fulfil other conditions."""
        return self._replace(others=(*self.others, *earlier))


def _attempts(text: str) -> Iterator[_Attempt]:
    columns, name = ACCOUNTS.c, name_key(text)
    yield _Attempt((equals(columns.id, text, is_by_number=False),))
    for number in dict.fromkeys((text, text.upper())):
        yield _Attempt(others=(begins(columns.number, number),))
    yield _Attempt((starts(columns.name_key, name),))
    if words := name.split():
        yield _Attempt(tuple(map(has_word, words)))


def _by_number(
    narrowest: Narrowest, state: int, user: User, wanted: Wanted, attempt: _Attempt, after: str, most: int
) -> Iterator[Listed]:
    """The matching accounts beyond a number, by number; each batch and organization is read separately, by an index."""
    columns = ACCOUNTS.c
    own = (("currency", wanted.currency), ("status", wanted.status))
    parts = [[*attempt.conditions, *(equals(columns[name], value) for name, value in own if value)]]
    for column, values in ((columns.batch, wanted.batches), (columns.organization_id, sorted(user.organizations))):
        if values:
            parts = [[*part, equals(column, each)] for part in parts for each in dict.fromkeys(values)]
    statement = select(columns.id, columns.number, columns.status, columns.batch, columns.blob)
    statement = statement.where(*attempt.others, alive(ACCOUNTS, state)).limit(most)
    pages = [[_listed(row) for row in narrowest.rows(statement, part, after)] for part in parts]
    return iter(merge(*pages, key=lambda each: each.number))


def _listed(row: Any) -> Listed:
    facts = unpack_account(row.blob)
    own = (facts.get("name") or "", facts.get("currency") or "", row.batch, row.status, facts.get("organization_id"))
    return Listed(row.id, row.number, *own)
