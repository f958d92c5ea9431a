"""Bill runs over HTTP: POST /bill-runs, and the effect of the clock on terms, suspensions and cancellations.

A run first moves each account to the clock's day, then bills the items of a preview without assumed renewals. All
changes are imported in one step, so no call sees half of a run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from threading import Lock
from typing import Any

from sqlalchemy import select

from soapsvc.engine.account import Account
from soapsvc.engine.documents import billed_documents
from soapsvc.engine.lifecycle import advance, bill
from soapsvc.engine.preview import preview
from soapsvc.engine.result import PreviewRequest
from soapsvc.randomness import drawn_from, random_hex
from soapsvc.standin.bill_runs.changes import write_changes
from soapsvc.standin.bill_runs.invoices import Billing, Numbers, document_of, number_in
from soapsvc.standin.bill_runs.kept import kept_of
from soapsvc.standin.problems import NotThere, Refused, nearest
from soapsvc.standin.routes import Answer, Call, Route, check_names
from soapsvc.standin.seeds.accounts import today_of
from soapsvc.standin.seeds.documents import encoded
from soapsvc.standin.seeds.names import account_names
from soapsvc.standin.stand_in import StandIn
from soapsvc.tenant import import_tenant
from soapsvc.tenant.reading import Document, FieldProblem, day, parse_json
from soapsvc.tenant.tables import DRAFTS, alive

_ID_BYTES = 16

Documents = list[dict[str, Any]]


@dataclass(slots=True)
class _Outcome:
    """The outcome of a run: its documents, and the reasons why accounts were left out."""

    accounts: int = 0
    invoices: Documents = field(default_factory=list)
    memos: Documents = field(default_factory=list)
    errors: Documents = field(default_factory=list)


class BillRuns:
    """POST /bill-runs {"targetDate": …, "accountNumbers": […]}."""

    def __init__(self, stand_in: StandIn) -> None:
        self._stand_in = stand_in
        self._lock = Lock()
        self._quiet: tuple[object, date] | None = None
        """As long as the tenant is unchanged, no event happens before this day."""
        stand_in.on_clock.append(self.pass_time)

    def routes(self) -> list[Route]:
        """Their routes."""
        return [Route("POST", "/bill-runs", self._run)]

    def pass_time(self) -> None:
        """Let terms renew, and suspensions and cancellations take effect, up to the clock's day.

        A clock that is set back does not undo these; a reset does.
        """
        store, today = self._stand_in.store, today_of(self._stand_in.store, self._stand_in.clock)
        with self._lock:
            if self._quiet is not None and self._quiet[0] == store.changes() and today < self._quiet[1]:
                return
            accounts = list(store.accounts())
            self._write((account, advance(account, today), []) for account in accounts)
            events = (event for account in store.accounts() for event in _events(account) if event > today)
            self._quiet = store.changes(), min(events, default=date.max)

    def _run(self, call: Call) -> Answer:
        return Answer(self.run(call.document()), 201)

    def run(self, given: Document) -> dict[str, Any]:
        """Bill the items of a preview; returns the outcome as JSON values. Raises Refused."""
        check_names(given, "targetDate", "accountNumbers")
        today = today_of(self._stand_in.store, self._stand_in.clock)
        target, numbers = _target(given.get("targetDate"), today), given.get("accountNumbers")
        if numbers is not None and not (isinstance(numbers, list) and all(isinstance(each, str) for each in numbers)):
            raise Refused("accountNumbers must be a list of account numbers", field="accountNumbers")
        source = self._stand_in.source(b"bill-runs", encoded(given), self._stand_in.clock().isoformat().encode())
        with self._lock, drawn_from(source):
            return self._bill(list(self._accounts(numbers)), target, today)

    def _accounts(self, numbers: list[str] | None) -> Iterator[Account]:
        store = self._stand_in.store
        if numbers is None:
            yield from sorted(store.accounts(), key=lambda account: account.account_number)
            return
        for number in dict.fromkeys(numbers):
            account = store.account(number=number)
            if account is None:
                near = nearest(number, account_names(store))
                hint = f"; did you mean {near}?" if near is not None else ""
                raise NotThere(f"there is no account {number}{hint}", field="accountNumbers", near=near)
            yield account

    def _bill(self, accounts: list[Account], target: date, today: date) -> dict[str, Any]:
        stand_in, run_id = self._stand_in, random_hex(_ID_BYTES)
        now = stand_in.clock().astimezone(stand_in.store.settings().zone)
        billing = Billing(run_id, target.isoformat(), now)
        outcome = _Outcome()
        numbers = Numbers(self._last_numbers())
        self._write(self._billed(accounts, (target, today), billing, numbers, outcome))
        return {
            "id": run_id,
            "status": "Completed",
            "targetDate": billing.target_date,
            "invoiceDate": now.date().isoformat(),
            "accounts": outcome.accounts,
            "invoices": outcome.invoices,
            "creditMemos": outcome.memos,
            "errors": outcome.errors,
        }

    def _billed(
        self, accounts: list[Account], days: tuple[date, date], billing: Billing, numbers: Numbers, outcome: _Outcome
    ) -> Iterator[tuple[Account, Account, Documents]]:
        """Each account before and after the run, with its documents; `outcome` collects the results."""
        target, today = days
        request = PreviewRequest(target, including_evergreen_subscription=True)
        for account in accounts:
            later = advance(account, today)
            result = preview(later, request, billing.now)
            for error in result.errors:
                told = {"accountNumber": account.account_number, "code": error.code, "message": error.message}
                outcome.errors.append({**told, "field": error.field})
            documents = []
            for billed in billed_documents(later, result):
                documents.append(document_of(billed, account, billing, numbers))
                list_of = outcome.memos if billed.kind == "creditMemo" else outcome.invoices
                list_of.append(_summary(documents[-1]))
            outcome.accounts += bool(documents)
            yield account, bill(later, request, result), documents

    def _write(self, changed: Iterable[tuple[Account, Account, Documents]]) -> None:
        """Import the changes of accounts, and their new documents, in one step."""
        store = self._stand_in.store
        state = store.version()
        whole = []
        with self._stand_in.copy.room() as folder:
            with store.reading() as connection:
                for before, after, documents in changed:
                    if documents or after != before:
                        kept = kept_of(connection, state, before.id)
                        write_changes(before, after, kept)
                        kept.documents += documents
                        kept.write(folder)
                        whole.append(before.id)
            if whole:
                import_tenant(store, folder, clock=self._stand_in.clock, whole=whole)

    def _last_numbers(self) -> dict[str, int]:
        """The last number of each kind of document."""
        store, found = self._stand_in.store, {"invoice": 0, "creditMemo": 0}
        wanted = select(DRAFTS.c.type, DRAFTS.c.document).where(alive(DRAFTS, store.version()))
        with store.reading() as connection:
            for kind, document in connection.execute(wanted):
                told = parse_json(document)
                if isinstance(told, dict) and kind in found:
                    found[kind] = max(found[kind], number_in(kind, told))
        return found


def _target(given: object, today: date) -> date:
    """The day up to which the run bills: by default today."""
    if given is None:
        return today
    try:
        return day(given)
    except FieldProblem as problem:
        raise Refused(f"targetDate {problem}", field="targetDate") from problem


def _summary(document: dict[str, Any]) -> dict[str, Any]:
    """The summary of a document in the run's answer; queries give the rest."""
    names = ("id", "number", "accountNumber", "currency", "amount", "taxAmount", "group")
    items = document.get("invoiceItems") or document.get("creditMemoItems") or []
    return {name: document[name] for name in names if document[name] is not None} | {"items": len(items)}


def _events(account: Account) -> Iterator[date]:
    """The days of an account's future events."""
    for each in account.subscriptions:
        days: tuple[date | None, ...] = (
            each.term_end_date if each.auto_renew else None,
            each.scheduled_cancel_date,
            each.scheduled_suspend_date,
            each.scheduled_resume_date,
        )
        yield from (event for event in days if event is not None)
