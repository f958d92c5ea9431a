"""Forwards other clients' calls to an upstream, and its answers back, byte for byte."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

import httpx

from soapsvc.vendor.client import checked, translated
from soapsvc.vendor.errors import BadAnswer

Headers = Sequence[tuple[str, str]]

_BETWEEN_NEIGHBOURS = frozenset(
    {
        *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "trailers"),
        *("transfer-encoding", "upgrade", "host", "content-length", "expect"),
    }
)
"""Headers that belong to one connection; the sender of the body sets the length again."""
_IDLE_SECONDS = 30.0
"""How long an idle connection is kept: less than services keep theirs, so that none is closed during a call."""
_PIECE = 64 * 1024
_UNPACKED_AT_ONCE = 4 * 1024


@dataclass(frozen=True, slots=True)
class Forwarded:
    """An upstream's answer: its body comes in pieces, and `close` must be called."""

    status: int
    reason: str
    headers: Headers
    response: httpx.Response

    def pieces(self) -> Iterator[bytes]:
        """The body as it was sent, still compressed if it was. Raises VendorError if the connection breaks."""
        with translated():
            yield from self.response.iter_raw(_PIECE)

    @property
    def encoding(self) -> str:
        """The body's Content-Encoding; "" if it has none."""
        return ", ".join(value for name, value in self.headers if name.lower() == "content-encoding")

    def close(self) -> None:
        """Give the connection back."""
        self.response.close()


def unpacked(body: bytes, encoding: str, most: int) -> bytes:
    """A body that was sent with a Content-Encoding of this value, decoded; "" means none.

    Raises VendorError if the body is not in that encoding, or is larger than `most` bytes.
    """
    found, size = list[bytes](), 0
    kept = {"Content-Encoding": encoding.lower().replace("x-gzip", "gzip")} if encoding else {}
    with translated():
        for piece in httpx.Response(200, headers=kept, stream=_Pieces(body)).iter_bytes(_PIECE):
            size += len(piece)
            if size > most:
                raise BadAnswer(f"the body has more than {most} bytes when it is unpacked")
            found.append(piece)
    return b"".join(found)


@dataclass(frozen=True, slots=True)
class _Pieces(httpx.SyncByteStream):
    """Bytes, a few at a time, so that the decoder does not have to decode all of them at once."""

    body: bytes

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, len(self.body), _UNPACKED_AT_ONCE):
            yield self.body[start : start + _UNPACKED_AT_ONCE]


class Forwarder:
    """Forwards to one upstream. Callers bring their own credentials. `transport` takes the network's place in tests.

    Raises InsecureUpstream as `Vendor` does.
    """

    def __init__(
        self,
        url: str,
        *,
        plain_http: bool = False,
        timeout: timedelta = timedelta(seconds=150),
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._base = httpx.URL(checked(url, plain_http=plain_http))
        self._timeouts = httpx.Timeout(timeout.total_seconds(), connect=30).as_dict()
        # Without httpx's client: it would keep the cookies that one caller gets, and send them with the calls of
        # all others.
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=100, keepalive_expiry=_IDLE_SECONDS)
        self._transport = transport or httpx.HTTPTransport(limits=limits, verify=httpx.create_ssl_context())

    def send(self, method: str, target: str, headers: Headers, body: bytes) -> Forwarded:
        """Forward a call; `target` is its path with the query, as it came. Raises VendorError."""
        url = self._base.copy_with(raw_path=self._base.raw_path.rstrip(b"/") + target.encode("latin-1"))
        given = [(name, value) for name, value in headers if name.lower() not in _BETWEEN_NEIGHBOURS]
        request = httpx.Request(
            method, url, headers=given, content=body or None, extensions={"timeout": self._timeouts}
        )
        with translated():
            try:
                response = self._transport.handle_request(request)
            except httpx.RequestError as error:
                error.request = request
                raise
            response.request = request
        kept = [
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, value in response.headers.raw
            if name.decode("latin-1").lower() not in _BETWEEN_NEIGHBOURS - {"content-length"}
        ]
        return Forwarded(response.status_code, response.reason_phrase, kept, response)
