"""What every call of the service under test passes through: it takes its turn, draws from the seed, shows our date."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextvars import Context
from datetime import UTC
from email.utils import format_datetime
from functools import partial
from typing import Any

from soapsvc.randomness import context_drawn_from
from soapsvc.standin.stand_in import StandIn
from soapsvc.standin.taken import take_body
from soapsvc.web.gate import Once

Environ = dict[str, Any]
StartResponse = Callable[..., object]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]


class Front:
    """The service over a stand-in's tenant. `before` is done before each call: what those so far have left to do."""

    def __init__(self, stand_in: StandIn, service: Application, before: Callable[[], None]) -> None:
        self._stand_in = stand_in
        self._service = service
        self._before = before

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a call."""
        stand_in, body = self._stand_in, take_body(environ)
        leave = Once(partial(stand_in.turns.leave, stand_in.turns.enter()))
        try:
            self._before()
            call = (environ["REQUEST_METHOD"], environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", ""))
            context = context_drawn_from(stand_in.source(*(part.encode() for part in call), body))
            pieces = context.run(self._service, environ, partial(self._started, start_response))
        except BaseException:
            leave()
            raise
        if isinstance(pieces, list):
            leave()
            return pieces
        return _Pieces(pieces, context, leave)

    def _started(
        self, start_response: StartResponse, status: str, headers: list[tuple[str, str]], *error: object
    ) -> object:
        """Start an answer, with the date by the stand-in's clock."""
        date = format_datetime(self._stand_in.clock().astimezone(UTC), usegmt=True)
        own = [header for header in headers if header[0].lower() != "date"]
        return start_response(status, [*own, ("Date", date)], *error)


class _Pieces:
    """The pieces of an answer, each made in the context of its call, whichever thread asks for it."""

    def __init__(self, pieces: Iterable[bytes], context: Context, done: Callable[[], None]) -> None:
        self._pieces = pieces
        self._iterator = iter(pieces)
        self._context = context
        self._done = done

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return self._context.run(next, self._iterator)

    def stalled(self) -> None:
        """Called by the server while the reader takes nothing: nobody is to wait for it."""
        if (stalled := getattr(self._pieces, "stalled", None)) is not None:
            stalled()
        self._done()

    def close(self) -> None:
        """Called by the server at the end, whatever the end was."""
        try:
            if (close := getattr(self._pieces, "close", None)) is not None:
                self._context.run(close)
        finally:
            self._done()
