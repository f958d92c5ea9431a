"""The pipeline around every REST operation: headers, login, rate, body, replay, concurrency, errors, compression.

An operation is a callable from `Call` to `Reply` that raises `Failure`; a `Route` has its method and path.
`Frame.serve` runs the other steps, in the order above.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import parse_qs

import falcon

from soapsvc.clock import Clock
from soapsvc.rest.http import (
    REQUEST_ID,
    BadRequest,
    Call,
    Failure,
    Operation,
    Reply,
    RestLimits,
    SignIn,
    Style,
    TooLarge,
    TooManyRequests,
    UnsupportedMedia,
    buffer_start,
    gate_headers,
    idempotency_key,
    prefers_strict,
    read_scope,
    reply_or_failure,
    track_header,
)
from soapsvc.rest.replays import Idempotency
from soapsvc.tenant.users import User
from soapsvc.web import body
from soapsvc.web.body import BodyRefused, BodyTooLarge, Environ
from soapsvc.web.calls import current_call
from soapsvc.web.gate import Gate, Held
from soapsvc.web.packing import packed
from soapsvc.web.quotas import Rates

JSON_BODY = ("application/json",)
_GATE_PAUSE = timedelta(seconds=1)
_METHODS_WITH_BODY = frozenset({"POST", "PATCH"})


@dataclass(frozen=True, slots=True)
class Route:
    """One operation at one path (a template such as `/accounts/{account_id}/preview`).

    `is_open` is for operations without a token, `media_types` are those of a request body (empty: the operation reads
    no body). The answer of an operation that is not `replayed` is never stored, because it holds a secret.
    """

    method: str
    path: str
    operation: Operation
    style: Style
    is_open: bool = False
    media_types: tuple[str, ...] = JSON_BODY
    replayed: bool = True


@dataclass(frozen=True, slots=True)
class Frame:
    """The state that all requests share; `strict` gives v1 failures their true status without the client's header.

    `rates` counts requests of the tenant's users, `strangers` those without a token. `base_url` finds our own address
    in a WSGI environment, `client` the caller's.
    """

    clock: Clock
    limits: RestLimits
    sign_in: SignIn
    idempotency: Idempotency
    gate: Gate
    rates: Rates
    strangers: Rates
    base_url: Callable[[Environ], str]
    client: Callable[[Environ], str]
    strict: bool = False

    def serve(self, route: Route, request: falcon.Request, response: falcon.Response, **path: str) -> None:
        """Answer a request of a route."""
        call = self.read_call(request, path)
        current_call().operation = f"{route.method} {route.path}"
        if any("\0" in each for each in path.values()):  # no key in the store contains it, and databases refuse it
            raise falcon.HTTPNotFound
        own = {REQUEST_ID: call.request_id}
        counted: dict[str, str] = {}

        def steps(call: Call) -> Reply:
            own.update(track_header(call.headers, self.limits))
            user = self._authenticate(route, call, counted)
            call = self._with_scope_and_body(route, call, request, user)
            reply = self._reply_or_replay(route, call, own)
            return buffer_start(reply, self.limits.streamed_above)

        reply = reply_or_failure(steps, route.style, call)
        self.send(reply, {**own, **counted}, request, response)

    def read_call(self, request: falcon.Request, path: Mapping[str, str]) -> Call:
        """The request, from its method, URL and headers, without the body."""
        given = {name.lower(): value for name, value in request.headers.items()}
        record = current_call()
        record.surface = "rest"
        return Call(
            request.method,
            request.relative_uri,
            path,
            parse_qs(request.query_string, keep_blank_values=True),
            given,
            record.request_id,
            strict=self.strict or prefers_strict(given),
            base_url=self.base_url(request.env),
            client=self.client(request.env),
        )

    def send(self, reply: Reply, own: Mapping[str, str], request: falcon.Request, response: falcon.Response) -> None:
        """Send a reply, compressed if the client accepts that; a replayed one has its stored headers, not `own`."""
        gzip_above = sys.maxsize if reply.is_packed else self.limits.gzip_above
        needed, content = packed(request.env, reply.pieces, gzip_above, self.limits.streamed_above)
        response.status = HTTPStatus(reply.status)
        response.content_type = reply.media_type
        told = {**own, **gate_headers(self.gate), **dict(needed), **reply.headers}
        if (cookie := told.pop("Set-Cookie", None)) is not None:
            response.append_header("Set-Cookie", cookie)  # falcon accepts it only in this way
        response.set_headers(told)
        response.stream = Held(content, reply.close)

    def _authenticate(self, route: Route, call: Call, counted: dict[str, str]) -> User | None:
        """The user who makes the call. Calls are counted: those without a token do not use up the tenant's limit."""
        user, rates, refusal = None, self.strangers, None
        try:
            if not route.is_open:
                user, rates = self.sign_in.user(call.headers, call.client), self.rates
        except Failure as failure:
            refusal = failure
        quota = rates.take(int(self.clock().timestamp()))
        counted.update(quota.headers())
        if quota.exceeded:
            raise TooManyRequests(
                "The limit of requests in a span of time is reached; repeat the call after Retry-After.",
                timedelta(seconds=quota.reset),
            )
        if refusal is not None:
            try:
                raise refusal
            finally:
                refusal = None  # its traceback holds this frame
        return user

    def _with_scope_and_body(self, route: Route, call: Call, request: falcon.Request, user: User | None) -> Call:
        """The call with its caller's scope and its body; raises Failure where either is invalid."""
        scope = None if user is None else read_scope(user, call.headers)
        return replace(call, scope=scope, body=self._body(route, request))

    def _body(self, route: Route, request: falcon.Request) -> bytes:
        if route.method not in _METHODS_WITH_BODY:
            return b""
        media_type = (request.content_type or "").partition(";")[0].strip().lower()
        if media_type and route.media_types and media_type not in route.media_types:
            known = " or ".join(route.media_types)
            raise UnsupportedMedia(f"The request body must be {known}, not {media_type}.", "Content-Type")
        encoding = body.content_encoding(request.env)
        if encoding not in body.ENCODINGS:
            raise UnsupportedMedia(f"The request body must be plain or gzip, not {encoding}.", "Content-Encoding")
        try:
            return body.read_body(request.env, self.limits.body_bytes)
        except BodyTooLarge as refused:
            raise TooLarge(f"{refused}.") from refused
        except BodyRefused as refused:
            raise BadRequest(f"{refused}.") from refused

    def _reply_or_replay(self, route: Route, call: Call, own: Mapping[str, str]) -> Reply:
        """The operation's reply, or the stored reply of its key; raises Failure for an operation not executed."""
        key = idempotency_key(call.headers, self.limits)
        if key is None or call.scope is None or route.method not in _METHODS_WITH_BODY or not route.replayed:
            return self._executed(route, call)

        def run() -> Reply:
            reply = self._executed(route, call)
            return replace(reply, headers={**own, **reply.headers})

        return self.idempotency.execute(call.scope.user.username, key, call.fingerprint(), run)

    def _executed(self, route: Route, call: Call) -> Reply:
        """The operation's reply; it holds a place in the gate until its last byte, unless the operation is open."""
        if route.is_open:
            return reply_or_failure(route.operation, route.style, call)
        if not self.gate.enter():
            raise TooManyRequests(
                "The limit of requests at one time is reached; repeat the call after Retry-After.",
                _GATE_PAUSE,
            )
        try:
            reply = reply_or_failure(route.operation, route.style, call)
        except BaseException:
            self.gate.leave()
            raise
        return replace(reply, pieces=Held(reply.pieces, self.gate.leave))
