"""The differences between the records of an import and those of the store, some rows at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Select, Table, or_, select, true

from soapsvc.tenant.importing.report import Changes
from soapsvc.tenant.importing.stage import Live
from soapsvc.tenant.tables import ACCOUNTS, RECORDS, SINCE, UNTIL, USAGE, alive

_AT_ONCE = 250
_NOT_TOLD = frozenset({"source", "position", "updated", "started", "terms"})
"""Columns that hold a record's place, or repeat its document: they are stored, but do not count as a change."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some differences of one table: rows to insert, keys whose rows end, and the number of records."""

    table: Table
    begun: list[Mapping[str, Any]]
    ended: list[str]
    changes: Changes


def key_of(table: Table) -> Column[str]:
    """The column that identifies a record in every state."""
    return next(column for column in table.primary_key.columns if column.name != SINCE)


def record_of(table: Table) -> list[Column[Any]]:
    """The columns of a record, its key first, without the states that have it."""
    key = key_of(table)
    return [key, *(column for column in table.columns if column.name not in {key.name, SINCE, UNTIL})]


def differences(
    stage: Connection, live: Live, *, files: Collection[str], whole: Collection[str], replace: bool
) -> Iterator[Batch]:
    """All differences; neither side is changed.

    Records that the import does not have are kept, except for usage of the `files` that it read, and for records of the
    accounts that it has as a `whole`; with `replace` all of them are removed.
    """
    for table in RECORDS:
        yield from _written(table, stage, live)
        going = [true()] if replace else _going(table, files, whole)
        if going:
            yield from _removed(table, stage, live, select(key_of(table)).where(or_(*going)))


def _going(table: Table, files: Collection[str], whole: Collection[str]) -> list[ColumnElement[bool]]:
    """The condition for rows of a table that are removed unless the import has them."""
    going: list[ColumnElement[bool]] = []
    if table is USAGE and files:
        going.append(USAGE.c.source.in_(sorted(files)))
    if whole and table is ACCOUNTS:
        going.append(ACCOUNTS.c.id.in_(sorted(whole)))
    elif whole and "account_id" in table.c:
        going.append(table.c.account_id.in_(sorted(whole)))
    return going


def _written(table: Table, stage: Connection, live: Live) -> Iterator[Batch]:
    """The rows that the import has, and that the store lacks or has with other values."""
    key, columns = key_of(table), record_of(table)
    names = [column.name for column in columns]
    told = [index for index, name in enumerate(names) if name not in _NOT_TOLD]
    for page in _pages(stage, table, select(*columns)):
        there = live.rows(select(*columns).where(key.in_([row[0] for row in page]), alive(table, live.state)))
        before = {row[0]: tuple(row) for row in there}
        begun = [tuple(row) for row in page if before.get(row[0]) != tuple(row)]
        ended = [row[0] for row in begun if row[0] in before]
        changed = sum(any(row[index] != before[row[0]][index] for index in told) for row in begun if row[0] in before)
        if begun:
            rows: list[Mapping[str, Any]] = [dict(zip(names, row, strict=True)) for row in begun]
            yield Batch(table, rows, ended, Changes(added=len(begun) - len(ended), changed=changed))


def _removed(table: Table, stage: Connection, live: Live, keys: Select[Any]) -> Iterator[Batch]:
    """The keys of the store, among these, that the import does not have."""
    key, after = key_of(table), ""
    wanted = keys.where(alive(table, live.state)).order_by(key).limit(_AT_ONCE)
    while page := [row[0] for row in live.rows(wanted.where(key > after))]:
        staged = set(stage.execute(select(key).where(key.in_(page))).scalars())
        gone = [each for each in page if each not in staged]
        if gone:
            yield Batch(table, [], gone, Changes(removed=len(gone)))
        after = page[-1]


def _pages(stage: Connection, table: Table, rows: Select[Any]) -> Iterator[list[Any]]:
    key, after = key_of(table), ""
    wanted = rows.order_by(key).limit(_AT_ONCE)
    while page := list(stage.execute(wanted.where(key > after)).all()):
        yield page
        after = page[-1][0]
