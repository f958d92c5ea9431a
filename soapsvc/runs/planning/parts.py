"""Divide a run into parts: ranges of account ids without gaps, each with about the same number of accounts.

A part is the unit of work, of resuming, and of the results' order. Only the number of accounts decides the parts, so
the results do not depend on the number of workers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func, select

from soapsvc.runs.definition import RUN_PARTS, Run, RunRequest
from soapsvc.runs.planning.state import plan_parts
from soapsvc.tenant import Selection, Store
from soapsvc.tenant.tables import ACCOUNTS, alive

_PAGE = 200


@dataclass(frozen=True, slots=True)
class Part:
    """The selected accounts with ids above `after_id` up to `last_id`; None: all further ones."""

    number: int
    after_id: str
    last_id: str | None


def selection_of(request: RunRequest) -> Selection:
    """The accounts that a run is for."""
    named = request.organizations
    return Selection(
        batches=frozenset(request.batches) if request.batches else None,
        organization_ids=frozenset(each.id for each in named if each.id) if named else None,
        organization_names=frozenset(each.name for each in named if each.name) if named else None,
        first_id=request.account_id,
        last_id=request.account_id,
    )


def state_of(store: Store, run: Run) -> int:
    """The tenant's state that a run previews: its own; the current one for a run of an early release."""
    return run.state if run.state is not None else store.version()


def plan_run(store: Store, run: Run, owner: str, part_accounts: int, most_parts: int) -> bool:
    """Write the parts of a run, unless they exist; False where the run is no longer the owner's.

    A part has `part_accounts` accounts, or more where there would be more than `most_parts` parts.
    """
    return plan_parts(store, run.id, owner, list(_bounds(store, run, part_accounts, most_parts)))


def _bounds(store: Store, run: Run, part_accounts: int, most_parts: int) -> Iterator[tuple[str, int]]:
    """The last id and the number of accounts of each part.

    There is at least one part, for items Removed since the compared run.
    """
    there = select(ACCOUNTS.c.id).where(alive(ACCOUNTS, state_of(store, run)))
    chosen = selection_of(run.request).apply(there)
    with store.begin() as connection:
        accounts: int = connection.execute(select(func.count()).select_from(chosen.subquery())).scalar_one()
    part_accounts = max(part_accounts, -(-accounts // most_parts))
    ids, after = chosen.order_by(ACCOUNTS.c.id), ""
    while True:
        with store.begin() as connection:
            page = ids.where(ACCOUNTS.c.id > after).limit(part_accounts).subquery()
            count, last = connection.execute(select(func.count(), func.max(page.c.id))).one()
        if count or not after:
            yield last or "", count
        if count < part_accounts:
            return
        after = last


def open_parts(store: Store, run_id: str) -> Iterator[Part]:
    """The open parts, in order, one page in memory at a time."""
    columns, after = RUN_PARTS.c, -1
    while True:
        wanted = (
            select(columns.part, columns.after_id, columns.last_id)
            .where(columns.run_id == run_id, columns.done == 0, columns.part > after)
            .order_by(columns.part)
            .limit(_PAGE)
        )
        with store.begin() as connection:
            page = [Part(*row) for row in connection.execute(wanted)]
        yield from page
        if len(page) < _PAGE:
            return
        after = page[-1].number
