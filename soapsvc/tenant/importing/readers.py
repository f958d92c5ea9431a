"""Read the documents of an import, batch by batch: in this process, or ahead in several."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import get_context
from typing import Any

from soapsvc.children import deaf_to_interrupts, die_with_parent
from soapsvc.tenant.importing.records import Reading
from soapsvc.tenant.reading import FieldProblem, FileProblem, ImportProblem, Source

Read = Callable[[Source, Reading], Any]
Batch = Sequence[Source]
Answer = list[Any]
"""For each document of a batch its record, or the ImportProblem of one that cannot be read."""

_LOG = logging.getLogger(__name__)
_AHEAD = 2
"""Batches for each process that wait to be read or gathered. More would only take memory."""


def read_batch(read: Read, sources: Batch, reading: Reading) -> Answer:
    """The records of a batch."""
    answer: Answer = []
    for source in sources:
        try:
            answer.append(read(source, reading))
        except FieldProblem as problem:
            answer.append(source.problem(problem))
    return answer


class Readers:
    """Reads batches in their order: in this process, or in `pool` if there is one."""

    def __init__(self, pool: Executor | None = None, count: int = 0) -> None:
        self._pool = pool
        self._ahead = count * _AHEAD

    def read(self, read: Read, batches: Iterable[Batch], reading: Reading) -> Iterator[tuple[Batch, Answer]]:
        """Each batch with its records.

        Raises FileProblem as `batches` does, after the records of the batches before it.
        """
        waiting: deque[tuple[Batch, Future[Answer] | None]] = deque()
        broken: FileProblem | None = None
        try:
            for batch in batches:
                waiting.append((batch, self._submitted(read, batch, reading)))
                if len(waiting) > self._ahead:
                    yield self._answered(read, *waiting.popleft(), reading)
        except FileProblem as error:
            broken = error
        while waiting:
            yield self._answered(read, *waiting.popleft(), reading)
        if broken is not None:
            raise broken

    def _submitted(self, read: Read, batch: Batch, reading: Reading) -> Future[Answer] | None:
        if self._pool is None:
            return None
        # The text of a document may be a part of a mapped file, which other processes do not have.
        sent = [replace(source, raw=bytes(source.raw)) for source in batch]
        try:
            with deaf_to_interrupts():
                return self._pool.submit(read_batch, read, sent, reading)
        except BrokenExecutor as error:
            self._lost(error)
            return None

    def _answered(
        self, read: Read, batch: Batch, future: Future[Answer] | None, reading: Reading
    ) -> tuple[Batch, Answer]:
        if future is not None:
            try:
                return batch, future.result()
            except BrokenExecutor as error:
                self._lost(error)
        return batch, read_batch(read, batch, reading)

    def _lost(self, error: BrokenExecutor) -> None:
        """Continue in this process: what a lost process was to read is read again."""
        if self._pool is not None:
            _LOG.warning("a process that read documents for the import ended: the import continues without: %s", error)
            self._pool = None


@contextmanager
def readers(count: int) -> Iterator[Readers]:
    """Readers in `count` processes; with one, in this process alone."""
    if count <= 1:
        yield Readers()
        return
    pool = ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=die_with_parent)
    try:
        yield Readers(pool, count)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def records_of(sources: Batch, answer: Answer, report: Callable[[ImportProblem], None]) -> list[tuple[Source, Any]]:
    """The documents that could be read, with their records; the problems of the others are reported."""
    found = []
    for source, record in zip(sources, answer, strict=True):
        if isinstance(record, ImportProblem):
            report(record)
        else:
            found.append((source, record))
    return found
