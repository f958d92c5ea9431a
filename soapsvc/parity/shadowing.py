"""Previews of live clients, computed beside the vendor's answers, which they get; what differs is recorded.

One thread does this, of what a queue holds. What finds no room in it is left out and counted: a client never waits.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from soapsvc.engine.preview import preview
from soapsvc.parity.comparison import compare
from soapsvc.parity.recording import (
    Answer,
    Names,
    RecordedPreview,
    RecordingProblem,
    RecordingWriter,
    read_answer,
    read_request,
    read_soap_answers,
    read_soap_requests,
)
from soapsvc.parity.stored import stored_data
from soapsvc.tenant.reading import FieldProblem, mapping, parse_json
from soapsvc.tenant.store import Store

SOAP, REST = "soap", "rest"
AGREED, DIFFERED, LEFT_OUT, UNKNOWN, UNREAD = "agreed", "differed", "left out", "unknown account", "not read"
_LOG = logging.getLogger(__name__)
_WAITING = 200


@dataclass(frozen=True, slots=True)
class Overheard:
    """A call for previews and the upstream's answer, both unpacked, and when it was answered."""

    surface: str
    request: bytes
    answer: bytes
    at: datetime


class Shadow:
    """Compares what was overheard. `counts` are previews by how it went.

    `most_bytes` bounds what waits to be compared; differences go to a file of this process in `folder`.
    """

    def __init__(self, store: Store, folder: Path, most_bytes: int = 64 * 1024 * 1024) -> None:
        self.counts: Counter[str] = Counter()
        self._store = store
        self._folder = folder
        self._most_bytes = most_bytes
        self._bytes = 0
        self._queue: queue.Queue[Overheard | None] = queue.Queue(_WAITING)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._writer: RecordingWriter | None = None

    def hear(self, call: Overheard) -> None:
        """Take a call to be compared, or leave it out where there is no room; returns at once."""
        size = len(call.request) + len(call.answer)
        with self._lock:
            if self._thread is None:  # not before: a process that was forked has none of its maker's threads
                self._thread = threading.Thread(target=self._work, name="shadow", daemon=True)
                self._thread.start()
            if self._bytes + size > self._most_bytes:
                self.counts[LEFT_OUT] += 1
                return
            try:
                self._queue.put_nowait(call)
            except queue.Full:
                self.counts[LEFT_OUT] += 1
                return
            self._bytes += size

    def finish(self) -> None:
        """Compare what waits, and close the file."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
            self._thread = None
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _work(self) -> None:
        while (call := self._queue.get()) is not None:
            try:
                self._compare(call)
            except (FieldProblem, RecordingProblem, SQLAlchemyError) as problem:
                self._count(UNREAD)
                _LOG.warning("shadow: a %s preview is not compared: %s", call.surface, type(problem).__name__)
            except Exception:  # noqa: BLE001 - a surprise in one preview does not end the comparison of all others
                self._count(UNREAD)
                _LOG.exception("shadow: a %s preview is not compared", call.surface)
            with self._lock:
                self._bytes -= len(call.request) + len(call.answer)

    def _compare(self, call: Overheard) -> None:
        for found in previews_of(call):
            account = self._store.account(id=found.account_id, number=found.account_number)
            if account is None:
                self._count(UNKNOWN)
                continue
            comparison = compare(found.answer, preview(account, found.request, call.at), Names.KEPT)
            if comparison.agrees:
                self._count(AGREED)
                continue
            self._count(DIFFERED)
            _LOG.warning(
                "shadow: %s differs in %d of %d items: theirs %s, ours %s",
                account.account_number,
                len(comparison.differences),
                comparison.items,
                comparison.their_money,
                comparison.our_money,
            )
            data = stored_data(self._store, account.id)
            self._recording().add(
                replace(found, account_id=account.id, account_number=account.account_number, data=data)
            )

    def _count(self, outcome: str) -> None:
        with self._lock:
            self.counts[outcome] += 1

    def _recording(self) -> RecordingWriter:
        if self._writer is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._writer = RecordingWriter(self._folder / f"shadow-{os.getpid()}.jsonl")
        return self._writer


def previews_of(call: Overheard) -> Iterator[RecordedPreview]:
    """The previews of a call; none where it is another one. Raises FieldProblem."""
    if call.surface == REST:
        asked = read_request(mapping(parse_json(call.request)))
        answers: list[Answer] = [read_answer(mapping(parse_json(call.answer)))]
        every = [asked]
    else:
        every = read_soap_requests(call.request)
        answers = read_soap_answers(call.answer, len(every))
        if len(answers) != len(every):
            raise FieldProblem("results", f"are {len(answers)} for {len(every)} requests")
    for one, answer in zip(every, answers, strict=True):
        yield RecordedPreview(one.account_id, one.account_number, one.request, answer, call.at, surface=call.surface)
