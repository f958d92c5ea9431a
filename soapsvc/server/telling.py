"""Report every request once: when the last byte of its answer is sent, or when its reader has stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from soapsvc.web.calls import REQUEST_ID, CallRecord, Observer, begin_call, request_id, trace_parent

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], object]
WSGIApplication = Callable[[Environ, StartResponse], Iterable[bytes]]

AFTER_ANSWER = "soapsvc.after_answer"
"""The key of an environment under which a server keeps a list of functions that it calls once the answer is sent."""

_NO_SNIFFING = ("X-Content-Type-Options", "nosniff")


def told(application: WSGIApplication, observer: Observer | None, *, own_headers: bool = True) -> WSGIApplication:
    """The application, with an id for each call, and a report of each to log and observer.

    Its answers have the id in a header; without `own_headers` they have only the application's headers.
    """

    def answer(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        record = CallRecord(request_id(environ.get("HTTP_X_REQUEST_ID")), observer=observer)
        record.trace = trace_parent(environ.get("HTTP_TRACEPARENT"))
        begin_call(record)

        def start(status: str, headers: list[tuple[str, str]], *error: object) -> object:
            record.status = int(status[:3])
            own = [_NO_SNIFFING, (REQUEST_ID, record.request_id)] if own_headers else []
            return start_response(status, [*headers, *own], *error)

        try:
            body = application(environ, start)
        except BaseException as error:
            _broken(record, error)
            raise
        after = environ.get(AFTER_ANSWER)
        if isinstance(body, list):
            _end(record, after)
            return body
        return _Body(body, record, after)

    return answer


class _Body:
    """An answer on its way."""

    def __init__(self, pieces: Iterable[bytes], record: CallRecord, after: list[Callable[[], None]] | None) -> None:
        self._pieces = pieces
        self._record = record
        self._after = after
        self._is_out = False

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._pieces
        except GeneratorExit:
            raise  # nobody wants the rest: `close` says so
        except BaseException as error:
            _broken(self._record, error)
            raise
        self._is_out = True

    def close(self) -> None:
        """Called by the server at the end, in every case."""
        try:
            if (close := getattr(self._pieces, "close", None)) is not None:
                close()
        finally:
            if not self._is_out:
                self._record.refuse("broken_off", "the reader went away, or was too slow")
            _end(self._record, self._after)

    def stalled(self) -> None:
        """Called by the server, from another thread, while the reader stalls."""
        if (stalled := getattr(self._pieces, "stalled", None)) is not None:
            stalled()


def _end(record: CallRecord, after: list[Callable[[], None]] | None) -> None:
    """Report a call, after its answer where the server can: the client need not wait for the log and the metrics."""
    if after is None:
        record.end()
    else:
        after.append(record.end)


def _broken(record: CallRecord, error: BaseException) -> None:
    """Record a failure: the server answers with 500, or breaks its answer off."""
    record.refuse("broken_off", type(error).__name__, failed=isinstance(error, Exception))
    record.end()


def plain(start_response: StartResponse, status: str, text: str) -> Iterable[bytes]:
    """Answer with a text."""
    body = text.encode()
    start_response(status, [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))])
    return [body]
