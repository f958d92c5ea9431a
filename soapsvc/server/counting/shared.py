"""A few numbers in memory that the processes forked from their maker share."""

from __future__ import annotations

import mmap
import threading

_SIZE = 8


class SharedNumbers:
    """Whole numbers, all 0 at first: a row of them for each process, which alone writes it and sees those of all.

    Nothing holds off other processes. A lock between processes is a call of the system: a thread that makes one while
    it holds off the others of its process loses the interpreter, and all of them wait until it has it again.
    """

    def __init__(self, columns: int, rows: int = 1) -> None:
        self.values = memoryview(mmap.mmap(-1, _SIZE * columns * rows)).cast("q")
        self.threads = threading.Lock()
        self._columns = columns
        self._row = 0

    def use_row(self, row: int) -> None:
        """Say, after a fork, which row is this process's, and that no thread of it can hold the lock yet."""
        self._row = row
        self.threads = threading.Lock()

    def own(self, column: int) -> int:
        """Where a number of this process is in `values`."""
        return self._row * self._columns + column

    def column(self, column: int) -> memoryview[int]:
        """That number of every process."""
        return self.values[column :: self._columns]
