"""Folders for data that lives as long as a process, such as a copy of a tenant, in the folder for temporary files.

A killed process removes nothing, and the data of a tenant would stay behind. So each folder has a file that its maker
and the maker's forked processes keep locked. Making a folder first removes the same user's folders without a lock.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

_PREFIX = "soapsvc-"
_OWNED = "owned.lock"


class ScratchFolder:
    """A new folder. `remove` it, or use it as a context; after a kill the next process of the user removes it.

    Raises OSError where no folder can be made.
    """

    def __init__(self, kind: str = "") -> None:
        _remove_abandoned()
        self.path = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{kind}"))
        self._lock: int | None = _locked(self.path)
        self._maker = os.getpid()

    def remove(self) -> None:
        """Remove the folder and its content. A forked process does nothing: others may be using the folder."""
        if os.getpid() != self._maker or self._lock is None:
            return
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)
        self._lock = None

    def __enter__(self) -> Path:
        return self.path

    def __exit__(self, *_: object) -> None:
        self.remove()


def _locked(folder: Path) -> int:
    """The descriptor of the folder's file. It is locked before it has its name, so no process finds it unlocked."""
    unnamed = folder / "unnamed.lock"
    descriptor = os.open(unnamed, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    with suppress(OSError):  # a file system without locks: its folders are never removed by other processes
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        unnamed.rename(folder / _OWNED)
    return descriptor


def _remove_abandoned() -> None:
    """Remove the folders whose makers are gone. What has no such file is not ours to judge."""
    with suppress(OSError), os.scandir(tempfile.gettempdir()) as entries:
        for entry in entries:
            if entry.name.startswith(_PREFIX) and _is_own_folder(entry):
                _remove_if_abandoned(Path(entry.path))


def _is_own_folder(entry: os.DirEntry[str]) -> bool:
    try:
        found = entry.stat(follow_symlinks=False)
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()


def _remove_if_abandoned(folder: Path) -> None:
    try:
        descriptor = os.open(folder / _OWNED, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return
    with suppress(OSError):  # its maker lives
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    os.close(descriptor)
