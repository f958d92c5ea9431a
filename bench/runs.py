"""Measure billing preview runs: `python -m bench.runs --database URL [--database URL …] --workers 1 --workers 2`.

Each database holds a tenant of `bench.generate_tenant`. A run previews all its accounts 13 months ahead, renewals
assumed, into a CSV file. The output has accounts and items per second (of real time, and of processor time, which other
work on the machine disturbs less), and the peak memory of any of its processes. `--check N` compares N accounts of the
file, item by item, with their single previews.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import tempfile
import threading
import time
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from sqlalchemy import create_engine, insert, select

from soapsvc.clock import system_clock
from soapsvc.engine.preview import preview
from soapsvc.engine.result import AssumeRenewal
from soapsvc.runs import Context, ProcessWorkers, Run, RunRequest, claim_run, create_run, execute_run
from soapsvc.runs.execution import new_owner, run_folder
from soapsvc.runs.storage import insert_rows
from soapsvc.tenant import Store, User
from soapsvc.tenant.tables import METADATA
from soapsvc.wire import decimal_text, first_day, last_day

AS_OF = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
REQUEST = RunRequest(date(2027, 2, 15), assume_renewal=AssumeRenewal.ALL, including_evergreen_subscription=True)
OPERATOR = User("b" * 32, "bench", "", "", frozenset())
_PAUSE = 0.2
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Measured:
    """The cost of one run; memory in MiB."""

    database: str
    workers: int
    accounts: int
    failed: int
    items: int
    seconds: float
    cpu_seconds: float
    peak_of_largest_process: float
    file_mib: float

    def line(self) -> str:
        """A row of the table in docs/dev/performance.md."""
        return (
            f"| {self.database} | {self.workers} | {self.accounts:,} | {self.items:,} | {self.seconds:,.0f} s "
            f"| {self.accounts / self.seconds:,.0f} | {self.items / self.seconds:,.0f} "
            f"| {self.accounts / self.cpu_seconds:,.0f} | {self.items / self.cpu_seconds:,.0f} "
            f"| {self.peak_of_largest_process:,.0f} MiB |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", metavar="URL", action="append", required=True)
    parser.add_argument("--workers", type=int, action="append", required=True)
    parser.add_argument("--copy-from", metavar="URL", help="fill an empty database with the tenant of this one first")
    parser.add_argument("--check", type=int, default=0, metavar="N")
    arguments = parser.parse_args()
    for url in arguments.database:
        if arguments.copy_from:
            copy_tenant(arguments.copy_from, url)
        for workers in arguments.workers:
            with tempfile.TemporaryDirectory() as results:
                measured, run = measure(url, workers, results)
                print(json.dumps(asdict(measured)), measured.line(), sep="\n", flush=True)
                if arguments.check:
                    print(check(url, results, run, arguments.check), flush=True)


def measure(url: str, workers: int, results: str) -> tuple[Measured, Run]:
    """Execute one run and measure it."""
    store = Store.open(url)
    made = create_run(store, REQUEST, OPERATOR, system_clock(), seed="bench", as_of=AS_OF)
    owner, pool = new_owner(), ProcessWorkers(workers)
    claimed = claim_run(store, owner, system_clock(), 60, made.id)
    assert claimed is not None
    with watched() as usage:
        began = time.monotonic()
        run = execute_run(claimed, owner, Context(store, pool, results, lease_seconds=60))
        seconds = time.monotonic() - began
    pool.close()
    store.close()
    assert run.file_size is not None, run.error
    measured = Measured(
        url.partition(":")[0],
        workers,
        run.finished_accounts,
        run.failed_accounts,
        run.items,
        seconds,
        usage.cpu_seconds(),
        max(usage.peaks.values()) / 1024,
        run.file_size / 2**20,
    )
    return measured, run


class Usage:
    """Peak memory (KiB) and processor time of this process and its children, by process."""

    def __init__(self) -> None:
        self.peaks: dict[int, int] = {}
        self._cpu: dict[int, float] = {}
        self._before = {pid: self._ticks(pid) for pid in self._family()}

    def cpu_seconds(self) -> float:
        """The processor time of all processes since the beginning."""
        return sum(ticks - self._before.get(pid, 0) for pid, ticks in self._cpu.items())

    def sample(self) -> None:
        """Read the present values of the processes."""
        for pid in self._family():
            with suppress(FileNotFoundError, ProcessLookupError):  # the process has ended meanwhile
                status = Path(f"/proc/{pid}/status").read_text()
                self._cpu[pid] = self._ticks(pid)
                if "VmHWM:" in status:
                    self.peaks[pid] = int(status.partition("VmHWM:")[2].split()[0])

    def _family(self) -> list[int]:
        """This process and its children: the workers."""
        own = os.getpid()
        return [own, *(int(pid) for pid in Path(f"/proc/{own}/task/{own}/children").read_text().split())]

    def _ticks(self, pid: int) -> float:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS


@contextmanager
def watched() -> Iterator[Usage]:
    """Take samples in the background."""
    usage, stop = Usage(), threading.Event()

    def watch() -> None:
        while not stop.wait(_PAUSE):
            usage.sample()

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield usage
        usage.sample()
    finally:
        stop.set()
        thread.join()


def check(url: str, results: str, run: Run, sample: int) -> str:
    """Compare accounts of the file with their single previews; returns a summary, or raises AssertionError."""
    step = max(1, run.finished_accounts // sample)
    store = Store.open(url)
    ids = [each for position, each in enumerate(store.account_ids()) if position % step == 0][:sample]
    wanted, found = set(ids), defaultdict(list)
    with (
        run_folder(results, run.id).read(run.file_name) as file,
        zipfile.ZipFile(file) as archive,
        archive.open(f"{run.entry_name}.csv") as raw,
    ):
        for row in csv.reader(io.TextIOWrapper(raw, encoding="utf-8", newline="")):
            if row[0] in wanted:
                found[row[0]].append((row[2], row[4], row[5], row[10], row[13], row[14]))
    items, total = 0, Decimal(0)
    for account_id in ids:
        account = store.account(id=account_id)
        assert account is not None
        own = [
            (
                decimal_text(item.amount),
                first_day(item.service_start),
                last_day(item.service_end),
                decimal_text(item.quantity),
                item.facts.subscription_number,
                item.facts.charge_number,
            )
            for item in preview(account, REQUEST.preview_request(), AS_OF).items()
        ]
        assert own == found[account_id], f"account {account_id} differs"
        items += len(own)
        total += sum(Decimal(each[0]) for each in own)
    store.close()
    return f"{len(ids)} accounts, {items} items: each as in its single preview; they sum to {total} on both sides"


def copy_tenant(source: str, target: str) -> None:
    """Copy the tenant of one store to another, empty one."""
    Store.open(target).close()
    reading, writing = create_engine(source), create_engine(target)
    with reading.connect() as rows, writing.begin() as connection:
        for table in METADATA.sorted_tables:
            found = rows.execution_options(stream_results=True, yield_per=2000).execute(select(table))
            if connection.dialect.driver == "psycopg":
                insert_rows(connection, table, [column.name for column in table.columns], map(tuple, found))
            else:
                for batch in found.partitions(2000):
                    connection.execute(insert(table), [row._asdict() for row in batch])
    reading.dispose()
    writing.dispose()


if __name__ == "__main__":
    main()
