"""Compute previews, compare them with the vendor's answers, and record the differences.

It has no clock and never waits.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections import Counter
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from sqlalchemy.exc import SQLAlchemyError

from soapsvc.engine.account import Account
from soapsvc.engine.preview import preview
from soapsvc.parity.comparison import Comparison, compare
from soapsvc.parity.recording import (
    Names,
    RecordedPreview,
    RecordingBusy,
    RecordingProblem,
    RecordingWriter,
    request_text,
)
from soapsvc.parity.shadowing.found import DifferingPreview, FoundWriter
from soapsvc.parity.shadowing.outcomes import AGREED, DIFFERED, NOT_KEPT, UNKNOWN, UNREAD
from soapsvc.parity.shadowing.overheard import Overheard, Work
from soapsvc.parity.shadowing.reading import previews_of
from soapsvc.parity.stored import stored_data
from soapsvc.tenant import StoreError
from soapsvc.tenant.reading import FieldProblem
from soapsvc.tenant.store import Store

_LOG = logging.getLogger(__name__)


class Comparer:
    """Compares calls, one after another."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._store: Store | None = None
        self._writer: RecordingWriter | None = None
        self._found: FoundWriter | None = None

    def outcomes(self, call: Overheard) -> list[str]:
        """The outcome of each preview of a call; one that differed and could not be recorded has both outcomes."""
        gone: list[str] = []
        try:
            for found in previews_of(call):
                gone += self._compared(found, call.at)
        except (FieldProblem, SQLAlchemyError, StoreError) as problem:
            gone.append(UNREAD)
            _LOG.warning("shadow: a %s preview is not compared: %s", call.surface, type(problem).__name__)
        except Exception:  # noqa: BLE001 - a surprise in one preview does not end the comparison of all others
            gone.append(UNREAD)
            _LOG.exception("shadow: a %s preview is not compared", call.surface)
        self._count(call, gone)
        return gone

    def close(self) -> None:
        """Close the files."""
        for each in (self._writer, self._found, self._store):
            if each is not None:
                each.close()
        self._writer = self._found = self._store = None

    def _compared(self, found: RecordedPreview, at: datetime) -> list[str]:
        if self._store is None:  # opened here, so that a database that does not answer yet is tried again
            self._store = Store.open(self._work.store_url, create=False)
        account = self._store.account(id=found.account_id, number=found.account_number)
        if account is None:
            return [UNKNOWN]
        comparison = compare(found.answer, preview(account, found.request, at), Names.KEPT)
        if comparison.agrees:
            return [AGREED]
        _LOG.warning(
            "shadow: %s differs in %d of %d items: theirs %s, ours %s",
            account.account_number,
            len(comparison.differences),
            comparison.items,
            comparison.their_money,
            comparison.our_money,
        )
        try:
            self._keep(self._store, found, _differing(found, at, account, comparison), comparison)
        except (RecordingProblem, sqlite3.Error, OSError) as problem:
            _LOG.warning("shadow: the difference of %s is not kept: %s", account.account_number, problem)
            return [DIFFERED, NOT_KEPT]
        return [DIFFERED]

    def _keep(self, store: Store, found: RecordedPreview, differing: DifferingPreview, comparison: Comparison) -> None:
        """Record a new difference, and store its outcome."""
        digest = sha256(repr([(each.kinds, each.theirs, each.ours) for each in comparison.differences]).encode())
        notes = self._notes()
        if notes.again(differing, digest.hexdigest()):
            return
        writer = self._recording()
        if writer.size >= self._work.most_recorded:
            raise RecordingProblem(
                str(writer.path), "", f"has {writer.size} bytes, which is the limit; move the file away"
            )
        data = stored_data(store, differing.account_id)
        named = replace(found, account_id=differing.account_id, account_number=differing.account_number or None)
        writer.add(replace(named, data=data))
        notes.differed(replace(differing, recording=writer.path.name), digest.hexdigest())

    def _count(self, call: Overheard, outcomes: list[str]) -> None:
        previews = Counter(each for each in outcomes if each != NOT_KEPT)
        try:
            for outcome, times in previews.items():
                self._notes().count(call.at, call.surface, outcome, times)
        except (sqlite3.Error, OSError) as problem:
            _LOG.warning("shadow: the outcome of a preview is not kept: %s", problem)

    def _notes(self) -> FoundWriter:
        if self._found is None:
            self._found = FoundWriter(self._work.folder)
        return self._found

    def _recording(self) -> RecordingWriter:
        """The file of this process: the first of its name that no other process is writing."""
        place = 0
        while self._writer is None:
            name = f"shadow-{os.getpid()}{f'-{place}' if place else ''}.jsonl"
            try:
                self._writer = RecordingWriter(self._work.folder / name)
            except RecordingBusy:
                place += 1
        return self._writer


def _differing(found: RecordedPreview, at: datetime, account: Account, comparison: Comparison) -> DifferingPreview:
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
