"""Results in the database, read a page at a time in the order of the CSV file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, Text, cast, select, tuple_

from soapsvc.runs.definition import (
    DIFFERENCES,
    EXACT_FIELDS,
    FAILURE_FIELDS,
    FAILURES,
    ITEM_FIELDS,
    RESULTS,
    Refusal,
    refused,
)
from soapsvc.runs.results.text_rows import Row
from soapsvc.tenant import Store

FILTERS = ("account_id", "subscription_number", "rate_plan_charge_number", "difference_type", "code")
"""The fields by which results can be filtered, where the kind of results has them."""

DIFFERENCE_FIELDS = ("difference_type", "compared_run_id", "changed_fields", "compared_values")

_PAGE = 5000


_COUNTER = re.compile(r"[0-9]{1,18}")
"""The largest integer of the database, in 64 bits."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of results: its table, and the fields of a row."""

    table: Table
    fields: tuple[str, ...]

    def select(self, run_id: str) -> Select[Any]:
        """A run's rows of this kind, in order, decimals as text."""
        columns = self.table.c
        cells: list[ColumnElement[Any]] = [
            cast(columns[name], Text) if name in EXACT_FIELDS else columns[name] for name in self.fields
        ]
        return select(*cells).where(columns.run_id == run_id).order_by(columns.part, columns.position)


ITEMS = Kind(RESULTS, ITEM_FIELDS)
ITEM_DIFFERENCES = Kind(DIFFERENCES, (*DIFFERENCE_FIELDS, *ITEM_FIELDS))
FAILED_ACCOUNTS = Kind(FAILURES, FAILURE_FIELDS)


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows; `next` is the cursor of the page that follows, None after the last one."""

    rows: list[dict[str, str | None]]
    next: str | None


def find_results(
    store: Store, kind: Kind, run_id: str, filters: Mapping[str, str], *, cursor: str | None, size: int
) -> Page:
    """A page of a run's results of one kind that match all filters. Raises RunRefused for an invalid cursor."""
    columns = kind.table.c
    wanted = kind.select(run_id).add_columns(columns.part, columns.position).limit(size + 1)
    for name, value in filters.items():
        wanted = wanted.where(columns[name] == value)
    if cursor is not None:
        wanted = wanted.where(tuple_(columns.part, columns.position) > tuple_(*_position(cursor)))
    with store.begin() as connection:
        found = connection.execute(wanted).all()
    rows = [dict(zip(kind.fields, row, strict=False)) for row in found[:size]]
    last = found[size - 1] if len(found) > size else None
    return Page(rows, f"{last[-2]}.{last[-1]}" if last is not None else None)


def _position(cursor: str) -> tuple[int, int]:
    part, _, position = cursor.partition(".")
    if not (_COUNTER.fullmatch(part) and _COUNTER.fullmatch(position)):
        raise refused(Refusal.INVALID, f"cursor is {cursor!r}; it must be the nextPage of an earlier answer.", "cursor")
    return int(part), int(position)


def items_in_range(store: Store, run_id: str, after_id: str, last_id: str | None) -> list[Row]:
    """A run's items of the accounts with ids above `after_id` up to `last_id` (None: all further ones)."""
    wanted = ITEMS.select(run_id).where(RESULTS.c.account_id > after_id)
    if last_id is not None:
        wanted = wanted.where(RESULTS.c.account_id <= last_id)
    with store.begin() as connection:
        return [tuple(row) for row in connection.execute(wanted)]


def all_items(store: Store, run_id: str) -> Iterator[Row]:
    """All items of a run, a page in memory at a time."""
    part, position = -1, -1
    keys = RESULTS.c.part, RESULTS.c.position
    wanted = ITEMS.select(run_id).add_columns(*keys).limit(_PAGE)
    while True:
        with store.begin() as connection:
            page = connection.execute(wanted.where(tuple_(*keys) > tuple_(part, position))).all()
        yield from (tuple(row[:-2]) for row in page)
        if len(page) < _PAGE:
            return
        part, position = page[-1][-2:]
