"""`billingPreview`: the items of the next invoices of up to twenty accounts."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from time import perf_counter

from soapsvc.engine.account import Account
from soapsvc.engine.preview import preview
from soapsvc.engine.result import BillingDataError, PreviewResult
from soapsvc.soap.contract import CanonicalBody
from soapsvc.soap.frame import InvalidType, RowError, TooManyRequests
from soapsvc.soap.operations.call import Call, Run
from soapsvc.soap.operations.reader import Reader
from soapsvc.soap.reading import ReadRequest, ValidRequests, check_types, read_requests, unknown_key
from soapsvc.soap.writing import Result, preview_answer
from soapsvc.tenant.store import Current, visible_accounts
from soapsvc.tenant.users import User
from soapsvc.web.calls import CallRecord, current_call
from soapsvc.web.log_text import log_text
from soapsvc.web.sessions import Sessions

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BillingPreview:
    """The operation."""

    reader: Reader
    sessions: Sessions
    valid: ValidRequests = field(default_factory=ValidRequests)

    def prepare(self, call: Call, body: CanonicalBody) -> Run:
        """Read the requests."""
        as_of, current = self.reader.now()
        try:
            most = self.reader.limits.requests_per_call or current.settings.requests_per_call
            count = len(call.node.children)
            if count > most:
                raise TooManyRequests(f"The call has {count} requests; one call may have at most {most}.")
            check_types(call.node)
        except (TooManyRequests, InvalidType) as fault:
            return partial(self._refuse, call, fault)
        requests = read_requests(call.node, self.reader.reading(as_of, call.shape), body, self.valid)
        return partial(self._run, call, requests, as_of, current)

    def _refuse(self, call: Call, fault: TooManyRequests | InvalidType) -> Iterable[bytes]:
        self.sessions.user(call.session)
        raise fault

    def _run(self, call: Call, requests: Sequence[ReadRequest], as_of: datetime, current: Current) -> Iterable[bytes]:
        user = self.sessions.user(call.session, current.changes)
        self.valid.add(requests)
        accounts = self._accounts(requests, user, current.version)
        # Accounts are previewed one after the other while the answer is sent: it begins with the first account.
        record = current_call()
        results = (_result(each, accounts, as_of, record) for each in requests)
        return preview_answer(call.soap, call.shape, results)

    def _accounts(self, requests: Iterable[ReadRequest], user: User, version: int) -> Mapping[str, Account]:
        wanted = {each.account_id for each in requests if each.request is not None and each.account_id is not None}
        return {account.id: account for account in visible_accounts(self.reader.store, user, wanted, version)}


def _result(read: ReadRequest, accounts: Mapping[str, Account], as_of: datetime, record: CallRecord) -> Result:
    account = accounts.get(read.account_id or "")
    if read.request is None:
        errors: tuple[RowError, ...] = read.errors
    elif account is None:
        errors = (unknown_key(read.account_id or ""),)
    else:
        started = perf_counter()
        result = preview(account, read.request, as_of)
        record.computed(started)
        if not result.errors:
            record.previewed(result)
            _log_what_is_absent(result)
            return Result(read.account_id, result)
        errors = tuple(map(_row_error, result.errors))
    record.errors += 1
    return Result(read.account_id, errors=errors)


def _row_error(error: BillingDataError) -> RowError:
    code = "MISSING_REQUIRED_VALUE" if error.code.startswith("MISSING") else "INVALID_VALUE"
    subject = [
        f"{name} {number}"
        for name, number in (("subscription", error.subscription_number), ("charge", error.charge_number))
        if number and number not in error.message
    ]
    message = f"{', '.join(subject)}: {error.message}" if subject else error.message
    return RowError(code, message, error.field)


def _log_what_is_absent(result: PreviewResult) -> None:
    if not _LOG.isEnabledFor(logging.DEBUG):
        return
    for note in result.notes:
        _LOG.debug("account %r: %s %s: %s", result.account_id, note.kind, note.code, log_text(note.message))
    if result.credit_memo_blocks:
        _LOG.debug("account %r: the SOAP answer has no place for credit memo items", result.account_id)
