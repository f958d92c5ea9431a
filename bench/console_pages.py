"""Measure the time of the console's pages: `python -m bench.console_pages --accounts 1000000 [--database URL]`.

Makes a tenant of that size, or takes one that `bench.generate_tenant` has imported, and asks for lists, searches and
accounts in turn, in this process and without a network. Prints the 95th percentile of each kind of page in
milliseconds, and the growth of the process.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

from bench.generate_tenant import write_tenant
from soapsvc.server import Options, application
from soapsvc.tenant import Store, UserEntry, import_tenant
from tests.console.visitor import Visitor

WANTED = ("number", "name", "word", "id", "nothing", "currency and status", "page", "account")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--database", metavar="URL", help="a database that bench.generate_tenant filled")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soapsvc-bench-") as folder:
        store = Store.open(arguments.database or f"sqlite:///{Path(folder) / 'tenant.sqlite'}")
        if arguments.database is None:
            write_tenant(Path(folder) / "tenant", arguments.accounts)
            import_tenant(store, Path(folder) / "tenant")
        store.put_user(UserEntry("demo@example.com", password="demo"))  # noqa: S106 - of a tenant made up here
        measure(store, arguments.rounds, folder)
        store.close()


def measure(store: Store, rounds: int, results: str) -> None:
    """Request each kind of page so many times, and print the times."""
    visitor = Visitor(application(store, Options(results=results, run_workers=0)))
    assert visitor.sign_in().status == 303
    known = [
        (each.id, each.account_number, each.name) for _, each in zip(range(rounds), store.accounts(), strict=False)
    ]
    Random(1).shuffle(known)  # noqa: S311 - an order of measuring
    for _ in visited(visitor, known[:10]):  # templates, caches, imports
        pass
    before, times = peak(), dict[str, list[float]]()
    for kind, seconds in visited(visitor, known):
        times.setdefault(kind, []).append(seconds * 1000)
    for kind in WANTED:
        ordered = sorted(times[kind])
        print(f"{kind:20} p50 {ordered[len(ordered) // 2]:7.1f} ms   p95 {ordered[int(len(ordered) * 0.95)]:7.1f} ms")
    print(f"memory grew by {(peak() - before) / 1024:.1f} MiB over {rounds * len(WANTED)} pages")


def visited(visitor: Visitor, known: list[tuple[str, str, str]]) -> Iterator[tuple[str, float]]:
    for account_id, number, name in known:
        words = name.split() or [number]
        pages = {
            "number": ("/console/accounts", {"q": number[:-1]}),
            "name": ("/console/accounts", {"q": name}),
            "word": ("/console/accounts", {"q": words[-1]}),
            "id": ("/console/accounts", {"q": account_id}),
            "nothing": ("/console/accounts", {"q": f"{name} nowhere"}),
            "currency and status": ("/console/accounts", {"currency": "JPY", "status": "Active", "after": number}),
            "page": ("/console/accounts", {"after": number}),
            "account": ("/console/account", {"id": account_id, "assume_renewal": "All", "evergreen": "1"}),
        }
        for kind, (path, query) in pages.items():
            started = time.perf_counter()
            assert visitor.get(path, query).status == 200
            yield kind, time.perf_counter() - started


def peak() -> int:
    """The peak memory of this process so far, in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main()
