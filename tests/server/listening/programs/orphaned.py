"""Run by a test: prints the signals to the process that inherits a worker, when the orphan asks for its successor.

This process inherits orphans, as init does. It starts a main process, which starts a worker and exits.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time

from soapsvc.server.listening.processes import ask_for_successor

PR_SET_CHILD_SUBREAPER = 36


def main_process() -> None:
    main = os.getpid()
    if os.fork() == 0:
        while os.getppid() == main:
            time.sleep(0.01)
        ask_for_successor(main)
        os._exit(0)
    os._exit(0)


ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
if os.fork() == 0:
    main_process()
ended = [os.waitstatus_to_exitcode(os.wait()[1]) for _ in range(2)]
sys.stdout.write(f"{ended} {sorted(signal.sigpending())}\n")
