"""How a run goes and went, in the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from soapsvc.runs import Run


class _Rate(ProgressColumn):
    """Accounts per second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.0f} accounts/s" if task.speed else "")


class RunProgress:
    """A bar with accounts, items, failures, rate and the time that is left; alive as a context."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:,.0f} of {task.fields[accounts]} accounts, {task.fields[items]:,} items"),
            TextColumn("[red]{task.fields[failed]:,} failed", style="red"),
            _Rate(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
        )
        self._task = self._progress.add_task("Run", total=None, accounts="?", items=0, failed=0)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def wait(self, run: Run) -> None:
        """Show that somebody else still holds the run."""
        self._progress.update(self._task, description=f"{run.number} waits for its last process to be given up")

    def show(self, run: Run) -> None:
        """Show how the run stands."""
        self._progress.update(
            self._task,
            description=f"{run.number} {run.status}",
            total=run.accounts,
            completed=run.finished_accounts,
            accounts=f"{run.accounts:,}" if run.accounts is not None else "?",
            items=run.items,
            failed=run.failed_accounts,
        )


def print_summary(console: Console, run: Run, seconds: float) -> None:
    """Print what came of a run that was executed for so many seconds."""
    table = Table(show_header=False, box=None)
    rows = {
        "Run": f"{run.number} ({run.id})",
        "Status": run.status,
        "Target date": run.request.target_date.isoformat(),
        "Accounts": f"{run.accounts or 0:,}",
        "Succeeded": f"{run.succeeded_accounts:,}",
        "Failed": f"{run.failed_accounts:,}",
        "Items": f"{run.items:,}",
        "Time": f"{seconds:,.1f} s",
        "Rate": f"{run.finished_accounts / seconds:,.0f} accounts/s, {run.items / seconds:,.0f} items/s",
        "Result": _result(run),
    }
    for name, value in rows.items():
        table.add_row(name, value)
    console.print(table)


def print_runs(console: Console, runs: Iterable[Run]) -> None:
    """Print a table of runs."""
    table = Table(box=None)
    for name in ("Run", "Status", "Target date", "Accounts", "Failed", "Items", "Created", "Batches"):
        table.add_column(name, no_wrap=True)
    for run in runs:
        counts = (run.accounts, run.failed_accounts, run.items)
        table.add_row(
            run.number,
            run.status,
            run.request.target_date.isoformat(),
            *(f"{count:,}" if count is not None else "" for count in counts),
            run.created.strftime("%Y-%m-%d %H:%M:%S"),
            ", ".join(run.request.batches) or "all",
        )
    console.print(table)


def _result(run: Run) -> str:
    if run.file_size is not None:
        return f"{run.file_name}, {run.file_size:,} bytes"
    return run.error or run.request.storage_option
