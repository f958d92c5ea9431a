"""The folder of comparisons with the vendor: reports of `verify` and `fit`, and recordings of a shadow.

The operator names the folder (`serve --comparisons`). Reports are `.json` files, recordings are `.jsonl` files. A
page's address gives only a file name, which must be in the folder's list.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from pathlib import Path

from soapsvc.parity.recording import RecordingProblem, recorded_previews
from soapsvc.parity.report import KeptFit, KeptVerification, NoReport, kept_verification, read_report, verdict_document
from soapsvc.parity.verification import DataFrom, loaded, verify
from soapsvc.tenant import Store

MOST_FILES = 200
MOST_PREVIEWS = 100
"""The most previews of a recording that a page compares; more would take too long for a page."""
_MOST_BYTES = 64 * 1024 * 1024
_REPORT, _RECORDING = ".json", ".jsonl"

Found = KeptVerification | KeptFit


class NotRead(Exception):
    """A file that cannot be shown; the message says why."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of the folder, and when it was written."""

    name: str
    path: Path
    size: int
    written: datetime

    @property
    def is_recording(self) -> bool:
        """Whether it is a recording and not a report."""
        return self.path.suffix == _RECORDING


def files_of(folder: Path) -> list[File]:
    """The files of the folder, the newest first, at most `MOST_FILES`; none if there is no folder yet."""
    try:
        paths = [path for path in folder.iterdir() if path.suffix in {_REPORT, _RECORDING} and path.is_file()]
        found = [(path, path.stat()) for path in paths]
    except OSError:
        return []
    files = [File(path.name, path, at.st_size, datetime.fromtimestamp(at.st_mtime, UTC)) for path, at in found]
    return sorted(files, key=lambda each: (each.written, each.name), reverse=True)[:MOST_FILES]


def report_in(file: File) -> Found:
    """The content of a report. Raises NotRead."""
    if file.size > _MOST_BYTES:
        raise NotRead(f"It has more than {_MOST_BYTES // 1024 // 1024} MiB.")
    return _report(file.path, file.size, file.written)


@lru_cache(maxsize=8)
def _report(path: Path, _size: int, _written: datetime) -> Found:
    """The report of a file as of that time, cached: lists and pages need the same reports."""
    try:
        return read_report(path.read_bytes())
    except OSError as error:
        raise NotRead(f"It cannot be read: {error.strerror or error}.") from error
    except NoReport as error:
        raise NotRead(f"{str(error)[:1].upper()}{str(error)[1:]}.") from error


def compared_now(file: File, store: Store) -> tuple[KeptVerification, bool]:
    """A recording's previews compared with ours under the present settings, and whether it has more than were compared.

    Raises NotRead.
    """
    try:
        previews = list(islice(recorded_previews(file.path), MOST_PREVIEWS + 1))
    except (RecordingProblem, OSError) as problem:
        raise NotRead(f"It cannot be read: {problem}.") from problem
    verdict = verify(loaded(previews[:MOST_PREVIEWS], store, DataFrom.RECORDED), store.settings())
    return kept_verification(verdict_document(verdict)), len(previews) > MOST_PREVIEWS
