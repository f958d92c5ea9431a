"""Current values, read at each request: places of the gate, workers, runs, the store."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from soapsvc import __version__
from soapsvc.clock import Clock
from soapsvc.runs import RunStatus, runs_under_way
from soapsvc.server.counting import InFlight, SharedNumbers
from soapsvc.tenant.store import Store

Family = CounterMetricFamily | GaugeMetricFamily


class WorkersSeen:
    """The process ids of the workers by their slots, and how many were lost; known to all of them."""

    def __init__(self, slots: int) -> None:
        self._numbers = SharedNumbers(slots + 1)
        self._slots = slots

    def use_slot(self, slot: int) -> None:
        """Set this process, after a fork, as the worker of a slot."""
        self._numbers.values[slot] = os.getpid()

    def forget(self, slot: int) -> None:
        """Mark a slot as free."""
        self._numbers.values[slot] = 0

    def lost(self) -> None:
        """Count a worker that ended unexpectedly. Only the main process calls this."""
        self._numbers.values[self._slots] += 1

    @property
    def count_lost(self) -> int:
        """How many workers were lost."""
        return self._numbers.values[self._slots]

    def pids(self) -> dict[int, int]:
        """Process ids by slot."""
        return {slot: pid for slot, pid in enumerate(self._numbers.values[: self._slots]) if pid}


@dataclass(frozen=True, slots=True)
class Gauges(Collector):
    """Reads values that other objects keep."""

    store: Store
    clock: Clock
    gate: InFlight
    queue: InFlight
    workers: WorkersSeen

    def text(self) -> bytes:
        """All values in the format of Prometheus."""
        registry = CollectorRegistry()
        registry.register(self)
        return generate_latest(registry)

    def collect(self) -> Iterable[Family]:
        """The current metrics."""
        yield _gauge("build_info", "What runs.", 1, version=__version__)
        yield _gauge("gate_places", "Calls that may be under way at once.", self.gate.limit)
        yield _gauge("gate_places_taken", "Calls that are under way.", self.gate.limit - self.gate.free())
        refused = CounterMetricFamily(
            "soapsvc_gate_refused", "Calls that were refused, because too many were under way."
        )
        refused.add_metric([], self.gate.refused())
        yield refused
        waiting = self.queue.limit - self.queue.free()
        yield _gauge("async_requests_waiting", "Asynchronous requests without an answer.", waiting)
        yield from self._of_workers()
        yield from self._of_runs()

    def _of_workers(self) -> Iterable[Family]:
        pids = self.workers.pids()
        yield _gauge("workers", "Worker processes.", len(pids))
        lost = CounterMetricFamily("soapsvc_workers_lost", "Worker processes that ended unexpectedly.")
        lost.add_metric([], self.workers.count_lost)
        yield lost
        memory = GaugeMetricFamily("soapsvc_worker_resident_memory_bytes", "Memory of a worker.", labels=["worker"])
        for slot, pid in pids.items():
            if (resident := _resident(pid)) is not None:
                memory.add_metric([str(slot)], resident)
        yield memory

    def _of_runs(self) -> Iterable[Family]:
        try:
            found = runs_under_way(self.store)
        except SQLAlchemyError:
            yield _gauge("store_up", "Whether the tenant store answers.", 0)
            return
        yield _gauge("store_up", "Whether the tenant store answers.", 1)
        runs = GaugeMetricFamily("soapsvc_runs", "Billing preview runs.", labels=["status"])
        for status in RunStatus:
            runs.add_metric([status.lower()], found.by_status.get(status, 0))
        yield runs
        age = 0.0 if found.oldest is None else max((self.clock() - found.oldest).total_seconds(), 0.0)
        yield _gauge("run_oldest_seconds", "Age of the oldest run that has not ended; 0 if there is none.", age)


def _gauge(name: str, what: str, value: float, **labels: str) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"soapsvc_{name}", what, labels=list(labels))
    family.add_metric(list(labels.values()), value)
    return family


def _resident(pid: int) -> int | None:
    """The resident memory of a process, in bytes; None where the system does not give it."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return None
