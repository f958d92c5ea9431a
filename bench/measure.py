"""Interleaved measurement: contestants take turns, so that a slow minute of the machine hits them all."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_TURN = 0.05
"""Seconds of one turn."""


@dataclass(frozen=True)
class Figure:
    """The seconds of one contestant's calls."""

    median: float
    minimum: float
    maximum: float
    calls: int
    size: int


def interleaved(contestants: Mapping[str, Callable[[], int]], seconds: float, at_least: int = 5) -> dict[str, Figure]:
    """Lets every contestant have its turn until `seconds` have passed and each has had `at_least` counted calls.

    A turn is a few calls in a row, as a server has them under load. Before it the garbage of the contestant before is
    taken away, so that nobody pays for another's, and the first of several calls is not counted: it finds the caches of
    the processor full of another's data.
    """
    sizes = {name: call() for name, call in contestants.items()}
    times: dict[str, list[float]] = {name: [] for name in contestants}
    started = time.perf_counter()
    while time.perf_counter() - started < seconds or min(map(len, times.values())) < at_least:
        for name, call in contestants.items():
            gc.collect()
            times[name] += _turn(call)
    return {
        name: Figure(statistics.median(each), min(each), max(each), len(each), sizes[name])
        for name, each in times.items()
    }


def _turn(call: Callable[[], int]) -> list[float]:
    """The seconds of calls in a row, as many as there is time for, at least one; of several without the first."""
    times = [_seconds(call)]
    while sum(times) < _TURN:
        times.append(_seconds(call))
    return times[1:] or times


def _seconds(call: Callable[[], int]) -> float:
    before = time.perf_counter()
    call()
    return time.perf_counter() - before


def rate(work: Callable[[], int], seconds: float) -> float:
    """How many units per second `work` does, the best of its repetitions; `work` returns the units of one."""
    best = 0.0
    started = time.perf_counter()
    while time.perf_counter() - started < seconds:
        before = time.perf_counter()
        units = work()
        best = max(best, units / (time.perf_counter() - before))
    return best
