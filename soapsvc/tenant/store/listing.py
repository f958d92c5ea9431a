"""Accounts as people look for them: by number, name or id, narrowed by batch, currency and status, a page at a time.

Each statement reads an index from where the page begins, so that a page of a million accounts costs what one of a
hundred does. What is searched for is tried as the whole id, as the beginning of a number, as the beginning of a name
and as a word of a name, in this order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, select

from soapsvc.tenant.store.store import Store
from soapsvc.tenant.tables import ACCOUNTS, POSTINGS, alive, name_key, term, unpack_account
from soapsvc.tenant.users import User

_LAST = "\U0010ffff"
_MOST_VALUES = 300


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which accounts are looked for, of any of several batches; an empty field asks for nothing."""

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
    """Some accounts. `next` is the number after which the next page begins; None where there is none.

    What is searched for has one page: `is_cut` says that more fit than it holds.
    """

    accounts: list[Listed]
    next: str | None
    is_cut: bool = False


def list_accounts(store: Store, user: User, wanted: Wanted, *, after: str = "", size: int = 50) -> Listing:
    """A page of the accounts that fit and that the user may see, by number; what was searched for by how it fits."""
    state = store.version()
    with store.reading() as connection:
        if wanted.text:
            found = _searched(connection, state, user, wanted, size + 1)
            return Listing(found[:size], None, len(found) > size)
        beyond = ACCOUNTS.c.number > after
        rows = list(islice(_by_number(connection, state, user, wanted, beyond, size + 1), size + 1))
        return Listing(rows[:size], rows[size - 1].number if len(rows) > size else None)


def values_of(store: Store, user: User, column: str) -> list[str]:
    """The values that a column of the accounts has (`batch`, `currency` or `status`), for people to choose from.

    Each is found with one look at the index, whatever the number of accounts. For a user of some organizations there
    are none: what others have is not theirs to know.
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


def _searched(connection: Connection, state: int, user: User, wanted: Wanted, most: int) -> list[Listed]:
    found: dict[str, Listed] = {}
    for fits in _attempts(wanted.text):
        for each in islice(_by_number(connection, state, user, wanted, fits, most), most):
            found.setdefault(each.id, each)
        if len(found) >= most:
            break
    return list(found.values())[:most]


def _attempts(text: str) -> Iterator[ColumnElement[bool]]:
    columns, name = ACCOUNTS.c, name_key(text)
    yield columns.id == text
    for number in dict.fromkeys((text, text.upper())):
        yield columns.number.between(number, number + _LAST)
    yield columns.name_key.between(name, name + _LAST)
    if words := name.split():
        keys = (select(POSTINGS.c.key).where(POSTINGS.c.term == term(ACCOUNTS.name, word)) for word in words)
        yield and_(
            *(columns.id.in_(each) for each in keys),
            *(columns.name_key.contains(word, autoescape=True) for word in words),
        )


def _by_number(
    connection: Connection, state: int, user: User, wanted: Wanted, fits: ColumnElement[bool], most: int
) -> Iterator[Listed]:
    """The accounts that fit, by number; those of each batch and organization apart, so that each reads an index."""
    columns = ACCOUNTS.c
    statement = select(columns.id, columns.number, columns.status, columns.batch, columns.blob)
    statement = statement.where(fits, alive(ACCOUNTS, state)).order_by(columns.number).limit(most)
    for name in ("currency", "status"):
        if value := getattr(wanted, name):
            statement = statement.where(columns[name] == value)
    parts: Sequence[Select[Any]] = [statement]
    for column, values in ((columns.batch, wanted.batches), (columns.organization_id, sorted(user.organizations))):
        if values:
            parts = [part.where(column == each) for part in parts for each in dict.fromkeys(values)]
    pages = [[_listed(row) for row in connection.execute(part)] for part in parts]
    return iter(merge(*pages, key=lambda each: each.number))


def _listed(row: Any) -> Listed:
    facts = unpack_account(row.blob)
    own = (facts.get("name") or "", facts.get("currency") or "", row.batch, row.status, facts.get("organization_id"))
    return Listed(row.id, row.number, *own)
