"""From a query to a preview that can be written: the same on every REST surface."""

from __future__ import annotations

import logging
from datetime import date
from time import perf_counter

from soapsvc.engine.account import Account
from soapsvc.engine.documents import upcoming_credit_memos, upcoming_invoices
from soapsvc.engine.preview import preview
from soapsvc.engine.result import Note, PreviewResult
from soapsvc.figures.upcoming import latest_target, next_invoices
from soapsvc.rest.http import Refused, RestLimits, unratable
from soapsvc.rest.previews.answers import Preview
from soapsvc.rest.previews.preview_query import PreviewQuery
from soapsvc.web.calls import current_call
from soapsvc.web.log_text import log_text

_LOG = logging.getLogger(__name__)


def previewed(account: Account, query: PreviewQuery, limits: RestLimits) -> Preview:
    """The preview of an account; raises Refused where its data cannot be rated."""
    record, started = current_call(), perf_counter()
    try:
        found = _previewed(account, query, limits)
    except Refused:
        record.errors += 1
        raise
    finally:
        record.computed(started)
    record.previewed(found.result)
    return found


def _previewed(account: Account, query: PreviewQuery, limits: RestLimits) -> Preview:
    if query.next_invoices is not None:
        return _next_invoices(account, query, query.next_invoices, limits)
    result = _computed(account, query, query.target_date or query.as_of.date())
    if not query.by_invoice:
        return Preview(result, _notes(query, result))
    memos = upcoming_credit_memos(account, result)
    return Preview(result, _notes(query, result), upcoming_invoices(account, result), memos)


def _next_invoices(account: Account, query: PreviewQuery, count: int, limits: RestLimits) -> Preview:
    """The first `count` invoices up to the target date, or up to the last possible date."""
    last = query.target_date or latest_target(query.as_of.date(), limits.preview_years)
    found = next_invoices(account, query.up_to(last), query.as_of, count)
    result = _checked(found.result)
    return Preview(result, _notes(query, result), found.invoices, found.memos)


def _computed(account: Account, query: PreviewQuery, target: date) -> PreviewResult:
    return _checked(preview(account, query.up_to(target), query.as_of))


def _checked(result: PreviewResult) -> PreviewResult:
    """The result, checked to have no errors; its notes go to the log."""
    if result.errors:
        raise Refused(*unratable(result.errors))
    for note in result.notes if _LOG.isEnabledFor(logging.DEBUG) else ():
        _LOG.debug("account %r: %s %s: %s", result.account_id, note.kind, note.code, log_text(note.message))
    return result


def _notes(query: PreviewQuery, result: PreviewResult) -> tuple[Note, ...] | None:
    return query.warnings + result.notes if query.notes else None
