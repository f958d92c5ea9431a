"""A few numbers in memory that the processes forked from their maker share."""

from __future__ import annotations

import errno
import fcntl
import mmap
import os
import tempfile
import threading
import time
import weakref
from pathlib import Path

_SIZE = 8
_PAUSE_SECONDS = 0.001


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
            self._lock_file()
        except BaseException:
            self.threads.release()
            raise

    def __exit__(self, *_error: object) -> None:
        try:
            fcntl.lockf(self._file, fcntl.LOCK_UN)
        finally:
            self.threads.release()

    def _lock_file(self) -> None:
        """Wait for the other processes.

        The system sees the locks of a process as held by one thread. Where threads of two processes hold one lock and
        wait for another, it tells one of them of a deadlock that is none: no thread of ours holds two at a time.
        """
        while True:
            try:
                fcntl.lockf(self._file, fcntl.LOCK_EX)
            except OSError as error:
                if error.errno != errno.EDEADLK:
                    raise
                time.sleep(_PAUSE_SECONDS)
            else:
                return
