"""Serves the sample tenant with little patience, few threads and few places."""

from __future__ import annotations

import logging
import sys
from dataclasses import replace
from pathlib import Path

from soapsvc.server import Options
from soapsvc.server.exchange import Pace
from soapsvc.server.runner import Listen, serve
from soapsvc.soap.limits import DEFAULT
from soapsvc.tenant import open_tenant
from tests.soap.sample_tenant import write_sample_tenant

SECONDS = 2.0
THREADS = 16
PLACES = 4


def main() -> None:
    """Serve until terminated; the folder for the tenant is the last argument."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    store = open_tenant(write_sample_tenant(Path(sys.argv[-1])))
    options = Options(limits=replace(DEFAULT, concurrency=PLACES), run_workers=0)
    listen = Listen(port=0, workers=1, threads=THREADS, pace=Pace(SECONDS, 4096))
    serve(store, options, listen, lambda url: print(f"listening on {url}", flush=True))  # noqa: T201 - its output


if __name__ == "__main__":
    main()
