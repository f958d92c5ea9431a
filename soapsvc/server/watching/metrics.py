"""Counters: calls, faults, logins, accounts and items, statements of the store, its cache.

Several processes count in files that they map into memory, one for each slot of a worker. The counts of a dead worker
are kept, and its successor in the slot continues them. The process that answers `/metrics` adds all files.
"""

from __future__ import annotations

import os
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, values
from prometheus_client.multiprocess import MultiProcessCollector

from soapsvc.runs import Run
from soapsvc.scratch import ScratchFolder
from soapsvc.server.counting import RunCounts
from soapsvc.tenant.store import Store
from soapsvc.web.calls import CallRecord

_CALL_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_STORE_SECONDS = (0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)


class MetricsFolder:
    """The folder of the counts of one service's processes. Its maker removes it."""

    def __init__(self) -> None:
        self._folder = ScratchFolder("metrics-")
        self.path = str(self._folder.path)

    def use_slot(self, slot: int) -> None:
        """Count in the files of a slot from now on; call it before this process makes its `Metrics`."""
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = self.path
        values.ValueClass = values.MultiProcessValue(lambda: slot)  # type: ignore[no-untyped-call] # not the process id

    def remove(self) -> None:
        """Remove the folder."""
        self._folder.remove()


class Metrics:
    """The counts of one process, or with a `folder` of all its processes; `runs` has the counted parts of runs."""

    def __init__(self, folder: MetricsFolder | None = None, runs: RunCounts | None = None) -> None:
        own = CollectorRegistry()
        self._readers: CollectorRegistry = own
        if folder is not None:
            self._readers = CollectorRegistry()
            MultiProcessCollector(self._readers, folder.path)  # type: ignore[no-untyped-call]
        self._calls = Histogram(
            "soapsvc_call_duration_seconds",
            "Calls and their time, up to the last byte of the answer.",
            ("surface", "operation", "outcome"),
            registry=own,
            buckets=_CALL_SECONDS,
        )
        self._faults = _counter(
            own, "faults", "Calls that were refused or failed, by the code that the caller got.", "surface", "code"
        )
        self._logins = _counter(
            own, "logins_refused", "Logins that were wrong, or not checked after too many wrong ones.", "reason"
        )
        self._accounts = _counter(own, "accounts_previewed", "Accounts that calls previewed.", "surface")
        self._items = _counter(own, "items_previewed", "Items of these accounts.", "surface")
        self._errors = _counter(own, "accounts_failed", "Accounts that calls could not preview.", "surface")
        self._lookups = _counter(
            own, "account_cache_lookups", "Accounts found in memory (hit) or loaded (miss).", "result"
        )
        self._shadowed = _counter(
            own, "shadow_previews", "Previews under a shadow, by the outcome of the comparison.", "surface", "outcome"
        )
        self._run_accounts = _counter(own, "run_accounts", "Accounts that runs have previewed.")
        self._run_items = _counter(own, "run_items", "Items of these accounts.")
        self._store = Histogram(
            "soapsvc_store_duration_seconds", "Statements of the tenant store.", registry=own, buckets=_STORE_SECONDS
        )
        self._known: dict[tuple[Any, ...], Any] = {}
        self._runs = runs or RunCounts()
        self._hits, self._misses = self._lookups.labels("hit"), self._lookups.labels("miss")

    def call(self, record: CallRecord) -> None:
        """Count a finished call."""
        surface = record.surface
        self._of(self._calls, surface, record.operation, record.outcome).observe(record.milliseconds / 1000)
        if record.accounts:
            self._of(self._accounts, surface).inc(record.accounts)
            self._of(self._items, surface).inc(record.items)
        if record.errors:
            self._of(self._errors, surface).inc(record.errors)
        if record.outcome != "ok":
            self._of(self._faults, surface, record.code or str(record.status)).inc()
        if record.login_refused:
            self._of(self._logins, record.login_refused).inc()

    def watch_store(self, store: Store) -> None:
        """Count the statements of the store, and the hits of its cache."""
        store.observe(self._looked_up, self._store.observe)

    def shadowed(self, surface: str, outcome: str) -> None:
        """Count a preview that a shadow has compared or left out."""
        self._of(self._shadowed, surface, outcome).inc()

    def run(self, run: Run) -> None:
        """Count the progress of a run since any process of the service has counted it."""
        accounts, items = self._runs.advance(run.id, run.finished_accounts, run.items, is_over=not run.active)
        self._run_accounts.inc(accounts)
        self._run_items.inc(items)

    def text(self) -> bytes:
        """All counts in the format of Prometheus."""
        return generate_latest(self._readers)

    def _looked_up(self, hits: int, misses: int) -> None:
        if hits:
            self._hits.inc(hits)
        if misses:
            self._misses.inc(misses)

    def _of(self, metric: Any, *labels: str) -> Any:
        """The part of a metric with these labels; kept, as the library takes a lock to find it."""
        key = (metric, *labels)
        if (found := self._known.get(key)) is None:
            found = self._known[key] = metric.labels(*labels)
        return found


def _counter(registry: CollectorRegistry, name: str, what: str, *labels: str) -> Counter:
    return Counter(f"soapsvc_{name}", what, labels, registry=registry)
