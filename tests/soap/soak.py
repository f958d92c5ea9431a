"""Honest clients and attackers at the same time, for a while: `python -m tests.soap.soak --seconds 60`.

200 honest clients make calls of all kinds while runs are computed, 40 readers do not read, 40 senders send a byte a
second, and 64 guess a password. The output has the times of the honest calls, answers that were neither right nor 429,
and the memory of each worker process. It fails if an honest call was lost, if the slowest hundredth took half a second,
if memory grew, or if the log has an error. Figures of a busy machine say little.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median, quantiles

from bench.generate_tenant import write_tenant
from soapsvc.clock import system_clock
from soapsvc.tenant import Store, import_tenant
from tests.soap.client import login
from tests.soap.soak_clients import SOAP as PATH
from tests.soap.soak_clients import Guesser, Honest, Planned, Runs, Seen, SlowSender, StalledReader, World, once
from tests.support.server import Server, serving

USER = PASSWORD = "bench"
PAGE = 4096
MOST_SECONDS = 0.5
MOST_GROWTH = 0.10
SAMPLE_SECONDS = 0.5
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Crowd:
    """The number of clients of each kind."""

    clients: int
    readers: int
    senders: int
    guessers: int
    guesser_addresses: int
    guess_pause: float


def processes(root: int) -> list[int]:
    """The processes that the threads of a process have forked."""
    threads = Path(f"/proc/{root}/task").iterdir()
    return [int(child) for thread in threads for child in (thread / "children").read_text().split()]


def memory(pid: int) -> int:
    """The resident bytes of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE


def spent(pid: int) -> float:
    """The seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


@contextmanager
def office(
    folder: Path, accounts: int, workers: int, run_workers: int | None
) -> Iterator[tuple[Server, str, list[tuple[str, str]]]]:
    """A server over a generated tenant, a session, and the ids and numbers of some of its accounts."""
    write_tenant(folder / "tenant", accounts)
    database = f"sqlite:///{folder / 'tenant.sqlite'}"
    store = Store.open(database)
    import_tenant(store, folder / "tenant")
    some = [(account.id, account.account_number) for account, _ in zip(store.accounts(), range(500), strict=False)]
    token = store.create_session(f"{USER}@example.com", int(system_clock().timestamp()) + 3600)
    store.close()
    options = ["--database", database, "--workers", f"{workers}", "--results", str(folder / "results")]
    if run_workers is not None:
        options += ["--run-workers", f"{run_workers}"]
    with serving(folder / "log", *options) as server:
        yield server, token, some


async def honest(world: World, crowd: Crowd, server: int, warm_up: float) -> tuple[Seen, dict[int, list[int]]]:
    """Run the honest clients and the runs; returns their findings, and the memory of each worker after the warm-up."""
    seen, sizes = Seen(), dict[int, list[int]]()

    async def watched() -> None:
        await asyncio.sleep(warm_up)
        while time.monotonic() < world.end:
            for pid in processes(server):
                sizes.setdefault(pid, []).append(memory(pid))
            await asyncio.sleep(SAMPLE_SECONDS)

    runs = asyncio.create_task(Runs(world, seen).go())
    while not Runs.latest:
        await asyncio.sleep(0.05)
    everybody: list[Awaitable[None]] = [Honest(world, seed, seen).go() for seed in range(crowd.clients)]
    await asyncio.gather(runs, watched(), *everybody)
    return seen, sizes


def attack(world: World, crowd: Crowd) -> Seen:
    """Run the attackers in a separate process."""

    async def everybody() -> Seen:
        seen = Seen()
        kinds = [StalledReader(world, seen).go() for _ in range(crowd.readers)]
        kinds += [SlowSender(world, seen).go() for _ in range(crowd.senders)]
        for number in range(crowd.guessers):
            kinds.append(Guesser(world, number, crowd.guesser_addresses, crowd.guess_pause, seen).go())
        await asyncio.gather(*kinds)
        return seen

    return asyncio.run(everybody())


def told(seen: Seen, seconds: float) -> float:
    """Print the times of honest calls; returns that of the slowest hundredth."""
    every = [each for times in seen.seconds.values() for each in times]
    sys.stdout.write(f"{'honest calls':24}{'count':>8}{'429':>7}{'p50 ms':>9}{'p95':>8}{'p99':>8}{'most':>8}\n")
    worst = 0.0
    for kind, times in [*sorted(seen.seconds.items()), ("all", every)]:
        cuts = quantiles(times, n=100, method="inclusive") if len(times) > 1 else times * 99
        row = "".join(
            f"{each * 1000:{width}.0f}"
            for each, width in zip((cuts[49], cuts[94], cuts[98], max(times)), (9, 8, 8, 8), strict=True)
        )
        busy = seen.busy[kind] if kind != "all" else seen.busy.total()
        sys.stdout.write(f"{kind:24}{len(times):8}{busy:7}{row}\n")
        worst = cuts[98]
    sys.stdout.write(f"{len(every) / seconds:.0f} calls a second\n")
    return worst


def grown(sizes: dict[int, list[int]], samples: int, *, readers: bool) -> float:
    """Print the memory of each worker that lived all the time, and of all; returns the growth that counts.

    It is the largest of a worker. With `readers` who hold large answers it is that of all workers together, because
    such readers move from one worker to the other when they connect again.
    """
    lived = []
    for pid, found in sizes.items():
        if len(found) < max(samples, 6):
            sys.stdout.write(f"worker {pid} lived for {len(found)} of {samples} samples\n")
        else:
            lived.append((f"worker {pid}", found))
    if not lived:
        return 0.0
    most = max(growth_of(name, found) for name, found in lived)
    together = growth_of("all of them", [sum(each) for each in zip(*(found for _, found in lived), strict=False)])
    return together if readers else most


def growth_of(name: str, found: Sequence[int]) -> float:
    """Print the course of a memory; returns its growth from the first third of the time to the last one.

    Medians are used, because the hash of a password needs 64 MiB for a moment.
    """
    sixth = len(found) // 6
    course = ", ".join(f"{median(found[at * sixth : (at + 1) * sixth]) / 2**20:.0f}" for at in range(6))
    growth = median(found[4 * sixth :]) / median(found[: 2 * sixth]) - 1
    sys.stdout.write(f"{name}, MiB by sixths of the time: {course}; most {max(found) / 2**20:.0f} ({growth:+.1%})\n")
    return growth


def main(arguments: Sequence[str] | None = None) -> int:
    """Soak, report, and return 1 if a condition failed."""
    given = options().parse_args(arguments)
    crowd = Crowd(
        given.clients, given.readers, given.senders, given.guessers, given.guesser_addresses, given.guess_pause
    )
    with (
        tempfile.TemporaryDirectory() as folder,
        office(Path(folder), given.accounts, given.workers, given.run_workers) as (server, token, accounts),
    ):
        user, end = f"{USER}@example.com", time.monotonic() + 3600
        world = World(server.host_port, user, PASSWORD, token, accounts, end, given.pause)
        for _ in range(8 * given.workers):  # each worker knows the right password before others guess
            asyncio.run(once(world, Planned("login", "POST", PATH, login(user, PASSWORD), 200, "")))
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
            pool.submit(time.monotonic).result()  # it is ready before the time begins
            world = replace(world, end=time.monotonic() + given.warm_up + given.seconds)
            attackers = pool.submit(attack, world, crowd)
            seen, sizes = asyncio.run(honest(world, crowd, server.process.pid, given.warm_up))
            others = attackers.result().others + seen.others
        workers = processes(server.process.pid)
        used = [
            sum(map(spent, workers)),
            sum(spent(pid) for worker in workers for pid in processes(worker)),
            spent(os.getpid()),
        ]
        errors = [line for line in server.log.read_text().splitlines() if " ERROR " in line or "Traceback" in line]
    slowest = told(seen, given.warm_up + given.seconds)
    workers_used, runs_used, clients_used = used
    sys.stdout.write(f"seconds of processor: workers {workers_used:.0f}, runs {runs_used:.0f}, ")
    sys.stdout.write(f"honest clients {clients_used:.0f}; load of the machine: {os.getloadavg()[0]:.1f}\n")
    growth = grown(sizes, int(given.seconds / SAMPLE_SECONDS * 0.8), readers=given.readers > 0)
    for kind, count in others.most_common():
        sys.stdout.write(f"{count:8} {kind}\n")
    sys.stdout.write("".join(f"log: {line}\n" for line in errors[:20]))
    failed = [
        *(["an honest call was lost"] if any(kind.startswith("error") for kind in others) else []),
        *([f"the slowest hundredth took {slowest:.2f} s"] if slowest >= MOST_SECONDS else []),
        *([f"memory grew by {growth:.0%}"] if growth > MOST_GROWTH else []),
        *(["the log has errors"] if errors else []),
    ]
    sys.stdout.write(f"FAILED: {'; '.join(failed)}\n" if failed else "passed\n")
    return 1 if failed else 0


def options() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--warm-up", type=float, default=20, help="seconds before these: what workers keep fills up")
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--pause", type=float, default=1.0, help="seconds a client thinks between calls, on average")
    parser.add_argument("--readers", type=int, default=40, help="who do not read")
    parser.add_argument("--senders", type=int, default=40, help="who send a byte a second")
    parser.add_argument("--guessers", type=int, default=64, help="of one user's password")
    parser.add_argument("--guesser-addresses", type=int, default=1, help="from which they come")
    parser.add_argument("--guess-pause", type=float, default=0.25, help="seconds between an answer and the next guess")
    parser.add_argument("--accounts", type=int, default=5000, help="of the tenant, and of each run")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--run-workers", type=int, help="processes that compute runs")
    return parser


if __name__ == "__main__":
    sys.exit(main())
