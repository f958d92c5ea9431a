"""Serves the stock Spyne application of one workload: `python -m bench.stock_server TENANT NUMBER`."""

from __future__ import annotations

import sys
from pathlib import Path

from bench.contestants import Answers
from bench.stock_spyne import application
from bench.workloads import WORKLOADS
from soapsvc.server.listening import http
from soapsvc.server.listening.exchange import Exchange, Pace, Watch

THREADS = 8
# The largest answer may take minutes.
PACE = Pace(seconds=3600)


def main() -> None:
    """Serve until terminated, with the same HTTP server as the service."""
    tenant, number = Path(sys.argv[1]), int(sys.argv[2])
    work = WORKLOADS[number]
    exchange = Exchange(application(work, Answers(tenant).of(work)), Watch(PACE, THREADS, lambda: None))
    listener = http.listening("127.0.0.1", 0, PACE.seconds)
    host, port = listener.getsockname()
    print(f"listening on http://{host}:{port}", flush=True)
    http.serve(listener, exchange, THREADS)


if __name__ == "__main__":
    main()
