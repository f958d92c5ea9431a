"""A process that compares: it has an interpreter of its own, and takes of the processors what proxying leaves.

It is given one call at a time and answers how it went, so that no more than that call is lost when it dies. It ends
when whoever started it closes the way to it, or is no more.
"""

from __future__ import annotations

import atexit
import gc
import logging
import os
import signal
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from time import monotonic

from soapsvc import logs
from soapsvc.parity.recording import RecordingProblem
from soapsvc.parity.shadowing.overheard import Overheard, Work

_LOG = logging.getLogger(__name__)
_NICENESS = 10
_ALLOCATIONS = 20_000
"""So many more objects than before have the process look for garbage in cycles: previews leave next to none."""
_CLOSE_SECONDS = 5.0
_DEAF_TO = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
"""Whoever sends these to all processes of a service wants it to end well: the one that started us says when."""


class ComparerLost(Exception):
    """The process that compares has died, cannot be started, or is stuck; the message goes on after its name."""


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
        atexit.register(self.kill)  # or the interpreter would wait for it, and it for us

    def outcomes(self, call: Overheard, patience: float) -> list[str]:
        """How the previews of a call went, within so many seconds. Raises ComparerLost."""
        try:
            self._way.send(call)
            if not self._way.poll(patience):
                raise ComparerLost(f"has said nothing for {patience:g} seconds")
            found: list[str] = self._way.recv()
        except (OSError, EOFError) as error:
            self._process.join(_CLOSE_SECONDS)
            raise ComparerLost(f"ended unexpectedly with {self._process.exitcode}") from error
        return found

    def kill(self) -> None:
        """End it at once, from any thread: one that waits for an outcome has ComparerLost."""
        self._process.kill()

    def close(self) -> None:
        """Have it close its files and end, or end it where it does not."""
        self._way.close()
        self._process.join(_CLOSE_SECONDS)
        if self._process.exitcode is None:
            self._process.kill()
            self._process.join()
        atexit.unregister(self.kill)


def _compare(work: Work, way: Connection, logging_as: tuple[logs.Form, str] | None) -> None:
    """What the process does."""
    from soapsvc.parity.shadowing.comparer import Comparer  # noqa: PLC0415 - a process that proxies does without it

    for each in _DEAF_TO:
        signal.signal(each, signal.SIG_IGN)
    os.nice(_NICENESS)
    if logging_as is not None:
        logs.set_up(*logging_as)
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS, 10, 10)
    comparer = Comparer(work)
    with suppress(EOFError, ConnectionError):  # nobody asks any more
        while True:
            way.send(comparer.outcomes(way.recv()))
    try:
        comparer.close()
    except RecordingProblem as problem:
        _LOG.warning("shadow: %s", problem)
