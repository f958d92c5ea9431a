"""The file for download: a zip with one file of items, joined from the parts in order, and one of failed accounts.

The same parts give the same bytes: entries have the run's own instant, whichever worker computed a part.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, BinaryIO

from sqlalchemy import select

from soapsvc.runs.definition import RUN_PARTS, Run, StorageOption
from soapsvc.runs.sinks.columns import FAILURE_COLUMNS, item_columns
from soapsvc.runs.sinks.csv_files import SUFFIX as CSV
from soapsvc.runs.sinks.csv_text import csv_line
from soapsvc.runs.sinks.parquet_files import SUFFIX as PARQUET
from soapsvc.runs.sinks.parquet_files import copy_rows, open_parquet
from soapsvc.runs.sinks.writer import failure_file, item_file, parts_folder
from soapsvc.runs.storage import LAST_BLOCK, DamagedPiece, Folder, Joint, piece_of
from soapsvc.tenant import Store

_PAGE = 1000
_READABLE = 0o644 << 16

Beat = Callable[[], None]
"""Called from time to time while a file is made."""


class LostPart(Exception):
    """A part is marked done, but its file is missing or damaged."""

    def __init__(self, part: int) -> None:
        super().__init__(f"the files of part {part} are lost")
        self.part = part


@dataclass(frozen=True, slots=True)
class _Sizes:
    part: int
    size: int
    failed_size: int


def write_archive(store: Store, run: Run, folder: Folder, beat: Beat) -> int:
    """Make the run's file in `folder` from its parts there; returns its bytes. Raises LostPart."""
    with folder.write(run.file_name) as file:
        with zipfile.ZipFile(_Unseekable(file), "w", zipfile.ZIP_DEFLATED) as archive:
            maker = _Maker(archive, store, run, parts_folder(folder), beat)
            if run.request.storage_option is StorageOption.PARQUET:
                maker.add_parquet()
            else:
                maker.add_csv()
            maker.add_failures()
        return file.tell()


class _Unseekable:
    """A file that can only be appended to, so that local files and uploads get the same bytes."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, content: bytes, /) -> int:
        return self._file.write(content)

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        """Nothing: the caller that opened the file closes it."""


class _Copier:
    """A zip entry's compressor that copies: the content is compressed already."""

    def compress(self, content: bytes) -> bytes:
        return content

    def flush(self) -> bytes:
        return LAST_BLOCK


@contextmanager
def _joined(entry: IO[bytes]) -> Iterator[Joint]:
    """Makes an entry's content from compressed pieces. The `zipfile` module has no public function for that."""
    entry._compressor = _Copier()  # type: ignore[attr-defined]  # noqa: SLF001
    joint = Joint(entry)
    yield joint
    entry._file_size, entry._crc = joint.length, joint.crc  # type: ignore[attr-defined]  # noqa: SLF001


@dataclass(frozen=True, slots=True)
class _Maker:
    archive: zipfile.ZipFile
    store: Store
    run: Run
    parts: Folder
    beat: Beat

    def add_csv(self) -> None:
        """Add the items as CSV."""
        request = self.run.request
        header = item_columns(request.header, request.credit_memos)
        files = ((each.part, item_file(each.part, CSV), each.size) for each in self._sizes())
        self._add(f"{self.run.entry_name}.csv", header, files)

    def add_failures(self) -> None:
        """Add the failed accounts, if there are any: clients take the first file of a zip, others the last."""
        if not any(each.failed_size for each in self._sizes()):
            return
        files = ((each.part, failure_file(each.part), each.failed_size) for each in self._sizes())
        self._add(f"{self.run.entry_name}-failed-accounts.csv", FAILURE_COLUMNS, files)

    def add_parquet(self) -> None:
        """Add the items as Parquet, which is compressed by itself."""
        with (
            self._entry(f"{self.run.entry_name}.parquet", zipfile.ZIP_STORED) as entry,
            open_parquet(entry, self.run.request) as target,
        ):
            for each in self._sizes():
                with self._source(each.part, item_file(each.part, PARQUET)) as source:
                    copy_rows(source, target)
                self.beat()

    def _add(self, name: str, header: Sequence[str], files: Iterable[tuple[int, str, int]]) -> None:
        with self._entry(name, zipfile.ZIP_DEFLATED) as entry, _joined(entry) as joint:
            joint.add(*piece_of(csv_line(header).encode()))
            for part, file, size in files:
                if not size:
                    continue
                with self._source(part, file) as source:
                    try:
                        joint.add(source, size)
                    except DamagedPiece as error:
                        raise LostPart(part) from error
                self.beat()

    def _entry(self, name: str, method: int) -> IO[bytes]:
        created = self.run.as_of
        entry = zipfile.ZipInfo(name, created.timetuple()[:6])
        entry.compress_type = method
        entry.external_attr = _READABLE
        return self.archive.open(entry, "w", force_zip64=True)

    def _source(self, part: int, name: str) -> BinaryIO:
        try:
            return self.parts.read(name)
        except FileNotFoundError as error:
            raise LostPart(part) from error

    def _sizes(self) -> Iterator[_Sizes]:
        """The sizes of all parts' files, in order, a page in memory at a time."""
        columns = RUN_PARTS.c
        for start in range(0, self.run.parts or 0, _PAGE):
            page = select(columns.part, columns.size, columns.failed_size).where(
                columns.run_id == self.run.id, columns.part >= start, columns.part < start + _PAGE
            )
            with self.store.begin() as connection:
                rows = connection.execute(page.order_by(columns.part)).all()
            yield from (_Sizes(*row) for row in rows)
