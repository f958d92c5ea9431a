"""The progress bar of commands on many accounts or bytes, if there is a terminal.

A billing preview run has its own progress: `soapsvc.cli.runs.progress`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

Told = Callable[[str, int, int | None], None]
"""A function that gets the current step, the amount done, and the total where that is known."""


@contextmanager
def progress_bar(console: Console, *, shown: bool = True, counted: ProgressColumn | None = None) -> Iterator[Told]:
    """A bar with a count (of accounts, unless another column counts), the time taken and the time left.

    None where it is switched off, or without a terminal. It disappears when the work is done.
    """
    if not shown or not console.is_terminal:
        yield lambda _what, _done, _total: None
        return
    columns = (TextColumn("{task.description:>13}", markup=False), BarColumn(), counted or MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=console, transient=True) as progress:
        task = progress.add_task("", total=None)
        yield lambda what, done, total: progress.update(task, description=what, completed=done, total=total)
