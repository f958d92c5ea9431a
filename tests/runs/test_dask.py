"""A Dask cluster gives the same bytes as processes on this machine, also when one of its workers or its scheduler dies.

Scheduler and workers are separate processes, as on several machines; results go through fsspec to a shared folder.
"""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from soapsvc.runs import (
    Context,
    DaskWorkers,
    ProcessWorkers,
    Run,
    RunStatus,
    StorageOption,
    WorkersLost,
    claim_run,
    create_run,
    execute_run,
    get_run,
)
from soapsvc.runs.execution import new_owner
from soapsvc.tenant import Store
from tests.runs.conftest import GENERATED_ACCOUNTS
from tests.support.runs import ANYBODY, AS_OF, EVERYTHING, SEED, archive_of, executed, finished, item_file, system_clock

SMALL_PARTS = 2
PATIENCE = 60


@contextmanager
def started(*command: str) -> Iterator[subprocess.Popen[str]]:
    """A process of the cluster."""
    process = subprocess.Popen([sys.executable, "-m", *command], stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[tuple[str, list[subprocess.Popen[str]]]]:
    """The address of a scheduler, and its own process followed by those of its workers."""
    with ExitStack() as processes:
        scheduler = processes.enter_context(
            started("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        )
        address = address_of(scheduler)
        command = ("distributed.cli.dask_worker", address, "--host", "127.0.0.1", "--nthreads", "1", "--no-nanny")
        options = ("--no-dashboard", "--local-directory", str(folder))
        hands = [processes.enter_context(started(*command, *options)) for _ in range(workers)]
        yield address, [scheduler, *hands]


def address_of(scheduler: subprocess.Popen[str]) -> str:
    for line in scheduler.stderr:
        if found := re.search(r"Scheduler at:\s+(tcp://\S+)", line):
            return found[1]
    raise AssertionError("the scheduler has ended")


def made(store: Store) -> Run:
    return create_run(store, EVERYTHING, ANYBODY, system_clock(), seed=SEED, as_of=AS_OF)


def shared(results: Path) -> str:
    """The folder as fsspec knows it: another file system than our own."""
    return f"local://{results}"


@pytest.fixture
def by_processes(generated: Store, tmp_path: Path) -> Run:
    """The same run, by processes of this machine."""
    return finished(generated, tmp_path / "by processes", workers=ProcessWorkers(2))


def test_a_local_cluster_gives_the_same_bytes(
    generated: Store, results: Path, by_processes: Run, tmp_path: Path
) -> None:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        local_directory=str(tmp_path),
    ) as local:
        run = finished(generated, results, workers=DaskWorkers(local.scheduler_address))
    assert run.status is RunStatus.COMPLETED
    assert item_file(results, run) == item_file(tmp_path / "by processes", by_processes)


def test_separate_processes_give_the_same_bytes_over_a_shared_folder(
    generated: Store, results: Path, by_processes: Run, tmp_path: Path
) -> None:
    with cluster(tmp_path, workers=2) as (address, _):
        run = finished(generated, shared(results), workers=DaskWorkers(address))
    assert run.status is RunStatus.COMPLETED
    assert item_file(results, run) == item_file(tmp_path / "by processes", by_processes)
    assert [path.name for path in (results / run.id).iterdir()] == [run.file_name]


def test_a_worker_of_the_cluster_is_killed(generated: Store, results: Path, by_processes: Run, tmp_path: Path) -> None:
    run, killed = made(generated), []
    with cluster(tmp_path, workers=2) as (address, processes):

        def kill_one(run: Run) -> None:
            if run.finished_accounts and not killed:
                os.kill(processes[1].pid, signal.SIGKILL)
                killed.append(run.finished_accounts)

        ended = executed(
            generated, shared(results), run, workers=DaskWorkers(address), part_accounts=SMALL_PARTS, watch=kill_one
        )
    assert killed
    assert killed[0] < GENERATED_ACCOUNTS
    assert ended.status is RunStatus.COMPLETED
    assert item_file(results, ended) == item_file(tmp_path / "by processes", by_processes)


def test_the_scheduler_is_killed_and_the_run_continues_with_another(
    generated: Store, results: Path, by_processes: Run, tmp_path: Path
) -> None:
    run = made(generated)
    owner = new_owner()
    with cluster(tmp_path, workers=2) as (address, processes):

        def kill_scheduler(run: Run) -> None:
            if run.finished_accounts:
                os.kill(processes[0].pid, signal.SIGKILL)

        workers = DaskWorkers(address)
        context = Context(generated, workers, shared(results), part_accounts=SMALL_PARTS, watch=kill_scheduler)
        claimed = claim_run(generated, owner, system_clock(), context.lease_seconds, run.id)
        with pytest.raises(WorkersLost, match="does not answer"):
            execute_run(claimed, owner, context)
        workers.close()
    left = get_run(generated, run.id)
    assert left.status is RunStatus.PROCESSING
    assert left.finished_accounts < GENERATED_ACCOUNTS
    with cluster(tmp_path, workers=1) as (address, _):
        ended = executed(generated, shared(results), run, workers=DaskWorkers(address))
    assert ended.status is RunStatus.COMPLETED
    assert item_file(results, ended) == item_file(tmp_path / "by processes", by_processes)


def test_the_command_computes_on_a_cluster(
    generated: Store, database: str, results: Path, by_processes: Run, tmp_path: Path
) -> None:
    out = tmp_path / "out.zip"
    run = made(generated)
    with cluster(tmp_path, workers=1) as (address, _):
        places = ["--database", database, "--results", str(results), "--dask", address, "--out", str(out)]
        command = [sys.executable, "-c", "from soapsvc.cli import main; main()", "run", "resume", run.id, *places]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    assert item_file(results, run) == item_file(tmp_path / "by processes", by_processes)
    assert out.read_bytes() == archive_of(results, run).read_bytes()


@pytest.mark.parametrize("storage", [StorageOption.CSV, StorageOption.PARQUET])
def test_another_file_system_gets_the_same_bytes_as_a_folder(
    demo: Store, tmp_path: Path, storage: StorageOption
) -> None:
    request = replace(EVERYTHING, storage_option=storage)
    here = finished(demo, tmp_path / "here", request)
    there = finished(demo, shared(tmp_path / "there"), request)
    assert there.file_size == here.file_size
    names = [b"BPR-00000001", b"BPR-00000002"]
    files = [archive_of(tmp_path / place, run).read_bytes() for place, run in (("here", here), ("there", there))]
    assert files[0] == files[1].replace(names[1], names[0])


def test_a_scheduler_that_is_not_there_is_named(generated: Store, results: Path) -> None:
    began = time.monotonic()
    with pytest.raises(WorkersLost, match=r"tcp://127\.0\.0\.1:9 does not answer"):
        finished(generated, results, workers=DaskWorkers("tcp://127.0.0.1:9"))
    assert time.monotonic() - began < PATIENCE
