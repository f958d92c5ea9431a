"""Read the body of a request, complete and decompressed, up to a limit."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any, Protocol

Environ = dict[str, Any]
ENCODINGS = frozenset({"identity", "gzip", "x-gzip", "deflate"})
"""The content encodings that `read_body` accepts."""

_PIECE = 64 * 1024
_MOST_DIGITS = 19
_GZIP_OR_ZLIB = 47


class BodyRefused(Exception):
    """A body that cannot be read; the message is a sentence about it."""


class BodyTooLarge(BodyRefused):
    """A body above the limit, before or after decompression."""


class _Readable(Protocol):
    def read(self, size: int = ..., /) -> bytes: ...


def content_encoding(environ: Environ) -> str:
    """The content encoding of the request, in lower case; `identity` where none is given."""
    return (environ.get("HTTP_CONTENT_ENCODING") or "identity").strip().lower()


def read_body(environ: Environ, most: int) -> bytes:
    """The request's body, decompressed, of at most `most` bytes; its encoding is one of `ENCODINGS`.

    Raises BodyTooLarge, and BodyRefused for a body that is incomplete or not compressed as its header says.
    """
    body = _read(environ, most)
    return body if content_encoding(environ) == "identity" else decompressed(body, most)


def _read(environ: Environ, most: int) -> bytes:
    length = environ.get("CONTENT_LENGTH") or None
    if length is not None and not (length.isascii() and length.isdigit()):
        raise BodyRefused("The Content-Length is not a number")
    if length is not None and len(length) > _MOST_DIGITS:
        raise _too_large(most)
    expected = None if length is None else int(length)
    if expected is not None and expected > most:
        raise _too_large(most)
    stream: _Readable = environ["wsgi.input"]
    try:
        body = b"".join(_pieces(stream, most + 1 if expected is None else expected))
    except OSError as error:
        raise BodyRefused("The message did not arrive completely") from error
    if len(body) > most:
        raise _too_large(most)
    if not body and "HTTP_TRANSFER_ENCODING" in environ:  # the server ends a body at its first malformed chunk
        raise BodyRefused("The chunked message is empty, or its chunks are malformed")
    if expected is not None and len(body) < expected:
        raise BodyRefused(f"The message has {len(body)} bytes, less than its Content-Length says")
    return body


def _pieces(stream: _Readable, remaining: int) -> Iterator[bytes]:
    while remaining and (piece := stream.read(min(remaining, _PIECE))):
        remaining -= len(piece)
        yield piece


def _too_large(most: int) -> BodyTooLarge:
    return BodyTooLarge(f"The message is larger than {most} bytes")


def decompressed(body: bytes, most: int) -> bytes:
    """A gzip or deflate body, decompressed; raises BodyRefused where it is malformed, or larger than `most`."""
    decompressor = zlib.decompressobj(_GZIP_OR_ZLIB)
    try:
        plain = decompressor.decompress(body, most + 1)
    except zlib.error as error:
        raise BodyRefused("The message is not compressed as its Content-Encoding says") from error
    if len(plain) > most:
        raise _too_large(most)
    if not decompressor.eof or decompressor.unused_data:
        raise BodyRefused("The compressed message is cut off, or other data follow it")
    return plain
