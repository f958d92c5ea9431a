"""AQuA, the vendor's way to read whole objects: a job of queries as of one moment, one file for each ("AQuA API").

A job is submitted, then polled until it has ended. Its files are downloaded one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from soapsvc.tenant.reading import Document, each, first, mapping, optional, whole
from soapsvc.vendor.client import Vendor
from soapsvc.vendor.errors import BadAnswer, VendorError, shortened

PATH = "/v1/batch-query"
_OVER_BADLY = frozenset({"error", "aborted", "cancelled"})
_DONE = "completed"
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0


class JobFailed(VendorError):
    """A job that ended without files; the message is the service's."""


@dataclass(frozen=True, slots=True)
class Part:
    """The files of one query of a finished job, and their number of records; None if the service does not give it."""

    files: tuple[str, ...]
    records: int | None


def submit(vendor: Vendor, name: str, queries: Mapping[str, str]) -> str:
    """Submit a job of queries by name; returns its id. Raises VendorError, for example for a wrong query."""
    body = {
        "format": "csv",
        "version": "1.1",
        "name": name,
        "encrypted": "none",
        "useQueryLabels": "true",
        "dateTimeUtc": "true",
        "partner": "",
        "project": "",
        "queries": [{"name": key, "query": query, "type": "zoqlexport"} for key, query in queries.items()],
    }
    answer = vendor.post(f"{PATH}/", body)
    if (identity := first(answer, "id")) is None:
        raise BadAnswer(f"POST {PATH}/: the job has no id")
    return identity


def finished(vendor: Vendor, job: str, told: Callable[[int, int], None]) -> Mapping[str, Part]:
    """The parts of a job by the names of its queries, once it has ended. `told` is called with the progress.

    Raises JobFailed, NotThere for a job that the service no longer knows, VendorError.
    """
    pause = _FIRST_PAUSE
    while True:
        answer = vendor.get(f"{PATH}/jobs/{quote(job, safe='')}")
        batches = optional(answer, "batches", each(mapping)) or ()
        status = (first(answer, "status") or "").lower()
        failed = next((batch for batch in batches if (first(batch, "status") or "").lower() in _OVER_BADLY), None)
        if failed is not None or status in _OVER_BADLY:
            wrong = failed or answer
            reason = first(wrong, "message", "errorMessage") or status
            raise JobFailed(f"the export {first(wrong, 'name') or job} ended: {shortened(reason)}")
        told(sum((first(batch, "status") or "").lower() == _DONE for batch in batches), len(batches))
        if status == _DONE:
            return {name: _part(batch) for batch in batches if (name := first(batch, "name")) is not None}
        vendor.pause(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE)


def download(vendor: Vendor, file: str, to: Path) -> None:
    """Write a file of a job to `to`, whole or not at all. Raises VendorError."""
    vendor.download(f"/v1/files/{quote(file, safe='')}", to)


def _part(batch: Document) -> Part:
    segments = batch.get("segments")
    single = first(batch, "fileId")
    files = tuple(f"{each}" for each in segments) if isinstance(segments, list) else ()
    return Part(files or ((single,) if single is not None else ()), optional(batch, "recordCount", whole))
