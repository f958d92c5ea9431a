"""Run an operation so that there is always an answer: its reply, or its failure in the form of the surface."""

from __future__ import annotations

import logging
from dataclasses import replace
from itertools import chain

from soapsvc.rest.http.errors import Failure, Unavailable, Unexpected
from soapsvc.rest.http.request import Call, Operation, Reply
from soapsvc.rest.http.styles import Style
from soapsvc.tenant.database import outage
from soapsvc.web.calls import current_call
from soapsvc.web.gate import Held

_LOG = logging.getLogger(__name__)


def reply_or_failure(operation: Operation, style: Style, call: Call) -> Reply:
    """The operation's reply, or its failure; never an exception."""
    try:
        return operation(call)
    except Failure as failure:
        return failed(style, failure, call)
    except Exception as error:  # noqa: BLE001 - a caller gets an answer, whatever happens
        if (why := outage(error)) is not None:
            _LOG.error("request %s: the tenant store does not answer: %s", call.request_id, why)
            return failed(style, Unavailable(), call)
        _LOG.exception("request %s: unexpected error", call.request_id)
        return failed(style, Unexpected(call.request_id), call)


def buffer_start(reply: Reply, most: int) -> Reply:
    """Produce the first `most` bytes now, so that an error in them can still become an error response.

    Later errors only cut the connection.
    """
    source, head, size = iter(reply.pieces), [], 0
    try:
        for piece in source:
            head.append(piece)
            size += len(piece)
            if size > most:
                break
    except BaseException:
        reply.close()
        raise
    return replace(reply, pieces=Held(chain(head, source), reply.close))


def failed(style: Style, failure: Failure, call: Call) -> Reply:
    """The answer to a failure."""
    code = failure.reasons[0].category.code_name
    current_call().refuse(code, str(failure), failed=isinstance(failure, Unavailable | Unexpected))
    status = style.status(failure, strict=call.strict)
    return Reply([style.body(failure, call.request_id)], status, headers=failure.headers)
