"""The HTTP side of a call: the request's body under limits, and the answer's headers, compressed where asked."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from email.message import Message
from itertools import chain
from typing import Any, Protocol

from soapsvc.soap.envelope import SoapVersion
from soapsvc.soap.faults import ClientFault, UnsupportedMedia
from soapsvc.soap.limits import Limits

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], object]

_PIECE = 64 * 1024
_MEDIA_TYPES = frozenset({"", "text/xml", "application/soap+xml", "application/xml", "text/plain"})
# What answers say. "text/xml; charset=utf-8" is the spelling that every client of the matrix was seen to read; the real
# service's own has no blank and capitals, which means the same.
_CONTENT_TYPES = {
    SoapVersion.SOAP11: "text/xml; charset=utf-8",
    SoapVersion.SOAP12: "application/soap+xml; charset=utf-8",
}
XML_CONTENT_TYPE = _CONTENT_TYPES[SoapVersion.SOAP11]
_REASONS = {200: "OK", 404: "Not Found", 405: "Method Not Allowed", 415: "Unsupported Media Type"}
_REASONS |= {429: "Too Many Requests", 500: "Internal Server Error"}
_GZIP = re.compile(r"\s*(?:x-)?gzip\s*(?:;\s*q\s*=\s*([0-9.]+)\s*)?", re.IGNORECASE)
_LEVEL = 1
_GZIP_OR_ZLIB = 47
_GZIP_ONLY = 31


class _Readable(Protocol):
    def read(self, size: int = ..., /) -> bytes: ...


def content_type(environ: Environ) -> tuple[str, str | None]:
    """The media type in lower case (empty where none is given) and the charset that the client says."""
    message = Message()
    message["content-type"] = environ.get("CONTENT_TYPE") or ""
    said = message["content-type"].partition(";")[0].strip().lower()
    charset = message.get_param("charset")
    return said, charset.strip() or None if isinstance(charset, str) else None


def read_body(environ: Environ, limits: Limits) -> bytes:
    """The request's body, decompressed.

    Raises UnsupportedMedia where the headers say that it is no XML, ClientFault where it is too large or cannot be
    read.
    """
    media_type, _ = content_type(environ)
    if media_type not in _MEDIA_TYPES:
        raise UnsupportedMedia(f"A SOAP message comes as text/xml, not as {media_type!r}")
    encoding = (environ.get("HTTP_CONTENT_ENCODING") or "identity").strip().lower()
    if encoding not in {"identity", "gzip", "x-gzip", "deflate"}:
        raise UnsupportedMedia(f"A message comes plain or compressed with gzip, not with {encoding!r}")
    body = _read(environ, limits)
    return body if encoding == "identity" else _decompress(body, limits)


def _read(environ: Environ, limits: Limits) -> bytes:
    length = environ.get("CONTENT_LENGTH") or None
    if length is not None and not (length.isascii() and length.isdigit()):
        raise ClientFault("The Content-Length is not a number")
    expected = None if length is None else int(length)
    if expected is not None and expected > limits.body_bytes:
        raise _too_large(limits)
    stream: _Readable = environ["wsgi.input"]
    try:
        body = b"".join(_pieces(stream, limits.body_bytes + 1 if expected is None else expected))
    except OSError as error:
        raise ClientFault("The message did not arrive whole") from error
    if len(body) > limits.body_bytes:
        raise _too_large(limits)
    if expected is not None and len(body) < expected:
        raise ClientFault(f"The message has {len(body)} bytes, less than its Content-Length says")
    return body


def _pieces(stream: _Readable, remaining: int) -> Iterator[bytes]:
    while remaining and (piece := stream.read(min(remaining, _PIECE))):
        remaining -= len(piece)
        yield piece


def _too_large(limits: Limits) -> ClientFault:
    return ClientFault(f"The message is larger than {limits.body_bytes} bytes")


def _decompress(body: bytes, limits: Limits) -> bytes:
    decompressor = zlib.decompressobj(_GZIP_OR_ZLIB)
    try:
        plain = decompressor.decompress(body, limits.body_bytes + 1)
    except zlib.error as error:
        raise ClientFault("The message is not compressed as it says") from error
    if len(plain) > limits.body_bytes:
        raise _too_large(limits)
    if not decompressor.eof or decompressor.unused_data:
        raise ClientFault("The compressed message is cut off, or followed by something else")
    return plain


def soap_response(
    environ: Environ,
    start_response: StartResponse,
    version: SoapVersion,
    pieces: Iterable[bytes],
    limits: Limits,
    status: int = 200,
    headers: Iterable[tuple[str, str]] = (),
) -> Iterable[bytes]:
    """Send an envelope: with Content-Length where it is small, in pieces else."""
    return respond(environ, start_response, _CONTENT_TYPES[version], pieces, limits, status, headers)


def respond(
    environ: Environ,
    start_response: StartResponse,
    media_type: str,
    pieces: Iterable[bytes],
    limits: Limits,
    status: int = 200,
    headers: Iterable[tuple[str, str]] = (),
) -> Iterable[bytes]:
    """Start the response and return its body."""
    source = iter(pieces)
    head, whole = _head(source, limits.streamed_above)
    sent = [("Content-Type", media_type), ("Vary", "Accept-Encoding"), *headers]
    body: Iterable[bytes]
    if len(head) > limits.gzip_above and _wants_gzip(environ):
        sent.append(("Content-Encoding", "gzip"))
        body = _compressed(chain((head,), source))
        if whole:
            body = [b"".join(body)]
    else:
        body = [head] if whole else chain((head,), source)
    if isinstance(body, list):
        sent.append(("Content-Length", str(len(body[0]))))
    start_response(f"{status} {_REASONS[status]}", sent)
    return () if environ["REQUEST_METHOD"] == "HEAD" else body


def _head(source: Iterator[bytes], enough: int) -> tuple[bytes, bool]:
    """The first pieces, and whether they are all."""
    taken: list[bytes] = []
    size = 0
    for piece in source:
        taken.append(piece)
        size += len(piece)
        if size > enough:
            return b"".join(taken), False
    return b"".join(taken), True


def _wants_gzip(environ: Environ) -> bool:
    """Whether the client asks for gzip by name, with a weight other than 0."""
    for entry in environ.get("HTTP_ACCEPT_ENCODING", "").split(","):
        match = _GZIP.fullmatch(entry)
        if match is not None:
            return match[1] is None or match[1].strip("0.") != ""
    return False


def _compressed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    compressor = zlib.compressobj(_LEVEL, wbits=_GZIP_ONLY)
    for piece in pieces:
        if packed := compressor.compress(piece):
            yield packed
    yield compressor.flush()
