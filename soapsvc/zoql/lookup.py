"""Find the rows that may hold fitting records: by terms, if every alternative has an equality with a term.

The rows found may fit; `conditions` decides. Rows come by ascending key, some at a time, all of one state.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any, cast

from sqlalchemy import BindParameter, Select, bindparam, func, select

from soapsvc.tenant import Store
from soapsvc.tenant.store import in_sight
from soapsvc.tenant.tables import ACCOUNTS, POSTINGS, PRODUCTS, USAGE, alive, term
from soapsvc.tenant.users import User
from soapsvc.zoql.parser import Comparison, Query
from soapsvc.zoql.records import Row, Stored
from soapsvc.zoql.types import ID

_FIRST_PAGE, _PAGE = 50, 500
_STATE: BindParameter[int] = bindparam("state")
_UNIQUE = ("Id", "AccountNumber", "InvoiceNumber", "ChargeNumber")
_COMMON = ("Name", "Status", "RbeStatus", "FirstName", "LastName")


@dataclass(frozen=True, slots=True)
class Sight:
    """The scope of a query: a store in one of its states, and the user's rights."""

    store: Store
    user: User
    state: int


def terms_of(query: Query, stored: Stored, account_id: Callable[[str], str | None]) -> list[int] | None:
    """The terms to look up: every fitting record has one of them. None if records can only be read one by one.

    `account_id` finds the id of the account with a number.
    """
    found: set[int] = set()
    for alternative in query.alternatives or ((),):
        best = min(filter(_is_looked_up, alternative), key=_commonness, default=None)
        if best is None:
            return None
        value = str(best.value)
        if stored.table is USAGE and best.field.name == "AccountNumber":
            known = account_id(value)
            if known is None:
                continue
            value = known
        found.add(term(stored.table.name, value))
    return sorted(found)


def _is_looked_up(comparison: Comparison) -> bool:
    return comparison.field.found and comparison.operator == "=" and comparison.value is not None


def _commonness(comparison: Comparison) -> int:
    """A rank of an equality by how many records it is likely to leave."""
    name = comparison.field.name
    if name in _UNIQUE:
        return 0
    if name in _COMMON:
        return 3
    return 1 if comparison.field.type == ID else 2


def rows(
    sight: Sight, stored: Stored, terms: list[int] | None, start: str, *, with_document: bool = True
) -> Iterator[tuple[str, Row]]:
    """The rows that may hold a fitting record, from the key `start` on, each with its key."""
    pages = paged(stored, sight.user, by_term=terms is not None, with_document=with_document)
    if terms is None:
        return _stream(sight, stored, pages, {}, start)
    streams = [_stream(sight, stored, pages, {"term": each}, start) for each in terms]
    if len(streams) == 1:
        return streams[0]
    merged = heapq.merge(*streams, key=lambda pair: pair[0])
    return (next(same) for _, same in groupby(merged, key=lambda pair: pair[0]))


def count_rows(sight: Sight, stored: Stored) -> int:
    """The number of rows."""
    every = _rows(stored, sight.user, by_term=False, with_document=False).subquery()
    with sight.store.begin() as connection:
        return int(connection.execute(select(func.count()).select_from(every), {"state": sight.state}).scalar_one())


@lru_cache(maxsize=512)
def paged(stored: Stored, user: User, *, by_term: bool, with_document: bool = True) -> tuple[Select[Any], Select[Any]]:
    """The statements for the first page of rows, from the key `after` on, and for the pages after it.

    They are made once, as making one takes longer than running it.
    """
    key = POSTINGS.c.key if by_term else next(iter(stored.table.primary_key.columns))
    found = _rows(stored, user, by_term=by_term, with_document=with_document).order_by(key).limit(bindparam("page"))
    return found.where(key >= bindparam("after")), found.where(key > bindparam("after"))


def _rows(stored: Stored, user: User, *, by_term: bool, with_document: bool) -> Select[Any]:
    """The rows of a table in a `state` that the user may see; only those with the `term`, if there is one."""
    table = stored.table
    key = next(iter(table.primary_key.columns))
    names = dict.fromkeys((key.name, *(name for name in stored.columns if with_document or name != "blob")))
    found = select(*(table.c[name] for name in names)).where(alive(table, _STATE))
    if with_document:
        found = found.add_columns(table.c.document)
    if table is USAGE:
        owner = ACCOUNTS.alias("account")
        is_owner = (owner.c.id == table.c.account_id) & alive(owner, _STATE)
        found = found.add_columns(owner.c.number.label("account_number")).join(owner, is_owner, isouter=True)
    if by_term:
        occurs = (POSTINGS.c.key == key) & (POSTINGS.c.since == table.c.since)
        found = found.join(POSTINGS, occurs).where(POSTINGS.c.term == bindparam("term"))
    if table is not PRODUCTS:
        account_id = table.c.id if table is ACCOUNTS else table.c.account_id
        if (seen := in_sight(user, account_id, _STATE)) is not None:
            found = found.where(seen)
    return found


def _stream(
    sight: Sight, stored: Stored, pages: tuple[Select[Any], Select[Any]], given: Mapping[str, object], start: str
) -> Iterator[tuple[str, Row]]:
    key = next(iter(stored.table.primary_key.columns)).name
    statement, further = pages
    after, size = start, _FIRST_PAGE
    while True:
        with sight.store.begin() as connection:
            values = {"state": sight.state, "after": after, "page": size, **given}
            page = connection.execute(statement, values).mappings().all()
        for row in page:
            yield row[key], cast("Row", row)
        if len(page) < size:
            return
        statement, after, size = further, page[-1][key], _PAGE
