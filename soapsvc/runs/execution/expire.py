"""Purge results: after 180 days, and the leftovers of runs that were canceled or failed.

Superseded states of the tenant are deleted when no run under way and no call reads them.

Source: "Billing Preview Run". The run itself, with its counts, stays.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select

from soapsvc.runs.definition import ACTIVE, DIFFERENCES, FAILURES, RESULTS, RUNS, Run, RunStatus
from soapsvc.runs.execution.execute import run_folder
from soapsvc.runs.planning import find_runs, mark_purged
from soapsvc.tenant import Store

RETENTION = timedelta(days=180)
LONGEST_CALL = timedelta(minutes=10)
"""No call reads a superseded state for longer than this."""
_PARTS_AT_ONCE = 20


def purge_runs(store: Store, results: str, now: datetime, retention: timedelta = RETENTION) -> list[Run]:
    """Delete the results of runs that ended longer ago than `retention`; returns those runs.

    Results that a run under way is compared with are kept until that run has ended.
    """
    compared = {run.request.compared_run_id for run in find_runs(store, statuses=ACTIVE)}
    purged: list[Run] = []
    for run_id in _due(store, now - retention):
        if run_id in compared:
            continue
        _drop_rows(store, run_id)
        run_folder(results, run_id).remove()
        mark_purged(store, run_id, now)
        purged.extend(find_runs(store, key=run_id))
    return purged


def purge_states(store: Store, now: datetime) -> int:
    """Delete rows that belong only to superseded states of the tenant; returns their number.

    Waits for an import to end.
    """
    in_use = [run.state for run in find_runs(store, statuses=ACTIVE) if run.state is not None]
    return store.drop_states(in_use=in_use, superseded_before=now - LONGEST_CALL)


def _due(store: Store, before: datetime) -> list[str]:
    columns = RUNS.c
    old = (columns.status == RunStatus.COMPLETED) & (columns.ended < int(before.timestamp()))
    useless = columns.status.in_((RunStatus.ERROR, RunStatus.CANCELED))
    due = select(columns.id).where(columns.purged.is_(None), old | useless).order_by(columns.number)
    with store.begin() as connection:
        return list(connection.execute(due).scalars())


def _drop_rows(store: Store, run_id: str) -> None:
    """Delete a run's rows, some parts at a time, so that other transactions can write in between."""
    for table in (RESULTS, DIFFERENCES, FAILURES):
        columns = table.c
        parts = select(columns.part).where(columns.run_id == run_id).distinct().order_by(columns.part)
        while True:
            with store.begin() as connection:
                some = list(connection.execute(parts.limit(_PARTS_AT_ONCE)).scalars())
                if not some:
                    break
                connection.execute(delete(table).where(columns.run_id == run_id, columns.part <= some[-1]))
