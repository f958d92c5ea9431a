"""Measure what logs and metrics add to the time of a call: `python -m bench.watching [--rounds 2000]`.

The same small SOAP call (one login, one account with two items) is made in this process without either, with log lines
as JSON, with metrics that outlive a worker, and with both. The four take turns, call by call, so that load on the
machine affects all alike. Prints the microseconds of a call, and what each way adds.
"""

from __future__ import annotations

import argparse
import logging
import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter

from bench.calls import Application, in_process
from soapsvc import logs
from soapsvc.server import Options, application
from soapsvc.server.watching import Metrics, MetricsFolder
from soapsvc.server.wsgi import Watching
from soapsvc.tenant import Store, open_tenant
from tests.soap.client import login, preview, request
from tests.soap.sample_tenant import MONTHLY, PASSWORD, USER, write_sample_tenant

PATH = "/apps/services/a/61.0"
WAYS = ("nobody", "logs", "metrics", "both")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=2000)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory(prefix="soapsvc-bench-") as folder, Path(os.devnull).open("w") as nowhere:
        logs.set_up("json", "info", nowhere)
        store = open_tenant(write_sample_tenant(Path(folder) / "tenant"))
        measured = measure(store, rounds)
        store.close()
    alone = measured["nobody"]
    for way in WAYS:
        print(f"{way:8} {measured[way]:8.1f} µs   {measured[way] - alone:+7.1f} µs")


def measure(store: Store, rounds: int) -> dict[str, float]:
    """The median of each way, in microseconds."""
    kept = MetricsFolder()
    kept.use_slot(0)
    metrics = Metrics(kept)
    unseen = application(store, Options(run_workers=0))
    seen = application(store, Options(run_workers=0, watching=Watching(metrics.call)))
    body = preview(request(MONTHLY, "2014-07-01"), session=session(unseen)).encode()
    quiet, loud = in_process(unseen, PATH, body), in_process(seen, PATH, body)
    calls: dict[str, tuple[Callable[[], int], int]] = {
        "nobody": (quiet, logging.WARNING),
        "logs": (quiet, logging.INFO),
        "metrics": (loud, logging.WARNING),
        "both": (loud, logging.INFO),
    }
    log = logging.getLogger("soapsvc.call")
    times: dict[str, list[float]] = {way: [] for way in WAYS}
    for each in range(rounds + rounds // 10):
        for way, (call, level) in calls.items():
            log.setLevel(level)
            started = perf_counter()
            call()
            if each >= rounds // 10:  # earlier rounds only fill caches
                times[way].append((perf_counter() - started) * 1e6)
    kept.remove()
    return {way: median(found) for way, found in times.items()}


def session(service: Application) -> str:
    """The token of a login."""
    pieces: list[bytes] = []
    body = login(USER, PASSWORD).encode()

    def collected(environ: dict[str, object], start: Callable[..., object]) -> list[bytes]:
        pieces.extend(service(environ, start))
        return pieces

    in_process(collected, PATH, body)()
    (token,) = re.findall(r"Session>([^<]+)<", b"".join(pieces).decode())
    return token


if __name__ == "__main__":
    main()
