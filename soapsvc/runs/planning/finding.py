"""Find runs in the database, in their current state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Connection, Row, Select, cast, func, or_, select

from soapsvc.runs.definition import RUN_PARTS, RUNS, Refusal, Run, RunRequest, RunStatus, moments_of, refused, totals_of
from soapsvc.tenant import Store
from soapsvc.tenant.tables import STATES

_COUNTS = ("finished", "failed", "items")
_decode = msgspec.json.Decoder(RunRequest).decode


def get_run(store: Store, key: str) -> Run:
    """The run with this id or number. Raises RunRefused where it does not exist."""
    found = next(find_runs(store, key=key), None)
    if found is None:
        raise refused(Refusal.NOT_FOUND, f"Cannot find entity by key: '{key}'.")
    return found


def find_runs(
    store: Store, *, key: str | None = None, statuses: Sequence[RunStatus] = (), file_id: str | None = None
) -> Iterator[Run]:
    """The runs that match all arguments, by ascending number."""
    statement = (
        select(RUNS, STATES.c.imported).outerjoin(STATES, STATES.c.number == RUNS.c.state).order_by(RUNS.c.number)
    )
    if key is not None:
        statement = statement.where(or_(RUNS.c.id == key, RUNS.c.number == key))
    if statuses:
        statement = statement.where(RUNS.c.status.in_(statuses))
    if file_id is not None:
        statement = statement.where(RUNS.c.file_id == file_id)
    with store.begin() as connection:
        runs = [_run(connection, row) for row in connection.execute(statement).all()]
    yield from runs


def _run(connection: Connection, row: Row[Any]) -> Run:
    counts = {name: getattr(row, name) or 0 for name in _COUNTS}
    if row.status == RunStatus.PROCESSING:
        counts.update(connection.execute(sums_of_parts(row.id)).mappings().one())
    return Run(
        id=row.id,
        number=row.number,
        status=RunStatus(row.status),
        request=_decode(row.request),
        state=row.state,
        imported=_instant(row.imported) if row.imported is not None else None,
        seed=row.seed,
        as_of=_instant(row.as_of),
        created_by=row.created_by,
        created=_instant(row.created),
        updated_by=row.updated_by,
        updated=_instant(row.updated),
        started=_instant(row.started) if row.started is not None else None,
        ended=_instant(row.ended) if row.ended is not None else None,
        error=row.error,
        parts=row.parts,
        accounts=row.accounts,
        finished_accounts=int(counts["finished"]),
        failed_accounts=int(counts["failed"]),
        items=int(counts["items"]),
        file_id=row.file_id,
        file_size=row.file_size,
        purged=_instant(row.purged) if row.purged is not None else None,
        totals=totals_of(row.totals) if row.status == RunStatus.COMPLETED else {},
        pace=moments_of(row.pace),
    )


def sums_of_parts(run_id: str) -> Select[*tuple[Any, ...]]:
    """The sums over the finished parts of a run, by the names of the run's columns."""
    counted = {"finished": "accounts", "failed": "failed", "items": "items"}
    sums = [
        cast(func.coalesce(func.sum(RUN_PARTS.c[column]), 0), BigInteger).label(name)
        for name, column in counted.items()
    ]
    return select(*sums).where(RUN_PARTS.c.run_id == run_id, RUN_PARTS.c.done == 1)


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
