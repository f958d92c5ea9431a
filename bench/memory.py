"""Memory and time to the first byte of the largest answer, 20 requests of 5,000 items, with one worker."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from bench.calls import first_byte, over_http
from bench.contestants import PATH, log_in
from bench.servers import served
from bench.workloads import LARGE, WORKLOADS

_REPEATS = 5
_MIB = 1024


def report(tenant: Path, console: Console) -> dict[str, float]:
    """Measures and prints; MiB and seconds."""
    with served(tenant) as (address, pid):
        session = log_in(address)
        small = over_http(address, PATH, WORKLOADS[0].call(session))
        for _ in range(_REPEATS):
            small()
        worker = _worker(pid)
        # The hash of a login needs 64 MiB for a moment, so the peak is counted from here.
        Path(f"/proc/{worker}/clear_refs").write_text("5", encoding="ascii")
        before = _resident(worker, "VmRSS")
        small_first = statistics.median(first_byte(address, PATH, WORKLOADS[0].call(session)) for _ in range(_REPEATS))
        large_first = statistics.median(first_byte(address, PATH, LARGE.call(session)) for _ in range(_REPEATS))
        size = over_http(address, PATH, LARGE.call(session))()
        grown = (_resident(worker, "VmHWM") - before) / _MIB
        account = replace(LARGE, requests=1).call(session)
        single_first = statistics.median(first_byte(address, PATH, account) for _ in range(_REPEATS))
    found = {
        "peak memory growth, 20 x 5,000 items, MiB": grown,
        "size of that answer, MiB": size / _MIB / _MIB,
        "first byte of that answer, ms": 1000 * large_first,
        "first byte of (a), ms": 1000 * small_first,
        "first byte of one account of 5,000 items, ms": 1000 * single_first,
        "import and start-up, ms": 1000 * _start_up(),
    }
    for name, value in found.items():
        console.print(f"{name}: {value:,.1f}")
    return found


def _worker(pid: int) -> int:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return int(children[0])


def _resident(pid: int, which: str) -> int:
    """The resident size of a process in KiB: now (VmRSS), or the largest since its peak was cleared (VmHWM)."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(next(line for line in status.splitlines() if line.startswith(which)).split()[1])


def _start_up() -> float:
    """Seconds to import the application and compile its contract, in a fresh interpreter."""
    code = "from soapsvc.server.wsgi import application; from soapsvc.tenant.store import Store; "
    code += "application(Store.temporary())"
    times = []
    for _ in range(_REPEATS):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        times.append(time.perf_counter() - started)
    return statistics.median(times)
