"""The recording format: a file of JSON lines, the first of which says format, version and how names are shown.

    {"format": "soapsvc-recording", "version": 1, "names": "hashed", "salt": "…"}
    {"account": {…}, "request": {…}, "answer": {…}, "recordedAt": "…", "surface": "rest", "data": {…}}
    …

docs/verify/recordings.md describes every field. A preview is one line, so an interrupted file loses only its last
preview, and writing continues there.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import Self

from soapsvc.parity.recording.answers import answer_document, read_answer
from soapsvc.parity.recording.model import AccountData, RecordedPreview, RecordingBusy, RecordingProblem
from soapsvc.parity.recording.names import Names
from soapsvc.parity.recording.privacy import cleaned, encoded
from soapsvc.parity.recording.requests import dates, instant, read_request, request_document
from soapsvc.tenant.reading import (
    Document,
    FieldProblem,
    at,
    each,
    first,
    flag,
    kind,
    mapping,
    optional,
    parse_json,
    whole,
)

FORMAT = "soapsvc-recording"
VERSION = 1
_HASHED, _KEPT = "hashed", "kept"
_SALT_BYTES = 16
_MODE = 0o666
_BEGINNING = f'{{"format":"{FORMAT}"'.encode()
_SURFACES = ("rest", "soap", "quickstart", "run")
_LISTS = ("subscriptions", "usage", "catalog", "drafts", "taxRates")


class RecordingWriter:
    """Appends previews to a recording, each completely or not at all. A file can be continued after any interruption.

    The writer itself removes data that must not be stored. Raises RecordingProblem, and RecordingBusy where another
    process is writing the file. `size` is the file's bytes.
    """

    def __init__(self, path: Path, *, keep_names: bool = False) -> None:
        self.path = path
        self._file = _opened(path)
        try:
            self.names, self.size = self._begun(keep_names=keep_names)
        except BaseException:
            self._file.close()
            raise

    def _begun(self, *, keep_names: bool) -> tuple[Names, int]:
        """How names are shown, and the end of the last complete line; an empty file gets its first line."""
        with _as_problem(self.path):
            names, self.size = _header_of(self.path)
            if names is not None and names.hashed == keep_names:
                was, wanted = (_HASHED, _KEPT) if keep_names else (_KEPT, _HASHED)
                raise RecordingProblem(
                    str(self.path), "line 1", f"names are {was} in this file; write {wanted} names to another file"
                )
            self._file.truncate(self.size)
            self._file.seek(self.size)
        if names is None:
            names = Names() if keep_names else Names(secrets.token_hex(_SALT_BYTES))
            self._write(_header(names))
        return names, self.size

    def add(self, preview: RecordedPreview) -> None:
        """Write one preview."""
        self._write(preview_document(preview, self.names))

    def _write(self, document: Document) -> None:
        """Write a line; if it does not fit on the disk, the file is unchanged."""
        rest = memoryview(encoded(document) + b"\n")
        end = self.size + len(rest)
        with _as_problem(self.path):
            try:
                while rest:
                    rest = rest[self._file.write(rest) :]
            except OSError:
                self._file.truncate(self.size)
                self._file.seek(self.size)
                raise
        self.size = end

    def close(self) -> None:
        """Write through to the disk, and close."""
        if not self._file.closed:
            with _as_problem(self.path), self._file:
                os.fsync(self._file.fileno())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _opened(path: Path) -> FileIO:
    """The file, locked for this process while it is open."""
    with _as_problem(path):
        file = FileIO(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _MODE), "r+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.close()
            raise RecordingBusy(
                str(path), "", "another process is writing this file; give each process its own file"
            ) from error
    return file


@contextmanager
def _as_problem(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise RecordingProblem(str(path), "", f"cannot be written: {error.strerror or error}") from error


def _header(names: Names) -> Document:
    salt = {"salt": names.salt} if names.hashed else {}
    return {"format": FORMAT, "version": VERSION, "names": _HASHED if names.hashed else _KEPT, **salt}


def _header_of(path: Path) -> tuple[Names | None, int]:
    """How names are shown in an existing file, and the end of its last complete line."""
    with path.open("rb") as file:
        first_line = file.readline()
        if not first_line.endswith(b"\n"):
            if not _BEGINNING.startswith(first_line[: len(_BEGINNING)]):
                raise RecordingProblem(
                    str(path),
                    "line 1",
                    "is not a line of a recording, so the file is not overwritten; name another file",
                )
            return None, 0  # interrupted before its first line was complete
        names = _read_header(str(path), first_line)
        end = len(first_line)
        for line in file:
            end += len(line) if line.endswith(b"\n") else 0
    return names, end


def _read_header(file: str, line: bytes) -> Names:
    try:
        document = mapping(parse_json(line))
        if document.get("format") != FORMAT:
            raise FieldProblem("format", f"is {kind(document.get('format'))}, not {FORMAT!r}")
        version = optional(document, "version", whole)
        if version is None or not 1 <= version <= VERSION:
            raise FieldProblem("version", f"is {version}; this soapsvc reads up to {VERSION}")
        how = first(document, "names")
        if how not in (_HASHED, _KEPT):
            raise FieldProblem("names", f"is {kind(how)}; it must be {_HASHED} or {_KEPT}")
        salt = first(document, "salt") or ""
        if (how == _HASHED) != bool(salt):
            raise FieldProblem("salt", "is missing" if how == _HASHED else f"is given, but names are {_KEPT}")
    except FieldProblem as problem:
        raise RecordingProblem(file, "line 1", str(problem)) from problem
    return Names(salt)


def is_recording(start: bytes) -> bool:
    """Whether a file that starts like this is of the recording format."""
    return f'"{FORMAT}"'.encode() in start.partition(b"\n")[0]


def read_lines(path: Path, file: str) -> Iterator[RecordedPreview]:
    """The previews of a recording. Raises RecordingProblem, which names the line and the field."""
    try:
        with path.open("rb") as handle:
            names = _read_header(file, handle.readline())
            for position, line in enumerate(handle, start=2):
                if line.strip():
                    yield _read_line(line, file, position, names)
    except OSError as error:
        raise RecordingProblem(file, "", f"cannot be read: {error.strerror or error}") from error


def _read_line(line: bytes, file: str, position: int, names: Names) -> RecordedPreview:
    place = f"line {position}"
    if not line.endswith(b"\n") and not line.rstrip().endswith(b"}"):
        raise RecordingProblem(file, place, "is cut short: record again into this file, which goes on after line "
                               f"{position - 1}, or remove it")  # fmt: skip
    try:
        return read_preview(mapping(parse_json(line)), f"{file}, {place}", names)
    except FieldProblem as problem:
        raise RecordingProblem(file, place, str(problem)) from problem


def read_preview(document: Document, name: str, names: Names) -> RecordedPreview:
    """One preview of a recording. Raises FieldProblem."""
    account = at("account", mapping, document.get("account"))
    asked = {"accountId": account.get("id"), "accountNumber": account.get("number")}
    asked |= at("request", mapping, document.get("request"))
    account_id, number, request = at("request", read_request, asked)
    data = optional(document, "data", mapping)
    surface = first(document, "surface") or _SURFACES[0]
    if surface not in _SURFACES:
        raise FieldProblem("surface", f"is {kind(surface)}; it must be one of {', '.join(_SURFACES)}")
    return RecordedPreview(
        account_id,
        number,
        request,
        at("answer", lambda value: read_answer(mapping(value)), document.get("answer")),
        optional(document, "recordedAt", instant),
        None if data is None else at("data", read_data, data),
        optional(document, "moreTargetDates", dates) or (),
        surface,
        name,
        names,
    )


def read_data(document: Document) -> AccountData:
    """An account's data. Raises FieldProblem."""
    account = at("account", mapping, document.get("account"))
    lists = {key: optional(document, key, each(mapping)) or () for key in _LISTS}
    return AccountData(
        account,
        lists["subscriptions"],
        lists["usage"],
        lists["catalog"],
        lists["drafts"],
        lists["taxRates"],
        optional(document, "partial", flag) or False,
    )


def preview_document(preview: RecordedPreview, names: Names) -> Document:
    """One preview as a line of a recording, without personal data except for kept names."""
    account = {"id": preview.account_id, "number": preview.account_number}
    document: dict[str, object] = {
        "account": {key: value for key, value in account.items() if value is not None},
        "request": request_document(preview.request),
        "surface": preview.surface,
    }
    if preview.recorded_at is not None:
        document["recordedAt"] = preview.recorded_at.isoformat()
    if preview.more_target_dates:
        document["moreTargetDates"] = [target.isoformat() for target in preview.more_target_dates]
    document["answer"] = answer_document(preview.answer, names)
    if preview.data is not None:
        document["data"] = _data_document(cleaned(preview.data, names))
    return document


def _data_document(data: AccountData) -> Document:
    lists = (data.subscriptions, data.usage, data.catalog, data.drafts, data.tax_rates)
    return {
        "account": data.account,
        **{key: list(found) for key, found in zip(_LISTS, lists, strict=True) if found},
        **({"partial": True} if data.partial else {}),
    }
