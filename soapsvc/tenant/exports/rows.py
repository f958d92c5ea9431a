"""The rows of all files of an export while they are joined: in a private database on disk, as there may be millions."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from soapsvc.tenant.exports.headings import OBJECTS, fields_of, object_of
from soapsvc.tenant.reading import ImportProblem

Fields = Mapping[str, str]
Report = Callable[[ImportProblem], None]

_PARENTS = {
    "RatePlan": ("subscriptionid",),
    "RatePlanCharge": ("rateplanid",),
    "RatePlanChargeTier": ("rateplanchargeid",),
    "ProductRatePlan": ("productid",),
    "ProductRatePlanCharge": ("productrateplanid",),
    "ProductRatePlanChargeTier": ("productrateplanchargeid",),
    "InvoiceItem": ("invoiceid",),
    "Contact": ("accountid",),
}
"""The column by which the rows of one object belong to the rows of another."""
_decode = msgspec.json.Decoder(dict[str, str]).decode


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows by object, by their id, and by what they belong to."""

    database: sqlite3.Connection

    @classmethod
    def read(cls, folder: Path, label: str, report: Report) -> Rows:
        """All rows of a folder's CSV files; unreadable rows are reported, by the file's name below `label`."""
        database = sqlite3.connect("", isolation_level=None)
        database.execute("CREATE TABLE rows (object TEXT, id TEXT, parent TEXT, place INTEGER, body BLOB)")
        database.execute("BEGIN")
        rows = cls(database)
        for path in sorted(folder.iterdir()):
            if path.suffix.lower() == ".csv" and not path.name.startswith("."):
                rows._read(path, f"{label}/{path.name}", report)
        database.execute("COMMIT")
        for columns in ("object, id", "object, parent"):
            database.execute(f"CREATE INDEX by_{columns[-2:]} ON rows ({columns})")
        return rows

    def _read(self, path: Path, file: str, report: Report) -> None:
        try:
            with path.open(encoding="utf-8-sig", newline="") as handle:
                reader = csv.reader(handle, strict=True)
                headings = next(reader, [])
                own = object_of(path, headings)
                if own is None:
                    report(
                        ImportProblem(
                            file,
                            "line 1",
                            f"does not say its object; begin the file's name with one of {', '.join(OBJECTS)}",
                        )
                    )
                    return
                for cells in reader:
                    if len(cells) > len(headings):
                        report(ImportProblem(file, f"line {reader.line_num}", "has more cells than the header"))
                    elif any(cells):
                        self._add(own, fields_of(own, headings, cells), reader.line_num)
        except (csv.Error, UnicodeDecodeError) as error:
            report(ImportProblem(file, "", f"is not CSV in UTF-8 ({error})"))
        except OSError as error:
            report(ImportProblem(file, "", f"cannot be read: {error.strerror or error}"))

    def _add(self, own: str, fields: Fields, place: int) -> None:
        parent = next((fields[name] for name in _PARENTS.get(own, ()) if name in fields), None)
        values = (own, fields.get("id"), parent, place, msgspec.json.encode(fields))
        self.database.execute("INSERT INTO rows VALUES (?, ?, ?, ?, ?)", values)

    def all(self, own: str) -> Iterator[Fields]:
        """The rows of an object, in the order of their files."""
        asked = "SELECT body FROM rows WHERE object = ? ORDER BY rowid"
        return (_decode(body) for (body,) in self.database.execute(asked, (own,)))

    def of(self, own: str, parent: str | None) -> Iterator[Fields]:
        """The rows of an object that belong to another one's row."""
        asked = "SELECT body FROM rows WHERE object = ? AND parent = ? ORDER BY rowid"
        return (_decode(body) for (body,) in self.database.execute(asked, (own, parent)).fetchall())

    def one(self, own: str, identity: str | None) -> Fields:
        """The row with an id; empty where it does not exist."""
        asked = "SELECT body FROM rows WHERE object = ? AND id = ? LIMIT 1"
        row = self.database.execute(asked, (own, identity)).fetchone()
        return {} if row is None else _decode(row[0])

    def close(self) -> None:
        """Close and delete the temporary database."""
        self.database.close()
