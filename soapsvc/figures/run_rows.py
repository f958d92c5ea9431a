"""The items of a run, from the database or from the CSV file of its zip."""

from __future__ import annotations

import csv
import io
import shutil
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from soapsvc.engine.account import Account
from soapsvc.runs.definition import Run, StorageOption
from soapsvc.runs.execution import run_folder
from soapsvc.runs.results import FAILED_ACCOUNTS, Row, find_results
from soapsvc.runs.run_diff import AccountRows, file_rows, stored_rows
from soapsvc.scratch import ScratchFolder
from soapsvc.tenant import Store

_AT_ONCE = 5000


class NoRows(Exception):
    """A run whose items cannot be read; the message says why."""


class Accounts(Protocol):
    """Finds the accounts that rows are about."""

    def __call__(self, ids: Sequence[str]) -> Mapping[str, Account]:
        """The accounts with these ids, by id; unknown ones are left out."""


def run_rows(store: Store, run: Run, results: str) -> AccountRows:
    """The rows of a run's items, account by account; `results` is where runs keep their files. Raises NoRows."""
    if run.purged is not None:
        raise NoRows(f"The results of run {run.number} have been purged; start a new run.")
    if run.request.storage_option is StorageOption.DATABASE:
        return stored_rows(store, run.id)
    if run.request.storage_option is StorageOption.PARQUET:
        raise NoRows(
            f"Run {run.number} keeps its items as Parquet, which cannot be read here. Start a run "
            "with storage Csv or Database."
        )
    if run.file_size is None:
        raise NoRows(f"Run {run.number} has no results; it is {run.status}.")
    return _file_rows(run, results)


def _file_rows(run: Run, results: str) -> Iterator[tuple[str, list[Row]]]:
    """The rows of the run's file. A copy of it is read, because the file may be in an object store."""
    with ScratchFolder("rows-") as folder:
        copy = folder / run.file_name
        try:
            with run_folder(results, run.id).read(run.file_name) as source, copy.open("wb") as target:
                shutil.copyfileobj(source, target)
        except FileNotFoundError as error:
            raise NoRows(f"The file of run {run.number} is missing; start a new run, or restore the file.") from error
        yield from file_rows(copy)


def failed_rows(store: Store, run: Run, results: str) -> Iterator[Row]:
    """The errors of a run's failed accounts, one row each, in the columns `FAILURE_COLUMNS`. Raises NoRows."""
    if run.request.storage_option is not StorageOption.DATABASE:
        yield from _failed_in_file(run, results)
        return
    cursor: str | None = ""
    while cursor is not None:
        page = find_results(store, FAILED_ACCOUNTS, run.id, {}, cursor=cursor or None, size=_AT_ONCE)
        yield from (tuple(row.values()) for row in page.rows)
        cursor = page.next


def _failed_in_file(run: Run, results: str) -> Iterator[Row]:
    try:
        file = run_folder(results, run.id).read(run.file_name)
    except FileNotFoundError as error:
        raise NoRows(f"The file of run {run.number} is missing; start a new run, or restore the file.") from error
    with file, zipfile.ZipFile(file) as archive:
        for name in archive.namelist():
            if name.endswith("-failed-accounts.csv"):
                with archive.open(name) as entry, io.TextIOWrapper(entry, encoding="utf-8", newline="") as text:
                    lines = csv.reader(text)
                    next(lines, None)
                    yield from (tuple(line) for line in lines)


def accounts_of(store: Store, state: int | None) -> Accounts:
    """A function that finds accounts in a state of the tenant; without one, in the current state."""
    known = store.version() if state is None else state

    def find(ids: Sequence[str]) -> Mapping[str, Account]:
        return {account.id: account for account in store.accounts_once(sorted(ids), known)}

    return find


def nobody(ids: Sequence[str]) -> Mapping[str, Account]:  # noqa: ARG001 - as the protocol names it
    """Finds no account: for rows of files without a tenant."""
    return {}
