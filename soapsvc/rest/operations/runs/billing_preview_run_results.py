"""`GET /v1/billing-preview-runs/{id}/results` and its siblings: the results of a run in the database, in pages.

These are extensions: the vendor shows such tables only in its reporting.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import msgspec

from soapsvc.rest.http import Call, Category, Fields, Reason, Refused, Reply, count_up_to, one_of, text_up_to
from soapsvc.rest.operations.runs.runs_json import refusals, row_json, visible_run
from soapsvc.runs import Run, RunStatus, StorageOption
from soapsvc.runs.planning import check_differences
from soapsvc.runs.results import ITEM_DIFFERENCES, DifferenceType, Kind, find_results
from soapsvc.tenant.store import Store

_PAGE_SIZE = 1000
_LARGEST_PAGE = 5000
_TEXT = text_up_to(255)
_FILTERS = {
    "accountId": ("account_id", _TEXT),
    "subscriptionNumber": ("subscription_number", _TEXT),
    "chargeNumber": ("rate_plan_charge_number", _TEXT),
    "differenceType": ("difference_type", one_of({each.value: each.value for each in DifferenceType})),
    "code": ("code", _TEXT),
}
"""The filters of the query, by parameter name; a filter applies where the results have its field."""


@dataclass(frozen=True, slots=True)
class BillingPreviewRunResults:
    """One kind of results: items, differences or failed accounts."""

    store: Store
    kind: Kind

    def __call__(self, call: Call) -> Reply:
        """Answer with a page, and the URL of the next page if there is one."""
        run = visible_run(self.store, call.path["key"], call.caller.user)
        _check_stored(run)
        if self.kind is ITEM_DIFFERENCES:
            with refusals():
                check_differences(self.store, run, call.caller.user)
        fields = Fields({}, call.query)
        size = fields.get("pageSize", count_up_to(_LARGEST_PAGE)) or _PAGE_SIZE
        cursor = fields.get("cursor", _TEXT)
        filters = self._filters(fields)
        fields.check(strict=call.strict)
        with refusals():
            page = find_results(self.store, self.kind, run.id, filters, cursor=cursor, size=size)
        body: dict[str, object] = {"results": [row_json(row) for row in page.rows], "success": True}
        if page.next is not None:
            body["nextPage"] = f"{call.base_url}{_with_cursor(call, page.next)}"
        return Reply([msgspec.json.encode(body)])

    def _filters(self, fields: Fields) -> Mapping[str, str]:
        known = {name: found for name, found in _FILTERS.items() if found[0] in self.kind.fields}
        values = {column: fields.get(name, read) for name, (column, read) in known.items()}
        return {column: value for column, value in values.items() if value is not None}


def _check_stored(run: Run) -> None:
    if run.request.storage_option is not StorageOption.DATABASE:
        message = f"Run {run.number} has its results in a file, not in the database: get the file at its resultFileUrl."
        raise Refused(Reason(Category.RULE, message))
    if run.status is not RunStatus.COMPLETED:
        raise Refused(Reason(Category.RULE, f"Run {run.number} is {run.status}: only a Completed run has results."))
    if run.purged is not None:
        raise Refused(Reason(Category.NOT_FOUND, f"The results of run {run.number} have been purged; start a new run."))


def _with_cursor(call: Call, cursor: str) -> str:
    """The path and query of the next page."""
    path = call.url.partition("?")[0]
    return f"{path}?{urlencode({**call.query, 'cursor': cursor}, doseq=True)}"
