"""The rules of billing preview runs: checks of a request, and which runs may be under way at the same time.

Sources: "Create a billing preview run"; "Field descriptions of BillingPreviewRun". The caller holds the gate (`state`),
so a check here still holds when the run is written.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, select

from soapsvc.engine.schedule import add_months
from soapsvc.runs.definition import (
    ACTIVE,
    RUN_BATCHES,
    RUNS,
    Organization,
    Refusal,
    RunProblem,
    RunRequest,
    RunStatus,
    StorageOption,
    may_see,
)
from soapsvc.tenant import User
from soapsvc.tenant.tables import ACCOUNTS, alive

MOST_RUNS = 20
MOST_YEARS = 20
MOST_BATCH_TEXT = 1000
ALL_BATCHES = "*"
"""The batch of a run for all batches; no real batch has this name."""

_USUAL_BATCH = re.compile(r"Batch([1-9][0-9]?|1[0-9]{2}|200)")
_CHARGE_TYPES = ("OneTime", "Recurring", "Usage")
_OF_OTHERS = "of other organizations"
_decode = msgspec.json.Decoder(RunRequest).decode


def request_problems(
    connection: Connection, request: RunRequest, state: int, today: date, user: User
) -> Iterator[RunProblem]:
    """The problems of the request, in that state of the tenant."""
    latest = add_months(today, 12 * MOST_YEARS)
    if request.target_date > latest:
        message = f"targetDate {request.target_date} is more than {MOST_YEARS} years away; the latest is {latest}."
        yield RunProblem(Refusal.INVALID, message, "targetDate")
    for name in request.exclude:
        if name not in _CHARGE_TYPES:
            message = f"chargeTypeToExclude has {name!r}, which is not one of {', '.join(_CHARGE_TYPES)}."
            yield RunProblem(Refusal.INVALID, message, "chargeTypeToExclude")
    yield from _batch_problems(connection, request, state, user)
    yield from _organization_problems(connection, request.organizations, state, user)
    yield from _difference_problems(connection, request, user)
    if request.account_id is not None and account_batch(connection, request.account_id, state, user) is None:
        yield RunProblem(Refusal.NOT_FOUND, f"Cannot find entity by key: '{request.account_id}'.", "filters")


def _batch_problems(connection: Connection, request: RunRequest, state: int, user: User) -> Iterator[RunProblem]:
    if len(",".join(request.batches)) > MOST_BATCH_TEXT:
        yield RunProblem(Refusal.INVALID, f"batches has more than {MOST_BATCH_TEXT} characters.", "batches")
        return
    for batch in request.batches:
        held = _seen(select(ACCOUNTS.c.batch).where(ACCOUNTS.c.batch == batch), state, user).limit(1)
        if not _USUAL_BATCH.fullmatch(batch) and connection.execute(held).first() is None:
            message = f"batches has {batch!r}, which is not a batch such as Batch1."
            yield RunProblem(Refusal.INVALID, message, "batches")


def _organization_problems(
    connection: Connection, organizations: Sequence[Organization], state: int, user: User
) -> Iterator[RunProblem]:
    for organization in organizations:
        if (organization.id is None) == (organization.name is None):
            message = "Name each organization by either its organizationId or its organizationName."
            yield RunProblem(Refusal.INVALID, message, "organizationLabels")
        elif user.organizations and not _may_see_all(_organization_ids(connection, organization, state), user):
            message = f"The user has no access to the organization {organization.id or organization.name}."
            yield RunProblem(Refusal.PERMISSION, message, "organizationLabels")


def _may_see_all(ids: Collection[str], user: User) -> bool:
    """Whether the user may see organizations; an unknown name gets the same answer as one of other users."""
    return bool(ids) and all(user.sees(each) for each in ids)


def _seen(statement: Select[Any], state: int, user: User) -> Select[Any]:
    """A statement over accounts, narrowed to those of that state of the tenant that the user may see."""
    there = statement.where(alive(ACCOUNTS, state))
    return there.where(ACCOUNTS.c.organization_id.in_(sorted(user.organizations))) if user.organizations else there


def organizations_by_id(
    connection: Connection, organizations: Sequence[Organization], state: int, user: User
) -> tuple[Organization, ...]:
    """The stored form of a run's organizations: by id for a user with limited rights, as names may change owner."""
    if not user.organizations:
        return tuple(organizations)
    ids = {each for organization in organizations for each in _organization_ids(connection, organization, state)}
    return tuple(Organization(id=each) for each in sorted(ids or user.organizations))


def _organization_ids(connection: Connection, organization: Organization, state: int) -> set[str]:
    """The ids of the organizations that have this id or name: several may share a name."""
    if organization.id is not None:
        return {organization.id}
    named = select(ACCOUNTS.c.organization_id).where(ACCOUNTS.c.organization_name == organization.name)
    return set(connection.execute(named.where(alive(ACCOUNTS, state)).distinct()).scalars())


def _difference_problems(connection: Connection, request: RunRequest, user: User) -> Iterator[RunProblem]:
    compared = request.compared_run_id
    if not request.store_difference:
        if compared is not None:
            message = "comparedBillingPreviewRunId needs storeDifference to be true."
            yield RunProblem(Refusal.RULE, message, "comparedBillingPreviewRunId")
        return
    if request.storage_option is not StorageOption.DATABASE:
        yield RunProblem(Refusal.RULE, "storeDifference needs the storageOption Database.", "storageOption")
    if compared is None:
        message = "storeDifference needs comparedBillingPreviewRunId, the run to compare with."
        yield RunProblem(Refusal.RULE, message, "comparedBillingPreviewRunId")
        return
    row = connection.execute(select(RUNS).where(RUNS.c.id == compared)).first()
    if row is None or not may_see(_decode(row.request), user):
        message = f"Cannot find entity by key: '{compared}'."
        yield RunProblem(Refusal.NOT_FOUND, message, "comparedBillingPreviewRunId")
    elif row.status != RunStatus.COMPLETED or row.purged is not None or row.file_id is not None:
        message = f"Run {compared} has no results in the database to compare with: it must be Completed and not purged."
        yield RunProblem(Refusal.RULE, message, "comparedBillingPreviewRunId")


def account_batch(connection: Connection, account_id: str, state: int, user: User) -> str | None:
    """The batch of an account, empty where it has none; None for an account that the user may not see."""
    return connection.execute(_seen(select(ACCOUNTS.c.batch).where(ACCOUNTS.c.id == account_id), state, user)).scalar()


def occupied_batches(connection: Connection, request: RunRequest, state: int, user: User) -> tuple[str, ...]:
    """The batches that a run occupies: those in its request, that of its single account, or all."""
    if request.batches:
        return tuple(sorted(set(request.batches)))
    if request.account_id is not None:
        return (account_batch(connection, request.account_id, state, user) or "",)
    return (ALL_BATCHES,)


def concurrency_problems(connection: Connection, batches: Sequence[str], user: User) -> Iterator[RunProblem]:
    """The runs under way that prevent a run for `batches`; without the number of runs that the user may not see."""
    active = connection.execute(select(RUNS.c.id, RUNS.c.number, RUNS.c.request).where(RUNS.c.status.in_(ACTIVE))).all()
    numbers = {row.id: row.number if may_see(_decode(row.request), user) else _OF_OTHERS for row in active}
    if len(numbers) >= MOST_RUNS:
        yield RunProblem(
            Refusal.LIMIT,
            f"{MOST_RUNS} billing preview runs are under way, which is the limit; wait until one has ended.",
        )
        return
    taken = {row.batch: row.run_id for row in connection.execute(select(RUN_BATCHES))}
    if ALL_BATCHES in batches and numbers:
        others = ", ".join(sorted(set(numbers.values())))
        message = f"A run for all batches cannot start while another run is under way: {others}."
        yield RunProblem(Refusal.LOCKED, message, "batches")
    elif ALL_BATCHES in taken:
        message = f"Run {numbers[taken[ALL_BATCHES]]} covers all batches; another run can only start when it has ended."
        yield RunProblem(Refusal.LOCKED, message, "batches")
    for batch in set(batches) & taken.keys() - {ALL_BATCHES}:
        number = numbers[taken[batch]]
        message = f"Run {number} is under way for {batch or 'accounts without a batch'}; a batch has one run at a time."
        yield RunProblem(Refusal.LOCKED, message, "batches")
