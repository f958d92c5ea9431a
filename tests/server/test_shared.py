"""Numbers that processes share, and the lock that guards them."""

from __future__ import annotations

import multiprocessing
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.synchronize import Event

from soapsvc.server.shared import SharedNumbers


def _child(one: SharedNumbers, other: SharedNumbers, held: Event, release: Event) -> None:
    for each in (one, other):
        each.forked()

    def wait_for_one() -> None:
        with one.locked():
            one.values[0] += 1

    with other.locked():
        waiting = threading.Thread(target=wait_for_one)
        waiting.start()
        time.sleep(0.3)  # it waits for the parent's lock by now
        held.set()
        release.wait(30)
    waiting.join(30)


def test_threads_of_two_processes_may_wait_for_two_locks_crosswise() -> None:
    """
    parent   thread 1 holds `one` ──────────────────────────┐
             thread 2                   waits for `other` ·········· has it
    child    thread 1 holds `other` ──────────────┘
             thread 2 waits for `one` ······························ has it
    """
    context = multiprocessing.get_context("fork")
    one, other = SharedNumbers(1), SharedNumbers(1)
    held, release = context.Event(), context.Event()
    child = context.Process(target=_child, args=(one, other, held, release))

    def take_other() -> None:
        with other.locked():
            other.values[0] += 1

    with ThreadPoolExecutor(1) as threads:
        with one.locked():
            with warnings.catch_warnings():  # 3.12 and later warn of a fork beside threads, which the tests' runner has
                warnings.simplefilter("ignore", DeprecationWarning)
                child.start()
            assert held.wait(30)
            taken = threads.submit(take_other)
            time.sleep(0.3)
            assert not taken.done(), "the child holds it"
            release.set()
            taken.result(30)
        child.join(30)
    assert (child.exitcode, one.values[0], other.values[0]) == (0, 1, 1)
