"""A process that compares, with its own interpreter and a lower priority than proxying.

It gets one call at a time and returns its outcome, so only that call is lost if it dies. It ends when its parent closes
the connection or dies.
"""

from __future__ import annotations

import atexit
import logging
import os
import signal
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from time import monotonic

from soapsvc import logs
from soapsvc.children import collect_rarely
from soapsvc.parity.recording import RecordingProblem
from soapsvc.parity.shadowing.overheard import Overheard, Work

_LOG = logging.getLogger(__name__)
_NICENESS = 10
_CLOSE_SECONDS = 5.0
_DEAF_TO = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
"""A sender of these signals to all processes of a service wants it to end in order: our parent decides when."""


class ComparerLost(Exception):
    """The process that compares has died, cannot be started, or is stuck; the message continues after its name."""


class ComparingProcess:
    """A process that compares for one thread. Raises ComparerLost where it cannot be started."""

    def __init__(self, work: Work) -> None:
        context = get_context("spawn")  # a fork would copy the locks that other threads hold
        self._way, theirs = context.Pipe()
        self._process = context.Process(target=_compare, args=(work, theirs, logs.chosen()), name="shadow", daemon=True)
        try:
            self._process.start()
        except OSError as error:
            self._way.close()
            raise ComparerLost(f"cannot be started: {error.strerror}") from error
        finally:
            theirs.close()
        self.started = monotonic()
        atexit.register(self.kill)  # without this the interpreter and the process would wait for each other

    def outcomes(self, call: Overheard, patience: float) -> list[str]:
        """The outcomes of a call's previews, within `seconds`. Raises ComparerLost."""
        try:
            self._way.send(call)
            if not self._way.poll(patience):
                raise ComparerLost(f"has not answered for {patience:g} seconds")
            found: list[str] = self._way.recv()
        except (OSError, EOFError) as error:
            self._process.join(_CLOSE_SECONDS)
            raise ComparerLost(f"ended unexpectedly with {self._process.exitcode}") from error
        return found

    def kill(self) -> None:
        """End it at once, from any thread: a thread that waits for an outcome gets ComparerLost."""
        self._process.kill()

    def close(self) -> None:
        """Ask it to close its files and end, or kill it."""
        self._way.close()
        self._process.join(_CLOSE_SECONDS)
        if self._process.exitcode is None:
            self._process.kill()
            self._process.join()
        atexit.unregister(self.kill)


def _compare(work: Work, way: Connection, logging_as: tuple[logs.Form, str] | None) -> None:
    """The main function of the process."""
    from soapsvc.parity.shadowing.comparer import Comparer  # noqa: PLC0415 - a process that proxies does without it

    for each in _DEAF_TO:
        signal.signal(each, signal.SIG_IGN)
    os.nice(_NICENESS)
    if logging_as is not None:
        logs.set_up(*logging_as)
    collect_rarely()
    comparer = Comparer(work)
    with suppress(EOFError, ConnectionError):  # the parent has closed the connection
        while True:
            way.send(comparer.outcomes(way.recv()))
    try:
        comparer.close()
    except RecordingProblem as problem:
        _LOG.warning("shadow: %s", problem)
