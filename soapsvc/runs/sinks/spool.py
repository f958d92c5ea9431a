"""Rows that wait to be written: in memory while they are few, in a temporary file when they are many."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import BinaryIO, Self, cast

import msgspec

from soapsvc.runs.results import Row

_MEMORY = 8 << 20
_LENGTH = 4
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[tuple[str | None, ...]]).decode


class Spool(AbstractContextManager["Spool"]):
    """Takes rows, and returns them in the same order, as often as needed."""

    def __init__(self) -> None:
        self._file = cast(BinaryIO, tempfile.SpooledTemporaryFile(_MEMORY))  # noqa: SIM115 - closed by our own context

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._file.close()

    def write(self, rows: Sequence[Row]) -> None:
        """Add rows."""
        if rows:
            packed = _encode(rows)
            self._file.write(len(packed).to_bytes(_LENGTH, "big"))
            self._file.write(packed)

    def __iter__(self) -> Iterator[Row]:
        self._file.seek(0)
        while length := self._file.read(_LENGTH):
            yield from _decode(self._file.read(int.from_bytes(length, "big")))
