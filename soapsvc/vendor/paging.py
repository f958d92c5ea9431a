"""Lists that come in pages: by number (v1), by cursor (object query), by locator (ZOQL). A repeated page is an error.

`Ask` gets a page: from the upstream, or from the answers that an earlier attempt stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Protocol

from soapsvc.tenant.reading import Document, FieldProblem, each, first, mapping, optional
from soapsvc.vendor.client import Query
from soapsvc.vendor.errors import BadAnswer, PageRepeated

QUERY = "/v1/action/query"
QUERY_MORE = "/v1/action/queryMore"


class Ask(Protocol):
    """Asks for documents."""

    def get(self, path: str, query: Query = ()) -> Document:
        """The document at a path."""
        ...

    def post(self, path: str, body: Mapping[str, object]) -> Document:
        """The document that answers a body."""
        ...

    def page_after(self, url: str) -> tuple[str, Query]:
        """Path and query of a `nextPage`."""
        ...


def pages(ask: Ask, path: str, query: Query, key: str) -> Iterator[Document]:
    """The records under `key` of all pages of a v1 list or an object query.

    Raises PageRepeated if a page leads to one that was already read, or repeats the records of an earlier page.
    """
    seen = _Seen(path)
    next_page: str | None = None
    while True:
        seen.place(path, query)
        document = ask.get(path, query)
        records = _records(document, key, path)
        seen.records(records)
        yield from records
        next_page = first(document, "nextPage")
        if next_page is None:
            return
        path, query = ask.page_after(next_page)


def queried(ask: Ask, zoql: str) -> Iterator[Document]:
    """The records of a ZOQL query. Raises LocatorExpired if its next page was requested too late."""
    seen = _Seen("the query")
    document = ask.post(QUERY, {"queryString": zoql})
    while True:
        records = _records(document, "records", QUERY) if "records" in document else ()
        seen.records(records)
        yield from records
        locator = first(document, "queryLocator")
        if document.get("done") is not False:
            return
        if locator is None:
            raise BadAnswer(f"POST {QUERY}: the answer says that there is more, but has no queryLocator")
        seen.place(locator, ())
        document = ask.post(QUERY_MORE, {"queryLocator": locator})


class _Seen:
    """The pages of one list that were read."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._places: set[object] = set()
        self._contents: set[bytes] = set()

    def place(self, path: str, query: Query) -> None:
        place = (path, tuple(query))
        if place in self._places:
            raise PageRepeated(f"{self._what}: page {len(self._places) + 1} repeats a page that was read before")
        self._places.add(place)

    def records(self, records: tuple[Document, ...]) -> None:
        """Check a page of records. Raises PageRepeated for one that was read before; an empty page does not count."""
        if not records:
            return
        digest = sha256(repr(records).encode()).digest()
        if digest in self._contents:
            raise PageRepeated(
                f"{self._what}: page {len(self._contents) + 1} repeats the records of a page that was read before"
            )
        self._contents.add(digest)


def _records(document: Document, key: str, path: str) -> tuple[Document, ...]:
    try:
        return optional(document, key, each(mapping)) or ()
    except FieldProblem as problem:
        raise BadAnswer(f"GET {path}: {problem}") from problem
