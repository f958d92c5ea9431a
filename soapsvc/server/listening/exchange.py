"""Pass one request and its answer between granian and the WSGI application, with deadlines for the client.

granian reads heads, holds idle connections and sends small answers without a thread. Reading a body, and an answer made
piece by piece, hold a thread: both have a deadline, which grows with the bytes that arrive.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from soapsvc.server.telling import AFTER_ANSWER
from soapsvc.tenant.database import log_failure

_LOG = logging.getLogger(__name__)
_PIECE = 16 * 1024
_TICK_SECONDS = 0.25
_STALLED_SECONDS = 1.0
_WHOLE_BELOW = 1024 * 1024
_TOO_SLOW = b"The request did not arrive in time.\n"
_FAILED = b"The service failed.\n"
_TEXT = ("Content-Type", "text/plain; charset=utf-8")
_NO_SNIFFING = ("X-Content-Type-Options", "nosniff")
_ENVIRON: dict[str, Any] = {
    "SCRIPT_NAME": "",
    "wsgi.version": (1, 0),
    "wsgi.errors": sys.stderr,
    "wsgi.input_terminated": True,
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
}

_HTTP_10 = "HTTP/1"
"""What granian calls HTTP/1.0."""

Application = Callable[[dict[str, Any], Callable[..., object]], Iterable[bytes]]


class ClientTooSlow(OSError):
    """The client sends or reads more slowly than it may."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a client may take for a body or an answer: `seconds`, plus one second for each `rate` bytes."""

    seconds: float = 20.0
    rate: int = 4096

    def allowed(self, moved: int) -> float:
        """The seconds allowed for `size` bytes."""
        return self.seconds + moved / self.rate


class Watch:
    """Finds slow clients, in a thread of its own; calls `too_many` where too many bodies do not end.

    A thread that waits for a body cannot be woken: the client gets an answer, and most clients then disconnect. A
    client that stays holds the thread; only a new process has all threads again.
    """

    def __init__(self, pace: Pace, most_stuck: int, too_many: Callable[[], None]) -> None:
        self.pace = pace
        self.reading: dict[int, Incoming] = {}
        self.sending: dict[int, Outgoing] = {}
        self._most_stuck = most_stuck
        self._too_many = too_many

    def start(self) -> None:
        """Start the thread."""
        threading.Thread(target=self._look, name="slow clients", daemon=True).start()

    def _look(self) -> None:
        while True:
            time.sleep(_TICK_SECONDS)
            now = time.monotonic()
            stuck = sum(incoming.refused_if_slow(now) for incoming in list(self.reading.values()))
            for outgoing in list(self.sending.values()):
                outgoing.release_if_stalled(now)
            if stuck > self._most_stuck:
                _LOG.warning("%d clients that do not send their requests hold threads; a new worker takes over", stuck)
                self._too_many()
                time.sleep(_TICK_SECONDS * 20)


class Incoming:
    """The body of a request: the part of `wsgi.input` that we use."""

    def __init__(self, body: Any, protocol: Any, watch: Watch) -> None:
        self._body = body
        self._protocol = protocol
        self._watch = watch
        self._began = 0.0
        self._received = 0
        self._refused = False

    def read(self, size: int = -1) -> bytes:
        """At most `size` of the next bytes, all bytes for a negative size; raises ClientTooSlow."""
        if size < 0:
            return b"".join(iter(lambda: self.read(_PIECE), b""))
        watch = self._watch
        self._began = self._began or time.monotonic()
        watch.reading[id(self)] = self
        try:
            piece: bytes = self._body.read(min(size, _PIECE))
        finally:
            del watch.reading[id(self)]
        self._received += len(piece)
        if self._refused:
            raise ClientTooSlow
        return piece

    def refused_if_slow(self, now: float) -> bool:
        """Answer a client that has taken too long, while a thread still waits for its body; True if it has."""
        if not self._refused and now - self._began > self._watch.pace.allowed(self._received):
            self._refused = True
            headers = [_TEXT, _NO_SNIFFING, ("Connection", "close")]
            self._protocol.response_bytes(408, headers, _TOO_SLOW)
        return self._refused


class Outgoing:
    """The pieces of an answer, made as fast as the client reads; a client that reads too slowly is cut off."""

    def __init__(self, pieces: Iterable[bytes], watch: Watch) -> None:
        self._pieces = pieces
        self._next: Iterator[bytes] = iter(pieces)
        self._watch = watch
        self._sent = 0
        self._took = 0.0
        self._since: float | None = None

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        """The next piece; raises ClientTooSlow, which breaks the answer, where the earlier pieces took too long."""
        if self._since is not None:
            self._took += time.monotonic() - self._since
            self._since = None
            if self._took > self._watch.pace.allowed(self._sent):
                _LOG.info("an answer was broken off: its reader is too slow")
                raise ClientTooSlow
        try:
            piece = next(self._next)
        except StopIteration:
            raise
        except Exception as error:
            if getattr(error, "is_meant", False):  # a stand-in's fault asks for it
                _LOG.info("an answer was broken off: %s", error)
            else:
                log_failure(_LOG, error, "an answer is broken off")
            raise
        self._sent += len(piece)
        self._since = time.monotonic()
        return piece

    def release_if_stalled(self, now: float) -> None:
        """Release what the answer holds, such as its place in the gate, while its reader stalls."""
        since = self._since
        if since is not None and now - since > _STALLED_SECONDS and hasattr(self._pieces, "stalled"):
            self._pieces.stalled()

    def close(self) -> None:
        """Called by the server at the end, in every case."""
        self._watch.sending.pop(id(self), None)
        if hasattr(self._pieces, "close"):
            self._pieces.close()


class _Started:
    """Status and headers with which the application starts its answer."""

    def __init__(self) -> None:
        self.status = 500
        self.headers: list[tuple[str, str]] = []

    def __call__(self, status: str, headers: list[tuple[str, str]], _error: object = None) -> None:
        self.status = int(status[:3])
        self.headers = headers

    @property
    def length(self) -> int | None:
        """The stated length of the answer."""
        return next((int(value) for name, value in self.headers if name.lower() == "content-length"), None)


class Exchange:
    """The callable that granian calls for each request, in a thread of its pool."""

    def __init__(self, application: Application, watch: Watch) -> None:
        self._application = application
        self._watch = watch
        self._is_leaving = False

    def leave(self) -> None:
        """From now on close connections after the answer: another process serves these clients next."""
        self._is_leaving = True

    def __call__(self, protocol: Any, scope: dict[str, Any]) -> None:
        """Answer a request."""
        after: list[Callable[[], None]] = []
        environ = _ENVIRON | scope
        environ["wsgi.input"] = Incoming(scope["wsgi.input"], protocol, self._watch)
        environ[AFTER_ANSWER] = after
        try:
            self._answer(protocol, environ)
        finally:
            for function in after:
                _called(function)

    def _answer(self, protocol: Any, environ: dict[str, Any]) -> None:
        started = _Started()
        try:
            body = self._application(environ, started)
            # A body may ask to be sent piece by piece, so that it can break off before its stated length.
            length = None if isinstance(body, list) else started.length
            is_whole = isinstance(body, list) or (length is not None and length < _WHOLE_BELOW)
            in_pieces = getattr(body, "in_pieces", False) or not is_whole
            # In HTTP/1.0 the end of the connection is the end of an answer that has no length. Where the client asked
            # to keep the connection, granian adds that it is kept: clients read the first word, which is ours.
            if self._is_leaving or (in_pieces and environ["SERVER_PROTOCOL"] == _HTTP_10 and length is None):
                started.headers = [*started.headers, ("Connection", "close")]
            if in_pieces:
                outgoing = Outgoing(body, self._watch)
                self._watch.sending[id(outgoing)] = outgoing
                protocol.response_iter(started.status, started.headers, outgoing)
                return
            whole = _whole(body)
        except ClientTooSlow:
            return  # it was answered
        except Exception:  # noqa: BLE001 - the last resort: the application answers its own failures
            _LOG.exception("a request could not be answered")
            protocol.response_bytes(500, [_TEXT, _NO_SNIFFING], _FAILED)
            return
        protocol.response_bytes(started.status, started.headers, whole)


def _called(function: Callable[[], None]) -> None:
    """Call a function after the answer; a mistake in it is logged, as the answer is out."""
    try:
        function()
    except Exception:  # noqa: BLE001 - the next function, and granian's thread, must go on
        _LOG.exception("a call could not be reported")


def _whole(body: Iterable[bytes]) -> bytes:
    try:
        return b"".join(body)
    finally:
        if hasattr(body, "close"):
            body.close()
