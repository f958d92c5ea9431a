"""An answer that fails after its first bytes is broken off, never ended as if it were whole; the log says why."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from sqlalchemy.exc import OperationalError

from soapsvc.server.listening.exchange import Outgoing, Pace, Watch

GONE = OperationalError("SELECT secret", {}, ConnectionError("the server closed the connection"))


@pytest.mark.parametrize(
    ("error", "said", "has_traceback"),
    [
        (GONE, "an answer is broken off: the tenant store does not answer: the server closed the connection", False),
        (ZeroDivisionError("a bug"), "an answer is broken off", True),
    ],
    ids=["the database is gone: one line", "a mistake of ours: with the way to it"],
)
def test_the_lines_of_the_log(
    caplog: pytest.LogCaptureFixture, error: Exception, said: str, has_traceback: bool
) -> None:
    caplog.set_level(logging.INFO)

    def pieces() -> Iterator[bytes]:
        yield b"first"
        raise error

    outgoing = Outgoing(pieces(), Watch(Pace(), 1, lambda: None))
    assert next(outgoing) == b"first"
    with pytest.raises(type(error)):
        next(outgoing)
    (record,) = caplog.records
    assert (record.getMessage(), record.exc_info is not None) == (said, has_traceback)
