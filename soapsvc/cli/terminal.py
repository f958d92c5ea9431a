"""The consoles of the commands, which print every text unchanged, and words for counts."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

_WIDTH_OF_FILES = 200


def console(*, stderr: bool = False) -> Console:
    """A console for standard output or standard error; the only way to get one.

    Names, numbers and advice may hold what Rich reads as markup or emoji, such as `[parquet]`: here it stays text.
    A pipe or a file has no width, and the 80 columns that Rich takes for it would cut tables.
    """
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else _WIDTH_OF_FILES
    return Console(stderr=stderr, width=width, markup=False, emoji=False, highlight=False)


def program() -> str:
    """The command to call this program again: its path, or only its name where the shell finds it."""
    called = Path(sys.argv[0])
    return called.name if shutil.which(called.name) == str(called) else str(called)


def counted(count: int, noun: str) -> str:
    """A number with the noun in the singular or in the plural, such as `1 item` and `1,200 items`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
