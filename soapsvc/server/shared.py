"""A few numbers in memory that the processes forked from their maker share."""

from __future__ import annotations

import fcntl
import mmap
import os
import tempfile
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SIZE = 8


class SharedNumbers:
    """Whole numbers, all 0 at first, guarded by a file lock, which the system releases when a process dies."""

    def __init__(self, count: int) -> None:
        self.values = memoryview(mmap.mmap(-1, _SIZE * count)).cast("q")
        self._file, path = tempfile.mkstemp(prefix="soapsvc-")
        Path(path).unlink()
        weakref.finalize(self, os.close, self._file)
        self._threads = threading.Lock()

    def forked(self) -> None:
        """Say, in a new process, that no thread of it can hold the lock yet."""
        self._threads = threading.Lock()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold off the threads of this process, then the other processes: a file lock knows only those."""
        with self._threads:
            fcntl.lockf(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN)
