"""Billing preview runs of a stand-in: executed at the next call, so that answers depend only on calls.

The call that creates a run finds it Pending; the next call finds it Completed. There is no waiting time and no further
process: this module computes the run, with ids from the seed and the run's id.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Lock
from typing import TypeVar

from soapsvc.randomness import drawn_from, seeded
from soapsvc.runs import Context, Run, RunStatus, claim_run, execute_run, find_runs, get_run
from soapsvc.runs.execution import LEASE_SECONDS, lend_store, purge_runs
from soapsvc.runs.planning import fail_run, release_run
from soapsvc.standin.faults import Effect
from soapsvc.standin.faults.calls import Described
from soapsvc.standin.stand_in import StandIn

Result = TypeVar("Result")


class InlineWorkers:
    """Computes a part at once, in the calling thread."""

    count = 1

    def submit(self, function: Callable[..., Result], *arguments: object) -> Future[Result]:
        future: Future[Result] = Future()
        try:
            future.set_result(function(*arguments))
        except Exception as error:  # noqa: BLE001 - as an executor keeps it, for who asks for the result
            future.set_exception(error)
        return future

    def are_lost(self, error: BaseException) -> bool:
        return False

    def renew(self) -> None:
        """Nothing: there are no workers to replace."""

    def close(self) -> None:
        """Nothing: there are no resources."""


class Runs:
    """The runs of a stand-in."""

    def __init__(self, stand_in: StandIn) -> None:
        self._stand_in = stand_in
        self._lock = Lock()
        self._seen: object = None
        self._held: dict[str, _Held] = {}
        results = str(stand_in.copy.results)
        self._context = Context(stand_in.store, InlineWorkers(), results, stand_in.clock)
        lend_store(stand_in.store)
        stand_in.on_clock.append(self._purge)
        stand_in.on_reset.append(self._forget)

    def settle(self) -> None:
        """Execute the waiting runs. If nothing was written since the last call, this costs almost nothing."""
        store = self._stand_in.store
        if store.changes() == self._seen:
            return
        with self._lock:
            for run in list(find_runs(store, statuses=(RunStatus.PENDING,))):
                self._carry_out(run)
            self._seen = store.changes()

    def meet(self, effect: Effect) -> None:
        """Apply a fault to the runs that were just created: hang, fail, or take some polls."""
        store = self._stand_in.store
        with self._lock:
            for run in list(find_runs(store, statuses=(RunStatus.PENDING,))):
                owner = f"stand-in {run.id}"
                if claim_run(store, owner, self._stand_in.clock(), LEASE_SECONDS, run.id) is None:
                    continue
                if effect.value == "fail":
                    reason = effect.more.get("message", "The run failed, as a fault of the stand-in says.")
                    fail_run(store, run.id, owner, self._stand_in.clock(), reason)
                elif isinstance(effect.value, int):
                    self._held[run.id] = _Held(owner, effect.value)

    def asked(self, call: Described) -> None:
        """Count a poll of runs: a run that takes a number of polls is done at the last of them."""
        if not call.polls_runs or not self._held:
            return
        with self._lock:
            for run_id, held in list(self._held.items()):
                held.polls -= 1
                if held.polls <= 0:
                    del self._held[run_id]
                    release_run(self._stand_in.store, run_id, held.owner)
                    self._carry_out(get_run(self._stand_in.store, run_id))

    def _carry_out(self, run: Run) -> None:
        stand_in, owner = self._stand_in, f"stand-in {run.id}"
        with drawn_from(seeded(f"{stand_in.seed} {run.id}")):
            claimed = claim_run(stand_in.store, owner, stand_in.clock(), LEASE_SECONDS, run.id)
            if claimed is not None:
                execute_run(claimed, owner, self._context)

    def _forget(self) -> None:
        self._held = {}
        self._seen = None

    def _purge(self) -> None:
        """Purge results that have expired by the moved clock."""
        purge_runs(self._stand_in.store, self._context.results, self._stand_in.clock())


@dataclass(slots=True)
class _Held:
    """A run under way that ends after a number of polls."""

    owner: str
    polls: int
