"""One import at work: reading batches of documents, finding accounts, gathering rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Table, insert, select

from soapsvc.tenant.formats import DateOrder, TenantSettings
from soapsvc.tenant.importing.differences import key_of
from soapsvc.tenant.importing.stage import Live
from soapsvc.tenant.reading import AccountRef, FieldProblem, ImportProblem, Source
from soapsvc.tenant.tables import ACCOUNTS, FOREVER, alive

Row = dict[str, Any]

_KEPT_WARNINGS = 20


@dataclass
class Import:
    """One import at work: its stage, its base, its counts and its problems.

    `base` has the records that are kept: none where the import replaces the tenant. `files` are the usage files that
    were read, `whole` the accounts that keep only records of the folder, and `date_order` is that of the file in work.
    """

    stage: Connection
    base: Live
    settings: TenantSettings
    report: Callable[[ImportProblem], None]
    date_order: DateOrder | None = None
    counts: Counter[str] = field(default_factory=Counter)
    warnings: list[ImportProblem] = field(default_factory=list)
    warning_count: int = 0
    files: set[str] = field(default_factory=set)
    whole: frozenset[str] = frozenset()

    def warn(self, warning: ImportProblem) -> None:
        """Add a warning, which does not stop the import; only the first ones are kept."""
        self.warning_count += 1
        if self.warning_count <= _KEPT_WARNINGS:
            self.warnings.append(warning)

    def put(self, table: Table, name: str, rows: Sequence[tuple[Source, Row]]) -> int:
        """Gather rows; returns how many.

        A key (called `name` in messages) that this import has met before is a problem.
        """
        column = key_of(table)
        key = column.name
        keys = [row[key] for _, row in rows]
        met = select(column, table.c.source).where(column.in_(keys))
        seen: dict[str, str] = dict(self.stage.execute(met).all())
        fresh: list[Row] = []
        for source, row in rows:
            if (long := _too_long(table, row)) is not None:
                self.report(source.problem(long))
                continue
            if (other := seen.get(row[key])) is not None:
                self.report(source.problem(FieldProblem("", f"{name} {row[key]} is also in {other}; keep one of them")))
                continue
            seen[row[key]] = source.file
            fresh.append({**row, "source": source.file})
        self.gather(table, fresh)
        return len(fresh)

    def gather(self, table: Table, rows: Sequence[Row]) -> None:
        """Insert rows into the stage."""
        if rows:
            self.stage.execute(insert(table), [{**row, "since": 0, "until": FOREVER} for row in rows])

    def not_gathered(self, table: Table, rows: Iterable[Any]) -> list[Any]:
        """The rows of the base, among these, that the import does not have; a row's first value is its key."""
        found, key = list(rows), key_of(table)
        have = set(self.stage.execute(select(key).where(key.in_([row[0] for row in found]))).scalars())
        return [row for row in found if row[0] not in have]

    def accounts(self, refs: Iterable[AccountRef]) -> dict[str, str]:
        """The account ids for each id and number in `refs` that exists; either may stand in the other's place."""
        keys = {key for ref in refs for key in (ref.id, ref.number) if key is not None}
        found = select(ACCOUNTS.c.id, ACCOUNTS.c.number).where(ACCOUNTS.c.id.in_(keys) | ACCOUNTS.c.number.in_(keys))
        there = self.base.rows(found.where(alive(ACCOUNTS, self.base.state)))
        rows = [*self.not_gathered(ACCOUNTS, there), *self.stage.execute(found)]
        return {**{row.number: row.id for row in rows if row.number in keys}, **{row.id: row.id for row in rows}}

    def account_of(self, ref: AccountRef, accounts: Mapping[str, str]) -> str:
        """The id of the account that `ref` names, or of the only account where it names none.

        Raises FieldProblem.
        """
        found = {accounts[key] for key in (ref.id, ref.number) if key is not None and key in accounts}
        named = " and ".join(key for key in (ref.id, ref.number) if key is not None)
        field = f"{ref.field}Id" if ref.id is not None or not ref else f"{ref.field}Number"
        if len(found) > 1:
            raise FieldProblem(field, f"names two accounts, {named}")
        if found:
            return found.pop()
        if ref:
            raise FieldProblem(field, f"names account {named}, which does not exist")
        if self.sole_account is None:
            raise FieldProblem(field, "is missing; only a folder with exactly one account can do without it")
        return self.sole_account

    @cached_property
    def sole_account(self) -> str | None:
        """The only account of this import, or of the store where this import has none."""
        two = select(ACCOUNTS.c.id).limit(2)
        rows = list(self.stage.execute(two)) or self.base.rows(two.where(alive(ACCOUNTS, self.base.state)))
        return str(rows[0].id) if len(rows) == 1 else None


def started_columns(started: datetime) -> Row:
    """The columns of a usage record that say when it started."""
    return {"start_date": started.date().isoformat(), "started": started.isoformat(" ")}


def _too_long(table: Table, row: Row) -> FieldProblem | None:
    """The problem of a text that is longer than its column: some databases refuse it."""
    for column in table.columns:
        longest = getattr(column.type, "length", None)
        if longest is not None and len(value := row.get(column.name) or "") > longest:
            return FieldProblem("", f"its {column.name} has {len(value)} characters; at most {longest} are allowed")
    return None
