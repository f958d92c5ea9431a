"""`make bench`: this service against stock Spyne, and against peers that `make bench-peers` has built.

Prints a table of medians and ratios and writes them to bench/results/. A ratio is the contestant's median over ours:
100 means that it takes 100 times as long. With `BENCH_ARGS="--quick --against REVISION"`, or the wheel of the last
release, that build also takes turns, so a slowdown shows as a ratio on one machine, in about a minute.
"""

from __future__ import annotations

import json
import platform
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import memory, run_rates
from bench.against import installed, rates
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
QUICK_SECONDS = 1.0
ACCOUNTS = 50_000
QUICK_ACCOUNTS = 5_000
_LARGE = 10_000
"""Items of an answer."""
_CONSOLE = Console(width=110)


@dataclass(frozen=True)
class Plan:
    """The seconds for each workload, the number of accounts of a run, and the other builds by name."""

    seconds: float
    run_accounts: int
    builds: Mapping[str, Path]
    quick: bool = False

    @property
    def at_least(self) -> int:
        """The least number of counted calls of a contestant."""
        return 2 if self.quick else 5

    def has_stock(self, work: Workload) -> bool:
        """Whether stock Spyne takes part: it needs more than a minute for one of the largest answers."""
        return not self.quick or work.items < _LARGE


def main() -> None:
    """Measures everything that the arguments ask for."""
    plan = _plan()
    report: dict[str, Any] = {"machine": _machine(), "workloads": {}}
    if missing := unbuilt():
        _CONSOLE.print(f"without {' and '.join(missing)}, not built from this tree: make bench-peers")
    with tempfile.TemporaryDirectory() as folder:
        tenant = write_tenant(Path(folder) / "tenant")
        for number, work in enumerate(WORKLOADS):
            report["workloads"][work.name] = _workload(tenant, number, work, plan)
        builds = {"soapsvc": Path(sys.executable), **plan.builds}
        report["rates"] = rates(tenant, builds, plan.seconds / 2, _CONSOLE)
        report["runs"] = run_rates.report(tenant, builds, _CONSOLE, plan.run_accounts, plan.seconds / 2)
        report["memory"] = memory.report(tenant, _CONSOLE)
    _write(report)


def _plan() -> Plan:
    parser = ArgumentParser(prog="python -m bench.run", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each workload (default: %(default)s)")
    parser.add_argument("--quick", action="store_true", help="all parts in about a minute, coarser")
    parser.add_argument(
        "--against", action="append", default=[], metavar="WHEEL|REVISION", help="another build, in the same turns"
    )
    asked = parser.parse_args()
    if asked.seconds <= 0:
        parser.error("--seconds must be more than 0")
    builds = {_label(what): installed(what) for what in asked.against}
    return (
        Plan(QUICK_SECONDS, QUICK_ACCOUNTS, builds, quick=True)
        if asked.quick
        else Plan(asked.seconds, ACCOUNTS, builds)
    )


def _label(what: str) -> str:
    """The label of a build: the compiled wheel is named after its platform, others after their file or revision."""
    name = Path(what).name
    return "compiled" if name.endswith(".whl") and not name.endswith("-any.whl") else name.removesuffix(".whl")


def _machine() -> dict[str, str]:
    return {"python": platform.python_version(), "machine": platform.machine(), "system": platform.system()}


def _workload(tenant: Path, number: int, work: Workload, plan: Plan) -> dict[str, Any]:
    found = {}
    with ExitStack() as stack:
        found["in-process"] = interleaved(_in_process(tenant, work, plan), plan.seconds, plan.at_least)
        address, _ = stack.enter_context(served(tenant))
        contestants = {"soapsvc": over_http(address, PATH, work.call(log_in(address)))}
        for name, python in plan.builds.items():
            other, _ = stack.enter_context(served(tenant, python))
            contestants[name] = over_http(other, PATH, work.call(log_in(other)))
        if plan.has_stock(work):
            stock = stack.enter_context(stock_served(tenant, number))
            contestants["stock Spyne"] = over_http(stock, "/", work.call("-"))
        for name, peer in peers(work, Answers(tenant), stack).items():
            contestants[name] = over_http(peer, "/", work.call("-"))
        found["HTTP"] = interleaved(contestants, plan.seconds, plan.at_least)
    for way, figures in found.items():
        _show(f"{work.name}, {way}", figures)
    return {way: {name: asdict(figure) for name, figure in figures.items()} for way, figures in found.items()}


def _in_process(tenant: Path, work: Workload, plan: Plan) -> dict[str, Callable[[], int]]:
    service, session = ours(open_tenant(tenant))
    contestants = {"soapsvc": in_process(service, PATH, work.call(session))}
    if plan.has_stock(work):
        stock = stock_application(work, Answers(tenant).of(work))
        contestants["stock Spyne"] = in_process(stock, "/", work.call("-"))
    return contestants


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
