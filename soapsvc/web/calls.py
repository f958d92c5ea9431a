"""The record of a call: when it ends, it gives one line of the log, and the numbers for metrics.

The server makes a `CallRecord` for each request and ends it with the last byte of the answer. The code on the way
writes the user, the operation and the failure into `current_call()`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from http import HTTPStatus
from time import perf_counter
from typing import Literal, NamedTuple

from soapsvc.engine.result import PreviewResult
from soapsvc.logs import fields_text
from soapsvc.randomness import random_uuid_text
from soapsvc.web.log_text import cut

REQUEST_ID = "X-Request-Id"
"""The header in which a caller may send an id for the request, and gets the request's id back."""

Outcome = Literal["ok", "refused", "failed"]
"""`refused`: an error of the caller, or a limit; `failed`: an error of ours, or of the database."""

Observer = Callable[["CallRecord"], None]
"""A function that gets every finished call."""

_LOG = logging.getLogger("soapsvc.call")
_MOST = 300
_TRACE = re.compile(
    r"(?P<version>[0-9a-f]{2})-(?P<trace>[0-9a-f]{32})-(?P<parent>[0-9a-f]{16})-(?P<flags>[0-9a-f]{2})(?P<more>-.*)?"
)
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+=@-]{0,127}", re.ASCII)


def request_id(given: str | None) -> str:
    """The caller's id of a request if it is valid (up to 128 letters, digits and `._:/+=@-`), else a new one."""
    return given if given and _ID.fullmatch(given) else random_uuid_text()


class TraceParent(NamedTuple):
    """The place of a call in its caller's trace (W3C Trace Context): 32, 16 and 2 hexadecimal digits."""

    trace_id: str
    parent_id: str
    flags: str


def trace_parent(given: str | None) -> TraceParent | None:
    """The parsed header `traceparent`; None without one, and for an invalid one."""
    found = _TRACE.fullmatch(given) if given else None
    if found is None or found["version"] == "ff" or not int(found["trace"], 16) or not int(found["parent"], 16):
        return None
    if found["version"] == "00" and found["more"]:
        return None
    return TraceParent(found["trace"], found["parent"], found["flags"])


@dataclass(slots=True)
class CallRecord:
    """One call. `surface` is soap, rest, shadow or http (all else); `operation` is one of ours, never a caller's text.

    `quiet` calls, such as those of a health check, are logged at debug only. `observer` is called at the end.
    """

    request_id: str
    surface: str = "http"
    operation: str = "other"
    version: str = ""
    user: str = ""
    accounts: int = 0
    """Accounts that were previewed."""
    items: int = 0
    """Their invoice and credit memo items."""
    errors: int = 0
    """Accounts that could not be previewed."""
    outcome: Outcome = "ok"
    code: str = ""
    reason: str = ""
    login_refused: str = ""
    status: int = 0
    milliseconds: float = 0.0
    trace: TraceParent | None = None
    engine_milliseconds: float = 0.0
    """The part of `milliseconds` that its previews took, without writing the answer."""
    first_preview: float | None = None
    last_preview: float | None = None
    """When the first preview began and the last one ended, by the clock of `started`."""
    quiet: bool = False
    observer: Observer | None = None
    started: float = field(default_factory=perf_counter)
    ended: bool = False

    def previewed(self, result: PreviewResult) -> None:
        """Count an account that was previewed."""
        self.accounts += 1
        self.items += sum(map(len, result.blocks)) + sum(map(len, result.credit_memo_blocks))

    def computed(self, started: float) -> None:
        """Count the time of a preview that began at `started` and has ended now."""
        now = perf_counter()
        if self.first_preview is None:
            self.first_preview = started
        self.last_preview = now
        self.engine_milliseconds += (now - started) * 1000

    def refuse(self, code: str, reason: str, *, failed: bool = False) -> None:
        """Record the refusal that the caller gets: our code, and the text."""
        self.outcome, self.code, self.reason = "failed" if failed else "refused", code, reason

    def end(self) -> None:
        """Report the call, once, also if it is ended several times."""
        if self.ended:
            return
        self.ended = True
        self.milliseconds = (perf_counter() - self.started) * 1000
        if self.status >= HTTPStatus.BAD_REQUEST and self.outcome == "ok":
            self.outcome = "refused" if self.status < HTTPStatus.INTERNAL_SERVER_ERROR else "failed"
        if self.observer is not None:
            self.observer(self)
        _LOG.log(logging.DEBUG if self.quiet else logging.INFO, self)

    def log_fields(self) -> Mapping[str, object]:
        """The fields of the line of the log."""
        return {"message": "call", **self._fields()}

    def __str__(self) -> str:
        return fields_text(self._fields())

    def _fields(self) -> dict[str, object]:
        fields: dict[str, object] = {
            "request_id": self.request_id,
            "surface": self.surface,
            "operation": self.operation,
        }
        if self.version:
            fields["version"] = self.version
        if self.user:
            fields["user"] = self.user
        fields |= {
            "accounts": self.accounts,
            "items": self.items,
            "errors": self.errors,
            "status": self.status,
            "milliseconds": round(self.milliseconds, 1),
            "outcome": self.outcome,
        }
        if self.first_preview is not None:
            fields["engine_milliseconds"] = round(self.engine_milliseconds, 1)
        if self.trace is not None:
            fields |= {"trace_id": self.trace.trace_id, "parent_id": self.trace.parent_id}
        if self.code:
            fields |= {"code": self.code, "reason": cut(self.reason, _MOST)}
        return fields


_CURRENT: ContextVar[CallRecord] = ContextVar("call")


def begin_call(record: CallRecord) -> None:
    """Make this the current call of the thread, until the next one begins."""
    _CURRENT.set(record)


def current_call() -> CallRecord:
    """The call that this thread answers; an unused record if it answers none."""
    found = _CURRENT.get(None)
    return CallRecord("-") if found is None else found
