"""Get the exports of a tenant: one job and its files, each checked against the job's number of records.

The journal has the job's id and the downloaded files, so a killed fetch requests neither again.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from soapsvc.vendor.aqua import JobFailed, Part, download, finished, submit
from soapsvc.vendor.client import Vendor
from soapsvc.vendor.errors import BadAnswer, NotThere, Refused
from soapsvc.vendor.fetching.bulk.queries import export_queries, lacking
from soapsvc.vendor.fetching.folder import Folder
from soapsvc.vendor.fetching.journal import FOLDER

KIND = "exports"
_ATTEMPTS = 3
_MOST_LACKING = 40
_NAMES = {"BillToContact.Id": "Account.BillToId", "SoldToContact.Id": "Account.SoldToId"}
"""Joins of the same object twice; the import reads them as fields."""

Progress = Callable[[str, int, int | None], None]
"""A function that gets the current step of a fetch, the amount done, and the total if that is known."""


@dataclass(frozen=True, slots=True)
class Exported:
    """The result of an export: the files of each object, and the columns that the tenant lacks."""

    files: Mapping[str, tuple[Path, ...]]
    lacking: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReadExports:
    """The exports of one round."""

    vendor: Vendor
    folder: Folder
    usage: str
    drafts: bool
    personal: bool
    told: Progress

    def run(self) -> Exported:
        """Submit the job, or continue it, and get its files. Raises VendorError."""
        for _ in range(_ATTEMPTS + _MOST_LACKING):
            without = self._without()
            job = self.folder.journal.fact("job") or self._submitted(without)
            if job is None:
                continue
            try:
                parts = finished(self.vendor, job, lambda done, total: self.told("exporting", done, total))
            except NotThere:
                self.folder.journal.note(job=None)  # the job is too old
                continue
            except JobFailed as failed:
                self.folder.journal.note(job=None)
                self._leave_out(f"{failed}", without, failed)
                continue
            return Exported(self._files(parts), tuple(sorted(without)))
        raise JobFailed(
            "the service deleted the export job too early, or has none of its columns; call the same command again"
        )

    def _without(self) -> set[str]:
        before = self.folder.journal.fact("lacking")
        return set() if before is None else set(msgspec.json.decode(before, type=list[str]))

    def _submitted(self, without: set[str]) -> str | None:
        """The id of a new job; None if a column must be left out first."""
        queries = export_queries(usage=self.usage, drafts=self.drafts, personal=self.personal, without=without)
        self.told("exporting", 0, len(queries))
        try:
            job = submit(self.vendor, "soapsvc", queries)
        except Refused as refused:
            self._leave_out(f"{refused}", without, refused)
            return None
        self.folder.journal.note(job=job)
        return job

    def _leave_out(self, message: str, without: set[str], error: Exception) -> None:
        """Leave out the column that the service does not know. Raises the error if it names no column."""
        if (column := lacking(message, without)) is None:
            raise error
        self.folder.journal.note(lacking=msgspec.json.encode(sorted({*without, column})).decode())

    def _files(self, parts: Mapping[str, Part]) -> Mapping[str, tuple[Path, ...]]:
        total = sum(len(part.files) for part in parts.values())
        done, found = 0, dict[str, tuple[Path, ...]]()
        for own, part in sorted(parts.items()):
            paths, records = list[Path](), 0
            for place, file in enumerate(part.files, start=1):
                name = f"{KIND}/{own}{f'-{place}' if place > 1 else ''}.csv"
                records += self._file(name, file)
                paths.append(self.folder.path / name)
                done += 1
                self.told("downloading", done, total)
            if part.records is not None and part.records != records:
                for path in paths:
                    self.folder.journal.note(**{f"file {KIND}/{path.name}": None})
                raise BadAnswer(f"the export of {own} has {records} records, not {part.records} as the job says")
            found[own] = tuple(paths)
        return found

    def _file(self, name: str, file: str) -> int:
        """Put a file in its place unless it is there; returns its number of records."""
        fact = f"file {name}"
        known = self.folder.journal.fact(fact)
        if known is not None and known.partition(" ")[0] == file and (self.folder.path / name).is_file():
            return int(known.partition(" ")[2])
        raw = self.folder.path / FOLDER / "download.csv"
        download(self.vendor, file, raw)
        records = self.folder.put_lines(name, lambda target: _copied(raw, target))
        raw.unlink()
        self.folder.journal.note(**{fact: f"{file} {records}"})
        return records


def _copied(raw: Path, target: Path) -> int:
    """Write a file with the headings of the import; returns its number of records."""
    try:
        with raw.open(encoding="utf-8-sig", newline="") as source, target.open("w", encoding="utf-8", newline="") as to:
            reader, writer = csv.reader(source, strict=True), csv.writer(to)
            headings = next(reader, [])
            writer.writerow([_NAMES.get(heading, heading) for heading in headings])
            records = 0
            for cells in reader:
                if not cells:
                    continue
                if len(cells) != len(headings):
                    raise BadAnswer(f"an export breaks off in line {reader.line_num}")
                writer.writerow(cells)
                records += 1
    except (csv.Error, UnicodeDecodeError) as error:
        raise BadAnswer(f"an export is not CSV in UTF-8 ({error})") from error
    return records


def read_exports(
    vendor: Vendor, folder: Folder, *, usage: str, drafts: bool, personal: bool, told: Progress
) -> Exported:
    """Write the exports of the whole tenant to the folder. Raises VendorError."""
    return ReadExports(vendor, folder, usage, drafts, personal, told).run()
