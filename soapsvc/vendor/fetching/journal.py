"""The journal of a fetch: every answer until its files are written, and the outcome of each account.

The journal is an SQLite database in `.fetch/` of the folder. It has each answer before the answer is used, so a fetch
that was killed at any point continues there. Personal data that a fetch leaves out is never stored in it.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

FOLDER = ".fetch"
WAITING, DONE, FAILED, GONE = "waiting", "done", "failed", "gone"

_TABLES = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS answers (scope TEXT, call TEXT, body BLOB NOT NULL, PRIMARY KEY (scope, call));
CREATE TABLE IF NOT EXISTS accounts (
  key TEXT PRIMARY KEY, position INTEGER NOT NULL, state TEXT NOT NULL, note TEXT NOT NULL DEFAULT '',
  id TEXT NOT NULL DEFAULT '', number TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS referred (key TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS files (path TEXT PRIMARY KEY, round INTEGER NOT NULL) WITHOUT ROWID;
"""


class JournalRefused(Exception):
    """The folder has a fetch that this one cannot continue."""


class FolderUnwritable(Exception):
    """The folder cannot be written to, or its disk is full."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of an account."""

    key: str
    state: str
    note: str


class Journal:
    """The journal of one folder, shared by threads."""

    def __init__(self, folder: Path) -> None:
        place = folder / FOLDER
        place.mkdir(mode=0o700, exist_ok=True)
        self._lock = threading.Lock()
        self._database = sqlite3.connect(place / "journal.sqlite", check_same_thread=False, isolation_level=None)
        try:
            self._database.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = NORMAL")
            self._database.executescript(_TABLES)
        except sqlite3.OperationalError as error:
            self._database.close()
            raise JournalRefused(f"{folder} is in use by another fetch ({error}); wait until it has ended") from error
        except sqlite3.DatabaseError as error:
            self._database.close()
            raise JournalRefused(f"{place / 'journal.sqlite'} is not a journal ({error}); remove {place}") from error

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._database.close()

    @contextmanager
    def _step(self) -> Iterator[sqlite3.Connection]:
        """A transaction: its changes are made together or not at all."""
        with self._lock:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield self._database
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")

    def _rows(self, statement: str, values: Sequence[object] = ()) -> list[tuple[str, ...]]:
        with self._lock:
            return self._database.execute(statement, values).fetchall()

    def fact(self, name: str) -> str | None:
        """The value stored under a name."""
        rows = self._rows("SELECT value FROM facts WHERE name = ?", (name,))
        return rows[0][0] if rows else None

    def note(self, **facts: str | None) -> None:
        """Note facts; None removes one."""
        with self._step() as database:
            for name, value in facts.items():
                if value is None:
                    database.execute("DELETE FROM facts WHERE name = ?", (name,))
                else:
                    database.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def begin(self, asked: str, now: str) -> None:
        """Begin a round: of the previous one only the list of files is kept."""
        with self._step() as database:
            for table in ("answers", "accounts", "referred"):
                database.execute(f"DELETE FROM {table}")  # noqa: S608 - names of our own
            number = int((database.execute("SELECT value FROM facts WHERE name = 'round'").fetchone() or ["0"])[0]) + 1
            for name, value in {"round": f"{number}", "asked": asked, "began": now}.items():
                database.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))
            database.execute(
                "DELETE FROM facts WHERE name IN ('listed', 'finished', 'job', 'exported') OR name LIKE 'file %'"
            )

    def is_bare(self) -> bool:
        """Whether the round has no answers yet."""
        asked = (
            "SELECT EXISTS (SELECT 1 FROM answers) OR EXISTS (SELECT 1 FROM accounts) OR EXISTS "
            "(SELECT 1 FROM facts WHERE name IN ('listed', 'job')) OR (SELECT value FROM facts WHERE name = "
            "'shared_round') IS (SELECT value FROM facts WHERE name = 'round')"
        )
        return not self._rows(asked)[0][0]

    def answer(self, scope: str, call: str) -> bytes | None:
        """The answer to a call, if this round has it."""
        with self._lock:
            row = self._database.execute(
                "SELECT body FROM answers WHERE scope = ? AND call = ?", (scope, call)
            ).fetchone()
        return None if row is None else row[0]

    def remember(self, scope: str, call: str, body: bytes) -> None:
        """Keep an answer."""
        with self._step() as database:
            database.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?)", (scope, call, body))

    def forget(self, scope: str) -> None:
        """Delete the answers of a scope, which are no longer needed."""
        with self._step() as database:
            database.execute("DELETE FROM answers WHERE scope = ?", (scope,))

    def put_accounts(self, keys: Iterable[str], scope: str) -> None:
        """Store the list of accounts, in order; the answers that it came from are deleted."""
        with self._step() as database:
            rows = ((key, position, WAITING) for position, key in enumerate(keys))
            database.executemany("INSERT OR IGNORE INTO accounts (key, position, state) VALUES (?, ?, ?)", rows)
            database.execute("INSERT OR REPLACE INTO facts VALUES ('listed', 'yes')")
            database.execute("DELETE FROM answers WHERE scope = ?", (scope,))

    def waiting(self) -> list[str]:
        """The keys of the accounts that are not done, in their order."""
        asked = "SELECT key FROM accounts WHERE state IN (?, ?) ORDER BY position"
        return [key for (key,) in self._rows(asked, (WAITING, FAILED))]

    def count(self) -> int:
        """The number of accounts."""
        return int(self._rows("SELECT count(*) FROM accounts")[0][0])

    def outcomes(self, *states: str) -> list[Outcome]:
        """The outcomes of the accounts in some states, in order."""
        marks = ", ".join("?" * len(states))
        asked = f"SELECT key, state, note FROM accounts WHERE state IN ({marks}) ORDER BY position"  # noqa: S608 - marks
        return [Outcome(*row) for row in self._rows(asked, states)]

    def settle(self, key: str, state: str, note: str = "", *, known: tuple[str, str] = ("", "")) -> None:
        """Store the outcome of an account, `known` by id and number; its answers are deleted once it is done."""
        with self._step() as database:
            values = (state, note, *known, key)
            database.execute("UPDATE accounts SET state = ?, note = ?, id = ?, number = ? WHERE key = ?", values)
            if state in (DONE, GONE):
                database.execute("DELETE FROM answers WHERE scope = ?", (key,))

    def refer(self, keys: Iterable[str]) -> None:
        """Store accounts that another account's subscriptions name."""
        with self._step() as database:
            database.executemany("INSERT OR IGNORE INTO referred VALUES (?)", ((key,) for key in keys))

    def referred(self) -> list[str]:
        """The accounts that are named and have not been read."""
        asked = (
            "SELECT key FROM referred WHERE key NOT IN (SELECT id FROM accounts) "
            "AND key NOT IN (SELECT number FROM accounts) AND key NOT IN (SELECT key FROM accounts) ORDER BY key"
        )
        return [key for (key,) in self._rows(asked)]

    def add_account(self, key: str) -> None:
        """Append an account to the list."""
        with self._step() as database:
            asked = "INSERT OR IGNORE INTO accounts (key, position, state) SELECT ?, count(*), ? FROM accounts"
            database.execute(asked, (key, WAITING))

    def wrote(self, path: str) -> None:
        """Store that a file was written."""
        with self._step() as database:
            asked = "INSERT OR REPLACE INTO files SELECT ?, value FROM facts WHERE name = 'round'"
            database.execute(asked, (path,))

    def older_files(self) -> list[str]:
        """The files of earlier rounds that this one did not write."""
        asked = "SELECT path FROM files WHERE round < (SELECT CAST(value AS INTEGER) FROM facts WHERE name = 'round')"
        return [path for (path,) in self._rows(asked)]

    def removed(self, path: str) -> None:
        """Store that a file was removed."""
        with self._step() as database:
            database.execute("DELETE FROM files WHERE path = ?", (path,))
