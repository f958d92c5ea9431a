"""Serves the stock Spyne application of one workload: `python -m bench.stock_server TENANT NUMBER`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication

from bench.contestants import Answers
from bench.stock_spyne import application
from bench.workloads import WORKLOADS


class _Server(BaseApplication):
    """gunicorn with one worker and threads, as the service itself is run."""

    def __init__(self, loader: Callable[[], Any]) -> None:
        self._loader = loader
        super().__init__()

    def load_config(self) -> None:
        settings = {
            "bind": "127.0.0.1:0",
            "worker_class": "gthread",
            "threads": 8,
            "keepalive": 75,
            # It may take minutes for the largest answer.
            "timeout": 0,
            "loglevel": "error",
        }
        for name, value in {**settings, "when_ready": _announce}.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return self._loader()


def _announce(arbiter: Any) -> None:
    host, port = arbiter.LISTENERS[0].sock.getsockname()
    print(f"listening on http://{host}:{port}", flush=True)


def main() -> None:
    """Serve until terminated."""
    tenant, number = Path(sys.argv[1]), int(sys.argv[2])
    work = WORKLOADS[number]
    answers = Answers(tenant)
    _Server(lambda: application(work, answers.of(work))).run()


if __name__ == "__main__":
    main()
