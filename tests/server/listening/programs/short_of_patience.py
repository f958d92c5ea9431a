"""Serves a tenant with short time limits, few threads and few places."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from soapsvc.logs import set_up
from soapsvc.server import Options
from soapsvc.server.listening.exchange import Pace
from soapsvc.server.listening.runner import Listen, serve
from soapsvc.soap.frame import DEFAULT
from soapsvc.tenant import Store, open_tenant
from tests.soap.client import request
from tests.soap.sample_tenant import EVERGREEN, write_sample_tenant
from tests.support.server import Server

SECONDS = 2.0
THREADS = 16
PLACES = 4

LARGE = [request(EVERGREEN, "2060-01-01", IncludingEvergreenSubscription="true")] * 20
"""Their answer has about 10 MB. Linux buffers at most 4 MB for a client that does not read."""


@contextmanager
def impatient(folder: Path, **options: object) -> Iterator[Server]:
    """Start it with these command-line options, over the sample tenant or over `database`."""
    given = [f"--{name}={value}" for name, value in options.items()]
    command = [sys.executable, "-m", "tests.server.listening.programs.short_of_patience", f"--folder={folder}", *given]
    log = folder / "log"
    with log.open("w") as stderr:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True, env=os.environ)
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            assert line.startswith("listening on "), log.read_text()
            yield Server(line.removeprefix("listening on ").strip(), process, log)
        finally:
            process.terminate()
            process.wait(60)
            process.stdout.close()


def main() -> None:
    """Serve until terminated."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--folder", type=Path, help="where the sample tenant is written to")
    parser.add_argument("--database", help="the URL of another tenant's store")
    parser.add_argument("--results", help="where that tenant's runs keep their files")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="the patience with clients")
    parser.add_argument("--threads", type=int, default=THREADS)
    parser.add_argument("--places", type=int, default=PLACES, help="calls under way at once")
    given = parser.parse_args()
    set_up("text", "info")
    store = Store.open(given.database) if given.database else open_tenant(write_sample_tenant(given.folder / "tenant"))
    options = Options(limits=replace(DEFAULT, concurrency=given.places), results=given.results, run_workers=0)
    listen = Listen(port=0, workers=1, threads=given.threads, pace=Pace(given.seconds, 4096))
    serve(store, options, listen, lambda url: print(f"listening on {url}", flush=True))  # noqa: T201 - its output


if __name__ == "__main__":
    main()
