"""`GET /v1/files/{id}`: the result file of a run, whole or a range of its bytes (RFC 9110)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import BinaryIO

from soapsvc.rest.http import Call, Category, RangeNotSatisfiable, Reason, Refused, Reply
from soapsvc.runs.execution import run_folder
from soapsvc.runs.planning import visible_runs
from soapsvc.tenant.store import Store

ZIP = "application/zip"
_MOST_DIGITS = 19
_RANGE = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)
_READ_AT_ONCE = 64 * 1024


@dataclass(frozen=True, slots=True)
class ResultFile:
    """The operation; `results` is where runs keep their files."""

    store: Store
    results: str

    def __call__(self, call: Call) -> Reply:
        """Answer with the file, or with the requested range."""
        file_id = call.path["file_id"]
        run = next(visible_runs(self.store, call.caller.user, file_id=file_id), None)
        if run is None or run.file_size is None:
            raise _unknown(file_id)
        size, tag = run.file_size, f'"{file_id}"'
        wanted = _range(call.headers.get("range", ""), size) if call.headers.get("if-range", tag) == tag else None
        start, end = wanted or (0, size)
        try:
            file = run_folder(self.results, run.id).read(run.file_name)
        except FileNotFoundError as error:
            raise _unknown(file_id) from error
        headers = {
            "Accept-Ranges": "bytes",
            "Content-Disposition": f'attachment; filename="{run.file_name}"',
            "Content-Length": f"{end - start}",
            "ETag": tag,
        }
        if wanted is None:
            return Reply(_pieces(file, start, end), media_type=ZIP, headers=headers, is_packed=True)
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
        return Reply(_pieces(file, start, end), HTTPStatus.PARTIAL_CONTENT, ZIP, headers, is_packed=True)


def _range(header: str, size: int) -> tuple[int, int] | None:
    """The single range `[start, end)` in the header; None without one, with several, or with an invalid one.

    Raises RangeNotSatisfiable for a range beyond the file.
    """
    match = _RANGE.fullmatch(header.replace(" ", ""))
    if match is None or match[0] == "bytes=-":
        return None
    first, last = match[1], match[2]
    if not first:
        start, end = max(0, size - _number(last)), size
    else:
        start, end = _number(first), min(_number(last) + 1 if last else size, size)
        if last and _number(last) < _number(first):
            return None
    if start >= end:
        raise RangeNotSatisfiable(size)
    return start, end


def _number(digits: str) -> int:
    """A number of bytes; a number with more digits than any file size counts as the largest size."""
    return int(digits) if len(digits) <= _MOST_DIGITS else int("9" * _MOST_DIGITS)


def _pieces(file: BinaryIO, start: int, end: int) -> Iterator[bytes]:
    """The bytes `[start, end)` of a file, which is closed with the iterator."""
    with file:
        file.seek(start)
        left = end - start
        while left and (piece := file.read(min(left, _READ_AT_ONCE))):
            left -= len(piece)
            yield piece


def _unknown(file_id: str) -> Refused:
    return Refused(Reason(Category.NOT_FOUND, f"Cannot find entity by key: '{file_id}'."))
