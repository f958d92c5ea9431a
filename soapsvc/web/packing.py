"""The body of an answer for sending: compressed on request; a small one with a length, a large one in pieces."""

from __future__ import annotations

import re
import sys
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain

from soapsvc.web.body import Environ

_GZIP = re.compile(r"\s*(?:x-)?gzip\s*(?:;\s*q\s*=\s*([0-9.]+)\s*)?", re.IGNORECASE)
_LEVEL = 1
_GZIP_ONLY = 31

Headers = list[tuple[str, str]]


def packed(
    environ: Environ, pieces: Iterable[bytes], gzip_above: int, streamed_above: int
) -> tuple[Headers, Iterable[bytes]]:
    """The headers that the body needs (Vary, Content-Encoding, Content-Length), and the body.

    A body of more than `gzip_above` bytes is compressed if the client asks for it. A body of more than `streamed_above`
    bytes has no length and is sent piece by piece, unless it is a list, which is complete already. The answer to HEAD
    has an empty body.
    """
    source = iter(pieces)
    head, whole = _head(source, sys.maxsize if isinstance(pieces, list) else streamed_above)
    headers = [("Vary", "Accept-Encoding")]
    body: Iterable[bytes]
    if len(head) > gzip_above and wants_gzip(environ):
        headers.append(("Content-Encoding", "gzip"))
        body = _compressed(chain((head,), source))
        if whole:
            body = [b"".join(body)]
    else:
        body = [head] if whole else chain((head,), source)
    if isinstance(body, list):
        headers.append(("Content-Length", str(len(body[0]))))
    return headers, () if environ["REQUEST_METHOD"] == "HEAD" else body


def wants_gzip(environ: Environ) -> bool:
    """Whether the client asks for gzip by name, with a weight other than 0."""
    for entry in environ.get("HTTP_ACCEPT_ENCODING", "").split(","):
        match = _GZIP.fullmatch(entry)
        if match is not None:
            return match[1] is None or match[1].strip("0.") != ""
    return False


def _head(source: Iterator[bytes], enough: int) -> tuple[bytes, bool]:
    """The first pieces, and whether there are no more."""
    taken: list[bytes] = []
    size = 0
    for piece in source:
        taken.append(piece)
        size += len(piece)
        if size > enough:
            return b"".join(taken), False
    return b"".join(taken), True


def _compressed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    compressor = zlib.compressobj(_LEVEL, wbits=_GZIP_ONLY)
    for piece in pieces:
        if part := compressor.compress(piece):
            yield part
    yield compressor.flush()
