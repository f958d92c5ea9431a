"""How many calls are under way, over all worker processes."""

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

_INT = 4


class InFlight:
    """A count that the processes forked from its maker share; each keeps its own part in a slot of its own.

    The slots lie in shared memory, guarded by a file lock, which the system releases when a process dies. The maker
    clears the slot of a dead worker with `forget`.
    """

    def __init__(self, limit: int, slots: int = 1) -> None:
        self.limit = limit
        self._counts = memoryview(mmap.mmap(-1, _INT * slots)).cast("i")
        self._file, path = tempfile.mkstemp(prefix="soapsvc-")
        Path(path).unlink()
        weakref.finalize(self, os.close, self._file)
        self._threads = threading.Lock()
        self._slot = 0

    def use_slot(self, slot: int) -> None:
        """Say, after a fork, which slot is this process's."""
        self._slot = slot
        self._threads = threading.Lock()

    def enter(self) -> bool:
        """Count one call more; False, and not counted, where the limit is reached."""
        with self._locked():
            if sum(self._counts) >= self.limit:
                return False
            self._counts[self._slot] += 1
            return True

    def leave(self) -> None:
        """Count one call less."""
        with self._locked():
            self._counts[self._slot] -= 1

    def free(self) -> int:
        """How many calls more could be counted now."""
        return max(self.limit - sum(self._counts), 0)

    def forget(self, slot: int) -> None:
        """Clear the slot of a process that is no more."""
        with self._locked():
            self._counts[slot] = 0

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold off the threads of this process, then the other processes: a file lock knows only those."""
        with self._threads:
            fcntl.lockf(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN)
