"""Measure how a run spreads over Dask workers, and how many parts per second its owner can hand out.

`python -m bench.spreading --database URL --workers 2 --workers 4 --workers 8` starts a scheduler and so many worker
processes with one thread each, all on this machine, and lets them execute a run over the tenant of
`bench.generate_tenant`. If there are more workers than processors, they share them, so there are three figures:

busy      processor time of the workers per account: the cost of computing, however many workers share the machine
waiting   time of a worker without a part, per part: the cost of spreading
moved     bytes of a part's task and of its result, which go through the scheduler

`--owner` executes a run with one account per part and computes nothing, so only the work of the owner is left. It also
hands empty tasks to two Dask workers, 400 at a time, as an owner of 200 workers does.
"""

from __future__ import annotations

import argparse
import os
import pickle
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from distributed import Client, LocalCluster

from bench.runs import AS_OF, OPERATOR, REQUEST
from soapsvc.clock import system_clock
from soapsvc.runs import Context, DaskWorkers, Run, StorageOption, Workers, claim_run, create_run, execute_run
from soapsvc.runs.execution import new_owner
from soapsvc.runs.planning import Part, finish_part
from soapsvc.tenant import Store

_TICKS = os.sysconf("SC_CLK_TCK")
_MANY = 200


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", metavar="URL", required=True)
    parser.add_argument("--workers", type=int, action="append", default=[])
    parser.add_argument("--owner", action="store_true", help="measure the owner alone, unwatched and watched")
    arguments = parser.parse_args()
    for workers in arguments.workers:
        print(_spread(arguments.database, workers), flush=True)
    if arguments.owner:
        for watch in (None, _seen):
            print(_owned(arguments.database, watch), flush=True)
        print(_handed(20_000), flush=True)


def _spread(url: str, count: int) -> str:
    """One run on a cluster of so many workers, as a row of the table in docs/dev/scale.md."""
    with (
        tempfile.TemporaryDirectory() as folder,
        LocalCluster(n_workers=count, threads_per_worker=1, dashboard_address=None, local_directory=folder) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        client.get_task_stream()  # from now on the scheduler records every task
        pids = client.run(os.getpid).values()
        before = sum(_cpu_seconds(pid) for pid in pids)
        workers = DaskWorkers(cluster.scheduler_address)
        run, seconds = _executed(url, Context(Store.open(url), workers, f"{folder}/results"))
        busy_cpu = sum(_cpu_seconds(pid) for pid in pids) - before
        spans = _computed(client.get_task_stream())
    computing = sum(stop - start for start, stop in spans)
    first, last = min(start for start, _ in spans), max(stop for _, stop in spans)
    waiting = (count * (last - first) - computing) / len(spans)
    moved = _bytes_of_a_part(url)
    return (
        f"| {count} | {run.finished_accounts:,} | {seconds:,.0f} s | {run.finished_accounts / seconds:,.0f} "
        f"| {1000 * busy_cpu / run.finished_accounts:.3f} ms | {1000 * waiting:,.0f} ms of "
        f"{1000 * computing / len(spans):,.0f} ms | {seconds - (last - first):,.1f} s | {moved:,} |"
    )


def _executed(url: str, context: Context, request: Any = REQUEST) -> tuple[Run, float]:
    store = Store.open(url)
    made = create_run(store, request, OPERATOR, system_clock(), seed="bench", as_of=AS_OF)
    owner = new_owner()
    claimed = claim_run(store, owner, system_clock(), 600, made.id)
    store.close()
    assert claimed is not None
    began = time.monotonic()
    run = execute_run(claimed, owner, context)
    seconds = time.monotonic() - began
    context.workers.close()
    assert run.error is None, run.error
    return run, seconds


def _computed(tasks: Sequence[Any]) -> list[tuple[float, float]]:
    """The times at which each part was computed."""
    return [
        (each["start"], each["stop"]) for task in tasks for each in task["startstops"] if each["action"] == "compute"
    ]


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


@dataclass
class _Noting(Workers):
    """Computes nothing: a part is done as soon as it is handed out."""

    store: Store
    count: int = _MANY
    sizes: list[int] = field(default_factory=list)

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        job, part = arguments
        if not self.sizes:
            self.sizes.append(len(pickle.dumps((function, arguments))))
        with self.store.begin() as connection:
            finish_part(connection, job.run_id, part.number, "{}", accounts=1, failed=0, items=0)
        done: Future[Any] = Future()
        done.set_result(part.number)
        return done

    def are_lost(self, _error: BaseException) -> bool:
        return False

    def renew(self) -> None:
        """Nothing: there are no workers that could break."""

    def close(self) -> None:
        """Nothing: there is nothing to stop."""


def _seen(_run: Run) -> None:
    """A progress function that shows nothing."""


def _owned(url: str, watch: Callable[[Run], None] | None) -> str:
    store = Store.open(url)
    request = replace(REQUEST, storage_option=StorageOption.DATABASE)
    with tempfile.TemporaryDirectory() as results:
        context = Context(store, _Noting(store), results, part_accounts=1, watch=watch)
        run, seconds = _executed(url, context, request)
    assert run.parts is not None
    watched = "watched" if watch else "unwatched"
    each = 1000 * seconds / run.parts
    return f"the owner alone, {watched}: {run.parts:,} parts in {seconds:,.1f} s, {each:.2f} ms a part"


def _handed(tasks: int) -> str:
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        workers = DaskWorkers(cluster.scheduler_address)
        under_way: set[Future[int]] = set()
        began = time.monotonic()
        for number in range(tasks):
            if len(under_way) == 2 * _MANY:
                under_way = wait(under_way, return_when=FIRST_COMPLETED).not_done
            under_way.add(workers.submit(abs, number))
        wait(under_way)
        each = (time.monotonic() - began) / tasks
        workers.close()
    return f"the owner and Dask's scheduler, empty tasks: {1000 * each:.2f} ms each"


def _bytes_of_a_part(url: str) -> int:
    """The bytes of the task of one part and of its result, as they are sent."""
    store = Store.open(url)
    noting = _Noting(store)
    with tempfile.TemporaryDirectory() as results:
        request = replace(REQUEST, storage_option=StorageOption.DATABASE)
        _executed(url, Context(store, noting, results), request)
    return noting.sizes[0] + len(pickle.dumps(Part(1, "", None).number))


if __name__ == "__main__":
    main()
