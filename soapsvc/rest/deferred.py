"""Asynchronous requests: accepted at once, answered by a thread of some process, fetched by their id.

A request is kept in the tenant's database before it is accepted. If the process that works on it is killed, the next
one that is asked for the result takes it over.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cached_property
from http import HTTPStatus

import msgspec

from soapsvc.rest.answering import answered
from soapsvc.rest.errors import Category, Reason, Refused
from soapsvc.rest.headers import is_async
from soapsvc.rest.remembered import Claim, Remembered, Row
from soapsvc.rest.request import Call, Operation, Reply
from soapsvc.rest.styles import Style
from soapsvc.wire import fresh_ids

_AT_ONCE = 2
_KEPT_HEADERS = frozenset({"zuora-org-ids", "zuora-entity-ids"})


@dataclass(frozen=True)
class Deferred:
    """An operation whose answer may be fetched later; `results` is the path below which it is.

    `check` raises Failure for what can be told at once to be no request that the operation answers, and `visible` for
    what the caller may not see, or not any more: an answer is shown to who may see what it is about when it is fetched.
    """

    operation: Operation
    check: Callable[[Call], object]
    visible: Callable[[Call], None]
    style: Style
    answers: Remembered
    results: str

    def __call__(self, call: Call) -> Reply:
        """The operation's answer, or where `async: true` asks for it, the id under which it will be."""
        if not is_async(call.headers):
            return self.operation(call)
        self.check(call)
        (request_id,) = fresh_ids(1)
        kept = replace(call, headers={name: call.headers[name] for name in _KEPT_HEADERS & call.headers.keys()})
        values = {"username": call.caller.user.username, "request": msgspec.json.encode(kept)}
        claim = self.answers.claim(request_id, values)
        if claim is None:
            raise RuntimeError("a fresh id is not fresh")
        self._start(claim, kept)
        body = msgspec.json.encode({"request_id": request_id})
        return Reply([body], HTTPStatus.ACCEPTED, headers={"Location": f"{self.results}/{request_id}"})

    def result(self, call: Call) -> Reply:
        """The state of a request, and its answer once there is one: an operation of its own."""
        request_id = call.path["request_id"]
        row = self.answers.find(request_id)
        asked = self._visible(row, call) if row is not None else None
        if row is None or asked is None:
            message = f"There is no asynchronous request {request_id}."
            raise Refused(Reason(Category.NOT_FOUND, message, "request_id"))
        state: dict[str, object] = {"request_id": request_id, "status": "processing"}
        if row.reply is not None:
            succeeded = row.reply.status < HTTPStatus.BAD_REQUEST
            state["status"] = "completed" if succeeded else "failed"
            state["status_code"] = row.reply.status
            state["response"] = msgspec.Raw(b"".join(row.reply.pieces))
        elif (claim := self.answers.take_over(row)) is not None:
            self._start(claim, asked)
        return Reply([msgspec.json.encode(state)])

    def _visible(self, row: Row, call: Call) -> Call | None:
        """The request with the rights that its user has now; None for others, and where these are too few.

        That there is no such account is about none, so that the user may read it always.
        """
        if row.values["username"] != call.caller.user.username:
            return None
        asked = msgspec.json.decode(row.values["request"], type=Call)
        asked = replace(asked, scope=replace(asked.caller, user=call.caller.user))
        if row.reply is not None and row.reply.status != HTTPStatus.NOT_FOUND:
            try:
                self.visible(asked)
            except Refused:
                return None
        return asked

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        """Made when the first request comes: in the process that works on it, not in the one that forked it."""
        return ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="asynchronous requests")

    def _start(self, claim: Claim, call: Call) -> None:
        lease = ExitStack()
        lease.enter_context(self.answers.renewed(claim))
        self._threads.submit(self._work, claim, call, lease)

    def _work(self, claim: Claim, call: Call, lease: ExitStack) -> None:
        with lease:
            reply = answered(self.operation, self.style, call)
            self.answers.finish(claim, reply, b"".join(reply.pieces))
