"""Billing preview runs as records."""

from __future__ import annotations

from collections.abc import Iterator

from soapsvc.runs import Run
from soapsvc.runs.planning import visible_runs
from soapsvc.zoql.catalogue import Record
from soapsvc.zoql.lookup import Sight
from soapsvc.zoql.parser import Query


def run_records(sight: Sight, query: Query, files: str) -> Iterator[tuple[str, Record]]:
    """The runs that may fit and that the user may see, by number; only one run if the query asks for its key."""
    key = None
    if len(query.alternatives) == 1:
        wanted = (each.value for each in query.alternatives[0] if each.field.found and each.operator == "=")
        key = next((str(value) for value in wanted if value is not None), None)
    for run in visible_runs(sight.store, sight.user, key=key):
        yield run.number, {"run": _facts(run, files)}


def _facts(run: Run, files: str) -> dict[str, object]:
    request = run.request
    return {
        "id": run.id,
        "number": run.number,
        "status": run.status.value,
        "assume_renewal": request.assume_renewal.value,
        "batches": ",".join(request.batches),
        "exclude": ",".join(request.exclude),
        "including_draft_items": request.including_draft_items,
        "including_evergreen_subscription": request.including_evergreen_subscription,
        "target_date": request.target_date,
        "file_url": f"{files}{run.file_id}" if run.file_id else None,
        "created_by": run.created_by,
        "created": run.created,
        "updated_by": run.updated_by,
        "updated": run.updated,
        "started": run.started,
        "ended": run.ended,
        "error": run.error,
        "succeeded_accounts": run.succeeded_accounts,
        "accounts": run.accounts,
    }
