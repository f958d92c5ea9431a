"""Imports a tenant directory into a store: everything in one transaction, or nothing.

Accounts, subscriptions, catalogue charges and drafts replace those with the same id. A usage file replaces what an
earlier import read from the file of that name. Documents are read and written in batches, so that millions of accounts
fit into little memory; problems are collected, up to a number, and reported together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from sqlalchemy import Connection, insert, select, update

from soapsvc.tenant import queries, users
from soapsvc.tenant.batches import batched
from soapsvc.tenant.files import FileProblem, Source, documents
from soapsvc.tenant.problems import ImportProblem, ImportRefused
from soapsvc.tenant.queries import SETTINGS, VERSION, VERSION_NAME
from soapsvc.tenant.schema import ACCOUNTS, STATE
from soapsvc.tenant.settings import SettingsRefused, TenantSettings, load_settings, read_toml
from soapsvc.tenant.store import Store
from soapsvc.tenant.work import Import
from soapsvc.tenant.writers import KINDS, Kind, finish

Progress = Callable[[str, int, int], None]
"""Told the folder at work, and how many bytes of how many are done."""

TENANT_FILE = "tenant.toml"
_BATCH = 500
_MOST_PROBLEMS = 50
_IGNORED = frozenset({".md", ".txt"})


@dataclass(frozen=True, slots=True)
class ImportReport:
    """How many records an import read, by kind, and the first of its `warning_count` warnings."""

    counts: dict[str, int] = field(default_factory=dict)
    warnings: tuple[ImportProblem, ...] = ()
    warning_count: int = 0


def import_tenant(
    store: Store, folder: Path, *, progress: Progress | None = None, most_problems: int = _MOST_PROBLEMS
) -> ImportReport:
    """Import a tenant directory into `store`.

    Raises ImportRefused with all problems (`most_problems` at most); the store is then as it was.
    """
    with store.begin() as connection:
        return _Importer(connection, folder, progress, most_problems).run()


class _Importer:
    def __init__(self, connection: Connection, folder: Path, progress: Progress | None, most_problems: int) -> None:
        self._connection = connection
        self._folder = folder
        self._progress = progress
        self._most_problems = most_problems
        self._problems: list[ImportProblem] = []
        self._done = 0
        self._total = 0

    def run(self) -> ImportReport:
        if not self._folder.is_dir():
            self._report(ImportProblem(str(self._folder), "", "is not a folder"))
            raise ImportRefused(tuple(self._problems))
        number = self._next_version()
        settings, changed_zone = self._settings()
        work = Import(self._connection, number, settings, self._report)
        files = self._files()
        self._total = sum(path.stat().st_size for paths in files.values() for path in paths)
        for kind in KINDS:
            self._import(work, kind, files.get(kind.folder, []))
        finish(work, zone_changed=changed_zone)
        if not self._problems and self._connection.execute(select(ACCOUNTS.c.id).limit(1)).scalar() is None:
            self._report(ImportProblem("accounts", "", "has no account; a tenant needs at least one"))
        if self._problems:
            raise ImportRefused(tuple(self._problems))
        return ImportReport(dict(work.counts), tuple(work.warnings), work.warning_count)

    def _report(self, problem: ImportProblem) -> None:
        if len(self._problems) == self._most_problems:
            raise ImportRefused(tuple(self._problems), more=True)
        self._problems.append(problem)

    def _next_version(self) -> int:
        # Writing first takes the store's write lock, so that two imports wait for each other.
        raised = update(STATE).where(STATE.c.name == VERSION_NAME).values(number=STATE.c.number + 1)
        if self._connection.execute(raised).rowcount == 0:
            # Of two first imports at once, one waits here for the other's number, and then raises it.
            self._connection.execute(queries.first_version(self._connection.dialect.name))
            self._connection.execute(raised)
        return int(self._connection.execute(VERSION).scalar_one())

    def _settings(self) -> tuple[TenantSettings, bool]:
        """The settings that hold from now on, and whether the time zone is another than before."""
        stored = self._connection.execute(select(STATE.c.content).where(STATE.c.name == SETTINGS)).scalar()
        old = load_settings(stored) if stored is not None else TenantSettings()
        path = self._folder / TENANT_FILE
        if not path.is_file():
            return old, False
        try:
            read = read_toml(path.read_bytes())
        except OSError as error:
            self._report(ImportProblem(TENANT_FILE, "", f"cannot be read: {error.strerror or error}"))
            return old, False
        except SettingsRefused as refused:
            for problem in refused.problems:
                self._report(ImportProblem(TENANT_FILE, problem.path, problem.reason))
            return old, False
        row = {"number": 0, "content": read.stored}
        if self._connection.execute(update(STATE).where(STATE.c.name == SETTINGS).values(row)).rowcount == 0:
            self._connection.execute(insert(STATE).values(name=SETTINGS, **row))
        users.replace_users(self._connection, read.users)
        return read.settings, read.settings.time_zone != old.time_zone

    def _files(self) -> dict[str, list[Path]]:
        """The files of each known folder in the order of their names; a misspelt name is a problem."""
        known = {kind.folder: kind for kind in KINDS}
        files: dict[str, list[Path]] = {}
        for entry in sorted(self._folder.iterdir()):
            if entry.is_dir() and entry.name in known:
                files[entry.name] = list(self._readable(entry, known[entry.name]))
            elif entry.is_dir() and (near := get_close_matches(entry.name, known, n=1)):
                self._report(
                    ImportProblem(entry.name, "", f"is not read; the nearest folder that is read is {near[0]}")
                )
            elif entry.suffix == ".toml" and entry.name != TENANT_FILE:
                self._report(
                    ImportProblem(entry.name, "", f"is not read; the tenant's settings stand in {TENANT_FILE}")
                )
        return files

    def _readable(self, folder: Path, kind: Kind) -> Iterator[Path]:
        for path in sorted(folder.iterdir()):
            if path.name.startswith(".") or path.suffix.lower() in _IGNORED:
                continue
            if path.is_file() and path.suffix.lower() in kind.suffixes:
                yield path
            else:
                self._report(
                    ImportProblem(f"{folder.name}/{path.name}", "", f"is not read; expected {', '.join(kind.suffixes)}")
                )

    def _import(self, work: Import, kind: Kind, paths: list[Path]) -> None:
        for path in paths:
            file = f"{kind.folder}/{path.name}"
            end = self._done + path.stat().st_size
            if kind.begin is not None:
                kind.begin(work, file, path)
            try:
                for batch in batched(self._sources(path, file, kind), _BATCH):
                    kind.write(work, batch)
                    self._show(kind.folder, min(self._done, end))
            except FileProblem as error:
                self._report(error.problem)
            self._done = end
            self._show(kind.folder, end)

    def _show(self, folder: str, done: int) -> None:
        if self._progress is not None:
            self._progress(folder, done, self._total)

    def _sources(self, path: Path, file: str, kind: Kind) -> Iterator[Source]:
        for source in documents(path, file, kind.wrappers):
            self._done += memoryview(source.raw).nbytes
            yield source
