"""Read the body of a call before the service does, to find out which call it is."""

from __future__ import annotations

from typing import Any, Protocol

MOST_BYTES = 4 * 1024 * 1024
"""The most bytes that are read; the service itself refuses a body of half this size."""

_PIECE = 64 * 1024
_WITH_BODY = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class _Readable(Protocol):
    def read(self, size: int = ..., /) -> bytes: ...


def take_body(environ: dict[str, Any]) -> bytes:
    """The body as received, at most MOST_BYTES; the service can read all of it again.

    An error of reading is raised again when the service reads.
    """
    if environ["REQUEST_METHOD"] not in _WITH_BODY:
        return b""
    said = environ.get("CONTENT_LENGTH") or ""
    # Without a length, the body's end is known only if the server marks it.
    ends = environ.get("wsgi.input_terminated", False) or "HTTP_TRANSFER_ENCODING" in environ
    left = min(int(said), MOST_BYTES) if said.isascii() and said.isdigit() else MOST_BYTES if ends else 0
    stream: _Readable = environ["wsgi.input"]
    pieces: list[bytes] = []
    problem: OSError | None = None
    try:
        while left > 0 and (piece := stream.read(min(left, _PIECE))):
            pieces.append(piece)
            left -= len(piece)
    except OSError as error:
        problem = error
    body = b"".join(pieces)
    environ["wsgi.input"] = _Again(body, stream, problem)
    return body


class _Again:
    """The bytes that were read, then the rest."""

    def __init__(self, body: bytes, rest: _Readable, problem: OSError | None) -> None:
        self._body = memoryview(body)
        self._rest = rest
        self._problem = problem

    def read(self, size: int = -1) -> bytes:
        """At most `size` of the next bytes, all for a negative size. Raises the former OSError again."""
        if size < 0:
            head, self._body = bytes(self._body), self._body[:0]
            return head + self._more(-1)
        if not self._body:
            return self._more(size)
        head, self._body = bytes(self._body[:size]), self._body[size:]
        return head

    def _more(self, size: int) -> bytes:
        if self._problem is not None:
            raise self._problem
        return self._rest.read(size)
