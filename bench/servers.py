"""Starts contestants as servers of their own on loopback, and stops them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

Address = tuple[str, int]


@contextmanager
def served(tenant: Path, python: Path = Path(sys.executable)) -> Iterator[tuple[Address, int]]:
    """The service in that Python over a tenant directory, with one worker: its address, and its main process id."""
    command = [str(python.with_name("soapsvc")), "serve", "--tenant", str(tenant), "--port", "0"]
    with _process(command, None) as (process, line):
        yield _address(line), process.pid


@contextmanager
def database_served(url: str, workers: int) -> Iterator[tuple[Address, int]]:
    """This service over a database, without processes for runs: its address, and its main process id."""
    command = [str(Path(sys.executable).with_name("soapsvc")), "serve", "--database", url, "--port", "0"]
    options = ["--workers", f"{workers}", "--run-workers", "0", "--log-level", "warning"]
    with _process([*command, *options], None) as (process, line):
        yield _address(line), process.pid


@contextmanager
def stock_served(tenant: Path, workload: int) -> Iterator[Address]:
    """The stock Spyne application for one workload, under the same HTTP server."""
    command = [sys.executable, "-m", "bench.stock_server", str(tenant), str(workload)]
    with _process(command, None) as (_, line):
        yield _address(line)


@contextmanager
def peer(command: list[str], port: int) -> Iterator[Address]:
    """A peer's server that listens on `port` soon after it was started."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(port, process)
            yield "127.0.0.1", port
        finally:
            process.terminate()
            process.wait(10)


@contextmanager
def _process(command: list[str], cwd: Path | None) -> Iterator[tuple[subprocess.Popen[str], str]]:
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, cwd=cwd, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            if process.stdout is None:
                raise RuntimeError("no output to read")
            line = next((line for line in process.stdout if line.startswith("listening on ")), "")
            if not line:
                raise RuntimeError(f"{command[1:4]} did not start")
            yield process, line
        finally:
            process.terminate()
            process.wait(10)


def _address(line: str) -> Address:
    host, _, port = line.removeprefix("listening on http://").strip().rpartition(":")
    return host, int(port)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(100):
        if process.poll() is not None:
            raise RuntimeError("the peer's server ended at once")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"nothing listens on port {port}")
