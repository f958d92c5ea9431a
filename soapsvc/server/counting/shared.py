"""A few numbers in memory, shared by the processes that are forked from their maker."""

from __future__ import annotations

import mmap
import threading

_SIZE = 8


class SharedNumbers:
    """Whole numbers, all 0 at first: one row per process. A process writes only its own row and reads all rows.

    There is no lock between processes, because it is a system call: a thread that makes one while it holds the lock
    of its process gives up the interpreter, and all threads wait until it runs again.
    """

    def __init__(self, columns: int, rows: int = 1) -> None:
        self.values = memoryview(mmap.mmap(-1, _SIZE * columns * rows)).cast("q")
        self.threads = threading.Lock()
        self._columns = columns
        self._row = 0

    def use_row(self, row: int) -> None:
        """Set this process's row, after a fork, and make a new lock: no thread can hold it yet."""
        self._row = row
        self.threads = threading.Lock()

    def own(self, column: int) -> int:
        """The index of this process's number in `values`."""
        return self._row * self._columns + column

    def column(self, column: int) -> memoryview[int]:
        """That number of every process."""
        return self.values[column :: self._columns]
