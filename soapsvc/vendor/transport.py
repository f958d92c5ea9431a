"""The transport of every request: it waits for a place, and reads the limits in the answer."""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType

import httpx

from soapsvc.vendor.pace import Pace
from soapsvc.vendor.sign_in import TOKEN_PATH


class PacedTransport(httpx.BaseTransport):
    """Takes a place for each request until its answer is read, and passes the answer's headers to the pace.

    The vendor counts token requests apart from calls ("Rate and concurrent request limits"). They wait for no place,
    so that a call that has a place can get a token.
    """

    def __init__(self, inner: httpx.BaseTransport, pace: Pace) -> None:
        self._inner = inner
        self._pace = pace

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request as soon as there is a place for it."""
        if request.url.path.endswith(TOKEN_PATH):
            return self._inner.handle_request(request)
        self._pace.enter()
        try:
            response = self._inner.handle_request(request)
        except BaseException:
            self._pace.leave()
            raise
        self._pace.heard(response.status_code, {name.lower(): value for name, value in response.headers.items()})
        if not isinstance(response.stream, httpx.SyncByteStream):
            self._pace.leave()
            raise TypeError("the inner transport answers with a synchronous stream")
        response.stream = _Held(response.stream, self._pace)
        return response

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        self.close()


class _Held(httpx.SyncByteStream):
    """The bytes of an answer; its end gives the place back."""

    def __init__(self, stream: httpx.SyncByteStream, pace: Pace) -> None:
        self._stream = stream
        self._pace: Pace | None = pace

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._stream)

    def close(self) -> None:
        try:
            self._stream.close()
        finally:
            pace, self._pace = self._pace, None
            if pace is not None:
                pace.leave()
