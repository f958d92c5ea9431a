"""Counts that processes share: limits hold over all of them, with threads and processes that come and go at once."""

from __future__ import annotations

import multiprocessing
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.process import BaseProcess

import pytest

from soapsvc.server.counting import InFlight, SharedRates
from soapsvc.web.quotas import Window

PROCESSES, THREADS, CALLS = 3, 4, 2000
MINUTE = 60


def forked(work: Callable[[int], None]) -> None:
    """Do work in processes forked from this one, each with its slot; all must succeed."""
    context = multiprocessing.get_context("fork")
    children: list[BaseProcess] = [context.Process(target=work, args=(slot,)) for slot in range(PROCESSES)]
    with warnings.catch_warnings():  # 3.12 and later warn of a fork beside threads, which the tests' runner has
        warnings.simplefilter("ignore", DeprecationWarning)
        for child in children:
            child.start()
    for child in children:
        child.join(120)
    assert [child.exitcode for child in children] == [0] * PROCESSES


def test_calls_under_way_never_exceed_the_limit_and_all_are_counted() -> None:
    """Three processes of four threads want five places: each place taken is seen by all, and all come back."""
    gate = InFlight(5, PROCESSES)
    tries = multiprocessing.get_context("fork").Array("l", PROCESSES)

    def work(slot: int) -> None:
        gate.use_slot(slot)
        entered = 0

        def call(_: int) -> bool:
            if not gate.enter():
                return False
            gate.leave()
            return True

        with ThreadPoolExecutor(THREADS) as threads:
            entered = sum(threads.map(call, range(CALLS)))
        tries[slot] = entered

    forked(work)
    assert gate.free() == 5
    assert sum(tries) + gate.refused() == PROCESSES * CALLS


def test_a_place_that_one_process_holds_is_lacking_in_the_others() -> None:
    gate = InFlight(PROCESSES, PROCESSES)

    def hold(slot: int) -> None:
        gate.use_slot(slot)
        assert gate.enter()

    forked(hold)
    assert (gate.free(), gate.enter(), gate.refused()) == (0, False, 1)
    gate.forget(1)
    assert gate.enter()


@pytest.mark.parametrize("limit", [100, PROCESSES * CALLS])
def test_requests_of_all_processes_use_up_a_window_and_no_more(limit: int) -> None:
    """6,000 requests in one minute of 100, or of 6,000: as many pass at most, and what is left passes afterwards."""
    rates = SharedRates([Window(limit, MINUTE)], PROCESSES)
    passed = multiprocessing.get_context("fork").Array("l", PROCESSES)

    def work(slot: int) -> None:
        rates.use_slot(slot)
        with ThreadPoolExecutor(THREADS) as threads:
            passed[slot] = sum(not quota.exceeded for quota in threads.map(lambda _: rates.take(MINUTE), range(CALLS)))

    forked(work)
    first = sum(passed)
    assert first <= limit
    rest = [rates.take(MINUTE + 59).exceeded for _ in range(limit - first + 1)]
    assert rest == [False] * (limit - first) + [True]
    assert not rates.take(2 * MINUTE).exceeded
