"""The service as a shadow: every call goes to the upstream, whose answer goes back; previews are compared beside."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from soapsvc.clock import Clock
from soapsvc.parity.shadowing import REST, SOAP, Overheard, Shadow
from soapsvc.tenant import Store
from soapsvc.tenant.reading import FieldProblem
from soapsvc.vendor.errors import VendorError
from soapsvc.vendor.forwarding import Forwarded, Forwarder
from soapsvc.web.body import BodyRefused, BodyTooLarge, read_body
from soapsvc.web.calls import current_call

Environ = dict[str, Any]
StartResponse = Callable[..., object]
_SOAP_PATH = "/apps/services/a/"
_REST_PATH = "/v1/operations/billing-preview"
_MOST_BODY = 32 * 1024 * 1024
"""Bytes of a call: above all that the vendor takes."""
_MOST_HEARD = 32 * 1024 * 1024
"""Bytes of an answer that is compared; longer ones pass and are not."""


@dataclass(frozen=True, slots=True)
class ShadowPlace:
    """The upstream that is shadowed, and the folder where differences are recorded."""

    url: str
    differences: Path
    plain_http: bool = False


class Hears(Protocol):
    """Compares what was overheard, some time later."""

    def hear(self, call: Overheard) -> None:
        """Take a call, at once."""
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
        record = current_call()
        record.surface, record.operation = "shadow", _surface(environ, body) or "other"
        try:
            found = self._forwarder.send(environ["REQUEST_METHOD"], _target(environ), _headers(environ), body)
        except VendorError as error:
            record.refuse("upstream", f"{error}", failed=True)
            return _plain(start_response, "502 Bad Gateway", "the upstream does not answer\n")
        start_response(f"{found.status} {found.reason or 'OK'}", list(found.headers))
        return _Passed(found, self._heard(environ, body))

    def _heard(self, environ: Environ, body: bytes) -> Callable[[Forwarded, bytes], None] | None:
        """What becomes of a preview's answer; None for every other call."""
        surface = _surface(environ, body)
        if surface is None:
            return None

        def hear(found: Forwarded, answer: bytes) -> None:
            def unpack() -> tuple[bytes, bytes]:
                try:
                    return _unpacked(environ, body, self._most_body), found.plain(answer, _MOST_HEARD)
                except (BodyRefused, VendorError) as error:
                    raise FieldProblem("", f"cannot be unpacked: {error}") from error

            self._shadow.hear(Overheard(surface, self._clock(), len(body) + len(answer), unpack))

        return hear


class _Passed:
    """The upstream's answer on its way: what was passed is heard once it is whole."""

    def __init__(self, found: Forwarded, hear: Callable[[Forwarded, bytes], None] | None) -> None:
        self._found = found
        self._hear = hear

    def __iter__(self) -> Iterator[bytes]:
        kept: list[bytes] = []
        size = 0
        for piece in self._found.pieces():
            if self._hear is not None and size <= _MOST_HEARD:
                size += len(piece)
                kept.append(piece)
            yield piece
        if self._hear is not None and size <= _MOST_HEARD:
            self._hear(self._found, b"".join(kept))

    def close(self) -> None:
        self._found.close()


def _raw_body(environ: Environ, most: int) -> bytes:
    """The body as it was sent, compressed where it was."""
    return read_body({name: value for name, value in environ.items() if name != "HTTP_CONTENT_ENCODING"}, most)


def _unpacked(environ: Environ, body: bytes, most: int) -> bytes:
    return read_body({**environ, "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": f"{len(body)}"}, most)


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


def _surface(environ: Environ, body: bytes) -> str | None:
    path = environ.get("PATH_INFO", "").removeprefix("/rest")
    if environ["REQUEST_METHOD"] != "POST":
        return None
    if path.rstrip("/") == _REST_PATH:
        return REST
    return SOAP if path.startswith(_SOAP_PATH) and b"billingPreview" in body else None


def shadow_of(
    place: ShadowPlace, store: Store, clock: Clock, counted: Callable[[str, str], None] | None
) -> ShadowApplication:
    """The shadow of an upstream over our store; `counted` is told of each preview's surface and outcome."""
    forwarder = Forwarder(place.url, plain_http=place.plain_http)
    shadow = Shadow(store, place.differences, counted=counted)
    return ShadowApplication(forwarder, shadow, clock, _MOST_BODY)
