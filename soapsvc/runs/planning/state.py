"""The one module that writes the state of runs and of their parts. Every change is one transaction.

A run is created, claimed, kept alive and ended; its parts are planned, done, and reopened where their files are lost.

The creation of a run holds the gate, one row that all such transactions write first: so the rules hold among any number
of processes, and numbers have no gaps. An executor holds a run by a lease; when its process dies, the lease expires and
another executor takes over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, func, insert, or_, select, text, update

from soapsvc.runs.definition import (
    ACTIVE,
    DIFFERENCES,
    FAILURES,
    RESULTS,
    RUN_BATCHES,
    RUN_PARTS,
    RUNS,
    Moment,
    Organization,
    Refusal,
    Run,
    RunRefused,
    RunRequest,
    RunStatus,
    joined,
    moments_text,
    refused,
)
from soapsvc.runs.planning.finding import get_run, sums_of_parts
from soapsvc.runs.planning.rules import concurrency_problems, occupied_batches, organizations_by_id, request_problems
from soapsvc.tenant import Store, User
from soapsvc.tenant.database import batched
from soapsvc.tenant.tables import STATE
from soapsvc.wire import fresh_ids

_GATE = "billing_preview_runs"
_MAKE_GATE = text(f"INSERT INTO {STATE.name} (name, number) VALUES ('{_GATE}', 0) ON CONFLICT DO NOTHING")  # noqa: S608
_MOST_ERROR_TEXT = 1000
_ROWS_AT_ONCE = 200
_encode = msgspec.json.Encoder().encode


def create_run(
    store: Store,
    request: RunRequest,
    user: User,
    now: datetime,
    *,
    seed: str | None = None,
    as_of: datetime | None = None,
) -> Run:
    """Create a run, Pending. Raises RunRefused with every problem of the request, else with the runs that prevent it.

    The run reads the tenant's current state: an import that is later, or under way, has no effect on it.

    A run without organizations, by a user with limited rights, is for the user's organizations.

    Runs with the same `seed` and `as_of` over the same data give the same results to the last byte. By default the seed
    is the run's id and `as_of` the current time.
    """
    run_id, (state, settings, _) = fresh_ids(1)[0], store.current()
    today = now.astimezone(settings.zone).date()
    request = replace(
        request,
        organizations=request.organizations or tuple(Organization(id=each) for each in sorted(user.organizations)),
        credit_memos=settings.rules.get("invoice_settlement") is True,
    )
    with store.begin() as connection:
        number = _through_gate(connection)
        if problems := list(request_problems(connection, request, state, today, user)):
            raise RunRefused(problems)
        request = replace(request, organizations=organizations_by_id(connection, request.organizations, state, user))
        batches = occupied_batches(connection, request, state, user)
        if problems := list(concurrency_problems(connection, batches, user)):
            raise RunRefused(problems)
        instant = _seconds(now)
        row = {
            "id": run_id,
            "number": f"BPR-{number:08}",
            "status": RunStatus.PENDING,
            "request": _encode(request),
            "target_date": request.target_date.isoformat(),
            "state": state,
            "seed": seed or run_id,
            "as_of": _seconds(as_of or now),
            "created_by": user.id,
            "created": instant,
            "updated_by": user.id,
            "updated": instant,
        }
        connection.execute(insert(RUNS), [row])
        connection.execute(insert(RUN_BATCHES), [{"batch": batch, "run_id": run_id} for batch in batches])
    return get_run(store, run_id)


def _through_gate(connection: Connection) -> int:
    """Wait until no other process creates a run, and block further ones; the next run's number."""
    connection.execute(_MAKE_GATE)
    connection.execute(update(STATE).where(STATE.c.name == _GATE).values(number=STATE.c.number + 1))
    number: int = connection.execute(select(STATE.c.number).where(STATE.c.name == _GATE)).scalar_one()
    return number


def cancel_run(store: Store, key: str, user: User, now: datetime) -> Run:
    """Cancel a run that has not ended, and delete its results so far. Raises RunRefused."""
    run = get_run(store, key)
    with store.begin() as connection:
        ended = _end(connection, run.id, now, status=RunStatus.CANCELED, updated_by=user.id)
        if ended:
            drop_results(connection, run.id)
    if not ended:
        raise refused(
            Refusal.RULE, f"Run {run.number} is {get_run(store, run.id).status}; only a run under way can be canceled."
        )
    return get_run(store, run.id)


def claim_run(store: Store, owner: str, now: datetime, lease_seconds: int, key: str | None = None) -> Run | None:
    """Claim the oldest run without an executor (or the run `key`) until the lease ends; None where there is none."""
    columns, instant = RUNS.c, _seconds(now)
    free = columns.status.in_(ACTIVE) & or_(columns.lease.is_(None), columns.lease < instant)
    if key is not None:
        free &= columns.id == key
    oldest = select(columns.id).where(free).order_by(columns.number).limit(1).scalar_subquery()
    values = {
        "owner": owner,
        "lease": instant + lease_seconds,
        "status": RunStatus.PROCESSING,
        "started": func.coalesce(columns.started, instant),
        "updated": instant,
    }
    with store.begin() as connection:
        if connection.execute(update(RUNS).where(columns.id == oldest, free).values(values)).rowcount == 0:
            return None
        claimed = connection.execute(select(columns.id).where(columns.owner == owner)).scalar_one()
    return get_run(store, claimed)


def keep_run(store: Store, run_id: str, owner: str, now: datetime, lease_seconds: int) -> bool:
    """Extend the lease; False where the run is no longer ours: canceled, or taken over."""
    with store.begin() as connection:
        kept = update(RUNS).where(_held(run_id, owner)).values(lease=_seconds(now) + lease_seconds)
        return connection.execute(kept).rowcount == 1


def note_pace(store: Store, run_id: str, owner: str, pace: Sequence[Moment]) -> None:
    """Store the run's pace, unless the run is no longer ours."""
    with store.begin() as connection:
        connection.execute(update(RUNS).where(_held(run_id, owner)).values(pace=moments_text(pace)))


def release_run(store: Store, run_id: str, owner: str) -> None:
    """Release a run, so that another executor can claim it at once."""
    with store.begin() as connection:
        connection.execute(update(RUNS).where(_held(run_id, owner)).values(lease=None, owner=None))


def complete_run(
    store: Store, run_id: str, owner: str, now: datetime, file_id: str | None = None, file_size: int | None = None
) -> bool:
    """End a run whose parts are all done; False where it is no longer ours."""
    with store.begin() as connection:
        file = {"file_id": file_id, "file_size": file_size}
        ended = _end(connection, run_id, now, owner=owner, status=RunStatus.COMPLETED, **file)
        if ended:
            final = update(RUNS).where(RUNS.c.id == run_id).values(accounts=RUNS.c.finished)
            connection.execute(final)
        return ended


def fail_run(store: Store, run_id: str, owner: str, now: datetime, reason: str) -> bool:
    """End a run that cannot be finished, with the reason, and delete its results; False where it is no longer ours."""
    with store.begin() as connection:
        ended = _end(connection, run_id, now, owner=owner, status=RunStatus.ERROR, error=reason[:_MOST_ERROR_TEXT])
        if ended:
            drop_results(connection, run_id)
        return ended


def plan_parts(store: Store, run_id: str, owner: str, bounds: Sequence[tuple[str, int]]) -> bool:
    """Write the parts of a run that has none yet, each by its last account's id and number of accounts.

    False where the run is no longer the owner's.
    """
    with store.begin() as connection:
        planned = {"parts": len(bounds), "accounts": sum(count for _, count in bounds)}
        free = RUNS.c.parts.is_(None)
        if connection.execute(update(RUNS).where(_held(run_id, owner), free).values(planned)).rowcount == 0:
            return False
        afters = ["", *(last for last, _ in bounds)]
        lasts = [*(last for last, _ in bounds[:-1]), None]
        rows = [
            {
                "run_id": run_id,
                "part": number,
                "after_id": after,
                "last_id": last,
                "accounts": count,
                **dict.fromkeys(("done", "failed", "items", "size", "failed_size"), 0),
            }
            for number, (after, last, (_, count)) in enumerate(zip(afters, lasts, bounds, strict=False))
        ]
        for batch in batched(rows, _ROWS_AT_ONCE):
            connection.execute(insert(RUN_PARTS), batch)
    return True


def finish_part(connection: Connection, run_id: str, part: int, totals: str, **counts: int) -> bool:
    """Mark a part done, with its totals and counts; False where the run was canceled meanwhile."""
    done = update(RUN_PARTS).where(RUN_PARTS.c.run_id == run_id, RUN_PARTS.c.part == part)
    return connection.execute(done.values(done=1, totals=totals, **counts)).rowcount == 1


def reopen_part(store: Store, run_id: str, part: int) -> None:
    """Have a lost part computed again."""
    with store.begin() as connection:
        this = (RUN_PARTS.c.run_id == run_id) & (RUN_PARTS.c.part == part)
        connection.execute(update(RUN_PARTS).where(this).values(done=0))


def mark_purged(store: Store, run_id: str, now: datetime) -> None:
    """Mark the results of a run as deleted."""
    with store.begin() as connection:
        values = {"purged": _seconds(now), "file_id": None, "file_size": None}
        connection.execute(update(RUNS).where(RUNS.c.id == run_id).values(values))


def drop_results(connection: Connection, run_id: str) -> None:
    """Delete the results that a run has stored in the database."""
    for table in (RESULTS, DIFFERENCES, FAILURES):
        connection.execute(delete(table).where(table.c.run_id == run_id))


def _end(connection: Connection, run_id: str, now: datetime, owner: str | None = None, **values: object) -> bool:
    held = _held(run_id, owner) if owner is not None else (RUNS.c.id == run_id) & RUNS.c.status.in_(ACTIVE)
    instant = _seconds(now)
    ended = update(RUNS).where(held).values(updated=instant, ended=instant, owner=None, lease=None, **values)
    if connection.execute(ended).rowcount == 0:
        return False
    counts = connection.execute(sums_of_parts(run_id)).mappings().one()
    done = select(RUN_PARTS.c.totals).where(RUN_PARTS.c.run_id == run_id, RUN_PARTS.c.done == 1)
    totals = joined(connection.execute(done.order_by(RUN_PARTS.c.part)).scalars())
    connection.execute(update(RUNS).where(RUNS.c.id == run_id).values({**counts, "totals": totals}))
    for table in (RUN_BATCHES, RUN_PARTS):
        connection.execute(delete(table).where(table.c.run_id == run_id))
    return True


def _held(run_id: str, owner: str) -> Any:
    return (RUNS.c.id == run_id) & (RUNS.c.owner == owner) & (RUNS.c.status == RunStatus.PROCESSING)


def _seconds(instant: datetime) -> int:
    return int(instant.timestamp())
