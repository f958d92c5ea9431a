"""The frame of every call to the service under test.

It adds the call to the journal, applies faults, waits for changes of the tenant, derives ids from the seed, and sets
the date of our clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextvars import Context
from datetime import UTC
from email.utils import format_datetime
from functools import partial
from typing import Any

from soapsvc.randomness import context_drawn_from
from soapsvc.standin.faults import Faults, Rule, apply_effect
from soapsvc.standin.faults.calls import Described, Environ, Wire
from soapsvc.standin.front.runs import Runs
from soapsvc.standin.front.taken import take_body
from soapsvc.standin.stand_in import StandIn
from soapsvc.standin.watch.journal import Entry, Journal, Recorder
from soapsvc.standin.watch.near import near_misses
from soapsvc.web.gate import Once

StartResponse = Callable[..., object]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]


class Front:
    """The service over a stand-in's tenant. `before` runs before each call: it finishes the work of earlier calls."""

    def __init__(
        self,
        stand_in: StandIn,
        service: Application,
        wire: Wire,
        powers: tuple[Faults, Journal, Runs],
        before: Callable[[], None],
    ) -> None:
        self._stand_in = stand_in
        self._service = service
        self._wire = wire
        self._faults, self._journal, self._runs = powers
        self._before = before

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a call."""
        stand_in, body = self._stand_in, take_body(environ)
        call = self._wire.describe(environ, body)
        entry = self._journal.begin(environ, call)
        started = Recorder(entry, partial(self._dated, start_response), partial(self._explain, environ, body))
        where = (environ["REQUEST_METHOD"], environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", ""))
        context = context_drawn_from(stand_in.source(*(part.encode() for part in where), body))
        # From here on, a reset that takes the fault away ends the wait for it, too.
        pause = partial(stand_in.turns.pause, stand_in.turns.generation)
        met = self._faults.hit(call)
        if met is None:
            pieces = self._answered(environ, call, context, None, started.start)
        else:
            entry.fault, rule = met
            changed = partial(self._changed, (environ, body, call), context, rule, started.start, pause)
            pieces = context.run(changed)
        if isinstance(pieces, list):
            return started.whole(pieces)
        return _Pieces(started.pieces(pieces), pieces)

    def _changed(
        self,
        request: tuple[Environ, bytes, Described],
        context: Context,
        rule: Rule,
        start: StartResponse,
        pause: Callable[[float], bool],
    ) -> Iterable[bytes]:
        """The answer to a call with a fault."""
        own = context.copy()  # this one is entered already
        answer = partial(self._answered, request[0], request[2], own, rule)
        return apply_effect(rule.effect, self._wire, request, start, answer, pause)

    def _answered(
        self, environ: Environ, call: Described, context: Context, rule: Rule | None, start: StartResponse
    ) -> Iterable[bytes]:
        """The service's own answer."""
        turns = self._stand_in.turns
        leave = Once(partial(turns.leave, turns.enter()))
        try:
            self._runs.asked(call)
            self._before()
            pieces = context.run(self._service, environ, start)
            if call.makes_runs and rule is not None and rule.effect.kind == "run":
                self._runs.meet(rule.effect)
        except BaseException:
            leave()
            raise
        if isinstance(pieces, list):
            leave()
            return pieces
        return _InContext(pieces, context, leave)

    def _dated(
        self, start_response: StartResponse, status: str, headers: list[tuple[str, str]], *error: object
    ) -> object:
        """Start an answer, with the date by the stand-in's clock."""
        date = format_datetime(self._stand_in.clock().astimezone(UTC), usegmt=True)
        own = [header for header in headers if header[0].lower() != "date"]
        return start_response(status, [*own, ("Date", date)], *error)

    def _explain(self, environ: Environ, body: bytes, entry: Entry) -> None:
        """Add the near misses of a refused call to its entry."""
        if entry.fault is None and (entry.answer or {}).get("kind") in {"fault", "refused"}:
            entry.near_misses = near_misses(self._stand_in.store, self._wire, environ, body, entry.call)


class _InContext:
    """The pieces of the service's answer, each made in the context of its call, in any thread."""

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
        """Called by the server while the reader stalls, so that other calls do not wait for it."""
        if (stalled := getattr(self._pieces, "stalled", None)) is not None:
            stalled()
        self._done()

    def close(self) -> None:
        """Called by the server at the end, whatever the end was."""
        try:
            if (close := getattr(self._pieces, "close", None)) is not None:
                close()
        finally:
            self._done()


class _Pieces:
    """The body to send, with the server's callbacks of the inner body."""

    def __init__(self, recorded: Iterator[bytes], source: Any) -> None:
        self._recorded = recorded
        self._source = source
        self.in_pieces: bool = getattr(source, "in_pieces", False)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._recorded)

    def stalled(self) -> None:
        """Called by the server while the reader takes nothing."""
        if (stalled := getattr(self._source, "stalled", None)) is not None:
            stalled()

    def close(self) -> None:
        """Called by the server at the end, whatever the end was."""
        try:
            if (close := getattr(self._recorded, "close", None)) is not None:
                close()
        finally:
            if (close := getattr(self._source, "close", None)) is not None:
                close()
