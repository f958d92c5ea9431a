"""The service as a shadow: every call is passed to the upstream, its answer to the client; previews are compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from soapsvc.clock import Clock
from soapsvc.parity.shadowing import MOST_BYTES, REST, SOAP, Overheard, Sent, Shadow
from soapsvc.tenant import Store
from soapsvc.vendor.errors import VendorError
from soapsvc.vendor.forwarding import Forwarded, Forwarder
from soapsvc.web.body import BodyRefused, BodyTooLarge, content_encoding, decompressed, read_body
from soapsvc.web.calls import current_call

Environ = dict[str, Any]
StartResponse = Callable[..., object]
_SOAP_PATH = "/apps/services/a/"
_REST_PATH = "/v1/operations/billing-preview"
_MOST_BODY = 32 * 1024 * 1024
"""The most bytes of a call: more than the vendor accepts."""


@dataclass(frozen=True, slots=True)
class ShadowPlace:
    """The upstream that is shadowed, and the folder where differences are recorded."""

    url: str
    differences: Path
    plain_http: bool = False


class Hears(Protocol):
    """Compares recorded calls later."""

    def hear(self, call: Overheard) -> None:
        """Add a call; returns at once."""
        ...

    def leave_out(self, surface: str, at: datetime, why: str) -> None:
        """Count a call that is not compared; returns at once."""
        ...


class ShadowApplication:
    """A WSGI application; `most_body` is the largest request in bytes."""

    def __init__(self, forwarder: Forwarder, shadow: Hears, clock: Clock, most_body: int) -> None:
        self._forwarder = forwarder
        self._shadow = shadow
        self._clock = clock
        self._most_body = most_body

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        try:
            body = _raw_body(environ, self._most_body)
        except BodyTooLarge as refused:
            return _plain(start_response, "413 Content Too Large", f"{refused}.\n")
        except BodyRefused as refused:
            return _plain(start_response, "400 Bad Request", f"{refused}.\n")
        record, surface = current_call(), _surface(environ, body, self._most_body)
        record.surface, record.operation = "shadow", surface or "other"
        try:
            found = self._forwarder.send(environ["REQUEST_METHOD"], _target(environ), _headers(environ), body)
        except VendorError as error:
            record.refuse("upstream", f"{error}", failed=True)
            return _plain(start_response, "502 Bad Gateway", "the upstream does not answer; try again later\n")
        start_response(f"{found.status} {found.reason or 'OK'}", list(found.headers))
        if surface is None:
            return _Passed(found, None)
        return _Passed(found, _Ear(self._shadow, self._clock, surface, Sent(body, _encoding(environ))))


@dataclass(frozen=True, slots=True)
class _Ear:
    """The listener to a preview's answer."""

    shadow: Hears
    clock: Clock
    surface: str
    asked: Sent

    def hear(self, found: Forwarded, answer: list[bytes]) -> None:
        """Submit it for comparison."""
        self.shadow.hear(Overheard(self.surface, self.clock(), self.asked, Sent(b"".join(answer), found.encoding)))

    def leave_out(self) -> None:
        """Report that it is not compared."""
        self.shadow.leave_out(self.surface, self.clock(), f"the answer has more than {MOST_BYTES} bytes")


class _Passed:
    """The upstream's answer on its way; the copy is submitted once the answer is complete."""

    def __init__(self, found: Forwarded, ear: _Ear | None) -> None:
        self._found = found
        self._ear = ear

    def __iter__(self) -> Iterator[bytes]:
        if self._ear is None:
            yield from self._found.pieces()
            return
        kept: list[bytes] = []
        size = 0
        for piece in self._found.pieces():
            size += len(piece)
            if size <= MOST_BYTES:
                kept.append(piece)
            else:
                kept.clear()
            yield piece
        if size <= MOST_BYTES:
            self._ear.hear(self._found, kept)
        else:
            self._ear.leave_out()

    def close(self) -> None:
        self._found.close()


def _raw_body(environ: Environ, most: int) -> bytes:
    """The body as sent, still compressed if it was."""
    return read_body({name: value for name, value in environ.items() if name != "HTTP_CONTENT_ENCODING"}, most)


def _target(environ: Environ) -> str:
    """Path and query, as on the wire."""
    path = quote(environ.get("PATH_INFO", "/").encode("latin-1"), safe="/:@!$&'()*+,;=~-._")
    query = environ.get("QUERY_STRING", "")
    return f"{path}?{query}" if query else path


def _headers(environ: Environ) -> list[tuple[str, str]]:
    """The headers of a call."""
    named = [
        (name.removeprefix("HTTP_").replace("_", "-").title(), value)
        for name, value in environ.items()
        if name.startswith("HTTP_")
    ]
    content_type = environ.get("CONTENT_TYPE", "")
    return [*named, *([("Content-Type", content_type)] if content_type else [])]


def _plain(start_response: StartResponse, status: str, text: str) -> list[bytes]:
    body = text.encode()
    start_response(status, [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", f"{len(body)}")])
    return [body]


def _surface(environ: Environ, body: bytes, most: int) -> str | None:
    """The surface of a call for previews; None for every other call."""
    path = environ.get("PATH_INFO", "").removeprefix("/rest")
    if environ["REQUEST_METHOD"] != "POST":
        return None
    if path.rstrip("/") == _REST_PATH:
        return REST
    return SOAP if path.startswith(_SOAP_PATH) and b"billingPreview" in _readable(environ, body, most) else None


def _encoding(environ: Environ) -> str:
    return str(environ.get("HTTP_CONTENT_ENCODING", ""))


def _readable(environ: Environ, body: bytes, most: int) -> bytes:
    """A body without compression; empty where it cannot be decompressed."""
    if content_encoding(environ) == "identity":
        return body
    try:
        return decompressed(body, most)
    except BodyRefused:
        return b""


def shadow_of(
    place: ShadowPlace, store: Store, clock: Clock, counted: Callable[[str, str], None] | None
) -> tuple[ShadowApplication, Callable[[float], None]]:
    """The shadow of an upstream over our store, and the function that ends its comparisons within given seconds.

    `counted` gets each preview's surface and outcome.
    """
    forwarder = Forwarder(place.url, plain_http=place.plain_http)
    shadow = Shadow(store, place.differences, counted=counted)
    return ShadowApplication(forwarder, shadow, clock, _MOST_BODY), shadow.finish
