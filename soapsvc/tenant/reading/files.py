"""Find and read the files of a tenant directory, one document at a time.

A JSON file holds one document, a list of documents, or an object with such a list under a known key; a `.jsonl` file
one document a line; a CSV file one a row. Files are mapped, not read whole, so that a list of millions costs little.
"""

from __future__ import annotations

import csv
import mmap
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from soapsvc.tenant.reading.fields import Document, flag, mapping, optional, parse_json
from soapsvc.tenant.reading.problems import FieldProblem, ImportProblem

_BOM = b"\xef\xbb\xbf"
_BYTE = re.compile(r"\(byte (\d+)\)")
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST = msgspec.json.Decoder(list[msgspec.Raw])


class FileProblem(Exception):
    """A file that cannot be read, or only in part."""

    def __init__(self, problem: ImportProblem) -> None:
        super().__init__(str(problem))
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Source:
    """One document of a file: `place` is its place in the file, `raw` its text, `key` the key of its list if any."""

    file: str
    place: str
    position: int
    raw: msgspec.Raw | bytes
    key: str | None = None

    def document(self) -> Document:
        """The document; raises FieldProblem where it is not a JSON object, or is an error answer of the vendor."""
        document = dict(mapping(parse_json(self.raw)))
        if optional(document, "success", flag) is False:
            raise FieldProblem(
                "success", "is false: this is an error answer of the vendor, not a record; export it again"
            )
        document.pop("success", None)
        return document

    def problem(self, problem: FieldProblem) -> ImportProblem:
        """A problem of this document, with its place in the file."""
        if self.place.startswith("line"):
            return ImportProblem(
                self.file, ", ".join(part for part in (self.place, problem.path) if part), problem.reason
            )
        where = problem.under(self.place).path if self.place else problem.path
        return ImportProblem(self.file, where, problem.reason)


def documents(path: Path, file: str, wrappers: Sequence[str]) -> Iterator[Source]:
    """The documents of one file, by its extension; `wrappers` are the keys under which a JSON file may hold a list.

    Raises FileProblem.
    """
    try:
        if path.suffix.lower() == ".csv":
            yield from _rows(path, file)
        elif path.suffix.lower() == ".jsonl":
            yield from _lines(path, file)
        else:
            yield from _json(path, file, wrappers)
    except OSError as error:
        raise FileProblem(ImportProblem(file, "", f"cannot be read: {error.strerror or error}")) from error


def _json(path: Path, file: str, wrappers: Sequence[str]) -> Iterator[Source]:
    with path.open("rb") as handle:
        if path.stat().st_size == 0:
            raise FileProblem(ImportProblem(file, "", "is empty"))
        content = memoryview(mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ))
    start = len(_BOM) if content[: len(_BOM)] == _BOM else 0
    text = content[start:]
    try:
        if _opens_with(text, b"["):
            yield from _elements(text, file, None)
            return
        members = _OBJECT.decode(text)
    except msgspec.ValidationError:
        yield Source(file, "", 0, bytes(text))
        return
    except msgspec.DecodeError as error:
        raise FileProblem(_malformed(error, text, file)) from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise FileProblem(ImportProblem(file, "", "is not JSON in UTF-8, or is nested too deeply")) from error
    wrapped = [key for key in wrappers if key in members and _opens_with(memoryview(members[key]), b"[")]
    if not wrapped:
        yield Source(file, "", 0, bytes(text))
    for key in wrapped:
        yield from _elements(members[key], file, key)


def _elements(text: msgspec.Raw | memoryview, file: str, key: str | None) -> Iterator[Source]:
    for index, raw in enumerate(_LIST.decode(text)):
        yield Source(file, f"{key or ''}[{index}]", index, raw, key)


def _opens_with(text: memoryview, bracket: bytes) -> bool:
    return bytes(text[:1000]).lstrip()[:1] == bracket


def _malformed(error: msgspec.DecodeError, text: memoryview, file: str) -> ImportProblem:
    match = _BYTE.search(str(error))
    if match is None:
        return ImportProblem(file, "", f"is not JSON ({error})")
    before = bytes(text[: int(match[1])])
    line, column = before.count(b"\n") + 1, len(before) - (before.rfind(b"\n") + 1) + 1
    reason = str(error).removeprefix("JSON is malformed: ").replace(match[0], "").strip()
    return ImportProblem(file, f"line {line}, column {column}", f"is not JSON ({reason})")


def _lines(path: Path, file: str) -> Iterator[Source]:
    with path.open("rb") as handle:
        for position, line in enumerate(handle):
            raw = line.removeprefix(_BOM).strip() if position == 0 else line.strip()
            if raw:
                yield Source(file, f"line {position + 1}", position, raw)


def _rows(path: Path, file: str) -> Iterator[Source]:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.reader(handle, strict=True)
        try:
            header = [name.strip() for name in next(reader, [])]
            if not any(header):
                raise FileProblem(ImportProblem(file, "line 1", "has no header"))
            line = reader.line_num + 1
            for position, cells in enumerate(reader):
                if len(cells) > len(header):
                    raise FileProblem(ImportProblem(file, f"line {line}", "has more cells than the header"))
                if any(cells):
                    yield Source(
                        file, f"line {line}", position, msgspec.json.encode(dict(zip(header, cells, strict=False)))
                    )
                line = reader.line_num + 1
        except csv.Error as error:
            raise FileProblem(ImportProblem(file, f"line {reader.line_num}", f"is not CSV ({error})")) from error
        except UnicodeDecodeError as error:
            raise FileProblem(ImportProblem(file, "", "is not UTF-8 text")) from error
