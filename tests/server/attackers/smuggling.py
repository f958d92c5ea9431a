"""Shapes of HTTP that two servers could read in two ways, as data, and the right outcome for each.

Each is sent with a hidden request (`GET /smuggled`) in it and an honest one (`GET /healthz`) after it.
"""

from __future__ import annotations

from typing import NamedTuple

from tests.server.attackers.hostile import SMUGGLED

REFUSED = "refused"
"""One answer, which refuses the request as invalid HTTP (400 and the like), and the connection ends."""
ALONE = "alone"
"""One answer, and the bytes after the request are never read as a request."""
FOLLOWED = "followed"
"""One answer to the shape, then one to the honest request."""

CHUNKED = "Transfer-Encoding: chunked"
_END = b"0\r\n\r\n"
_LENGTH = f"Content-Length: {len(SMUGGLED)}"
_BODY = b"%x\r\n%s\r\n%s" % (len(SMUGGLED), SMUGGLED, _END)


class Shape(NamedTuple):
    """The bytes to send, without request line and Host, and the outcome."""

    outcome: str
    lines: list[str]
    framed: bytes
    request_line: str = "POST /oauth/token HTTP/1.1"
    host: str = "Host: h\r\n"

    def sent(self) -> bytes:
        """The bytes of the request."""
        lines = "".join(f"{line}\r\n" for line in self.lines)
        head = f"{self.request_line}\r\n{self.host}{lines}\r\n"
        return head.encode("latin-1") + self.framed


SHAPES: dict[str, Shape] = {
    "a length": Shape(FOLLOWED, [_LENGTH], SMUGGLED),
    "chunks": Shape(FOLLOWED, [CHUNKED], _BODY),
    "chunks in capitals": Shape(FOLLOWED, ["TRANSFER-ENCODING: CHUNKED"], _BODY),
    # Both: chunks count (RFC 9112, 6.3), and the connection ends.
    "a length, then chunks": Shape(ALONE, ["Content-Length: 6", CHUNKED], _END + b"G"),
    "chunks, then a length": Shape(ALONE, [CHUNKED, "Content-Length: 6"], _END + b"G"),
    "a length that hides what follows chunks": Shape(
        ALONE, [f"Content-Length: {5 + len(SMUGGLED)}", CHUNKED], _END + SMUGGLED
    ),
    "chunks that hide what a length ends before": Shape(ALONE, ["Content-Length: 4", CHUNKED], _BODY),
    # Two lengths.
    "two unlike lengths": Shape(REFUSED, ["Content-Length: 0", _LENGTH], SMUGGLED),
    "two unlike lengths, the larger first": Shape(REFUSED, [_LENGTH, "Content-Length: 0"], SMUGGLED),
    "a list of unlike lengths": Shape(REFUSED, [f"{_LENGTH}, 0"], SMUGGLED),
    "a list of like lengths": Shape(REFUSED, [f"{_LENGTH}, {len(SMUGGLED)}"], SMUGGLED),
    "a length with a sign": Shape(REFUSED, ["Content-Length: +0"], SMUGGLED),
    "a negative length": Shape(REFUSED, ["Content-Length: -1"], SMUGGLED),
    "a length in hexadecimal": Shape(REFUSED, ["Content-Length: 0x0"], SMUGGLED),
    "a length with a fraction": Shape(REFUSED, ["Content-Length: 0.0"], SMUGGLED),
    "a length beyond 64 bits": Shape(REFUSED, [f"Content-Length: {2**64}"], SMUGGLED),
    "an empty length": Shape(REFUSED, ["Content-Length: "], SMUGGLED),
    "a length of Arabic digits": Shape(REFUSED, ["Content-Length: \xd9\xa0"], SMUGGLED),
    # Transfer-Encoding in disguise.
    "a blank before the colon": Shape(REFUSED, ["Transfer-Encoding : chunked", "Content-Length: 0"], _BODY),
    "a blank before the length's colon": Shape(REFUSED, ["Content-Length : 0"], SMUGGLED),
    "a tab before the colon": Shape(REFUSED, ["Transfer-Encoding\t: chunked"], _BODY),
    "a blank before the name": Shape(REFUSED, [" Transfer-Encoding: chunked"], _BODY),
    "an unknown coding": Shape(REFUSED, ["Transfer-Encoding: xchunked"], _BODY),
    "chunked is not the last coding": Shape(REFUSED, ["Transfer-Encoding: chunked, identity"], _BODY),
    "identity": Shape(REFUSED, ["Transfer-Encoding: identity"], _BODY),
    "two codings in two lines": Shape(REFUSED, [CHUNKED, "Transfer-Encoding: identity"], _BODY),
    "a vertical tab": Shape(REFUSED, ["Transfer-Encoding: \x0bchunked"], _BODY),
    "a coding in quotes": Shape(REFUSED, ['Transfer-Encoding: "chunked"'], _BODY),
    "a coding with a parameter": Shape(REFUSED, ["Transfer-Encoding: chunked;q=1"], _BODY),
    "a NUL": Shape(REFUSED, ["Transfer-Encoding: chunked\0"], _BODY),
    "an obsolete fold": Shape(REFUSED, ["Transfer-Encoding:\r\n chunked"], _BODY),
    "a fold with a tab": Shape(REFUSED, ["X: y\r\n\tTransfer-Encoding: chunked"], _BODY),
    "an underscore": Shape(FOLLOWED, ["Transfer_Encoding: chunked", _LENGTH], SMUGGLED),
    "HTTP/1.0 with chunks": Shape(REFUSED, [CHUNKED], _BODY, request_line="POST /oauth/token HTTP/1.0"),
    # Ends of lines.
    "a bare CR in a value": Shape(REFUSED, [f"X: y\rContent-Length: {len(SMUGGLED)}"], SMUGGLED),
    "a bare CR before the name": Shape(REFUSED, [f"\r{_LENGTH}"], SMUGGLED),
    "a bare LF ends a header": Shape(FOLLOWED, [f"X: y\n{_LENGTH}"], SMUGGLED),
    "a bare LF ends the head": Shape(FOLLOWED, [f"{_LENGTH}\r\n\n{SMUGGLED.decode()[:-4]}"], b""),
    # Chunks.
    "a size beyond 64 bits": Shape(ALONE, [CHUNKED], b"1" + b"0" * 16 + b"\r\n" + SMUGGLED + _END),
    "a size that overflows to the right one": Shape(ALONE, [CHUNKED], b"1" + b"0" * 14 + _BODY),
    "a size with a sign": Shape(ALONE, [CHUNKED], b"+" + _BODY),
    "a negative size": Shape(ALONE, [CHUNKED], b"-" + _BODY),
    "a size with 0x": Shape(ALONE, [CHUNKED], b"0x" + _BODY),
    "a size with an underscore": Shape(ALONE, [CHUNKED], b"0_" + _BODY),
    "an empty size": Shape(ALONE, [CHUNKED], b"\r\n" + _BODY),
    "zeros before the size": Shape(FOLLOWED, [CHUNKED], b"000" + _BODY),
    "a chunk longer than its size": Shape(ALONE, [CHUNKED], b"5\r\nhelloX" + _END),
    "a chunk without its end": Shape(ALONE, [CHUNKED], b"5\r\nhello" + _END),
    "a chunk that ends with LF": Shape(ALONE, [CHUNKED], b"5\r\nhello\n" + _END),
    "a size that ends with LF": Shape(ALONE, [CHUNKED], b"5\nhello\r\n" + _END),
    "a size that ends with CR": Shape(ALONE, [CHUNKED], b"5\rhello\r\n" + _END),
    "an extension": Shape(FOLLOWED, [CHUNKED], b'5;a="b"\r\nhello\r\n' + _END),
    "an extension with LF": Shape(ALONE, [CHUNKED], b"5;a\n" + SMUGGLED + b"hello\r\n" + _END),
    "an extension with CR": Shape(ALONE, [CHUNKED], b"5;a\rb\r\nhello\r\n" + _END),
    "an extension that hides a chunk": Shape(ALONE, [CHUNKED], b"2;\nxx\r\n" + SMUGGLED[:2] + b"\r\n" + _END),
    "100,000 bytes of extension": Shape(ALONE, [CHUNKED], b"5;" + b"x" * 100_000 + b"\r\nhello\r\n" + _END),
    # Trailers.
    "a trailer": Shape(FOLLOWED, [CHUNKED], b"5\r\nhello\r\n0\r\nX: y\r\n\r\n"),
    "a length as a trailer": Shape(FOLLOWED, [CHUNKED], b"5\r\nhello\r\n0\r\nContent-Length: 50\r\n\r\n"),
    "chunks as a trailer": Shape(FOLLOWED, [CHUNKED], b"5\r\nhello\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n"),
    "a trailer that is a request": Shape(ALONE, [CHUNKED], b"5\r\nhello\r\n0\r\n" + SMUGGLED),
    "a trailer that ends with LF": Shape(ALONE, [CHUNKED], b"5\r\nhello\r\n0\r\nX: y\n\r\n"),
    "a last chunk that ends with LF": Shape(ALONE, [CHUNKED], b"5\r\nhello\r\n0\n\r\n"),
    "100,000 bytes of trailers": Shape(ALONE, [CHUNKED], b"5\r\nhello\r\n0\r\nX: " + b"y" * 100_000 + b"\r\n\r\n"),
    # Bodies where none is expected.
    "GET with a length": Shape(FOLLOWED, [_LENGTH], SMUGGLED, request_line="GET /docs HTTP/1.1"),
    "GET with chunks": Shape(FOLLOWED, [CHUNKED], _BODY, request_line="GET /docs HTTP/1.1"),
    "HEAD with a length": Shape(FOLLOWED, [_LENGTH], SMUGGLED, request_line="HEAD /healthz HTTP/1.1"),
    "OPTIONS with chunks": Shape(FOLLOWED, [CHUNKED], _BODY, request_line="OPTIONS /docs HTTP/1.1"),
    "DELETE without a session, with a length": Shape(
        FOLLOWED, [_LENGTH], SMUGGLED, request_line="DELETE /v1/connections HTTP/1.1"
    ),
    "a body that the path does not take": Shape(FOLLOWED, [_LENGTH], SMUGGLED, request_line="POST /nothing HTTP/1.1"),
    "a message for nobody": Shape(FOLLOWED, [_LENGTH], SMUGGLED, request_line="PUT /apps/services/a/61.0 HTTP/1.1"),
    # Request lines.
    "an absolute URL": Shape(FOLLOWED, [_LENGTH], SMUGGLED, request_line="POST http://other/oauth/token HTTP/1.1"),
    "an absolute URL with a user": Shape(FOLLOWED, [], b"", request_line="GET http://a@other/docs HTTP/1.1"),
    "two blanks": Shape(REFUSED, [], b"", request_line="GET  /smuggled HTTP/1.1"),
    "a version of one digit": Shape(REFUSED, [], SMUGGLED, request_line="GET /docs HTTP/1"),
    "HTTP/0.9": Shape(REFUSED, [], SMUGGLED, request_line="GET /docs"),
    "HTTP/2.0": Shape(REFUSED, [], SMUGGLED, request_line="GET /docs HTTP/2.0"),
    "HTTP/1.1 in small letters": Shape(REFUSED, [], SMUGGLED, request_line="GET /docs http/1.1"),
    "a tab for a blank": Shape(REFUSED, [], b"", request_line="GET\t/docs HTTP/1.1"),
    "a CR in the path": Shape(REFUSED, [], b"", request_line="GET /do\rcs HTTP/1.1"),
    "empty lines before": Shape(FOLLOWED, [_LENGTH], SMUGGLED, request_line="\r\n\r\nPOST /oauth/token HTTP/1.1"),
    "a header without a colon": Shape(REFUSED, ["GET /smuggled HTTP/1.1", _LENGTH], SMUGGLED),
    "two hosts": Shape(FOLLOWED, ["Host: other"], b"", request_line="GET /docs HTTP/1.1"),
    "no host": Shape(FOLLOWED, [], b"", request_line="GET /docs HTTP/1.1", host=""),
    "an upgrade to HTTP/2": Shape(
        FOLLOWED,
        ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__"],
        b"",
        request_line="GET /docs HTTP/1.1",
    ),
    "Expect, with the body at once": Shape(FOLLOWED, ["Expect: 100-continue", _LENGTH], SMUGGLED),
    "CONNECT": Shape(FOLLOWED, [], b"", request_line="CONNECT other:80 HTTP/1.1"),
}
