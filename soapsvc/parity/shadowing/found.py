"""The findings of a shadow: outcomes of previews by hour, and each differing preview once, with its count.

They are in an SQLite database in the recordings' folder; all processes of a shadow write it.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote

FILE = "shadow.sqlite"
_PATIENT_SECONDS = 5.0
_TABLES = """
CREATE TABLE IF NOT EXISTS counts (
  hour TEXT, surface TEXT, outcome TEXT, previews INTEGER NOT NULL, PRIMARY KEY (hour, surface, outcome)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS differing (
  account_id TEXT, surface TEXT, request TEXT, digest TEXT NOT NULL, account_number TEXT NOT NULL,
  first TEXT NOT NULL, last TEXT NOT NULL, times INTEGER NOT NULL, items INTEGER NOT NULL, differences INTEGER NOT NULL,
  kinds TEXT NOT NULL, currency TEXT NOT NULL, theirs TEXT NOT NULL, ours TEXT NOT NULL, recording TEXT NOT NULL,
  PRIMARY KEY (account_id, surface, request)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS differing_last ON differing (last);
"""
_COLUMNS = (
    "account_id, account_number, surface, request, first, last, times, items, differences, kinds, currency, theirs, "
    "ours, recording"
)


class FoundUnreadable(Exception):
    """The findings of a shadow cannot be read; the message names the file and the reason."""


@dataclass(frozen=True, slots=True)
class HourCount:
    """The number of previews of a surface with one outcome in the hour that begins at `hour` (UTC)."""

    hour: datetime
    surface: str
    outcome: str
    previews: int


@dataclass(frozen=True, slots=True)
class DifferingPreview:
    """A preview that differed: its last occurrence, and the number of occurrences.

    `request` is its document as in a recording. `items` were compared, `differences` of them differ, in `kinds`.
    `theirs` and `ours` are sums in the account's currency. `recording` is the file that has it, "" without one.
    """

    account_id: str
    account_number: str
    surface: str
    request: str
    first: datetime
    last: datetime
    times: int
    items: int
    differences: int
    kinds: tuple[str, ...]
    currency: str
    theirs: Decimal
    ours: Decimal
    recording: str


@dataclass(frozen=True, slots=True)
class ShadowFound:
    """All findings: counts in the order of hours, and the latest differing previews, the newest first.

    `count_differing` is the number of all differing previews, `last_difference` the time of the last one; None without
    one.
    """

    hours: tuple[HourCount, ...]
    differing: tuple[DifferingPreview, ...]
    count_differing: int
    last_difference: datetime | None

    @property
    def outcomes(self) -> Mapping[str, int]:
        """The number of previews by outcome, over all hours and surfaces."""
        found: Counter[str] = Counter()
        for each in self.hours:
            found[each.outcome] += each.previews
        return found

    @property
    def since(self) -> datetime | None:
        """The hour in which the first preview was compared; None without one."""
        return min((each.hour for each in self.hours), default=None)


class FoundWriter:
    """Writes what one process finds. Raises sqlite3.Error and OSError, as on a full disk."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(
            folder / FILE, timeout=_PATIENT_SECONDS, check_same_thread=False, isolation_level=None
        )
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.executescript(_TABLES)

    def count(self, at: datetime, surface: str, outcome: str, previews: int = 1) -> None:
        """Count previews with an outcome."""
        hour = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0).isoformat()
        asked = (
            "INSERT INTO counts VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET previews = previews + excluded.previews"
        )
        self._database.execute(asked, (hour, surface, outcome, previews))

    def again(self, found: DifferingPreview, digest: str) -> bool:
        """Count a preview that differed in the same way before; False where it did not."""
        asked = (
            "UPDATE differing SET last = ?, times = times + 1 "
            "WHERE account_id = ? AND surface = ? AND request = ? AND digest = ?"
        )
        key = (_instant(found.last), found.account_id, found.surface, found.request, digest)
        return self._database.execute(asked, key).rowcount == 1

    def differed(self, found: DifferingPreview, digest: str) -> None:
        """Store a preview that differs for the first time, or in a new way."""
        values = (
            *(found.account_id, found.surface, found.request, digest, found.account_number, _instant(found.last)),
            *(_instant(found.last), found.items, found.differences, ",".join(found.kinds), found.currency),
            *(f"{found.theirs}", f"{found.ours}", found.recording),
        )
        asked = (
            "INSERT INTO differing VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
            "digest = excluded.digest, last = excluded.last, times = times + 1, items = excluded.items, "
            "differences = excluded.differences, kinds = excluded.kinds, currency = excluded.currency, "
            "theirs = excluded.theirs, ours = excluded.ours, recording = excluded.recording"
        )
        self._database.execute(asked, values)

    def close(self) -> None:
        """Close the database."""
        self._database.close()


def read_found(folder: Path, most: int = 200) -> ShadowFound | None:
    """The findings of the shadow with this folder, with at most `most` differing previews.

    None where it has compared nothing yet. Raises FoundUnreadable.
    """
    path = folder / FILE
    if not path.is_file():
        return None
    try:
        with _reading(path) as database:
            if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'differing'").fetchone():
                return None
            hours = database.execute("SELECT hour, surface, outcome, previews FROM counts ORDER BY 1, 2, 3").fetchall()
            asked = f"SELECT {_COLUMNS} FROM differing ORDER BY last DESC, account_number LIMIT ?"  # noqa: S608 - names of our own
            rows = database.execute(asked, (most,)).fetchall()
            count, last = database.execute("SELECT count(*), max(last) FROM differing").fetchone()
    except sqlite3.Error as error:
        raise FoundUnreadable(f"{path} cannot be read ({error})") from error
    return ShadowFound(
        tuple(HourCount(datetime.fromisoformat(hour), *rest) for hour, *rest in hours),
        tuple(_differing(*row) for row in rows),
        count,
        None if last is None else datetime.fromisoformat(last),
    )


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    database = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=_PATIENT_SECONDS)
    try:
        yield database
    finally:
        database.close()


def _differing(*row: object) -> DifferingPreview:
    identity, number, surface, request, first, last, times, items, differences, kinds, currency, theirs, ours, file = (
        f"{value}" for value in row
    )
    return DifferingPreview(
        *(identity, number, surface, request, datetime.fromisoformat(first), datetime.fromisoformat(last)),
        *(int(times), int(items), int(differences), tuple(kinds.split(","))),
        *(currency, Decimal(theirs), Decimal(ours), file),
    )


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
