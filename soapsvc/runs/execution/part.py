"""One part of a run, computed by a worker: a function of picklable arguments, for processes here and on other machines.

It can be repeated: it replaces the old rows by the same rows, and marks the part done at its end.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from soapsvc.engine.account import Account
from soapsvc.engine.preview import preview
from soapsvc.engine.result import BillingDataError, PreviewRequest
from soapsvc.runs.definition import RunRequest, Totals
from soapsvc.runs.planning import Part, finish_part, selection_of
from soapsvc.runs.results import Row
from soapsvc.runs.sinks import PartWriter, Place, part_writer
from soapsvc.tenant import Store
from soapsvc.tenant.database import batched

_ACCOUNTS_AT_ONCE = 100
_STORES: dict[str, Store] = {}
_OPENING = threading.Lock()
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """The values that all parts of a run share, such as the store's URL and the tenant's state that they read.

    `results` is the place of the run's files.
    """

    database: str
    run_id: str
    request: RunRequest
    state: int
    seed: str
    as_of: datetime
    results: str


class PartGone(Exception):
    """The run was canceled while a worker computed one of its parts."""


@dataclass(slots=True)
class _Counts:
    accounts: int = 0
    failed: int = 0
    items: int = 0
    totals: Totals = field(default_factory=Totals)


def run_part(job: Job, part: Part) -> int:
    """Preview the accounts of one part, store the results, mark the part done; returns the part's number.

    Raises PartGone, and OSError or SQLAlchemyError where results cannot be stored.
    """
    store = _store(job.database)
    counts = _Counts()
    request = job.request.preview_request()
    with part_writer(Place(job.run_id, job.request, job.seed, job.as_of, job.results, part.number)) as writer:
        after = part.after_id
        for ids, upto in _chunks(store, job, part):
            for account in store.accounts_once(ids, job.state):
                if job.request.covers(account):
                    _preview_account(account, request, job.as_of, writer, counts)
            writer.end_accounts(store, after, upto)
            after = upto or ""
    counted = {"accounts": counts.accounts, "failed": counts.failed, "items": counts.items, **writer.sizes()}
    with store.begin() as connection:
        # This row is written first: a canceled run gets no results, and two workers at one part wait for each other.
        if not finish_part(connection, job.run_id, part.number, counts.totals.as_text(), **counted):
            raise PartGone(f"part {part.number} of run {job.run_id} is gone")
        writer.store(connection)
    return part.number


def _store(url: str) -> Store:
    """The store, opened once in each worker process for all its threads."""
    with _OPENING:
        if url not in _STORES:
            _STORES[url] = Store.open(url)
        return _STORES[url]


def lend_store(store: Store) -> None:
    """Let parts of this store that are computed in this process use it instead of opening it again."""
    with _OPENING:
        _STORES[store.url] = store


def take_store_back(store: Store) -> None:
    """End the use of a lent store."""
    with _OPENING:
        _STORES.pop(store.url, None)


def close_stores() -> None:
    """Close the stores that workers have opened in this process."""
    with _OPENING:
        while _STORES:
            _STORES.popitem()[1].close()


def _chunks(store: Store, job: Job, part: Part) -> Iterator[tuple[list[str], str | None]]:
    """Ids of accounts in chunks, each with the last id of its range; the ranges have no gaps."""
    selection = selection_of(job.request)
    if part.last_id is not None:
        selection = replace(selection, last_id=part.last_id)
    for chunk in batched(store.account_ids(selection, part.after_id, state=job.state), _ACCOUNTS_AT_ONCE):
        yield chunk, chunk[-1]
    yield [], part.last_id


def _preview_account(
    account: Account, request: PreviewRequest, as_of: datetime, writer: PartWriter, counts: _Counts
) -> None:
    """Preview one account; an error is stored for this account and does not stop the others."""
    counts.accounts += 1
    try:
        result = preview(account, request, as_of)
    except Exception as error:  # noqa: BLE001 - one account's defect must not cost the others their preview
        _LOG.exception("the preview of account %s failed", account.id)
        message = f"The preview failed unexpectedly: {type(error).__name__}: {error}"
        counts.failed += 1
        writer.fail([_failure(account, BillingDataError("UNEXPECTED_ERROR", message))])
        return
    if not result.success:
        counts.failed += 1
        writer.fail([_failure(account, error) for error in result.errors])
        return
    counts.items += writer.put(result)
    counts.totals.add_result(result)


def _failure(account: Account, error: BillingDataError) -> Row:
    """One error of an account, as a row of the failed accounts."""
    told = (error.code, error.message, error.field, error.subscription_number, error.charge_number)
    return account.id, account.account_number, *told
