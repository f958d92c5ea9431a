"""Interleaved measurement: contestants take turns, so that a slow minute of the machine hits them all."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """The seconds of one contestant's calls."""

    median: float
    minimum: float
    maximum: float
    calls: int
    size: int


def interleaved(contestants: Mapping[str, Callable[[], int]], seconds: float, at_least: int = 5) -> dict[str, Figure]:
    """Calls every contestant in turn until `seconds` have passed and each has had `at_least` counted calls."""
    sizes = {name: call() for name, call in contestants.items()}
    times: dict[str, list[float]] = {name: [] for name in contestants}
    started = time.perf_counter()
    while time.perf_counter() - started < seconds or len(next(iter(times.values()))) < at_least:
        for name, call in contestants.items():
            before = time.perf_counter()
            call()
            times[name].append(time.perf_counter() - before)
    return {
        name: Figure(statistics.median(each), min(each), max(each), len(each), sizes[name])
        for name, each in times.items()
    }


def rate(work: Callable[[], int], seconds: float) -> float:
    """How many units per second `work` does, the best of its repetitions; `work` returns the units of one."""
    best = 0.0
    started = time.perf_counter()
    while time.perf_counter() - started < seconds:
        before = time.perf_counter()
        units = work()
        best = max(best, units / (time.perf_counter() - before))
    return best
