"""Apply a fault to an answer: replace it, or send it in another way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from functools import partial
from typing import Any

from soapsvc.standin.faults.calls import Described, Environ, Failing, Spelled, Wire
from soapsvc.standin.faults.rules import Effect
from soapsvc.standin.faults.transport import Broken, BrokenOff, connection_of, drop

StartResponse = Callable[..., object]
Answer = Callable[[StartResponse], Iterable[bytes]]
"""Gives the true answer; the argument starts it."""

_TICKS = 20
_FLUSH_SECONDS = 0.05
_REASONS = {200: "OK", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 429: "Too Many Requests"}


class InPieces:
    """A body that the server sends piece by piece, whatever length its headers have."""

    in_pieces = True

    def __init__(self, pieces: Iterator[bytes], close: Callable[[], None] | None = None) -> None:
        self._pieces = pieces
        self._close = close

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._pieces)

    def close(self) -> None:
        """Called by the server at the end, in every case."""
        if self._close is not None:
            self._close()


def failing_of(effect: Effect) -> Failing | None:
    """The failure that an effect answers with; None for an effect that keeps the answer."""
    more = effect.more
    if effect.kind == "fault":
        return Failing(
            effect.value, more.get("message"), more.get("detail"), more.get("status"), (), more.get("retryAfter")
        )
    if effect.kind == "reasons":
        return Failing(status=more.get("status"), reasons=effect.value)
    if effect.kind == "sessionExpired":
        return Failing("INVALID_SESSION", status=401)
    if effect.kind == "status" and "body" not in more:
        headers = more.get("headers", {})
        return Failing(None, more.get("message"), None, effect.value, (), more.get("retryAfter"), headers)
    return None


def apply_effect(
    effect: Effect,
    wire: Wire,
    request: tuple[Environ, bytes, Described],
    start_response: StartResponse,
    answer: Answer,
    pause: Callable[[float], bool],
) -> Iterable[bytes]:
    """The answer to a call with a fault, after its delay; `pause` waits, and returns False once waiting must end."""
    environ, body, call = request
    # It is looked for now: during the delay, other connections receive data.
    with (connection_of(environ) if effect.kind == "connection" else None) or nullcontext() as connection:
        if not pause(effect.delay):
            start_response("503 Service Unavailable", [("Content-Type", "text/plain")])
            return Broken()
        if connection is not None:
            drop(connection, reset=effect.value == "reset")
    if (failing := failing_of(effect)) is not None:
        return _send(wire.failure(environ, body, call, failing), start_response)
    if effect.kind == "status":
        return _send(_plain(effect), start_response)
    if effect.kind == "connection":
        start_response("500 Internal Server Error", [("Content-Type", "text/plain")])
        return Broken()
    if effect.kind == "contentType":
        return answer(partial(_typed, start_response, effect.value))
    if effect.kind in {"slow", "cut"}:
        return _whole(answer, start_response, partial(_SENDERS[effect.kind], effect.value, pause))
    return answer(start_response)


def _send(spelled: Spelled, start_response: StartResponse) -> list[bytes]:
    start_response(spelled.status, [*spelled.headers, ("Content-Length", str(len(spelled.body)))])
    return [spelled.body]


def _plain(effect: Effect) -> Spelled:
    more = effect.more
    headers = [("Content-Type", more.get("contentType", "text/plain; charset=utf-8"))]
    headers += list(more.get("headers", {}).items())
    if "retryAfter" in more:
        headers.append(("Retry-After", str(more["retryAfter"])))
    return Spelled(f"{effect.value} {_REASONS.get(effect.value, 'Status')}", headers, more["body"].encode())


def _typed(start_response: StartResponse, media_type: str, status: str, headers: Any, *error: object) -> object:
    own = [(name, media_type if name.lower() == "content-type" else value) for name, value in headers]
    return start_response(status, own, *error)


def _whole(answer: Answer, start_response: StartResponse, send: Callable[[bytes], Iterator[bytes]]) -> Iterable[bytes]:
    """The complete answer, with its length, sent in the way of the effect."""
    started: list[tuple[str, list[tuple[str, str]]]] = []
    pieces = answer(lambda status, headers, *_error: started.append((status, list(headers))))
    try:
        whole = b"".join(pieces)
    finally:
        if (close := getattr(pieces, "close", None)) is not None:
            close()
    status, headers = started[-1]
    own = [header for header in headers if header[0].lower() != "content-length"]
    start_response(status, [*own, ("Content-Length", str(len(whole)))])
    return InPieces(send(whole))


def _slowly(rate: int, pause: Callable[[float], bool], whole: bytes) -> Iterator[bytes]:
    """The body at a number of bytes per second."""
    size = max(1, rate // _TICKS)
    for start in range(0, len(whole), size):
        yield whole[start : start + size]
        if not pause(size / rate):
            raise BrokenOff("the stand-in begins anew")


def _cut_off(where: float, pause: Callable[[float], bool], whole: bytes) -> Iterator[bytes]:
    """The answer up to a number of bytes, or up to a fraction of it."""
    size = where if isinstance(where, int) else int(len(whole) * where)
    yield whole[:size]
    pause(_FLUSH_SECONDS)  # the written bytes are sent before the connection ends
    raise BrokenOff("the answer is to be cut off here")


_SENDERS: dict[str, Callable[[Any, Callable[[float], bool], bytes], Iterator[bytes]]] = {
    "slow": _slowly,
    "cut": _cut_off,
}
