"""Shared by every operation of the REST edge: a request, its fields, its reply, and the failures.

It offers the request (`Call`) and the reply of an operation, the fields of a body, the headers, who calls, the limits,
the failures, and how each surface spells them.

Read `request`, `errors` (the failures, with their true HTTP status) and `styles` (body and status of a failure on each
surface); `fields` (reads a body), `headers`, `sign_in` (who calls), `limits` (sizes and times); `answering` (runs an
operation so that there is always an answer).
"""

from soapsvc.rest.http.answering import buffer_start, failed, reply_or_failure
from soapsvc.rest.http.errors import (
    BadRequest,
    Category,
    Failure,
    InFlight,
    KeyReused,
    MethodNotAllowed,
    NotFound,
    QueryRefused,
    RangeNotSatisfiable,
    Reason,
    Refused,
    TooLarge,
    TooManyRequests,
    Unauthorized,
    UnsupportedMedia,
    unknown_key,
    unratable,
)
from soapsvc.rest.http.fields import Fields, at_most, count_up_to, names, one_of, several_of, text_up_to
from soapsvc.rest.http.headers import (
    REQUEST_ID,
    asks_for_version,
    gate_headers,
    idempotency_key,
    is_async,
    prefers_strict,
    read_scope,
    track_header,
)
from soapsvc.rest.http.limits import DEFAULT, RestLimits
from soapsvc.rest.http.request import JSON, NDJSON, Call, Operation, Reply, Scope
from soapsvc.rest.http.sign_in import COOKIE, SignIn, session_token, too_many
from soapsvc.rest.http.styles import ACTIONS, CONNECTIONS, OAUTH, QUICKSTART, V1, Style, v1_body

__all__ = [
    "ACTIONS",
    "CONNECTIONS",
    "COOKIE",
    "DEFAULT",
    "JSON",
    "NDJSON",
    "OAUTH",
    "QUICKSTART",
    "REQUEST_ID",
    "V1",
    "BadRequest",
    "Call",
    "Category",
    "Failure",
    "Fields",
    "InFlight",
    "KeyReused",
    "MethodNotAllowed",
    "NotFound",
    "Operation",
    "QueryRefused",
    "RangeNotSatisfiable",
    "Reason",
    "Refused",
    "Reply",
    "RestLimits",
    "Scope",
    "SignIn",
    "Style",
    "TooLarge",
    "TooManyRequests",
    "Unauthorized",
    "UnsupportedMedia",
    "asks_for_version",
    "at_most",
    "buffer_start",
    "count_up_to",
    "failed",
    "gate_headers",
    "idempotency_key",
    "is_async",
    "names",
    "one_of",
    "prefers_strict",
    "read_scope",
    "reply_or_failure",
    "session_token",
    "several_of",
    "text_up_to",
    "too_many",
    "track_header",
    "unknown_key",
    "unratable",
    "v1_body",
]
