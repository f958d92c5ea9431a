"""Billing preview runs in the form of the v1 REST API: a run, a page of its results, and refusals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, tzinfo

import msgspec

from soapsvc.rest.http import Category, Reason, Refused
from soapsvc.runs import Refusal, Run, RunRefused, planning
from soapsvc.runs.definition import EXACT_FIELDS
from soapsvc.tenant import User
from soapsvc.tenant.reading import camel
from soapsvc.tenant.store import Store
from soapsvc.wire import instant_text

FIRST_VERSION_WITH_BATCHES = 314
"""The first minor version in which a run's field is `batches`; before, it is `batch`."""

_CATEGORIES = {
    Refusal.INVALID: Category.INVALID_VALUE,
    Refusal.RULE: Category.RULE,
    Refusal.LOCKED: Category.LOCKING,
    Refusal.LIMIT: Category.LIMIT,
    Refusal.NOT_FOUND: Category.NOT_FOUND,
    Refusal.PERMISSION: Category.PERMISSION,
}


@contextmanager
def refusals() -> Iterator[None]:
    """Turn a refusal by `soapsvc.runs` into the failure of a request."""
    try:
        yield
    except RunRefused as refused:
        reasons = [Reason(_CATEGORIES[each.kind], each.message, each.field) for each in refused.problems]
        raise Refused(*reasons) from refused


def visible_run(store: Store, key: str, user: User) -> Run:
    """The run with this id or number; raises Refused where there is none that the user may see."""
    with refusals():
        return planning.visible_run(store, key, user)


def asks_for_batch(headers: Mapping[str, str]) -> bool:
    """Whether the request's Zuora-Version is one that calls a run's batches `batch`."""
    version = headers.get("zuora-version", "").partition(".")[0]
    return version.isdecimal() and int(version) < FIRST_VERSION_WITH_BATCHES


def run_json(run: Run, zone: tzinfo, file_url: str | None, *, batch: bool) -> bytes:
    """The answer to "Retrieve a billing preview run"; instants are in the tenant's zone."""
    request = run.request

    def instant(value: datetime | None) -> str | None:
        return instant_text(value.astimezone(zone)) if value is not None else None

    body = {
        "assumeRenewal": request.assume_renewal,
        "batch" if batch else "batches": ",".join(request.batches) or None,
        "chargeTypeToExclude": ",".join(request.exclude),
        "createdById": run.created_by,
        "createdDate": instant(run.created),
        "endDate": instant(run.ended),
        "errorMessage": run.error,
        "filters": [{"filterType": "Account", "accountId": request.account_id}] if request.account_id else [],
        "includingDraftItems": request.including_draft_items,
        "includingEvergreenSubscription": request.including_evergreen_subscription,
        "organizationLabels": [
            {"organizationId": each.id} if each.id is not None else {"organizationName": each.name}
            for each in request.organizations
        ],
        "resultFileUrl": file_url,
        "runNumber": run.number,
        "startDate": instant(run.started),
        "status": run.status,
        "storageOption": request.storage_option,
        "succeededAccounts": run.succeeded_accounts,
        "success": True,
        "targetDate": request.target_date.isoformat(),
        "totalAccounts": run.accounts or 0,
        "updatedById": run.updated_by,
        "updatedDate": instant(run.updated),
    }
    return msgspec.json.encode(body)


def state_header(run: Run) -> dict[str, str]:
    """The header with the run's state of the tenant and its time of import: an extension that breaks no client."""
    if run.state is None:
        return {}
    imported = f"; imported={run.imported:%Y-%m-%dT%H:%M:%SZ}" if run.imported is not None else ""
    return {"Tenant-State": f"{run.state}{imported}"}


def row_json(row: Mapping[str, str | None]) -> dict[str, object]:
    """A row of results: names in camelCase, amounts and quantities as exact JSON numbers."""
    return {
        camel(name): msgspec.Raw(value.encode()) if name in EXACT_FIELDS and value is not None else value
        for name, value in row.items()
    }
