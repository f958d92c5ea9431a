"""Interleaved measurement: contestants take turns, so that a slow minute of the machine hits them all."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_TURN = 0.05
_LONGEST = 30.0
"""Seconds of one turn, and of all turns of a slow contestant."""


@dataclass(frozen=True)
class Figure:
    """The seconds of one contestant's calls."""

    median: float
    minimum: float
    maximum: float
    calls: int
    size: int


def interleaved(contestants: Mapping[str, Callable[[], int]], seconds: float, at_least: int = 5) -> dict[str, Figure]:
    """Give contestants turns until `seconds` have passed and each has at least `at_least` counted calls.

    A turn is a few calls in a row, as a server has them under load. Garbage is collected before each turn, so that no
    contestant pays for another's. The first of several calls is not counted, because the processor's caches are full of
    another contestant's data. A server that has used half a minute gets no further turn.
    """
    turns = {name: _Turns(call) for name, call in contestants.items()}
    started = time.perf_counter()
    while waiting := [
        each
        for each in turns.values()
        if sum(each.times) < _LONGEST and (len(each.times) < at_least or time.perf_counter() - started < seconds)
    ]:
        for each in waiting:
            gc.collect()
            each.turn()
    return {name: each.figure() for name, each in turns.items()}


class _Turns:
    """The calls of one contestant: the seconds of the counted calls, and the size of an answer."""

    def __init__(self, call: Callable[[], int]) -> None:
        self._call = call
        self._size = 0
        self.times: list[float] = []

    def turn(self) -> None:
        """Make as many calls as there is time for, at least one."""
        times = [self._seconds()]
        while sum(times) < _TURN:
            times.append(self._seconds())
        self.times += times[1:] or times

    def _seconds(self) -> float:
        before = time.perf_counter()
        self._size = self._call()
        return time.perf_counter() - before

    def figure(self) -> Figure:
        """The times of the calls."""
        times = self.times
        return Figure(statistics.median(times), min(times), max(times), len(times), self._size)


def rate(work: Callable[[], int], seconds: float) -> float:
    """The units per second of `work`, from the best of its repetitions; `work` returns the units of one."""
    best = 0.0
    started = time.perf_counter()
    while time.perf_counter() - started < seconds:
        before = time.perf_counter()
        units = work()
        best = max(best, units / (time.perf_counter() - before))
    return best
