"""Processes are killed in mid-run, or the disk is full: the run is finished afterwards with the same rows.

The runs are over 240 generated accounts, two a part, so that there is a middle to be killed in.
"""

import errno
import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from soapsvc.runs import (
    Context,
    ProcessWorkers,
    Run,
    RunService,
    RunStatus,
    StorageOption,
    cancel_run,
    create_run,
    find_runs,
    get_run,
)
from soapsvc.runs.definition import ACTIVE
from soapsvc.runs.storage import open_folder
from soapsvc.tenant import Store, import_tenant
from tests.runs.conftest import GENERATED_ACCOUNTS
from tests.support.machine import group_is_running
from tests.support.runs import (
    ANYBODY,
    AS_OF,
    EVERYTHING,
    IN_DATABASE,
    SEED,
    ThreadWorkers,
    executed,
    finished,
    item_file,
    system_clock,
)
from tests.support.tenants import write_tenant

SMALL_PARTS = 2
LEASE = 2
PATIENCE = 90
COMMAND = [sys.executable, "-c", "from soapsvc.cli import main; main()", "run"]


def made(store: Store, request: Any = EVERYTHING) -> Run:
    return create_run(store, request, ANYBODY, system_clock(), seed=SEED, as_of=AS_OF)


@pytest.fixture
def undisturbed(generated: Store, tmp_path: Path) -> bytes:
    """The items of a run that nothing happens to."""
    results = tmp_path / "undisturbed"
    return item_file(results, finished(generated, results))


def wait_for(condition: Callable[[], bool], what: str) -> None:
    """Wait until something is so."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"{what} did not happen in {PATIENCE} s"
        time.sleep(0.01)


def in_the_middle(store: Store, run_id: str) -> bool:
    """Whether a run has done some of its accounts, but not all."""
    finished_accounts = get_run(store, run_id).finished_accounts
    assert finished_accounts < GENERATED_ACCOUNTS, "the run was too quick to be disturbed"
    return finished_accounts > 0


@contextmanager
def started(*arguments: str, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """`soapsvc run …` in a process of its own, which is killed at the end if it still lives."""
    process = subprocess.Popen([*COMMAND, *arguments], text=True, stderr=subprocess.PIPE, **options)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def commanded(database: str, results: Path) -> list[str]:
    return [
        "--database",
        database,
        "--results",
        str(results),
        "--part-accounts",
        str(SMALL_PARTS),
        "--lease",
        str(LEASE),
    ]


def working(database: str, results: Path) -> list[str]:
    return ["work", *commanded(database, results), "--workers", "1"]


def test_a_worker_process_is_killed(generated: Store, results: Path, undisturbed: bytes) -> None:
    run = made(generated)
    killed: list[int] = []

    def kill_one(run: Run) -> None:
        if run.finished_accounts and not killed:
            victim = multiprocessing.active_children()[0]
            os.kill(victim.pid, signal.SIGKILL)
            killed.append(run.finished_accounts)

    ended = executed(generated, results, run, workers=ProcessWorkers(2), part_accounts=SMALL_PARTS, watch=kill_one)
    assert killed
    assert killed[0] < GENERATED_ACCOUNTS
    assert ended.status is RunStatus.COMPLETED
    assert item_file(results, ended) == undisturbed


def test_a_part_whose_worker_always_dies_ends_the_run_with_the_reason(generated: Store, results: Path) -> None:
    workers = _Deadly(1)
    ended = executed(generated, results, made(generated), workers=workers)
    assert ended.status is RunStatus.ERROR
    assert "failed 5 times" in ended.error
    assert "terminated abruptly" in ended.error
    assert not (results / ended.id).exists()


class _Deadly(ProcessWorkers):
    """Workers that die of whatever they are given."""

    def submit(self, function: Callable[..., Any], *arguments: object) -> Any:
        return super().submit(os._exit, 1)


def test_the_service_is_killed(generated: Store, database: str, results: Path, undisturbed: bytes) -> None:
    run = made(generated)
    with started(*working(database, results)) as service:
        wait_for(lambda: in_the_middle(generated, run.id), "the run's first part")
        service.kill()
        service.wait()
    assert get_run(generated, run.id).status is RunStatus.PROCESSING
    with started(*working(database, results)):
        wait_for(lambda: not get_run(generated, run.id).active, "the run's end after the restart")
    ended = get_run(generated, run.id)
    assert (ended.status, ended.accounts) == (RunStatus.COMPLETED, GENERATED_ACCOUNTS)
    assert item_file(results, ended) == undisturbed


def test_a_killed_service_leaves_no_worker_behind(generated: Store, database: str, results: Path) -> None:
    run = made(generated)
    with started(*working(database, results), start_new_session=True) as service:
        wait_for(lambda: in_the_middle(generated, run.id), "the run's first part")
        service.kill()
        service.wait()
        wait_for(lambda: not group_is_running(service.pid), "the workers' end")


def test_a_service_that_is_stopped_gives_its_runs_up_at_once(
    generated: Store, database: str, results: Path, undisturbed: bytes
) -> None:
    run = made(generated)
    with started(*working(database, results)) as service:
        wait_for(lambda: in_the_middle(generated, run.id), "the run's first part")
        service.terminate()
        assert service.wait(PATIENCE) == 0
    assert get_run(generated, run.id).status is RunStatus.PROCESSING
    ended = executed(generated, results, run)
    assert item_file(results, ended) == undisturbed


def test_the_command_is_killed_and_resumed(
    generated: Store, database: str, results: Path, undisturbed: bytes, tmp_path: Path
) -> None:
    out = tmp_path / "out.zip"
    request = ["--target-date", "2027-02-28", "--assume-renewal", "All", "--include-evergreen", "--include-draft-items"]
    repeatable = ["--seed", SEED, "--as-of", AS_OF.strftime("%Y-%m-%dT%H:%M:%S%z")]
    with started(*commanded(database, results), *request, *repeatable, "--workers", "1", "--out", str(out)) as command:
        wait_for(
            lambda: any(in_the_middle(generated, run.id) for run in find_runs(generated, statuses=ACTIVE)),
            "the first part",
        )
        command.kill()
        command.wait()
    assert not out.exists()
    (run,) = find_runs(generated, statuses=[RunStatus.PROCESSING])
    with started("resume", run.number, *commanded(database, results), "--out", str(out)) as command:
        _, told = command.communicate(timeout=PATIENCE)
        assert command.returncode == 0, told
    assert item_file(results, get_run(generated, run.id)) == undisturbed
    assert out.read_bytes() == (results / run.id / run.file_name).read_bytes()


def test_results_in_the_database_have_no_row_twice_after_a_kill(generated: Store, database: str, results: Path) -> None:
    undisturbed = finished(generated, results, IN_DATABASE)
    run = made(generated, IN_DATABASE)
    with started(*working(database, results)) as service:
        wait_for(lambda: in_the_middle(generated, run.id), "the run's first part")
        service.kill()
        service.wait()
    with started(*working(database, results)):
        wait_for(lambda: not get_run(generated, run.id).active, "the run's end after the restart")
    ended = get_run(generated, run.id)
    assert (ended.status, ended.items) == (RunStatus.COMPLETED, undisturbed.items)
    statement = (
        "SELECT invoice_item_id, invoice_item_charge_amount, invoice_item_service_start_date"
        " FROM billing_preview_run_results WHERE run_id = '{}' ORDER BY part, position"
    )
    with generated.begin() as connection:
        both = [connection.exec_driver_sql(statement.format(each.id)).all() for each in (undisturbed, ended)]
    assert both[0] == both[1]


def weekly_charges(count: int) -> dict[str, list[dict[str, Any]]]:
    """The documents of an account with as many weekly charges, which never end."""
    charge = {"type": "Recurring", "model": "FlatFee", "price": 9.99, "currency": "USD", "billingPeriod": "Week"}
    charge |= {"effectiveStartDate": "2025-01-01", "endDateCondition": "Subscription_End"}
    charges = [{**charge, "id": f"c{number}", "number": f"C-{number}"} for number in range(count)]
    start = {"subscriptionStartDate": "2025-01-01", "termStartDate": "2025-01-01", "termType": "EVERGREEN"}
    plans = [{"id": "p1", "ratePlanCharges": charges}]
    basic, billing = {"id": "a1", "accountNumber": "A-1"}, {"billCycleDay": 1, "currency": "USD"}
    return {
        "accounts": [{"basicInfo": basic, "billingAndPayment": billing}],
        "subscriptions": [{"id": "s1", "subscriptionNumber": "A-S1", "accountId": "a1", **start, "ratePlans": plans}],
    }


def test_a_limit_of_the_system_ends_the_run_with_the_reason(
    store: Store, database: str, results: Path, tmp_path: Path
) -> None:
    """200 weekly charges for 20 years make 2.1 MB deflated; the system lets files, the database's too, have 1.2 MB."""
    import_tenant(store, write_tenant(tmp_path / "tenant", **weekly_charges(200)))
    run = made(store, replace(EVERYTHING, target_date=date(2045, 1, 1)))
    options = commanded(database, results)

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_200_000, resource.RLIM_INFINITY))

    with started("resume", run.number, *options, preexec_fn=limited) as command:
        _, told = command.communicate(timeout=PATIENCE)
    assert command.returncode == 1
    assert "no space for the results" in told
    ended = get_run(store, run.id)
    assert ended.status is RunStatus.ERROR
    assert "There is no space for the results" in ended.error
    assert not (results / run.id).exists()


def test_no_room_for_results_ends_the_run_with_the_reason(
    generated: Store, results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every file beyond 20 parts finds the file system full."""
    written: list[str] = []
    rename = Path.replace

    def full(path: Path, target: Path) -> Path:
        written.append(target.name)
        if len(written) > 20:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target))
        return rename(path, target)

    monkeypatch.setattr(Path, "replace", full)
    ended = executed(generated, results, made(generated))
    assert ended.status is RunStatus.ERROR
    assert "There is no space for the results" in ended.error
    assert "No space left on device" in ended.error
    assert not (results / ended.id).exists(), "what was written so far is removed, to make room"
    monkeypatch.undo()
    assert finished(generated, results).status is RunStatus.COMPLETED


def test_a_package_that_is_missing_ends_the_run_with_the_extra_s_name(
    generated: Store, results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr("soapsvc.runs.definition.extras.import_module", missing)
    ended = finished(generated, results, replace(EVERYTHING, storage_option=StorageOption.PARQUET))
    assert ended.status is RunStatus.ERROR
    assert ended.error == "pyarrow is not installed; install the extra [parquet]: docs/start/install.md"


def test_a_part_s_file_that_is_lost_is_computed_again(generated: Store, results: Path, undisturbed: bytes) -> None:
    run = made(generated)

    def lose(run: Run) -> None:
        (results / run.id / "parts" / "00000001.csv.deflated").unlink(missing_ok=True)
        if run.finished_accounts == GENERATED_ACCOUNTS:
            (results / run.id / "parts" / "00000003.csv.deflated").write_bytes(b"half a r")
            lost.clear()

    lost = [True]
    ended = executed(generated, results, run, watch=lambda run: lose(run) if lost else None)
    assert not lost
    assert item_file(results, ended) == undisturbed


def test_a_run_is_canceled_while_it_is_under_way(generated: Store, results: Path) -> None:
    run = made(generated)

    def cancel(run: Run) -> None:
        if run.finished_accounts and run.active:
            cancel_run(generated, run.id, ANYBODY, system_clock())

    ended = executed(generated, results, run, watch=cancel, part_accounts=SMALL_PARTS, lease_seconds=1)
    assert ended.status is RunStatus.CANCELED
    assert 0 < ended.finished_accounts < GENERATED_ACCOUNTS
    assert not (results / run.id).exists()


def test_two_services_share_the_runs_and_each_run_is_executed_once(
    generated: Store, results: Path, undisturbed: bytes
) -> None:
    services = [
        RunService(Context(generated, ThreadWorkers(2), str(results), part_accounts=SMALL_PARTS), poll_seconds=0.05)
        for _ in range(2)
    ]
    for service in services:
        service.start()
    run = made(generated)
    wait_for(lambda: not get_run(generated, run.id).active, "the run's end")
    for service in services:
        service.stop()
    assert item_file(results, get_run(generated, run.id)) == undisturbed


def test_a_file_is_whole_or_not_there(tmp_path: Path) -> None:
    folder = open_folder(str(tmp_path))
    with pytest.raises(UnicodeEncodeError), folder.write("part.csv") as file:
        file.write(b"half" + "\ud800".encode())
    assert list(tmp_path.iterdir()) == []
    with folder.write("part.csv") as file:
        file.write(b"whole")
        assert not (tmp_path / "part.csv").exists()
    assert (tmp_path / "part.csv").read_bytes() == b"whole"


@pytest.mark.parametrize("name", ["../part.csv", "a/b", "..", "", "a\\b", "a\0b"])
def test_no_name_leaves_the_folder(tmp_path: Path, name: str) -> None:
    folder = open_folder(str(tmp_path))
    with pytest.raises(ValueError, match="is not the name of a file"):
        folder.read(name)
    with pytest.raises(ValueError, match="is not the name of a file"):
        folder.child(name)


def test_a_folder_is_removed_while_workers_still_write_to_it(tmp_path: Path) -> None:
    folder = open_folder(str(tmp_path)).child("run")
    folder.make()
    stop, refused = threading.Event(), []

    def write() -> None:
        while not stop.is_set():
            try:
                with folder.write("part.csv") as file:
                    file.write(b"row")
            except FileNotFoundError as error:
                refused.append(error)
                return

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    folder.remove()
    for writer in writers:
        writer.join(PATIENCE)
    stop.set()
    assert len(refused) == len(writers)
    assert list(tmp_path.iterdir()) == []
