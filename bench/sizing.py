"""The memory and processor time that a service needs: `python -m bench.sizing`, for docs/operate/scale.md.

A tenant of `bench.generate_tenant` goes into an SQLite database (and with `--database` into an empty PostgreSQL one);
two workers serve it. Clients in this process request previews of 1 and of 20 accounts, 13 months ahead; then one
process computes a run of all accounts. Calls and accounts per second are those of a whole core: their number is divided
by the processor time of the workers, so that other work on the machine matters little. Memory is shown as resident and
as the worker's own share of it (PSS), which divides shared memory by the number of processes. Prints rows of a table.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from sqlalchemy import create_engine, make_url, text

from bench.calls import HEADERS
from bench.contestants import PATH
from bench.generate_tenant import write_tenant
from bench.runs import Measured, copy_tenant
from bench.servers import Address, database_served
from soapsvc.clock import system_clock
from soapsvc.tenant import Store, import_tenant
from tests.soap.client import preview, request

TARGET, USERNAME = "2027-02-15", "bench@example.com"
WORKERS, CLIENTS, MANY = 2, 4, 20
_TICKS = os.sysconf("SC_CLK_TCK")
_MIB = 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=10.0, help="how long each kind of call is made")
    parser.add_argument("--database", metavar="URL", help="an empty PostgreSQL database, measured as well")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soapsvc-sizing-") as folder:
        url = filled(Path(folder), arguments.accounts)
        for row in report(url, arguments.accounts, arguments.seconds):
            print(row, flush=True)
        if arguments.database:
            copy_tenant(url, arguments.database)
            for row in report(arguments.database, arguments.accounts, arguments.seconds):
                print(row, flush=True)


def filled(folder: Path, accounts: int) -> str:
    """The URL of a new SQLite database with a generated tenant."""
    write_tenant(folder / "tenant", accounts)
    url = f"sqlite:///{folder / 'tenant.sqlite'}"
    store = Store.open(url)
    import_tenant(store, folder / "tenant")
    store.close()
    return url


def report(url: str, accounts: int, seconds: float) -> Iterator[str]:
    """The rows for one database."""
    kind = make_url(url).get_backend_name()
    yield f"| {kind}: disk for 1,000 accounts | {_size(url) / accounts * 1000 / _MIB:,.1f} MiB |"
    yield from calls(url, seconds, kind)
    run = _run(url)
    rate, items = run.accounts / run.cpu_seconds, run.items / run.cpu_seconds
    yield f"| {kind}: a run, a second and core | {rate:,.0f} accounts, {items:,.0f} items |"
    yield f"| {kind}: memory of a process that computes runs | {run.peak_of_largest_process:,.0f} MiB |"
    yield f"| {kind}: result file of a run, for 1,000 accounts | {run.file_mib / accounts * 1000:,.2f} MiB |"


def _run(url: str) -> Measured:
    """A run of all accounts by one process. It is a separate program, because this one's memory is not a service's."""
    command = [sys.executable, "-m", "bench.runs", "--database", url, "--workers", "1"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return Measured(**json.loads(done.stdout.splitlines()[0]))


def calls(url: str, seconds: float, kind: str) -> Iterator[str]:
    """The rows about a service that answers calls."""
    store = Store.open(url)
    some = [account.id for account, _ in zip(store.accounts(), range(2000), strict=False)]
    token = store.create_session(USERNAME, int(system_clock().timestamp()) + 36_000)
    store.close()
    with database_served(url, WORKERS) as (address, main_process):
        workers = [int(pid) for pid in Path(f"/proc/{main_process}/task/{main_process}/children").read_text().split()]
        yield f"| {kind}: memory of a worker at its start | {_memory(workers)} |"
        for count in (1, MANY):
            found = asked(address, workers, some, token, count, seconds)
            yield (
                f"| {kind}: SOAP previews of {count} {'account' if count == 1 else 'accounts'}, a second and core "
                f"| {found.calls / found.cpu:,.0f} calls, {found.calls * count / found.cpu:,.0f} accounts |"
            )
        yield f"| {kind}: memory of a worker under load | {_memory(workers)} |"


@dataclass(frozen=True)
class Asked:
    """The answered calls, and the seconds of processor time that the workers needed for them."""

    calls: int
    cpu: float


def asked(address: Address, workers: list[int], some: list[str], token: str, count: int, seconds: float) -> Asked:
    """Let clients request so many accounts per call, for so many seconds, after some uncounted calls."""

    def client(seed: int, end: Callable[[], bool], done: list[int]) -> None:
        random, made = Random(seed), 0  # noqa: S311 - not for secrets
        connection = http.client.HTTPConnection(*address)
        while not end():
            keys = random.choices(some, k=count)
            body = preview(*(request(key, TARGET) for key in keys), session=token).encode()
            connection.request("POST", PATH, body, HEADERS)
            answer = connection.getresponse()
            content = answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{PATH} answered {answer.status}: {content[:300]!r}")
            made += 1
        connection.close()
        done.append(made)

    def together(until: float) -> int:
        done: list[int] = []
        threads = [
            threading.Thread(target=client, args=(seed, lambda: time.monotonic() >= until, done))
            for seed in range(CLIENTS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sum(done)

    together(time.monotonic() + seconds / 4)
    before = sum(map(_cpu, workers))
    made = together(time.monotonic() + seconds)
    return Asked(made, sum(map(_cpu, workers)) - before)


def _cpu(pid: int) -> float:
    """The seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _memory(pids: list[int]) -> str:
    """The resident memory and its own share, for the largest of some processes."""
    found = [Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8") for pid in pids]
    resident, own = (
        max(int(each.partition(f"\n{name}:")[2].split()[0]) for each in found) / 1024 for name in ("Rss", "Pss")
    )
    return f"{resident:,.0f} MiB, own share {own:,.0f} MiB"


def _size(url: str) -> int:
    """The bytes of a database."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return sum(path.stat().st_size for path in Path(parsed.database or "").parent.glob("tenant.sqlite*"))
    engine = create_engine(url)
    with engine.connect() as connection:
        size = int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
    engine.dispose()
    return size


if __name__ == "__main__":
    main()
