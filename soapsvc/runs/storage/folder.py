"""The place of result files: a local folder, or any file system of fsspec, such as an object store.

A file is either complete or absent: it is written under a temporary name, flushed to the disk, and renamed.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from sqlalchemy import make_url

from soapsvc.runs.definition import needed
from soapsvc.wire import fresh_ids


class Folder(Protocol):
    """A folder of files; names have no slashes."""

    def make(self) -> None:
        """Create the folder unless it exists."""

    def child(self, name: str) -> Folder:
        """The folder of that name inside this one; it may not exist."""

    def write(self, name: str) -> AbstractContextManager[BinaryIO]:
        """A new file; it replaces an old one of that name once the context ends without an exception."""

    def read(self, name: str) -> BinaryIO:
        """An existing file, with `seek`."""

    def remove(self) -> None:
        """Remove the folder and its contents, if it exists."""


def default_results(store_url: str) -> str:
    """The default place of results: beside an embedded database, else in the user's data folder."""
    url = make_url(store_url)
    if url.get_backend_name() == "sqlite" and url.database:
        return f"{url.database}.runs"
    home = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return str(Path(home) / "soapsvc" / "runs")


def open_folder(location: str) -> Folder:
    """The folder at a path or a URL. Raises MissingExtra for a URL where fsspec is not installed."""
    if "://" in location:
        return _RemoteFolder(location)
    return _LocalFolder(Path(location))


class _LocalFolder:
    def __init__(self, path: Path) -> None:
        self._path = path

    def make(self) -> None:
        self._path.mkdir(parents=True, exist_ok=True)

    def child(self, name: str) -> Folder:
        return _LocalFolder(self._path / _plain(name))

    @contextmanager
    def write(self, name: str) -> Iterator[BinaryIO]:
        temporary = self._path / _temporary(name)
        try:
            with temporary.open("wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self._path / name)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise

    def read(self, name: str) -> BinaryIO:
        return (self._path / _plain(name)).open("rb")

    def remove(self) -> None:
        # Renamed first: then a worker that still writes cannot put a file into a folder that is being emptied.
        gone = self._path.with_name(_temporary(self._path.name))
        with suppress(FileNotFoundError):
            self._path.rename(gone)
            shutil.rmtree(gone)


class _RemoteFolder:
    def __init__(self, url: str) -> None:
        self._fs, path = needed("fsspec.core", extra="remote").url_to_fs(url)
        self._path = path.rstrip("/")
        self._url = url.rstrip("/")

    def make(self) -> None:
        self._fs.makedirs(self._path, exist_ok=True)

    def child(self, name: str) -> Folder:
        return _RemoteFolder(f"{self._url}/{_plain(name)}")

    @contextmanager
    def write(self, name: str) -> Iterator[BinaryIO]:
        temporary = self._at(_temporary(name))
        try:
            with self._fs.open(temporary, "wb") as file:
                yield file
            self._fs.mv(temporary, self._at(name))
        except BaseException:
            with suppress(FileNotFoundError):
                self._fs.rm(temporary)
            raise

    def read(self, name: str) -> BinaryIO:
        return cast(BinaryIO, self._fs.open(self._at(name), "rb"))

    def remove(self) -> None:
        with suppress(FileNotFoundError):
            self._fs.rm(self._path, recursive=True)

    def _at(self, name: str) -> str:
        return f"{self._path}/{_plain(name)}"


def _temporary(name: str) -> str:
    return f".{_plain(name)}.{fresh_ids(1)[0]}.tmp"


def _plain(name: str) -> str:
    """The name, if it stays within its folder."""
    if "/" in name or "\\" in name or "\0" in name or name in {"", ".", ".."}:
        raise ValueError(f"{name!r} is not the name of a file")
    return name
