"""Results in the store's own tables, with the differences from an earlier run.

Rows wait in a file of the worker until the part is done; then one short transaction writes them and replaces those of
an earlier attempt. So the store is not locked while previews are computed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import count

import msgspec
from sqlalchemy import Connection, Table, delete

from soapsvc.engine.result import PreviewResult
from soapsvc.runs.definition import DIFFERENCES, FAILURE_FIELDS, FAILURES, ITEM_FIELDS, RESULTS
from soapsvc.runs.results import DIFFERENCE_FIELDS, Row, differences, item_rows, items_in_range
from soapsvc.runs.sinks.spool import Spool
from soapsvc.runs.sinks.writer import PartWriter, Place
from soapsvc.runs.storage import insert_rows
from soapsvc.tenant import Store

_ACCOUNT = ITEM_FIELDS.index("account_id")
_KEYS = ("run_id", "part", "position")


class DatabaseWriter:
    """Writes a part to the tables of results, differences and failed accounts."""

    def __init__(self, place: Place, files: ExitStack) -> None:
        self._place = place
        self._files = files
        self._items, self._differences, self._failures = (files.enter_context(Spool()) for _ in range(3))
        self._compared = place.request.compared_run_id
        self._rows: list[Row] = []

    def put(self, result: PreviewResult) -> int:
        items = 0
        for rows in item_rows(result, self._place.seed):
            self._items.write(rows)
            if self._compared is not None:
                self._rows.extend(rows)
            items += len(rows)
        return items

    def fail(self, rows: Sequence[Row]) -> None:
        self._failures.write(rows)

    def end_accounts(self, store: Store, after_id: str, last_id: str | None) -> None:
        if self._compared is None:
            return
        new = _by_account(self._rows)
        old = _by_account(items_in_range(store, self._compared, after_id, last_id))
        for account in sorted(new.keys() | old.keys()):
            found = differences(old.get(account, ()), new.get(account, ()))
            self._differences.write(
                [(each.type.value, self._compared, *_changes(each.compared), *each.row) for each in found]
            )
        self._rows = []

    def sizes(self) -> dict[str, int]:
        return {}

    def store(self, connection: Connection) -> None:
        with self._files:
            self._replace(connection, RESULTS, ITEM_FIELDS, self._items)
            self._replace(connection, DIFFERENCES, (*DIFFERENCE_FIELDS, *ITEM_FIELDS), self._differences)
            self._replace(connection, FAILURES, FAILURE_FIELDS, self._failures)

    def _replace(self, connection: Connection, table: Table, fields: Sequence[str], rows: Iterable[Row]) -> None:
        run_id, part = self._place.run_id, self._place.part
        connection.execute(delete(table).where(table.c.run_id == run_id, table.c.part == part))
        positions = count()
        insert_rows(connection, table, (*_KEYS, *fields), ((run_id, part, next(positions), *row) for row in rows))


@contextmanager
def database_writer(place: Place) -> Iterator[PartWriter]:
    """Collects a part's rows; after the context, `store` writes them to the database."""
    with ExitStack() as files:
        kept = ExitStack()
        files.push(kept)
        yield DatabaseWriter(place, kept)
        files.pop_all()


def _by_account(rows: Iterable[Row]) -> dict[str, list[Row]]:
    accounts: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        accounts[row[_ACCOUNT] or ""].append(row)
    return accounts


def _changes(compared: dict[str, str | None]) -> tuple[str | None, str | None]:
    """The names of the changed fields, and their former values as JSON."""
    return (",".join(compared), msgspec.json.encode(compared).decode()) if compared else (None, None)
