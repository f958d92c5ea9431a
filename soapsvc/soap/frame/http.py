"""The HTTP side of a call: the request's body under limits, and the answer's headers, compressed where asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

from soapsvc.soap.frame.envelope import SoapVersion
from soapsvc.soap.frame.faults import ClientFault, UnsupportedMedia
from soapsvc.soap.frame.limits import Limits
from soapsvc.web import body
from soapsvc.web.body import BodyRefused, Environ
from soapsvc.web.packing import packed

StartResponse = Callable[[str, list[tuple[str, str]]], object]

_CHARSET = re.compile(r""";\s*charset\s*=\s*(?:"([^"]*)"|([^\s;"]*))""", re.IGNORECASE)
_MEDIA_TYPES = frozenset({"", "text/xml", "application/soap+xml", "application/xml", "text/plain"})
# The content types of answers. Every client of the matrix was seen to read "text/xml; charset=utf-8"; the real service
# writes it without the blank and in capitals, which means the same.
_CONTENT_TYPES = {
    SoapVersion.SOAP11: "text/xml; charset=utf-8",
    SoapVersion.SOAP12: "application/soap+xml; charset=utf-8",
}
XML_CONTENT_TYPE = _CONTENT_TYPES[SoapVersion.SOAP11]
_REASONS = {200: "OK", 404: "Not Found", 405: "Method Not Allowed", 415: "Unsupported Media Type"}
_REASONS |= {429: "Too Many Requests", 500: "Internal Server Error", 503: "Service Unavailable"}


def content_type(environ: Environ) -> tuple[str, str | None]:
    """The media type in lower case (empty where none is given) and the charset that the client says."""
    return _parsed_type(environ.get("CONTENT_TYPE") or "")


@lru_cache(maxsize=256)
def _parsed_type(header: str) -> tuple[str, str | None]:
    said = header.partition(";")[0].strip().lower()
    charset = _CHARSET.search(header)
    return said, (charset[1] or charset[2]).strip() or None if charset is not None else None


def read_body(environ: Environ, limits: Limits) -> bytes:
    """The request's body, decompressed.

    Raises UnsupportedMedia where the content type is not XML, ClientFault where the body is too large or cannot be
    read.
    """
    media_type, _ = content_type(environ)
    if media_type not in _MEDIA_TYPES:
        raise UnsupportedMedia(f"The Content-Type of a SOAP 1.1 message must be text/xml, not {media_type!r}")
    encoding = body.content_encoding(environ)
    if encoding not in body.ENCODINGS:
        raise UnsupportedMedia(f"The Content-Encoding must be absent or gzip, not {encoding!r}")
    try:
        return body.read_body(environ, limits.body_bytes)
    except BodyRefused as refused:
        raise ClientFault(f"{refused}") from refused


def soap_response(
    environ: Environ,
    start_response: StartResponse,
    version: SoapVersion,
    pieces: Iterable[bytes],
    limits: Limits,
    status: int = 200,
    headers: Iterable[tuple[str, str]] = (),
) -> Iterable[bytes]:
    """Send an envelope: a small one with Content-Length, a large one in pieces."""
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
    needed, content = packed(environ, pieces, limits.gzip_above, limits.streamed_above)
    start_response(f"{status} {_REASONS[status]}", [("Content-Type", media_type), *needed, *headers])
    return content
