"""Previews of live clients: clients get the vendor's answers, and another process compares them with ours.

Passed calls wait in memory as bytes. A thread gives them to a `ComparingProcess`, one after another. Calls without room
are left out and counted: a client never waits.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter, deque
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from time import monotonic

from soapsvc.parity.shadowing.left_out import LeftOut
from soapsvc.parity.shadowing.outcomes import LEFT_OUT
from soapsvc.parity.shadowing.overheard import Overheard, Work
from soapsvc.parity.shadowing.process import ComparerLost, ComparingProcess
from soapsvc.tenant.store import Store

_LOG = logging.getLogger(__name__)
_WAITING = 200
_MEBIBYTE = 1024 * 1024
_IDLE_SECONDS = 10.0
_TICK_SECONDS = 0.1
_TRIES = 2
"""A call whose process died is tried in only one more process, because the call may have caused the death."""
_LEAST_LIFE_SECONDS = 1.0
"""A process that dies younger than this is replaced only after a wait of this length."""
_LOST = "the processes that compared them were lost"
_STOPPED = "the service has stopped"

Counted = Callable[[str, str], None]
"""A function that gets the surface and the outcome of each preview."""


class Shadow:
    """Compares passed calls. `counts` are previews by outcome, and `counted` is called for each.

    At most 200 calls and `most_bytes` bytes wait. `folder` holds the differences: one recording for each comparing
    process, of at most `most_recorded` bytes, and the findings of all of them. A repeated difference is only counted. A
    process that has not compared a call after `patience` seconds is replaced.
    """

    def __init__(
        self,
        store: Store,
        folder: Path,
        *,
        counted: Counted | None = None,
        most_bytes: int = 64 * _MEBIBYTE,
        most_recorded: int = 256 * _MEBIBYTE,
        patience: float = 120.0,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._work = Work(store.url, folder, most_recorded)
        self._counted = counted
        self._most_bytes = most_bytes
        self._patience = patience
        self._no_room = f"{_WAITING} calls, or {most_bytes} bytes of them, wait to be compared"
        self._changed = threading.Condition()
        self._waiting: deque[Overheard] = deque()
        self._bytes = 0
        self._end: float | None = None
        self._thread: threading.Thread | None = None
        self._process: ComparingProcess | None = None
        self._left_out = LeftOut(folder, lambda surface: self._tell(surface, LEFT_OUT))

    def hear(self, call: Overheard) -> None:
        """Add a call to be compared, or leave it out where there is no room; returns at once."""
        with self._changed:
            has_room = len(self._waiting) < _WAITING and self._bytes + call.size <= self._most_bytes
            is_taken = has_room and self._end is None
            if is_taken:
                self._waiting.append(call)
                self._bytes += call.size
                self._changed.notify()
            if self._thread is None and self._end is None:
                # Started here, because a forked process does not have its parent's threads.
                self._thread = threading.Thread(target=self._hand_over, name="shadow", daemon=True)
                self._thread.start()
        if not is_taken:
            self._left_out.add(call.surface, call.at, _STOPPED if has_room else self._no_room)

    def leave_out(self, surface: str, at: datetime, why: str) -> None:
        """Count a call that cannot be compared and was answered at that instant; returns at once."""
        self._left_out.add(surface, at, why)

    def finish(self, seconds: float = 60.0) -> None:
        """Compare waiting calls for at most `seconds`, leave out the rest, and end. No more calls are added."""
        with self._changed:
            self._end = monotonic() + seconds
            waiting, thread = len(self._waiting), self._thread
            self._changed.notify()
        if waiting:
            _LOG.info("shadow: calls that wait to be compared before the end: %d, within %g seconds", waiting, seconds)
        if thread is not None:
            thread.join(seconds)
            while thread.is_alive():
                if (process := self._process) is not None:
                    process.kill()
                thread.join(_TICK_SECONDS)
        if self._process is not None:
            self._process.close()
        for call in self._waiting:
            self._left_out.add(call.surface, call.at, _STOPPED)
        self._waiting.clear()
        self._left_out.settle(at_once=True)

    def _hand_over(self) -> None:
        """Give calls to the process until `finish`."""
        while self._end is None or (self._waiting and not self._is_over()):
            with self._changed:
                if not self._waiting and self._end is None:
                    self._changed.wait(_IDLE_SECONDS)
                call = self._waiting.popleft() if self._waiting else None
            if call is not None:
                for outcome in self._outcomes(call):
                    self._tell(call.surface, outcome)
                with self._changed:
                    self._bytes -= call.size
            self._left_out.settle()

    def _outcomes(self, call: Overheard) -> list[str]:
        for _ in range(_TRIES):
            try:
                if self._process is None:
                    self._process = ComparingProcess(self._work)
                return self._process.outcomes(call, self._patience)
            except ComparerLost as lost:
                self._replace(lost)
            if self._is_over():
                break
        self._left_out.add(call.surface, call.at, _STOPPED if self._is_over() else _LOST)
        return []

    def _is_over(self) -> bool:
        """Whether the time for waiting calls is over."""
        return self._end is not None and monotonic() >= self._end

    def _replace(self, lost: ComparerLost) -> None:
        """Drop a lost process; the next call starts another one."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.close()
        with self._changed:
            if self._end is None:
                _LOG.error("shadow: the process that compares %s; another one takes its place", lost)
                if process is None or monotonic() - process.started < _LEAST_LIFE_SECONDS:
                    self._changed.wait_for(lambda: self._end is not None, _LEAST_LIFE_SECONDS)

    def _tell(self, surface: str, outcome: str) -> None:
        with self._changed:
            self.counts[outcome] += 1
        if self._counted is not None:
            self._counted(surface, outcome)
