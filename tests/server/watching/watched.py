"""A running server from outside: its metrics, its workers, and killing one of them."""

from __future__ import annotations

import http.client
import os
import signal
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.server.watching.mixed_load import Numbers, numbers
from tests.support.server import Server

_SECONDS = 60


def scraped(server: Server) -> Numbers:
    """The samples of /metrics."""
    while (found := got(server, "/metrics"))[0] != 200:
        pass
    return numbers(found[1])


def got(server: Server, path: str) -> tuple[int, str]:
    """The answer; its status is 0 if the worker was killed before it could answer."""
    try:
        with urllib.request.urlopen(f"{server.url}{path}", timeout=30) as answer:  # noqa: S310 - our own server
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
    except (OSError, http.client.HTTPException):
        return 0, ""


def workers(server: Server) -> list[int]:
    """The process ids of the workers."""
    return children(server.process.pid)


def children(pid: int) -> list[int]:
    """The living processes that any thread of a process has started."""
    tasks = Path(f"/proc/{pid}/task")
    return [int(child) for task in tasks.iterdir() for child in (task / "children").read_text().split()]


def kill_a_worker(server: Server) -> bool:
    """Kill a worker, if possible one that executes a run, and wait until another serves in its place.

    Returns whether the killed worker was executing a run.
    """
    lost = scraped(server)["soapsvc_workers_lost_total",]
    # One child is multiprocessing's resource tracker, which is always there; further children compute a run.
    busy = {worker: len(children(worker)) > 1 for worker in workers(server)}
    chosen = max(busy, key=lambda worker: busy[worker])
    os.kill(chosen, signal.SIGKILL)
    end = time.monotonic() + _SECONDS
    while (seen := scraped(server))["soapsvc_workers_lost_total",] == lost or seen["soapsvc_workers",] < 2:
        assert time.monotonic() < end
        time.sleep(0.05)
    return busy[chosen]
