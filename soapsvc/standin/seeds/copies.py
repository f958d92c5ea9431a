"""A stand-in's private copy of a tenant, and the seed that it returns to, in a folder of its own.

Nothing else is ever written to. A database that it is made from is copied before it is opened, byte for byte, so that
the original and what lies beside it stay as they are.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import weakref
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from soapsvc.clock import Clock
from soapsvc.scratch import ScratchFolder
from soapsvc.standin.problems import Refused
from soapsvc.tenant import ImportReport, Store, import_tenant, users
from soapsvc.tenant.database import NoDatabase, StoreError, WrongUrl, file_of

_SQLITE = b"SQLite format 3\0"


class NotPrivate(ValueError):
    """A stand-in would have got a database that is not its own."""


class PrivateCopy:
    """A store of its own, with the seed that it started from; gone with the process that made it."""

    def __init__(self) -> None:
        self._scratch = ScratchFolder("stand-in-")
        self.folder = self._scratch.path
        self._live, self._seed, self._first = (self.folder / f"{name}.sqlite" for name in ("tenant", "seed", "first"))
        try:
            self.store = Store.open(_url(self._live))
        except BaseException:
            self._scratch.remove()
            raise
        self._clean: object = None
        weakref.finalize(self, _remove, self._scratch, self.store, os.getpid())

    @property
    def results(self) -> Path:
        """The folder of the runs' files."""
        return self.folder / "results"

    def start(self) -> None:
        """Make what the store has now the first seed."""
        self.keep_as_seed()
        shutil.copyfile(self._seed, self._first)

    def keep_as_seed(self) -> None:
        """Make what the store has now the seed."""
        with closing(sqlite3.connect(self._live)) as live, _written_anew(self._seed) as seed:
            live.backup(seed)
        self._clean = self.store.changes()

    def reset(self, *, first: bool = False) -> None:
        """Make the store again what the seed is, to the last byte of its tables; `first` goes back to the first seed.

        No call may be under way.
        """
        if first:
            shutil.copyfile(self._first, self._seed)
            self._clean = None
        if self._clean is None or self._clean != self.store.changes():
            self._replace(self._seed)
            self._clean = self.store.changes()
        shutil.rmtree(self.results, ignore_errors=True)

    def snapshot(self) -> bytes:
        """The store of now as an SQLite database."""
        with closing(sqlite3.connect(self._live)) as live, closing(sqlite3.connect(":memory:")) as copy:
            live.backup(copy)
            return copy.serialize()

    def restore(self, snapshot: Path) -> None:
        """Make the store what a snapshot was, also one of an earlier release, which is migrated; the seed stays.

        No call may be under way. Raises Refused where it is no store of a tenant.
        """
        _migrate(snapshot)
        self._replace(snapshot)
        self._clean = None

    @contextmanager
    def room(self) -> Iterator[Path]:
        """A folder for as long as the context lasts."""
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            yield Path(folder)

    def close(self) -> None:
        """Let go of the store and its files."""
        _remove(self._scratch, self.store, os.getpid())

    def _replace(self, path: Path) -> None:
        """Copy a database over that of the store. SQLite does so in one transaction, so no reader sees a mixture."""
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(self._live, timeout=30)) as live:
            live.execute("PRAGMA synchronous=OFF")
            source.backup(live)
        self.store.forget()


def from_folder(folder: Path, clock: Clock) -> Callable[[Store], ImportReport]:
    """Fills a store from a tenant directory. Raises ImportRefused."""

    def fill(store: Store) -> ImportReport:
        return import_tenant(store, folder, clock=clock, hashed=users.quickly_hashed)

    return fill


def private_copy(fill: Callable[[Store], object]) -> PrivateCopy:
    """A private copy that starts from what `fill` puts into its store; what that raises is raised."""
    copy = PrivateCopy()
    try:
        fill(copy.store)
        copy.start()
    except BaseException:
        copy.close()
        raise
    return copy


def copy_of_database(url: str) -> PrivateCopy:
    """A private copy of an SQLite database, whose files are only read.

    Raises NotPrivate for a database on a server, and what Store.open raises for one that is not there.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        raise NotPrivate(
            "a stand-in works on a private copy and cannot copy a database on a server: give it a tenant directory "
            "or an SQLite database"
        )
    path = file_of(parsed)
    if path is None:
        raise WrongUrl("a database in memory cannot be copied; give a tenant directory or a file")
    if not path.is_file() or path.stat().st_size == 0:
        raise NoDatabase(parsed)
    copy = PrivateCopy()
    try:
        with _copied(path, copy.folder) as copied:
            copy.restore(copied)
        copy.start()
    except BaseException:
        copy.close()
        raise
    return copy


@contextmanager
def _copied(path: Path, folder: Path) -> Iterator[Path]:
    """A copy of a database's files: a write-ahead log beside it holds what it has not taken in yet."""
    with tempfile.TemporaryDirectory(dir=folder) as private:
        copy = Path(private) / "copy.sqlite"
        for suffix in ("-wal", ""):
            if (source := path.with_name(f"{path.name}{suffix}")).exists():
                shutil.copyfile(source, copy.with_name(f"{copy.name}{suffix}"))
        yield copy


def filled(path: Path, fill: Callable[[Store], object]) -> Path:
    """A new database with what `fill` puts into its store; what that raises is raised."""
    store = Store.open(_url(path))
    try:
        fill(store)
    finally:
        store.close()
    return path


def _migrate(path: Path) -> None:
    """Bring the tables of a snapshot up to date. Raises Refused where it is none of a tenant's store."""
    with path.open("rb") as file:
        if file.read(len(_SQLITE)) != _SQLITE:
            raise Refused("this is not a state of a stand-in: it has no SQLite database")
    try:
        Store.open(_url(path), create=False).close()
    except (StoreError, SQLAlchemyError) as error:
        raise Refused(f"this is not a state of a stand-in: {error}") from error


@contextmanager
def _written_anew(path: Path) -> Iterator[sqlite3.Connection]:
    temporary = path.with_name(f"{path.name}.new")
    temporary.unlink(missing_ok=True)
    with closing(sqlite3.connect(temporary)) as connection:
        yield connection
    temporary.replace(path)


def _url(path: Path) -> str:
    return f"sqlite:///{path}"


def _remove(folder: ScratchFolder, store: Store, maker: int) -> None:
    if os.getpid() == maker:
        store.close()
        folder.remove()
