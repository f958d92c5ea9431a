"""Worker processes: a main process forks them, replaces dead ones, and stops them by signals.

The main process only waits for signals. It keeps them blocked, so that none comes at a wrong moment. SIGTERM and SIGHUP
let calls under way finish; SIGINT, which Ctrl-C sends to the whole process group, gives them a moment; a second one of
these signals ends everything at once. SIGUSR1 from a worker asks for its replacement. The signals with which other
servers start and stop workers have no effect.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

_LOG = logging.getLogger(__name__)
PATIENT_SECONDS = 30.0
"""How long calls under way may take, by default, after a worker is told to stop."""
_HURRIED_SECONDS = 1.0
_TICK_SECONDS = 0.5
_LEAST_LIFE_SECONDS = 1.0
"""A worker that dies younger than this is replaced only after a wait of this length."""
_NOT_STARTED = 3
_ENDING = frozenset({signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT})
_HEEDED = _ENDING | {signal.SIGCHLD, signal.SIGUSR1, signal.SIGUSR2, signal.SIGTTIN, signal.SIGTTOU}


class WorkersFailed(Exception):
    """A worker cannot start; its log says why."""


@dataclass(frozen=True, slots=True)
class _Worker:
    slot: int
    born: float
    doomed: float | None = None
    """The time at which a worker that was told to stop is killed."""


class Processes:
    """`count` workers; each calls `start(slot)` and then the function that it returns, until SIGTERM.

    A slot belongs to one worker at a time and is below `slots(count)`. `ended` is called when a slot is free again,
    `lost` when a worker has ended unexpectedly. Calls under way have `patience` seconds after a worker is told to stop.
    """

    def __init__(
        self,
        count: int,
        start: Callable[[int], Callable[[], None]],
        ended: Callable[[int], None],
        lost: Callable[[], None],
        patience: float = PATIENT_SECONDS,
    ) -> None:
        self._count = count
        self._start = start
        self._ended = ended
        self._lost = lost
        self.patience = patience
        self._free = list(range(self.slots(count)))
        self._workers: dict[int, _Worker] = {}
        self._alive_end, self._main_end = os.pipe()
        self._before: set[signal.Signals] = set()

    @staticmethod
    def slots(count: int) -> int:
        """The number of slots: more than workers, as a successor serves while a worker finishes its calls."""
        return 2 * count

    def run(
        self,
        serving: Callable[[], None],
        stop_listening: Callable[[], None],
        outdated: Callable[[], bool] = lambda: False,
    ) -> None:
        """Serve until told to stop; raises WorkersFailed.

        `serving` is called once the workers have started, `stop_listening` when they are told to stop. Workers are
        replaced when `outdated`, which is called from time to time, returns True.
        """
        self._before = {signal.Signals(each) for each in signal.pthread_sigmask(signal.SIG_BLOCK, _HEEDED)}
        try:
            self._fork_missing()
            serving()
            patience = self._keep(outdated)
        except BaseException:
            self._stop(stop_listening, 0)
            raise
        self._stop(stop_listening, patience)

    def _keep(self, outdated: Callable[[], bool]) -> float:
        """Keep workers running; returns the seconds that their calls get at the end."""
        while True:
            self._fork_missing()
            told = signal.sigtimedwait(_HEEDED, _TICK_SECONDS)
            if told is not None and told.si_signo in _ENDING and not _is_ignored(told.si_signo):
                return _HURRIED_SECONDS if told.si_signo in {signal.SIGINT, signal.SIGQUIT} else self.patience
            if told is not None and told.si_signo == signal.SIGUSR1 and told.si_pid in self._workers:
                self._dismiss(told.si_pid, self.patience)
            if outdated():
                for pid in list(self._workers):
                    self._dismiss(pid, self.patience, signal.SIGUSR1)
            self._kill_doomed()
            self._reap()

    def _fork_missing(self) -> None:
        serving = [worker for worker in self._workers.values() if worker.doomed is None]
        for _ in range(min(self._count - len(serving), len(self._free))):
            slot = self._free.pop()
            pid = os.fork()
            if pid == 0:
                self._work(slot)
            self._workers[pid] = _Worker(slot, time.monotonic())

    def _work(self, slot: int) -> None:
        """Run as a worker: never returns."""
        code = _NOT_STARTED
        try:
            os.close(self._main_end)
            for each in _HEEDED - {signal.SIGCHLD}:
                signal.signal(each, signal.SIG_IGN)  # a terminal sends them to all; the main process reacts
            for each in (signal.SIGTERM, signal.SIGUSR1):
                signal.signal(each, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_SETMASK, self._before - {signal.SIGTERM, signal.SIGUSR1})
            serve = self._start(slot)
            threading.Thread(target=self._follow_main, name="life of the main process", daemon=True).start()
            serve()
            code = 0
        except BaseException:  # noqa: BLE001 - nothing may get back into the code of the main process
            _LOG.exception("a worker process ends")
        finally:
            logging.shutdown()
            os._exit(code)

    def _follow_main(self) -> None:
        """Stop, after the calls under way, when the main process has died."""
        os.read(self._alive_end, 1)
        os.kill(os.getpid(), signal.SIGTERM)

    def _dismiss(self, pid: int, patience: float, how: signal.Signals = signal.SIGTERM) -> None:
        """Tell a worker to end: with SIGTERM at once, with SIGUSR1 after its clients have moved to a successor."""
        worker = self._workers[pid]
        if worker.doomed is None:
            self._workers[pid] = _Worker(worker.slot, worker.born, time.monotonic() + patience)
            os.kill(pid, how)

    def _kill_doomed(self) -> None:
        for pid, worker in self._workers.items():
            if worker.doomed is not None and time.monotonic() >= worker.doomed:
                os.kill(pid, signal.SIGKILL)

    def _reap(self) -> None:
        """Handle workers that have ended."""
        for pid, worker in list(self._workers.items()):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended == 0:
                continue
            del self._workers[pid]
            self._ended(worker.slot)
            self._free.append(worker.slot)
            if worker.doomed is not None:
                continue
            code = os.waitstatus_to_exitcode(status)
            if code == _NOT_STARTED:
                raise WorkersFailed
            self._lost()
            _LOG.error("worker %d ended unexpectedly with %d; another one takes its place", pid, code)
            if time.monotonic() - worker.born < _LEAST_LIFE_SECONDS:
                time.sleep(_LEAST_LIFE_SECONDS)

    def _stop(self, stop_listening: Callable[[], None], patience: float) -> None:
        for pid in list(self._workers):
            self._dismiss(pid, patience)
        stop_listening()
        end = time.monotonic() + patience
        while self._workers and (left := end - time.monotonic()) > 0:
            self._reap()
            told = signal.sigtimedwait(_HEEDED, min(left, _TICK_SECONDS)) if self._workers else None
            if told is not None and told.si_signo in _ENDING:
                break
        for pid in self._workers:
            os.kill(pid, signal.SIGKILL)
        for pid in self._workers:
            os.waitpid(pid, 0)
        self._workers.clear()
        os.close(self._main_end)
        os.close(self._alive_end)


def ask_for_successor(main: int) -> None:
    """Ask the main process, by its id, to replace the calling worker.

    A worker whose main process has died sends no signal, because its new parent did not start it. It ends by itself.
    """
    if os.getppid() == main:
        with suppress(ProcessLookupError):
            os.kill(main, signal.SIGUSR1)


def _is_ignored(signal_number: int) -> bool:
    """Whether our parent has set this signal to be ignored, as `nohup` does with SIGHUP."""
    return signal.getsignal(signal_number) == signal.SIG_IGN
