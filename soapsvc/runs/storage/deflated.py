"""Text that is compressed in pieces by several workers, and joined by copying.

A piece is a deflate stream of its own that ends at a byte without a last block ("DEFLATE Compressed Data Format", the
sync flush of zlib). A piece does not refer to earlier pieces, so several pieces and an empty last block are one stream,
as in files of pigz. Length and CRC-32 of its text follow each piece; from these, those of the whole text are
computed.
"""

from __future__ import annotations

import io
import struct
from typing import IO

from isal import isal_zlib

LAST_BLOCK = b"\x03\x00"
"""An empty block that ends a stream."""

_LEVEL = 1
_RAW = -isal_zlib.MAX_WBITS
_TRAILER = struct.Struct("<QI")
_COPIED_AT_ONCE = 1 << 20


class DamagedPiece(Exception):
    """A piece has another length than when it was written."""


class PieceWriter:
    """Writes one piece to the end of a file; `size` is its bytes so far."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._compressor = isal_zlib.compressobj(_LEVEL, isal_zlib.DEFLATED, _RAW)
        self._length = 0
        self._crc = 0
        self.size = 0

    def write(self, text: bytes) -> None:
        """Add to the text."""
        self._length += len(text)
        self._crc = isal_zlib.crc32(text, self._crc)
        self._put(self._compressor.compress(text))

    def end(self) -> None:
        """Write the rest of the piece."""
        self._put(self._compressor.flush(isal_zlib.Z_SYNC_FLUSH))
        self._put(_TRAILER.pack(self._length, self._crc))

    def _put(self, content: bytes) -> None:
        self.size += self._file.write(content)


def piece_of(text: bytes) -> tuple[io.BytesIO, int]:
    """A piece in memory, and its size."""
    file = io.BytesIO()
    writer = PieceWriter(file)
    writer.write(text)
    writer.end()
    return file, writer.size


class Joint:
    """Joins pieces; `length` and `crc` are those of the text so far."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target = target
        self.length = 0
        self.crc = 0

    def add(self, piece: IO[bytes], size: int) -> None:
        """Copy a piece of `size` bytes. Raises DamagedPiece, before anything is copied, where its size differs."""
        rest = size - _TRAILER.size
        if piece.seek(0, io.SEEK_END) != size or rest < 0:
            raise DamagedPiece
        piece.seek(rest)
        length, crc = _TRAILER.unpack(piece.read())
        piece.seek(0)
        while rest:
            chunk = piece.read(min(rest, _COPIED_AT_ONCE))
            if not chunk:
                raise DamagedPiece
            self._target.write(chunk)
            rest -= len(chunk)
        self.length += length
        self.crc = isal_zlib.crc32_combine(self.crc, crc, length)
