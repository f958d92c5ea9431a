"""`make bench`: this service against stock Spyne, and against peers that `make bench-peers` has built.

Prints a table of medians and ratios and writes them to bench/results/. A ratio is the contestant's median over ours:
100 means that it takes 100 times as long.
"""

from __future__ import annotations

import json
import platform
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import engine_rates, memory, run_rates
from bench.calls import in_process, over_http
from bench.contestants import PATH, Answers, log_in, ours
from bench.measure import Figure, interleaved
from bench.peers import peers, unbuilt
from bench.servers import served, stock_served
from bench.stock_spyne import application as stock_application
from bench.workloads import WORKLOADS, Workload, write_tenant
from soapsvc.tenant import open_tenant

RESULTS = Path(__file__).parent / "results"
SECONDS = 6.0
_CONSOLE = Console(width=110)


def main() -> None:
    """Runs everything; the optional argument is the seconds per workload."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    report: dict[str, Any] = {"machine": _machine(), "workloads": {}}
    if missing := unbuilt():
        _CONSOLE.print(f"without {' and '.join(missing)}, not built from this tree: make bench-peers")
    with tempfile.TemporaryDirectory() as folder:
        tenant = write_tenant(Path(folder) / "tenant")
        for number, work in enumerate(WORKLOADS):
            report["workloads"][work.name] = _workload(tenant, number, work, seconds)
        report["rates"] = engine_rates.report(tenant, _CONSOLE)
        report["runs"] = run_rates.report(tenant, _CONSOLE)
        report["memory"] = memory.report(tenant, _CONSOLE)
    _write(report)


def _machine() -> dict[str, str]:
    return {"python": platform.python_version(), "machine": platform.machine(), "system": platform.system()}


def _workload(tenant: Path, number: int, work: Workload, seconds: float) -> dict[str, Any]:
    found = {}
    with ExitStack() as stack:
        found["in-process"] = interleaved(_in_process(tenant, work), seconds)
        address, _ = stack.enter_context(served(tenant))
        contestants = {"soapsvc": over_http(address, PATH, work.call(log_in(address)))}
        stock = stack.enter_context(stock_served(tenant, number))
        contestants["stock Spyne"] = over_http(stock, "/", work.call("-"))
        for name, peer in peers(work, Answers(tenant), stack).items():
            contestants[name] = over_http(peer, "/", work.call("-"))
        found["HTTP"] = interleaved(contestants, seconds)
    for way, figures in found.items():
        _show(f"{work.name}, {way}", figures)
    return {way: {name: asdict(figure) for name, figure in figures.items()} for way, figures in found.items()}


def _in_process(tenant: Path, work: Workload) -> dict[str, Callable[[], int]]:
    service, session = ours(open_tenant(tenant))
    stock = stock_application(work, Answers(tenant).of(work))
    return {
        "soapsvc": in_process(service, PATH, work.call(session)),
        "stock Spyne": in_process(stock, "/", work.call("-")),
    }


def _show(title: str, figures: Mapping[str, Figure]) -> None:
    table = Table(title=title, title_justify="left")
    for column in ("", "median ms", "min ms", "max ms", "calls", "bytes", "times ours"):
        table.add_column(column, justify="right" if column else "left")
    base = figures["soapsvc"].median
    for name, figure in figures.items():
        milliseconds = [f"{1000 * value:.2f}" for value in (figure.median, figure.minimum, figure.maximum)]
        table.add_row(name, *milliseconds, str(figure.calls), f"{figure.size:,}", f"{figure.median / base:.1f}")
    _CONSOLE.print(table)


def _write(report: dict[str, Any]) -> None:
    RESULTS.mkdir(exist_ok=True)
    name = datetime.now(UTC).strftime("%Y-%m-%dT%H%M%SZ.json")  # noqa: TID251
    (RESULTS / name).write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    _CONSOLE.print(f"written: bench/results/{name}")


if __name__ == "__main__":
    main()
