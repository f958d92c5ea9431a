"""Previews of live clients, computed beside the vendor's answers, which they get; what differs is recorded.

One thread does this, of what a queue holds. What finds no room in it is left out and counted: a client never waits.
"""

from __future__ import annotations

import logging
import os
import queue
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from soapsvc.engine.account import Account
from soapsvc.engine.preview import preview
from soapsvc.parity.comparison import Comparison, compare
from soapsvc.parity.recording import (
    Answer,
    Names,
    RecordedPreview,
    RecordingBusy,
    RecordingProblem,
    RecordingWriter,
    read_answer,
    read_request,
    read_soap_answers,
    read_soap_requests,
    request_text,
)
from soapsvc.parity.shadowing.found import DifferingPreview, FoundWriter
from soapsvc.parity.stored import stored_data
from soapsvc.tenant.reading import FieldProblem, mapping, parse_json
from soapsvc.tenant.store import Store

SOAP, REST = "soap", "rest"
AGREED, DIFFERED, UNKNOWN, UNREAD = "agreed", "differed", "unknown_account", "not_read"
LEFT_OUT, NOT_KEPT = "left_out", "not_kept"
"""Calls that found no room; and previews that differed, which the disk or the limit has no room for."""
_LOG = logging.getLogger(__name__)
_WAITING = 200
_MEBIBYTE = 1024 * 1024

Counted = Callable[[str, str], None]
"""Is told of each preview by its surface and how it went."""


@dataclass(frozen=True, slots=True)
class Overheard:
    """A call for previews, when it was answered, and how many bytes it and its answer take while they wait.

    `unpack` gives the request and the answer, decompressed; it raises FieldProblem.
    """

    surface: str
    at: datetime
    size: int
    unpack: Callable[[], tuple[bytes, bytes]]


class Shadow:
    """Compares what was overheard. `counts` are previews by how it went, and `counted` is told of each.

    `most_bytes` bounds what waits to be compared. In `folder` are the differences: a recording of this process, which
    takes `most_recorded` bytes at most, and what all processes found. A difference that comes again is counted only.
    """

    def __init__(
        self,
        store: Store,
        folder: Path,
        *,
        counted: Counted | None = None,
        most_bytes: int = 64 * _MEBIBYTE,
        most_recorded: int = 256 * _MEBIBYTE,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._store = store
        self._folder = folder
        self._counted = counted
        self._most_bytes = most_bytes
        self._most_recorded = most_recorded
        self._bytes = 0
        self._queue: queue.Queue[Overheard | None] = queue.Queue(_WAITING)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._writer: RecordingWriter | None = None
        self._found: FoundWriter | None = None
        self._left_out: Counter[str] = Counter()

    def hear(self, call: Overheard) -> None:
        """Take a call to be compared, or leave it out where there is no room; returns at once."""
        with self._lock:
            if self._thread is None:  # not before: a process that was forked has none of its maker's threads
                self._thread = threading.Thread(target=self._work, name="shadow", daemon=True)
                self._thread.start()
            if self._bytes + call.size <= self._most_bytes:
                with suppress(queue.Full):
                    self._queue.put_nowait(call)
                    self._bytes += call.size
                    return
            self._left_out[call.surface] += 1
        self._tell(call.surface, LEFT_OUT)

    def finish(self) -> None:
        """Compare what waits, and close the files."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
            self._thread = None
        for each in (self._writer, self._found):
            if each is not None:
                each.close()
        self._writer = self._found = None

    def _work(self) -> None:
        while (call := self._queue.get()) is not None:
            try:
                self._compare(call)
            except (FieldProblem, SQLAlchemyError) as problem:
                self._count(call, UNREAD)
                _LOG.warning("shadow: a %s preview is not compared: %s", call.surface, type(problem).__name__)
            except Exception:  # noqa: BLE001 - a surprise in one preview does not end the comparison of all others
                self._count(call, UNREAD)
                _LOG.exception("shadow: a %s preview is not compared", call.surface)
            with self._lock:
                self._bytes -= call.size

    def _compare(self, call: Overheard) -> None:
        for found in previews_of(call):
            account = self._store.account(id=found.account_id, number=found.account_number)
            if account is None:
                self._count(call, UNKNOWN)
                continue
            comparison = compare(found.answer, preview(account, found.request, call.at), Names.KEPT)
            if comparison.agrees:
                self._count(call, AGREED)
                continue
            self._count(call, DIFFERED)
            _LOG.warning(
                "shadow: %s differs in %d of %d items: theirs %s, ours %s",
                account.account_number,
                len(comparison.differences),
                comparison.items,
                comparison.their_money,
                comparison.our_money,
            )
            try:
                self._keep(found, account, comparison)
            except (RecordingProblem, sqlite3.Error, OSError) as problem:
                self._tell(call.surface, NOT_KEPT)
                _LOG.warning("shadow: the difference of %s is not kept: %s", account.account_number, problem)

    def _keep(self, found: RecordedPreview, account: Account, comparison: Comparison) -> None:
        """Record a difference that is new, and note it."""
        differing = _differing(found, account, comparison)
        digest = sha256(repr([(each.kinds, each.theirs, each.ours) for each in comparison.differences]).encode())
        notes = self._notes()
        if notes.again(differing, digest.hexdigest()):
            return
        writer = self._recording()
        if writer.size >= self._most_recorded:
            raise RecordingProblem(str(writer.path), "", f"has {writer.size} bytes, and takes no more")
        data = stored_data(self._store, account.id)
        writer.add(replace(found, account_id=account.id, account_number=account.account_number, data=data))
        notes.differed(replace(differing, recording=writer.path.name), digest.hexdigest())

    def _count(self, call: Overheard, outcome: str) -> None:
        """Count a preview, and those that were left out meanwhile; only the thread that compares does."""
        self._tell(call.surface, outcome)
        with self._lock:
            left_out, self._left_out = self._left_out, Counter()
        try:
            self._notes().count(call.at, call.surface, outcome)
            for surface, calls in left_out.items():
                self._notes().count(call.at, surface, LEFT_OUT, calls)
        except (sqlite3.Error, OSError) as problem:
            _LOG.warning("shadow: how a preview went is not kept: %s", problem)

    def _tell(self, surface: str, outcome: str) -> None:
        with self._lock:
            self.counts[outcome] += 1
        if self._counted is not None:
            self._counted(surface, outcome)

    def _notes(self) -> FoundWriter:
        if self._found is None:
            self._found = FoundWriter(self._folder)
        return self._found

    def _recording(self) -> RecordingWriter:
        """The file of this process: the first of its name that no other process writes."""
        place = 0
        while self._writer is None:
            try:
                self._writer = RecordingWriter(
                    self._folder / f"shadow-{os.getpid()}{f'-{place}' if place else ''}.jsonl"
                )
            except RecordingBusy:
                place += 1
        return self._writer


def _differing(found: RecordedPreview, account: Account, comparison: Comparison) -> DifferingPreview:
    at = found.recorded_at
    if at is None:
        raise ValueError("what was overheard has its instant")
    return DifferingPreview(
        account.id,
        account.account_number or "",
        found.surface,
        request_text(found.request),
        at,
        at,
        1,
        comparison.items,
        len(comparison.differences),
        tuple(sorted({kind for each in comparison.differences for kind in each.kinds})),
        account.currency,
        comparison.their_money,
        comparison.our_money,
        "",
    )


def previews_of(call: Overheard) -> Iterator[RecordedPreview]:
    """The previews of a call; none where it is another one. Raises FieldProblem."""
    request, answer = call.unpack()
    if call.surface == REST:
        asked = read_request(mapping(parse_json(request)))
        answers: list[Answer] = [read_answer(mapping(parse_json(answer)))]
        every = [asked]
    else:
        every = read_soap_requests(request)
        answers = read_soap_answers(answer, len(every))
        if len(answers) != len(every):
            raise FieldProblem("results", f"are {len(answers)} for {len(every)} requests")
    for one, answered in zip(every, answers, strict=True):
        yield RecordedPreview(one.account_id, one.account_number, one.request, answered, call.at, surface=call.surface)
