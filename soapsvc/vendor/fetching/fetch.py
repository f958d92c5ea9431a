"""Fetches a tenant: settings, catalogue, then one account after another, several at once.

One call of `fetch` is a round. Repeating the call continues an interrupted round. After a finished round it begins a
new one, or retries the accounts that failed.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import msgspec

from soapsvc.clock import Clock, system_clock
from soapsvc.tenant.reading import Document, FieldProblem
from soapsvc.vendor.client import Vendor
from soapsvc.vendor.errors import BadAnswer, CredentialsRefused, LocatorExpired, NotThere, PageRepeated, VendorError
from soapsvc.vendor.fetching.accounts import PENDING, AccountRead, What, read_account, read_companion
from soapsvc.vendor.fetching.asking import Remembering
from soapsvc.vendor.fetching.bulk import Progress, accounts_with_gaps, read_exports
from soapsvc.vendor.fetching.folder import Folder
from soapsvc.vendor.fetching.journal import DONE, FAILED, GONE, FolderUnwritable, Journal, JournalRefused, Outcome
from soapsvc.vendor.fetching.privacy import without_people
from soapsvc.vendor.fetching.selection import Selection, selected
from soapsvc.vendor.paging import pages
from soapsvc.vendor.settings import read_settings, tenant_file

T = TypeVar("T")

_LIST, _SETTINGS, _CATALOG = " list", " settings", " catalogue"
"""Scopes that do not belong to an account."""
_CATALOG_QUERY = (("pageSize", "40"),)
_ATTEMPTS = 3
"""How often a list that repeats itself is read."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The objects to fetch. `usage` and `drafts` as in `What`; `personal` keeps personal data.

    `restart` forgets a round that was not finished. `bulk` reads the whole tenant by exports of one moment.
    """

    selection: Selection = field(default_factory=Selection)
    usage: str = PENDING
    drafts: bool = False
    personal: bool = False
    restart: bool = False
    bulk: bool = False

    def told(self, upstream: str) -> str:
        """The identity of a round: the same request has the same one."""
        selection = self.selection
        since = selection.since.isoformat() if selection.since is not None else None
        asked = {
            "upstream": upstream,
            "keys": selection.keys,
            "batches": selection.batches,
            "query": selection.query,
            "since": since,
            "usage": self.usage,
            "drafts": self.drafts,
            "personal": self.personal,
            **({"bulk": True} if self.bulk else {}),
        }
        return msgspec.json.encode(asked).decode()


@dataclass(frozen=True, slots=True)
class Fetched:
    """The outcome of a fetch: accounts that were fetched, failed or were deleted meanwhile; and notes."""

    accounts: int
    failed: tuple[Outcome, ...]
    gone: tuple[Outcome, ...]
    warnings: tuple[str, ...]


def fetch(
    vendor: Vendor,
    path: Path,
    wanted: Wanted,
    *,
    at_once: int = 10,
    progress: Progress | None = None,
    clock: Clock = system_clock,
) -> Fetched:
    """Fetch into the folder `path`.

    Raises VendorError if nothing can be read, JournalRefused if the folder is in use, FolderUnwritable if it cannot be
    written to, for example because the disk is full. The same call then continues the round.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        journal = Journal(path)
        try:
            return Fetch(vendor, Folder(path, journal), wanted, at_once, progress or _silent, clock).run()
        finally:
            journal.close()
    except (OSError, sqlite3.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise FolderUnwritable(f"{path} cannot be written ({reason}); correct this and call again") from error


def last_fetch(path: Path) -> datetime | None:
    """The start of the last completed fetch into a folder; None if there was none."""
    if not path.is_dir():
        return None
    journal = Journal(path)
    try:
        last = journal.fact("last")
    finally:
        journal.close()
    return None if last is None else datetime.fromisoformat(last)


def _silent(step: str, done: int, total: int | None) -> None:
    """A progress function that does nothing."""


class Fetch:
    """One round."""

    def __init__(
        self, vendor: Vendor, folder: Folder, wanted: Wanted, at_once: int, progress: Progress, clock: Clock
    ) -> None:
        self._vendor = vendor
        self._folder = folder
        self._journal = folder.journal
        self._wanted = wanted
        self._at_once = at_once
        self._progress = progress
        self._clock = clock

    def run(self) -> Fetched:
        """Fetch everything that is still missing."""
        self._enter_round()
        warnings, class_order = self._shared()
        wanted = self._wanted
        if wanted.bulk:
            warnings = (*warnings, *self._export())
        else:
            self._list()
        what = What(wanted.usage, wanted.drafts, not wanted.selection.is_whole, class_order)
        self._read_all("accounts", self._journal.waiting(), lambda ask, key: read_account(ask, key, what))
        if not wanted.bulk:
            self._read_companions()
        return self._finish(warnings)

    def _export(self) -> tuple[str, ...]:
        """Get the exports, and note which accounts are read singly; returns warnings."""
        wanted = self._wanted
        exported = read_exports(
            self._vendor,
            self._folder,
            usage=wanted.usage,
            drafts=wanted.drafts,
            personal=wanted.personal,
            told=self._progress,
        )
        if self._journal.fact("listed") is None:
            gaps = accounts_with_gaps(exported.files, self._folder.read("catalog", "products"))
            self._journal.note(exported=f"{gaps.accounts}")
            self._journal.put_accounts(gaps.keys, _LIST)
        warnings = [f"exports: this tenant has no column {name}; it is left out" for name in exported.lacking]
        if wanted.drafts:
            warnings.append("exports: no export has draft credit memos; fetch accounts that have some without --bulk")
        return tuple(warnings)

    def _enter_round(self) -> None:
        """Continue the round that was begun, or begin one."""
        asked = self._wanted.told(f"{self._vendor.base}")
        before, finished = self._journal.fact("asked"), self._journal.fact("finished")
        if self._wanted.restart or before is None or finished == "whole":
            self._begin(asked)
        elif before != asked:
            if finished is None and not self._journal.is_bare():
                raise JournalRefused(
                    f"{self._folder.path} has an unfinished fetch with other options; go on with "
                    "those options, or forget it with --restart"
                )
            self._begin(asked)

    def _begin(self, asked: str) -> None:
        self._journal.begin(asked, self._clock().isoformat())

    def _ask(self, scope: str) -> Remembering:
        return Remembering(self._vendor, self._journal, scope, _as_it_is if self._wanted.personal else without_people)

    def _shared(self) -> tuple[tuple[str, ...], Mapping[str, int]]:
        """Read settings and catalogue, once a round; returns warnings and the order of discount classes."""
        if (before := self._journal.fact("shared")) is not None and self._journal.fact("shared_round") == self._round():
            warnings, class_order = msgspec.json.decode(before, type=tuple[tuple[str, ...], dict[str, int]])
            return warnings, class_order
        self._progress("settings", 0, None)
        ask = Remembering(self._vendor, self._journal, _SETTINGS, _as_it_is)
        told = read_settings(ask, self._clock().date())
        if not self._folder.write_settings(tenant_file(told, self._vendor.base.host)):
            told.warnings.append(
                "tenant.toml was changed by hand and stays as it is; the fetched settings are in .fetch/tenant.toml"
            )
        self._progress("catalogue", 0, None)
        products = self._again(
            self._ask(_CATALOG), lambda ask: list(pages(ask, "/v1/catalog/products", _CATALOG_QUERY, "products"))
        )
        self._folder.write("catalog", "products", products)
        shared = msgspec.json.encode((told.warnings, told.class_order)).decode()
        self._journal.note(shared=shared, shared_round=self._round())
        for scope in (_SETTINGS, _CATALOG):
            self._journal.forget(scope)
        return tuple(told.warnings), told.class_order

    def _round(self) -> str:
        return self._journal.fact("round") or ""

    def _list(self) -> None:
        """Note the accounts to fetch."""
        if self._journal.fact("listed") is not None:
            return
        self._progress("listing", 0, None)
        keys = self._again(self._ask(_LIST), lambda ask: list(selected(self._wanted.selection, ask)))
        self._journal.put_accounts(keys, _LIST)

    def _read_companions(self) -> None:
        """Read the accounts that only subscriptions name: subscriptions need their owner and their payer."""
        named = self._journal.referred()
        for key in named:
            self._journal.add_account(key)
        if named:
            self._read_all("owners", named, read_companion)

    def _read_all(self, step: str, keys: list[str], read: Callable[[Remembering, str], AccountRead]) -> None:
        total = self._journal.count()
        queue, lock, failures = iter(keys), threading.Lock(), list[BaseException]()
        done = total - len(keys)
        self._progress(step, done, total)

        def work() -> None:
            nonlocal done
            while not failures:
                with lock:
                    if (key := next(queue, None)) is None:
                        return
                try:
                    self._read_one(key, read)
                except BaseException as error:  # noqa: BLE001 - it is raised again where everybody has ended
                    failures.append(error)
                    return
                with lock:
                    done += 1
                    self._progress(step, done, total)

        workers = [threading.Thread(target=work, name=f"fetch {index}", daemon=True) for index in range(self._at_once)]
        for worker in workers:
            worker.start()
        try:
            for worker in workers:
                worker.join()
        except KeyboardInterrupt as interrupt:
            failures.append(interrupt)
            raise
        if failures:
            raise failures[0]

    def _read_one(self, key: str, read: Callable[[Remembering, str], AccountRead]) -> None:
        try:
            found = self._again(self._ask(key), lambda ask: read(ask, key))
        except CredentialsRefused:
            raise
        except NotThere as error:
            listed = not self._wanted.selection.keys
            self._journal.settle(key, GONE if listed else FAILED, str(error))
        except (VendorError, FieldProblem) as error:
            self._journal.settle(key, FAILED, str(error))
            if isinstance(error, BadAnswer | FieldProblem):
                self._journal.forget(key)  # an unreadable answer is requested again
        else:
            found.write(self._folder)
            self._journal.refer(found.others)
            self._journal.settle(key, DONE, known=(found.id, found.number))

    def _again(self, ask: Remembering, read: Callable[[Remembering], T]) -> T:
        """Read; if a list repeats itself, or is too old to be continued, forget the answers and begin again."""
        for _ in range(_ATTEMPTS - 1):
            try:
                return read(ask)
            except (PageRepeated, LocatorExpired):
                self._journal.forget(ask.scope)
        return read(ask)

    def _finish(self, warnings: tuple[str, ...]) -> Fetched:
        failed, gone = self._journal.outcomes(FAILED), self._journal.outcomes(GONE)
        single, exported = len(self._journal.outcomes(DONE)), self._journal.fact("exported")
        done = single if exported is None else int(exported)
        self._folder.write_report(
            {
                "upstream": f"{self._vendor.base}",
                "accounts": done,
                **({} if exported is None else {"read_singly": single}),
                "failed": [{"account": each.key, "reason": each.note} for each in failed],
                "gone": [each.key for each in gone],
                "warnings": warnings,
            }
        )
        self._folder.tidy(whole=self._wanted.selection.is_whole and not failed)
        self._journal.note(finished="in part" if failed else "whole", last=self._journal.fact("began"))
        return Fetched(done, tuple(failed), tuple(gone), warnings)


def _as_it_is(document: Document) -> Document:
    return document
