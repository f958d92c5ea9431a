"""The rates of billing preview runs: the CSV writer in rows per second and core, whole runs in accounts per second.

The writer is measured on one charge of 240 items, and on generated accounts, whose charges have about ten items each:
there the constant work for each charge weighs more. Runs go from SQLite to the zip and include starting processes;
each build of soapsvc has its own, in turns.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console

from bench.against import ROUNDS, by_turns
from bench.contestants import Answers
from bench.generate_tenant import write_tenant
from bench.measure import rate
from bench.runs import AS_OF, REQUEST
from bench.workloads import WORKLOADS
from soapsvc.engine.preview import preview
from soapsvc.engine.result import PreviewResult
from soapsvc.runs.execution import PART_ACCOUNTS
from soapsvc.runs.sinks import CsvLines, open_table
from soapsvc.runs.storage import open_folder
from soapsvc.tenant import Store, import_tenant
from soapsvc.wire import instant_text

_SAMPLE = 50
_CHARGE_DATE = instant_text(AS_OF)


def report(
    tenant: Path, builds: Mapping[str, Path], console: Console, accounts: int, seconds: float
) -> dict[str, float]:
    """Measures and prints; the keys name the rate and its unit. `builds` are the Python of each build, by its name."""
    work = WORKLOADS[1]
    one_charge = [Answers(tenant).of(work)(work.account_id(0))]
    with tempfile.TemporaryDirectory() as folder:
        url = _generated(Path(folder), accounts)
        generated = _previews(url)
        found = {
            "CSV writer, a charge of 240 items, rows/s": rate(lambda: _lines(one_charge), seconds),
            "CSV writer, generated accounts, rows/s": rate(lambda: _lines(generated), seconds),
            "CSV writer, generated accounts, to a deflated file, rows/s": rate(
                lambda: _file(Path(folder), generated * (PART_ACCOUNTS // _SAMPLE)), seconds
            ),
        }
        for workers in (1, 2):
            for name, per_second in _runs(url, builds, workers).items():
                found[f"run of {accounts:,} generated accounts, {name}, workers: {workers}, accounts/s"] = per_second
        for name, each in _costs(url, builds).items():
            found |= {f"an account of a run, {name}, {step}, µs": spent for step, spent in each.items()}
    for name, value in found.items():
        console.print(f"{name}: {value:,.0f}")
    return found


def _runs(url: str, builds: Mapping[str, Path], workers: int) -> dict[str, float]:
    """The accounts per second of a run under each build."""
    rounds = ROUNDS if len(builds) > 1 else 1
    told = by_turns(builds, rounds, "bench.runs", "--database", url, "--workers", f"{workers}")
    return {name: run["accounts"] / run["seconds"] for name, run in told.items()}


def _costs(url: str, builds: Mapping[str, Path]) -> dict[str, dict[str, float]]:
    """The steps of an account under each build, and their sum."""
    told = by_turns(builds, ROUNDS, "bench.account_costs", url)
    return {name: {**steps, "together": sum(steps.values())} for name, steps in told.items()}


def _generated(folder: Path, accounts: int) -> str:
    """The URL of a new database with a generated tenant."""
    url = f"sqlite:///{folder / 'tenant.sqlite'}"
    write_tenant(folder / "tenant", accounts)
    store = Store.open(url)
    import_tenant(store, folder / "tenant")
    store.close()
    return url


def _previews(url: str) -> list[PreviewResult]:
    store = Store.open(url)
    accounts = store.accounts()
    results = [preview(next(accounts), REQUEST.preview_request(), AS_OF) for _ in range(_SAMPLE)]
    store.close()
    return results


def _lines(results: Sequence[PreviewResult]) -> int:
    """Render accounts as bytes of the file; returns their items."""
    rows = 0
    for result in results:
        for lines in CsvLines(result, "bench", _CHARGE_DATE, credit_memos=False):
            rows += len(lines)
            "".join(lines).encode()
    return rows


def _file(folder: Path, results: Sequence[PreviewResult]) -> int:
    """The same, written to the file of a part as a worker writes it, and synced to the disk."""
    rows = 0
    with open_table(open_folder(str(folder)), "part") as table:
        for result in results:
            for lines in CsvLines(result, "bench", _CHARGE_DATE, credit_memos=False):
                rows += len(lines)
                table.write(lines)
    return rows
