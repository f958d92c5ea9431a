"""The accounts to fetch: all, or those of a file, of batches, or of a query; optionally only recently changed ones."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from soapsvc.engine.account import squeeze
from soapsvc.tenant.reading import first
from soapsvc.vendor.errors import VendorError
from soapsvc.vendor.paging import Ask, queried

_KEY_COLUMNS = ("accountid", "id", "accountnumber", "account", "number")
_WHERE = "select Id from Account where "
_CHANGED = (
    "select Id from Account where UpdatedDate >= '{since}'",
    "select Id, AccountId from Subscription where UpdatedDate >= '{since}'",
    "select Id, AccountId from Usage where UpdatedDate >= '{since}'",
    "select Id, AccountId from Invoice where UpdatedDate >= '{since}'",
)
"""An invoice does not change a subscription, but it changes how far its charges are billed."""


@dataclass(frozen=True, slots=True)
class Selection:
    """`keys` are ids or numbers of accounts, `batches` names of batches, `query` a ZOQL query for Account.

    Without any of them, all accounts are meant. `since` narrows the selection to accounts changed from that instant on.
    """

    keys: tuple[str, ...] = ()
    batches: tuple[str, ...] = ()
    query: str = ""
    since: datetime | None = None

    @property
    def is_whole(self) -> bool:
        """Whether all accounts of the tenant are meant."""
        return not (self.keys or self.batches or self.query) and self.since is None


def selected(selection: Selection, ask: Ask) -> Iterator[str]:
    """The ids or numbers of the accounts, each once, in the order of the answers."""
    seen: set[str] = set()
    changed = set(_changed(selection.since, ask)) if selection.since is not None else None
    for key, identity in _selected(selection, ask):
        if key not in seen and (changed is None or identity in changed):
            seen.add(key)
            yield key


def _selected(selection: Selection, ask: Ask) -> Iterator[tuple[str, str]]:
    """Keys with the ids of their accounts."""
    if selection.keys:
        for key in selection.keys:
            # The ids of changed accounts are known, numbers must be looked up.
            known = _id_of(key, ask) if selection.since is not None else key
            if known is not None:
                yield key, known
        return
    if selection.batches:
        batches = " or ".join(f"Batch = {quoted(batch)}" for batch in selection.batches)
        queries = [_WHERE + batches]
    else:
        queries = [selection.query or "select Id from Account"]
    for query in queries:
        for record in queried(ask, query):
            if (identity := first(record, "AccountId", "Id")) is None:
                raise VendorError("the query finds no Id of accounts; it must begin with: select Id from Account")
            yield identity, identity


def _id_of(key: str, ask: Ask) -> str | None:
    query = _WHERE + "Id = {0} or AccountNumber = {0}".format(quoted(key))
    return next((first(record, "Id") for record in queried(ask, query)), None)


def _changed(since: datetime, ask: Ask) -> Iterator[str]:
    instant = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")
    for query in _CHANGED:
        for record in queried(ask, query.format(since=instant)):
            if (identity := first(record, "AccountId", "Id")) is not None:
                yield identity


def quoted(text: str) -> str:
    """A text as a ZOQL literal."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def keys_of(file: Path) -> tuple[str, ...]:
    """The ids or numbers in a file: one per line, or a CSV with a column of them. Raises VendorError."""
    try:
        rows = [row for row in csv.reader(file.read_text(encoding="utf-8-sig").splitlines()) if any(row)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise VendorError(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    heading = [squeeze(name.rpartition(".")[2].replace(" ", "")) for name in rows[0]] if rows else []
    column = next((heading.index(name) for name in _KEY_COLUMNS if name in heading), None)
    if column is None and any(len(row) > 1 for row in rows):
        raise VendorError(f"{file} has several columns, and none has the heading Id or AccountNumber")
    cells = [row[column or 0].strip() for row in rows[0 if column is None else 1 :] if len(row) > (column or 0)]
    if not (keys := tuple(dict.fromkeys(cell for cell in cells if cell))):
        raise VendorError(f"{file} names no account")
    return keys
