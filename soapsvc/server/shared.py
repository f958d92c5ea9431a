"""A few numbers in memory that the processes forked from their maker share."""

from __future__ import annotations

import fcntl
import mmap
import os
import tempfile
import threading
import weakref
from pathlib import Path

_SIZE = 8


class SharedNumbers:
    """Whole numbers, all 0 at first, guarded by a file lock, which the system releases when a process dies.

    `threads` alone guards a number that no other process writes.
    """

    def __init__(self, count: int) -> None:
        self.values = memoryview(mmap.mmap(-1, _SIZE * count)).cast("q")
        self._file, path = tempfile.mkstemp(prefix="soapsvc-")
        Path(path).unlink()
        weakref.finalize(self, os.close, self._file)
        self.threads = threading.Lock()

    def forked(self) -> None:
        """Say, in a new process, that no thread of it can hold the lock yet."""
        self.threads = threading.Lock()

    def locked(self) -> SharedNumbers:
        """Hold off the threads of this process, then the other processes: a file lock knows only those."""
        return self

    def __enter__(self) -> None:
        self.threads.acquire()
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX)
        except BaseException:
            self.threads.release()
            raise

    def __exit__(self, *_error: object) -> None:
        try:
            fcntl.lockf(self._file, fcntl.LOCK_UN)
        finally:
            self.threads.release()
