"""Asynchronous requests: accepted at once, answered by a thread of some process, fetched by their id.

A request is stored in the tenant's database before it is accepted, and nowhere else while it waits. If the process that
works on it is killed, or its database fails, the next process that is asked for the result takes it over. The number of
waiting requests is limited; further ones are refused.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from contextvars import copy_context
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property, partial
from http import HTTPStatus
from itertools import chain

import msgspec

from soapsvc.rest.http import (
    Call,
    Category,
    Operation,
    Reason,
    Refused,
    Reply,
    Style,
    TooManyRequests,
    is_async,
    reply_or_failure,
)
from soapsvc.rest.replays.stored_replies import Claim, ClaimLost, Row, StoredReplies
from soapsvc.tenant.database import log_failure, outage
from soapsvc.tenant.users import User
from soapsvc.web.calls import CallRecord, Observer, begin_call, current_call
from soapsvc.web.gate import Gate
from soapsvc.wire import fresh_ids

_LOG = logging.getLogger(__name__)
_AT_ONCE = 2
_QUEUE_PAUSE = timedelta(seconds=5)
_KEPT_HEADERS = frozenset({"zuora-org-ids", "zuora-entity-ids"})


@dataclass(frozen=True)
class Deferred:
    """An operation whose answer may be fetched later; `results` is the path below which it is.

    `check` raises Failure for a request that the operation would refuse in any case. `visible` raises Failure for an
    account that the caller may not see at the moment: an answer is shown only to a caller who may see its account when
    the answer is fetched. `queue` has a place for each request that waits for its answer.
    """

    operation: Operation
    check: Callable[[Call], object]
    visible: Callable[[Call], None]
    style: Style
    answers: StoredReplies
    results: str
    queue: Gate

    def __call__(self, call: Call) -> Reply:
        """The operation's answer; with `async: true`, the id under which the answer can be fetched later."""
        if not is_async(call.headers):
            return self.operation(call)
        self.check(call)
        if not self.queue.enter():
            raise TooManyRequests(
                "The limit of waiting asynchronous requests is reached; repeat the call after Retry-After.",
                _QUEUE_PAUSE,
            )
        try:
            claim = self._accepted(call)
        except BaseException:
            self.queue.leave()
            raise
        self._start(claim, call.caller.user)
        body = msgspec.json.encode({"request_id": claim.id})
        return Reply([body], HTTPStatus.ACCEPTED, headers={"Location": f"{self.results}/{claim.id}"})

    def result(self, call: Call) -> Reply:
        """The state of a request, and its answer once there is one: an operation of its own."""
        request_id = call.path["request_id"]
        row = self.answers.find(request_id)
        if row is None or not self._is_visible(row, call):
            message = f"There is no asynchronous request {request_id}."
            raise Refused(Reason(Category.NOT_FOUND, message, "request_id"))
        state: dict[str, object] = {"request_id": request_id, "status": "processing"}
        if row.reply is None:
            self._take_over(row, call.caller.user)
            return Reply([msgspec.json.encode(state)])
        succeeded = row.reply.status < HTTPStatus.BAD_REQUEST
        state |= {"status": "completed" if succeeded else "failed", "status_code": row.reply.status}
        head = msgspec.json.encode(state).removesuffix(b"}") + b',"response":'
        return Reply(chain((head,), row.reply.pieces, (b"}",)))

    def _accepted(self, call: Call) -> Claim:
        """Store the request and accept it."""
        (request_id,) = fresh_ids(1)
        kept = replace(call, headers={name: call.headers[name] for name in _KEPT_HEADERS & call.headers.keys()})
        values = {"username": call.caller.user.username, "request": msgspec.json.encode(kept)}
        claim = self.answers.claim(request_id, values)
        if claim is None:
            raise RuntimeError("a fresh id is not fresh")
        return claim

    def _take_over(self, row: Row, user: User) -> None:
        """Start an abandoned request again, if there is a place; else the next process that is asked for it tries."""
        if not self.answers.is_abandoned(row) or not self.queue.enter():
            return
        try:
            claim = self.answers.take_over(row)
        except BaseException:
            self.queue.leave()
            raise
        if claim is None:
            self.queue.leave()
        else:
            self._start(claim, user)

    def _is_visible(self, row: Row, call: Call) -> bool:
        """Whether the caller made the request, and may still see its account.

        An answer that says that there is no such account belongs to no account; the user may always read it.
        """
        if row.values["username"] != call.caller.user.username:
            return False
        if row.reply is not None and row.reply.status != HTTPStatus.NOT_FOUND:
            try:
                self.visible(_asked(row, call.caller.user))
            except Refused:
                return False
        return True

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        """The threads, made at the first request: in the worker process, not in the process that forks it."""
        return ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="asynchronous requests")

    def _start(self, claim: Claim, user: User) -> None:
        """Answer a request in one of our threads, with the rights of its user; it holds a place in the queue."""
        held = ExitStack()
        held.callback(self.queue.leave)
        try:
            held.enter_context(self.answers.renewed(claim))
            self._threads.submit(copy_context().run, self._work, claim, user, held, current_call().observer)
        except BaseException:
            held.close()
            raise

    def _work(self, claim: Claim, user: User, held: ExitStack, observer: Observer | None) -> None:
        """Answer a request. An unexpected error goes to the log, because no caller waits for it."""
        with held:
            try:
                self._answer(claim, user, observer)
            except ClaimLost:
                _LOG.info("asynchronous request %s was taken over", claim.id)
            except Exception as error:  # noqa: BLE001 - the thread has others to answer
                log_failure(_LOG, error, "asynchronous request %s is not answered yet", claim.id)

    def _answer(self, claim: Claim, user: User, observer: Observer | None) -> None:
        """Store the answer, or the failure.

        Nothing is stored while the store does not answer: a later process takes over.
        """
        row = self.answers.find(claim.id)
        if row is None:
            return
        call = _asked(row, user)
        record = CallRecord(call.request_id, "rest", f"async {self.results}", user=user.username, observer=observer)
        begin_call(record)
        reply = reply_or_failure(self.operation, self.style, call)
        try:
            if reply.status != HTTPStatus.SERVICE_UNAVAILABLE:
                self._keep(claim, call, reply)
        finally:
            record.status = reply.status
            record.end()

    def _keep(self, claim: Claim, call: Call, reply: Reply) -> None:
        try:
            self.answers.keep(claim, reply)
        except Exception as error:
            if isinstance(error, ClaimLost) or outage(error) is not None:
                raise
            self.answers.keep(claim, reply_or_failure(partial(_fail, error), self.style, call))


def _asked(row: Row, user: User) -> Call:
    """The request with the current rights of its user."""
    asked = msgspec.json.decode(row.values["request"], type=Call)
    return replace(asked, scope=replace(asked.caller, user=user))


def _fail(error: Exception, _call: Call) -> Reply:
    raise error
