"""Find the previews in a user's files: recordings, golden captures, HAR archives, pairs of request and answer, folders.

A pair is two files of one name, such as `call.request.json` and `call.answer.json` (or `.xml`, or `response`). A folder
counts with all its files and sub-folders. A single JSON file may also hold a `request` and an `answer`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from soapsvc.parity.recording.answers import read_answer
from soapsvc.parity.recording.exchanges import is_har, read_har, read_pair
from soapsvc.parity.recording.golden import is_golden, read_golden
from soapsvc.parity.recording.lines import is_recording, read_lines
from soapsvc.parity.recording.model import RecordedPreview, RecordingProblem
from soapsvc.parity.recording.requests import instant, read_request
from soapsvc.tenant.reading import Document, FieldProblem, at, mapping, optional, parse_json

_ASKED = re.compile(r"(?P<name>.*)[._-](?P<part>request|answer|response)\.(?P<suffix>json|xml)", re.IGNORECASE)
_READ = frozenset({".json", ".jsonl", ".har", ".xml"})
_START = 4096


def recorded_previews(path: Path) -> Iterator[RecordedPreview]:
    """All previews of a file, or of a folder's files in the order of their names.

    Raises RecordingProblem for a file that cannot be read, and for a folder without any.
    """
    if not path.is_dir():
        yield from _of_file(path, path.name)
        return
    files = [each for each in sorted(path.rglob("*")) if each.is_file() and each.suffix.lower() in _READ]
    if not files:
        raise RecordingProblem(str(path), "", f"has no recording; recordings end in {', '.join(sorted(_READ))}")
    for each in files:
        yield from _of_file(each, each.relative_to(path).as_posix(), skip_answers=True)


def _of_file(path: Path, file: str, *, skip_answers: bool = False) -> Iterator[RecordedPreview]:
    match = _ASKED.fullmatch(path.name)
    if match is not None and match["part"].lower() != "request" and skip_answers and _beside(path, ("request",)):
        return  # read with its request
    try:
        with path.open("rb") as handle:
            start = handle.read(_START)
        if is_recording(start):
            yield from read_lines(path, file)
            return
        content = path.read_bytes()
    except OSError as error:
        raise RecordingProblem(file, "", f"cannot be read: {error.strerror or error}") from error
    try:
        for preview in _pair(path, match["part"].lower(), content) if match else _single(content, path.stem):
            yield replace(preview, name=preview.name or file)
    except FieldProblem as problem:
        raise RecordingProblem(file, "", str(problem)) from problem


def _pair(path: Path, part: str, content: bytes) -> Iterator[RecordedPreview]:
    is_request = part == "request"
    wanted = ("answer", "response") if is_request else ("request",)
    other = _beside(path, wanted)
    if other is None:
        raise FieldProblem("", f"has no {' or '.join(wanted)} of the same name beside it")
    beside = other.read_bytes()
    return read_pair(content, beside) if is_request else read_pair(beside, content)


def _beside(path: Path, parts: tuple[str, ...]) -> Path | None:
    """The file of the same name with the other part."""
    match = _ASKED.fullmatch(path.name)
    if match is None:
        return None
    for other in sorted(path.parent.iterdir()):
        found = _ASKED.fullmatch(other.name)
        if found is not None and found["name"] == match["name"] and found["part"].lower() in parts:
            return other
    return None


def _single(content: bytes, name: str) -> Iterator[RecordedPreview]:
    document = mapping(parse_json(content.removeprefix(b"\xef\xbb\xbf")))
    if is_golden(document):
        yield read_golden(document, name)
    elif is_har(document):
        yield from read_har(document)
    elif "request" in document and ("answer" in document or "response" in document):
        yield _exchange(document)
    else:
        raise FieldProblem(
            "",
            "is not a recording: it must be soapsvc's format, a capture, a HAR archive, or a request with its answer",
        )


def _exchange(document: Document) -> RecordedPreview:
    key = "answer" if "answer" in document else "response"
    asked = at("request", lambda value: read_request(mapping(value)), document["request"])
    answer = at(key, lambda value: read_answer(mapping(value)), document[key])
    recorded_at = optional(document, "recordedAt", instant)
    return RecordedPreview(asked.account_id, asked.account_number, asked.request, answer, recorded_at)
