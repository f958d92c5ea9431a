"""Answers queries a page at a time.

All pages of a query show one state of the tenant, whatever is imported meanwhile. Only runs are read anew for each
page. A page needs memory only for its own records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

import msgspec

from soapsvc.clock import Clock
from soapsvc.tenant import Store
from soapsvc.tenant.reading import derived_id
from soapsvc.tenant.store import Locator, find_locator, put_locator
from soapsvc.tenant.users import User
from soapsvc.wire import fresh_ids
from soapsvc.zoql.catalogue import Field, Record, Version, ZObject
from soapsvc.zoql.conditions import Fits, condition
from soapsvc.zoql.lookup import Sight, count_rows, rows, terms_of
from soapsvc.zoql.parser import Query, parse_query
from soapsvc.zoql.problems import InvalidLocator
from soapsvc.zoql.records import EXPORTED, STORED, Stored
from soapsvc.zoql.runs import run_records
from soapsvc.zoql.types import Value

MOST_RECORDS = 2000
"""Records of a page, by default and at most."""

_LONGEST_LOCATOR = 64


class Position(NamedTuple):
    """A place among the records of a query: the key of a row, and how many of the row's records come before."""

    key: str = ""
    before: int = 0


class OpenQuery(msgspec.Struct, frozen=True, array_like=True):
    """The state of a query: its text, the start of the next page, and the number of records answered so far."""

    text: str
    version: Version
    page: int
    case_sensitive: bool
    position: Position = Position()
    answered: int = 0
    size: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """A page of records: the values of `fields`, None for a missing value.

    `size` is the number of records of all pages; `locator` leads to the next page and is None after the last.
    """

    zobject: ZObject
    fields: tuple[Field, ...]
    records: Sequence[tuple[Value | None, ...]]
    size: int
    locator: str | None = None

    @property
    def done(self) -> bool:
        """Whether this is the last page."""
        return self.locator is None


@dataclass(frozen=True, slots=True)
class Queries:
    """Queries of one tenant's store."""

    store: Store
    clock: Clock

    def query(
        self,
        user: User,
        text: str,
        version: Version,
        *,
        page: int = MOST_RECORDS,
        case_sensitive: bool = True,
        files: str = "",
    ) -> Page:
        """The first page of a query's answer, as the user may see it.

        `version` is the contract's version, which decides the fields. `page` is the number of records of a page; the
        vendor's limit applies without it, or above that limit. `files` is put before the id of a run's result file.
        Raises QueryProblem.
        """
        open_query = OpenQuery(text, version, page if 0 < page < MOST_RECORDS else MOST_RECORDS, case_sensitive)
        return self._page(Sight(self.store, user, self.store.version()), open_query, fresh_ids(1)[0], files)

    def query_more(self, user: User, locator: str, *, files: str = "") -> Page:
        """The page that begins at a locator. Raises InvalidLocator, also for a locator of another user."""
        if len(locator) > _LONGEST_LOCATOR:
            raise InvalidLocator
        with self.store.begin() as connection:
            found = find_locator(connection, locator, user.username, self._now())
        if found is None:
            raise InvalidLocator
        open_query = msgspec.msgpack.decode(found.content, type=OpenQuery)
        return self._page(Sight(self.store, user, found.state), open_query, locator.partition("-")[0], files)

    def every(
        self, user: User, text: str, version: Version, state: int
    ) -> Iterator[tuple[Record, Mapping[str, Value | None]]]:
        """All records of an export in that state of the tenant, each with its values by field name.

        Each record comes with its source, for callers that know further fields. Raises QueryProblem.
        """
        zone = self.store.settings_at(state).zone
        query = parse_query(text, version)
        search = _Search(
            Sight(self.store, user, state), query, condition(query, zone, case_sensitive=True), "", EXPORTED
        )
        readers = {field.name: field.reader(zone) for field in query.fields}
        every = search.records(Position())
        return ((record, {name: read(record) for name, read in readers.items()}) for _, record in every)

    def _page(self, sight: Sight, open_query: OpenQuery, name: str, files: str) -> Page:
        zone = self.store.settings_at(sight.state).zone
        query = parse_query(open_query.text, open_query.version)
        fits = condition(query, zone, case_sensitive=open_query.case_sensitive)
        search = _Search(sight, query, fits, files)
        readers = [field.reader(zone) for field in query.fields]
        found: list[tuple[Value | None, ...]] = []
        following: Position | None = None
        for position, record in islice(search.records(open_query.position), open_query.page + 1):
            if len(found) == open_query.page:
                following = position
                break
            found.append(tuple(read(record) for read in readers))
        answered = open_query.answered + len(found)
        if following is None:
            return Page(query.zobject, query.fields, found, answered)
        size = open_query.size or search.count()
        locator = f"{name}-{answered}"
        self._keep(sight, locator, _further(open_query, following, answered, size))
        return Page(query.zobject, query.fields, found, size, locator)

    def _keep(self, sight: Sight, locator: str, open_query: OpenQuery) -> None:
        content = msgspec.msgpack.encode(open_query)
        with self.store.begin() as connection:
            put_locator(connection, Locator(locator, sight.user.username, sight.state, content), self._now())

    def _now(self) -> int:
        return int(self.clock().timestamp())


def _further(open_query: OpenQuery, position: Position, answered: int, size: int) -> OpenQuery:
    """The same query, to be continued from another place."""
    return msgspec.structs.replace(open_query, position=position, answered=answered, size=size)


@dataclass(frozen=True, slots=True)
class _Search:
    """The records that fit one query."""

    sight: Sight
    query: Query
    fits: Fits
    files: str
    objects: Mapping[str, Stored] = field(default_factory=lambda: STORED)

    def records(self, start: Position) -> Iterator[tuple[Position, Record]]:
        """The fitting records from a place on, each with its own place."""
        for key, records in self._candidates(start.key):
            for index, record in enumerate(records):
                if (key != start.key or index >= start.before) and self.fits(record):
                    yield Position(key, index), record

    def count(self) -> int:
        """How many records fit. The document is not read if the row itself has all compared fields."""
        stored = self.objects.get(self.query.zobject.name)
        if stored is None or not stored.is_row:
            return sum(1 for _ in self.records(Position()))
        if not self.query.alternatives:
            return count_rows(self.sight, stored)
        compared = {each.field for ands in self.query.alternatives for each in ands}
        if not all(field.source.startswith("row.") for field in compared):
            return sum(1 for _ in self.records(Position()))
        light = self._stored(stored, "", with_document=False)
        return sum(self.fits(record) for _, records in light for record in records)

    def _candidates(self, start: str) -> Iterator[tuple[str, Iterator[Record]]]:
        name = self.query.zobject.name
        if (stored := self.objects.get(name)) is not None:
            return self._stored(stored, start)
        make = _MADE.get(name)
        found = make(self) if make is not None else iter(())
        return ((key, iter((record,))) for key, record in found if key >= start)

    def _stored(
        self, stored: Stored, start: str, *, with_document: bool = True
    ) -> Iterator[tuple[str, Iterator[Record]]]:
        terms = terms_of(self.query, stored, self._account_id)
        found = rows(self.sight, stored, terms, start, with_document=with_document)
        return ((key, stored.records(row, with_document=with_document)) for key, row in found)

    def _account_id(self, number: str) -> str | None:
        return self.sight.store.account_id(number, self.sight.state)

    def runs(self) -> Iterator[tuple[str, Record]]:
        """The runs that may fit, by ascending number."""
        return run_records(self.sight, self.query, self.files)

    def units(self) -> Iterator[tuple[str, Record]]:
        """The units of measure in the tenant's settings, by name."""
        units = self.sight.store.settings_at(self.sight.state).units_of_measure
        for unit in sorted(units, key=lambda each: each.name):
            facts = {"name": unit.name, "decimals": unit.decimals, "rounding_mode": unit.rounding_mode}
            yield unit.name, {"ids": {"id": derived_id("unit of measure", unit.name)}, "unit": facts}


_MADE: dict[str, Callable[[_Search], Iterator[tuple[str, Record]]]] = {
    "BillingPreviewRun": _Search.runs,
    "UnitOfMeasure": _Search.units,
}
"""The objects that are not stored with the tenant. Amendment is in neither table, as no export has amendments."""
