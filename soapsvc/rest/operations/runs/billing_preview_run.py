"""`GET /v1/billing-preview-runs/{id}`: the state of a run; `PUT …/{id}/cancel`, an extension, cancels it."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from soapsvc.clock import Clock
from soapsvc.rest.http import Call, Reply
from soapsvc.rest.operations.runs.runs_json import asks_for_batch, refusals, run_json, state_header, visible_run
from soapsvc.runs import cancel_run
from soapsvc.tenant.store import Store


@dataclass(frozen=True, slots=True)
class BillingPreviewRun:
    """Two operations on one run; `key` in the path is its id or its number."""

    store: Store
    clock: Clock

    def status(self, call: Call) -> Reply:
        """Answer with the state of the run."""
        run = visible_run(self.store, call.path["key"], call.caller.user)
        file_url = f"{call.base_url}/v1/files/{run.file_id}" if run.file_id is not None else None
        body = run_json(run, self.store.settings().zone, file_url, batch=asks_for_batch(call.headers))
        return Reply([body], headers=state_header(run))

    def cancel(self, call: Call) -> Reply:
        """Cancel the run, if it has not ended."""
        run = visible_run(self.store, call.path["key"], call.caller.user)
        with refusals():
            canceled = cancel_run(self.store, run.id, call.caller.user, self.clock())
        body = {"billingPreviewRunId": canceled.id, "status": canceled.status, "success": True}
        return Reply([msgspec.json.encode(body)])
