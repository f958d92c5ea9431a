"""Imports a tenant directory into a store: everything in one step, or nothing.

Accounts, subscriptions, catalogue charges and drafts replace those with the same id. A usage file replaces what an
earlier import read from the file of that name. Documents are read and gathered in batches, so that millions of accounts
fit into little memory; problems are collected, up to a number, and reported together.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select

from soapsvc.clock import Clock, system_clock
from soapsvc.tenant import users
from soapsvc.tenant.database import batched
from soapsvc.tenant.formats import SettingsFile, SettingsRefused, UserEntry, load_settings, read_toml
from soapsvc.tenant.importing.differences import Batch, differences
from soapsvc.tenant.importing.exported import EXPORTS, export_files, not_gathered
from soapsvc.tenant.importing.finish import finish
from soapsvc.tenant.importing.publish import publish
from soapsvc.tenant.importing.readers import Readers, readers, records_of
from soapsvc.tenant.importing.records import Reading
from soapsvc.tenant.importing.report import Changes, ImportReport, Progress
from soapsvc.tenant.importing.stage import Live, new_stage
from soapsvc.tenant.importing.work import Import
from soapsvc.tenant.importing.writers import KINDS, Kind
from soapsvc.tenant.reading import FileProblem, ImportProblem, ImportRefused, Source, documents
from soapsvc.tenant.store import Store
from soapsvc.tenant.tables import ACCOUNTS, STATES, TABLE_NAMES, VERSION_NAME, read_number

TENANT_FILE = "tenant.toml"
FOLDERS = tuple(kind.folder for kind in KINDS)
"""The content of a tenant directory: the file of its settings, and folders of documents."""

_BATCH = 500
_LARGE = 16 * 2**20
"""The size of a folder above which new processes save more time than their start takes."""
_MOST_PROBLEMS = 50
_IGNORED = frozenset({".md", ".txt"})

Write = Callable[[Import, Sequence[tuple[Source, Any]]], None]
Hashed = Callable[[Connection, Iterable[UserEntry]], list[UserEntry]]
"""Replaces secrets by hashes."""


@dataclass(frozen=True, slots=True)
class _Options:
    """How to import: `replace` removes all records that the folder does not have, `dry_run` changes nothing.

    `whole` are the accounts that keep only records of the folder, `hashed` hides the secrets of users, `processes` read
    the documents of a large folder.
    """

    replace: bool
    dry_run: bool
    progress: Progress | None
    most_problems: int
    whole: frozenset[str]
    hashed: Hashed
    processes: int


def import_tenant(  # noqa: PLR0913 - one for each choice
    store: Store,
    folder: Path,
    *,
    replace: bool = False,
    dry_run: bool = False,
    progress: Progress | None = None,
    most_problems: int = _MOST_PROBLEMS,
    clock: Clock = system_clock,
    whole: Collection[str] = (),
    hashed: Hashed = users.hashed,
    processes: int = 1,
) -> ImportReport:
    """Import a tenant directory into `store`, in one step; only other imports wait for it.

    With `replace` the tenant afterwards has only the folder's records; if the folder has no tenant.toml, users are
    kept. The accounts whose ids are in `whole` keep only records of the folder, also without `replace`. With `dry_run`
    the report lists the changes, and the store is unchanged. The documents of a folder of more than 16 MiB are read by
    so many new `processes`, if that is more than one; a script that asks for them must guard its start by `__name__`.

    Raises ImportRefused with all problems (`most_problems` at most); the store is then unchanged.
    """
    options = _Options(replace, dry_run, progress, most_problems, frozenset(whole), hashed, processes)
    with store.import_lock() as connection, new_stage() as stage:
        return _Importer(connection, stage, folder, options, clock).run()


class _Importer:
    def __init__(
        self, connection: Connection, stage: Connection, folder: Path, options: _Options, clock: Clock
    ) -> None:
        self._connection = connection
        self._stage = stage
        self._folder = folder
        self._options = options
        self._clock = clock
        self._problems: list[ImportProblem] = []
        self._done = 0
        self._total = 0

    def run(self) -> ImportReport:
        if not self._folder.is_dir():
            self._report(ImportProblem(str(self._folder), "", "is not a folder"))
            raise ImportRefused(tuple(self._problems))
        with self._connection.begin():
            live = Live(self._connection, read_number(self._connection, VERSION_NAME))
        before = self._settings_of(live)
        read = self._tenant_file()
        settings = self._settings_from(read, before)
        now = load_settings(settings)
        base = Live(self._connection, 0) if self._options.replace else live
        work = Import(self._stage, base, now, self._report, whole=self._options.whole)
        self._gather(work)
        finish(work, zone_changed=now.time_zone != load_settings(before).time_zone)
        self._check_accounts(work)
        if self._problems:
            raise ImportRefused(tuple(self._problems))
        changes = {"settings": _change(before, settings), **dict.fromkeys(TABLE_NAMES.values(), Changes())}
        found = self._counted(self._differences(live, work), changes)
        state = self._publish(live.state + 1, found, settings, read)
        return ImportReport(dict(work.counts), changes, tuple(work.warnings), work.warning_count, state)

    def _publish(
        self, state: int, found: Iterator[Batch], settings: bytes | None, read: SettingsFile | None
    ) -> int | None:
        """Make the gathered records the tenant's next state, or only count the differences."""
        if self._options.dry_run:
            for _ in found:
                pass
            return None
        # Hashing takes long, so it is done before any lock is held.
        entries = self._options.hashed(self._connection, read.users) if read is not None else None

        def last(connection: Connection) -> None:
            row = {"number": state, "imported": int(self._clock().timestamp()), "settings": settings}
            connection.execute(insert(STATES).values(row))
            if entries is not None:
                users.replace_users(connection, entries)

        publish(self._connection, state, found, last)
        return state

    def _differences(self, live: Live, work: Import) -> Iterator[Batch]:
        options = self._options
        return differences(self._stage, live, files=work.files, whole=options.whole, replace=options.replace)

    def _counted(self, found: Iterator[Batch], changes: dict[str, Changes]) -> Iterator[Batch]:
        for batch in found:
            changes[TABLE_NAMES[batch.table]] += batch.changes
            yield batch

    def _report(self, problem: ImportProblem) -> None:
        if len(self._problems) == self._options.most_problems:
            raise ImportRefused(tuple(self._problems), more=True)
        self._problems.append(problem)

    def _settings_of(self, live: Live) -> bytes | None:
        """The stored settings; None where no tenant.toml was ever imported."""
        stored = live.rows(select(STATES.c.settings).where(STATES.c.number == live.state))
        return stored[0].settings if stored else None

    def _tenant_file(self) -> SettingsFile | None:
        """The content of the folder's tenant.toml; None where it is missing or unreadable."""
        path = self._folder / TENANT_FILE
        if not path.is_file():
            return None
        try:
            return read_toml(path.read_bytes())
        except OSError as error:
            self._report(ImportProblem(TENANT_FILE, "", f"cannot be read: {error.strerror or error}"))
        except SettingsRefused as refused:
            for problem in refused.problems:
                self._report(ImportProblem(TENANT_FILE, problem.path, problem.reason))
        return None

    def _settings_from(self, read: SettingsFile | None, before: bytes | None) -> bytes | None:
        """The settings from now on, in their stored form."""
        if read is not None:
            return read.stored
        return None if self._options.replace else before

    def _check_accounts(self, work: Import) -> None:
        one = select(ACCOUNTS.c.id).limit(1)
        if not self._problems and not list(work.stage.execute(one)) and work.base.state == 0:
            self._report(
                ImportProblem("accounts", "", "has no account; a tenant needs at least one: add a file to accounts/")
            )

    def _gather(self, work: Import) -> None:
        files = self._files()
        with export_files(self._folder, self._report) as exported:
            every = [*(path for paths in files.values() for path in paths), *exported.values()]
            self._total = sum(path.stat().st_size for path in every)
            with readers(self._options.processes if self._total > _LARGE else 1) as reading:
                for kind in KINDS:
                    for path in files.get(kind.folder, []):
                        self._import(work, kind, path, f"{kind.folder}/{path.name}", reading, kind.write)
                    if (made := exported.get(kind.folder)) is not None:
                        name = f"{EXPORTS}/{made.stem}.csv"
                        self._import(work, kind, made, name, reading, self._export_writer(kind))

    def _export_writer(self, kind: Kind) -> Write:
        """Gathers records that only the exports have."""

        def write(work: Import, records: Sequence[tuple[Source, Any]]) -> None:
            kind.write(work, not_gathered(work, kind.folder, records))

        return write

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
                    ImportProblem(entry.name, "", f"is not read; the tenant's settings must be in {TENANT_FILE}")
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
                    ImportProblem(
                        f"{folder.name}/{path.name}",
                        "",
                        f"is not read; its name must end in {', '.join(kind.suffixes)}",
                    )
                )

    def _import(self, work: Import, kind: Kind, path: Path, file: str, reading: Readers, write: Write) -> None:
        end = self._done + path.stat().st_size
        if kind.begin is not None:
            kind.begin(work, file, path)
        batches = batched(documents(path, file, kind.wrappers), _BATCH)
        try:
            for batch, answer in reading.read(kind.read, batches, Reading(work.settings.zone, work.date_order)):
                write(work, records_of(batch, answer, self._report))
                self._done += sum(memoryview(source.raw).nbytes for source in batch)
                self._show(kind.folder, min(self._done, end))
        except FileProblem as error:
            self._report(error.problem)
        self._done = end
        self._show(kind.folder, end)

    def _show(self, folder: str, done: int) -> None:
        if self._options.progress is not None:
            self._options.progress(folder, done, self._total)


def _change(before: bytes | None, after: bytes | None) -> Changes:
    """The change of the settings."""
    if before == after:
        return Changes()
    if before is None:
        return Changes(added=1)
    return Changes(removed=1) if after is None else Changes(changed=1)
