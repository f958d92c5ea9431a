"""Try all samples of a recording under many settings: in this process, or in several where that is faster."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from time import perf_counter
from typing import Self

from soapsvc.parity.trials.index import Loss
from soapsvc.parity.trials.trial import Sample, Trial
from soapsvc.tenant.formats import TenantSettings

_WORTH_PROCESSES = 0.15
"""Use other processes if one round over all samples takes more than these seconds: their start takes a second."""

Losses = list[Loss]
Keys = frozenset[tuple[str, str]]


@dataclass(slots=True)
class _Shard:
    """The trials of one process; it keeps them, with their cached results, as long as it lives."""

    trials: list[Trial]

    def losses(self, candidates: Sequence[TenantSettings], places: Sequence[int]) -> list[Losses]:
        return [[self.trials[place].loss(settings) for place in places] for settings in candidates]

    def reads(self, settings: TenantSettings) -> list[Keys]:
        return [frozenset(trial.reads(settings)) for trial in self.trials]


class Bench:
    """Tries `samples`, starting with `settings`. Raises FieldProblem for unreadable data."""

    def __init__(self, samples: Sequence[Sample], settings: TenantSettings, processes: int = 1) -> None:
        began = perf_counter()
        self.trials = [Trial(sample, settings) for sample in samples]
        for trial in self.trials:
            trial.loss(settings)
        slow = perf_counter() - began > _WORTH_PROCESSES
        self._own = _Shard(self.trials)
        self._pools: list[ProcessPoolExecutor] = []
        if processes > 1 and slow and len(samples) > processes:
            context = get_context("spawn")
            for first in range(processes):
                arguments = (samples[first::processes], settings)
                self._pools.append(ProcessPoolExecutor(1, context, initializer=_start, initargs=arguments))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for pool in self._pools:
            pool.shutdown(wait=False, cancel_futures=True)

    def losses(self, candidates: Sequence[TenantSettings], places: Iterable[int] | None = None) -> list[Losses]:
        """For each of the settings, the losses of the samples at `places` in order; without `places`, of all."""
        wanted = list(range(len(self.trials)) if places is None else places)
        count = len(self._pools)
        if not count or len(candidates) * len(wanted) < 2 * count:
            return self._own.losses(candidates, wanted)
        parts = [[place // count for place in wanted if place % count == shard] for shard in range(count)]
        futures = [pool.submit(_losses, list(candidates), part) for pool, part in zip(self._pools, parts, strict=True)]
        by_candidate = zip(*(future.result() for future in futures), strict=True)
        shards = [[iter(losses) for losses in row] for row in by_candidate]
        return [[next(row[place % count]) for place in wanted] for row in shards]

    def reads(self, settings: TenantSettings) -> list[Keys]:
        """The rules that each sample reads under these settings, by currency and field."""
        return self._own.reads(settings)


_here: _Shard | None = None
"""The shard of this process, if it works for a bench."""


def _start(samples: Sequence[Sample], settings: TenantSettings) -> None:
    global _here  # noqa: PLW0603  # a process of the pool is made for its shard, and has no other state
    _here = _Shard([Trial(sample, settings) for sample in samples])


def _losses(candidates: Sequence[TenantSettings], places: Sequence[int]) -> list[Losses]:
    if _here is None:
        raise RuntimeError("this process was not started for a bench")
    return _here.losses(candidates, places)
