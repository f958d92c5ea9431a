"""`POST /v1/batch-query`: jobs of export queries; all queries of a job see the tenant as it was when the job was made.

A job runs one query each time that a client asks for its status: so it takes several polls, as the vendor's jobs do,
and needs no thread. Jobs and their files live as long as the stand-in.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from soapsvc.clock import Clock
from soapsvc.rest.http import Call, Operation, Refused, Reply, unknown_key
from soapsvc.rest.reads.as_vendor.exports import Export, read_export
from soapsvc.tenant.reading import Document, FieldProblem, each, first, mapping, optional
from soapsvc.tenant.store import Store
from soapsvc.tenant.users import User
from soapsvc.wire import fresh_ids
from soapsvc.zoql import Queries, QueryProblem

_MOST_QUERIES, _MOST_JOBS = 50, 50
_SYNTAX, _TOO_MANY, _WRONG = 90005, 90028, 90003
_CSV = "text/csv; charset=UTF-8"


@dataclass
class _Batch:
    name: str
    export: Export
    identity: str
    status: str = "submitted"
    records: int = 0
    message: str = ""
    content: bytes | None = None


@dataclass
class _Job:
    identity: str
    name: str
    user: User
    state: int
    batches: Sequence[_Batch]
    cancelled: bool = False

    @property
    def status(self) -> str:
        if self.cancelled:
            return "cancelled"
        states = {batch.status for batch in self.batches}
        if "error" in states:
            return "error"
        return "completed" if states == {"completed"} else "submitted" if states == {"submitted"} else "executing"


@dataclass
class BatchQuery:
    """The operations on jobs; `others` answers with files that do not belong to a job."""

    store: Store
    clock: Clock
    others: Operation
    _jobs: dict[str, _Job] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def create(self, call: Call) -> Reply:
        """Create a job."""
        body = call.document()
        try:
            asked = optional(body, "queries", each(mapping)) or ()
            batches = [_batch(query, place) for place, query in enumerate(asked, start=1)]
        except QueryProblem as problem:
            return _refused(_SYNTAX, f"{problem}")
        except FieldProblem as problem:
            return _refused(_WRONG, f"{problem}")
        if not 1 <= len(batches) <= _MOST_QUERIES:
            return _refused(_WRONG, f"A job has 1 to {_MOST_QUERIES} queries, not {len(batches)}.")
        if (first(body, "format") or "csv").lower() != "csv":
            return _refused(_WRONG, "The format is csv here.")
        job = _Job(fresh_ids(1)[0], first(body, "name") or "", call.caller.user, self.store.version(), batches)
        with self._lock:
            running = sum(each.status in ("submitted", "executing") for each in self._jobs.values())
            if running >= _MOST_JOBS:
                return _refused(_TOO_MANY, f"There are {running} jobs already.")
            self._jobs[job.identity] = job
        return _told(job)

    def status(self, call: Call) -> Reply:
        """Run the next query of a job, and answer with its status."""
        job = self._job(call)
        with self._lock:
            waiting = next((batch for batch in job.batches if batch.content is None), None)
            if waiting is not None and job.status in ("submitted", "executing"):
                try:
                    queries = Queries(self.store, self.clock)
                    waiting.content, waiting.records = waiting.export.write(queries, job.user, job.state)
                    waiting.status = "completed"
                except QueryProblem as problem:
                    waiting.status, waiting.message = "error", f"{problem}"
        return _told(job)

    def cancel(self, call: Call) -> Reply:
        """End a job."""
        job = self._job(call)
        job.cancelled = job.cancelled or job.status != "completed"
        return _told(job)

    def file(self, call: Call) -> Reply:
        """Answer with the file of a query, or with a file that does not belong to a job."""
        wanted = call.path["file_id"]
        for job in list(self._jobs.values()):
            for batch in job.batches:
                if batch.identity == wanted and batch.content is not None and job.user == call.caller.user:
                    name = f'attachment; filename="{batch.name}.csv"'
                    return Reply([batch.content], media_type=_CSV, headers={"Content-Disposition": name})
        return self.others(call)

    def _job(self, call: Call) -> _Job:
        job = self._jobs.get(call.path["job"])
        if job is None or job.user != call.caller.user:
            raise Refused(unknown_key(call.path["job"]))
        return job


def _batch(query: Document, place: int) -> _Batch:
    text = first(query, "query") or ""
    return _Batch(first(query, "name") or f"query {place}", read_export(text), fresh_ids(1)[0])


def _told(job: _Job) -> Reply:
    batches = [
        {
            "name": batch.name,
            "batchId": batch.identity,
            "status": batch.status,
            "recordCount": batch.records,
            "full": True,
            **({"fileId": batch.identity} if batch.content is not None else {}),
            **({"message": batch.message} if batch.message else {}),
        }
        for batch in job.batches
    ]
    body = {"id": job.identity, "name": job.name, "status": job.status, "batches": batches}
    return Reply([msgspec.json.encode(body)])


def _refused(code: int, message: str) -> Reply:
    """The answer for a refused job: status 200, as with the vendor."""
    return Reply([msgspec.json.encode({"errorCode": code, "message": message, "id": None})])
