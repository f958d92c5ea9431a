"""The progress and the summary of a run in the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from soapsvc.cli.terminal import counted
from soapsvc.runs import Run, RunStatus


class _Rate(ProgressColumn):
    """Accounts per second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.0f} accounts/s" if task.speed else "")


class RunProgress:
    """The progress of a run, as a context: a bar in a terminal; elsewhere a line from time to time, never cut."""

    def __init__(self, console: Console) -> None:
        self._shown: _Bar | _Lines = _Bar(console) if console.is_terminal else _Lines(console)

    def __enter__(self) -> Self:
        self._shown.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._shown.stop()

    def wait(self, run: Run) -> None:
        """Show that another process still holds the run."""
        self._shown.wait(f"{run.number} waits for its last process to be given up")

    def show(self, run: Run) -> None:
        """Show the state of the run."""
        self._shown.show(run)


class _Bar:
    """A bar with accounts, items, failures, rate and the time that is left."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[told]}", markup=False),
            TextColumn("{task.fields[failed]:,} failed", style="red", markup=False),
            _Rate(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
        )
        self._task = self._progress.add_task("Run", total=None, told="", failed=0)

    def start(self) -> None:
        self._progress.start()

    def stop(self) -> None:
        self._progress.stop()

    def wait(self, told: str) -> None:
        self._progress.update(self._task, description=told)

    def show(self, run: Run) -> None:
        self._progress.update(
            self._task,
            description=f"{run.number} {run.status}",
            total=run.accounts,
            completed=run.finished_accounts,
            told=_counts(run),
            failed=run.failed_accounts,
        )


class _Lines:
    """A line for each status, and for each tenth of the accounts."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._told: object = None

    def start(self) -> None:
        """Nothing: there is no progress yet."""

    def stop(self) -> None:
        """The last line stays."""

    def wait(self, told: str) -> None:
        if self._told != told:
            self._console.print(told, soft_wrap=True)
        self._told = told

    def show(self, run: Run) -> None:
        standing = run.status, 10 * run.finished_accounts // (run.accounts or 1)
        if self._told != standing:
            failed = f"{run.failed_accounts:,} failed"
            self._console.print(f"{run.number} {run.status}: {_counts(run)}, {failed}", soft_wrap=True)
        self._told = standing


def _counts(run: Run) -> str:
    accounts = counted(run.accounts, "account") if run.accounts is not None else "? accounts"
    return f"{run.finished_accounts:,} of {accounts}, {counted(run.items, 'item')}"


def print_summary(console: Console, run: Run, seconds: float) -> None:
    """Print the summary of a run that was executed in `seconds`."""
    table = Table(show_header=False, box=None)
    rows = {
        "Run": f"{run.number} ({run.id})",
        "Status": "Paused" if run.active else run.status,
        "Target date": run.request.target_date.isoformat(),
        "Tenant's state": _state(run),
        "Accounts": f"{run.accounts or 0:,}",
        "Succeeded": f"{run.succeeded_accounts:,}",
        "Failed": f"{run.failed_accounts:,}",
        "Items": f"{run.items:,}",
        "Sums": ", ".join(f"{currency} {amount:f}" for currency, amount in run.totals.items()) or "none",
        "Time": f"{seconds:,.1f} s",
        "Rate": f"{run.finished_accounts / seconds:,.0f} accounts/s, {run.items / seconds:,.0f} items/s",
        "Result": _result(run),
        **({"Error": run.error} if run.error else {}),
    }
    for name, value in rows.items():
        table.add_row(name, value)
    console.print(table)


def print_runs(console: Console, runs: Iterable[Run]) -> None:
    """Print a table of runs."""
    table = Table(box=None)
    for name in ("Run", "Status", "Target date", "State", "Accounts", "Failed", "Items", "Created", "Batches"):
        table.add_column(name, no_wrap=True)
    for run in runs:
        counts = (run.accounts, run.failed_accounts, run.items)
        table.add_row(
            run.number,
            run.status,
            run.request.target_date.isoformat(),
            f"{run.state or ''}",
            *(f"{count:,}" if count is not None else "" for count in counts),
            run.created.strftime("%Y-%m-%d %H:%M:%S"),
            ", ".join(run.request.batches) or "all",
        )
    console.print(table)


def _state(run: Run) -> str:
    """The tenant's state of the run, and the time of its import."""
    if run.state is None:
        return "unknown"
    return f"{run.state}, imported {run.imported:%Y-%m-%d %H:%M:%S %Z}" if run.imported is not None else f"{run.state}"


def _result(run: Run) -> str:
    """The place of the results; a run that failed has none."""
    if run.status is not RunStatus.COMPLETED:
        return "none yet" if run.active else "none"
    if run.purged is not None:
        return "purged"
    if run.file_size is not None:
        return f"{run.file_name}, {counted(run.file_size, 'byte')}"
    return f"{counted(run.items, 'row')} of the database"
