"""From what was asked to a preview that can be written: the same on every REST surface."""

from __future__ import annotations

import logging
from datetime import date, timedelta

from soapsvc.engine.account import Account
from soapsvc.engine.documents import upcoming_credit_memos, upcoming_invoices
from soapsvc.engine.preview import preview
from soapsvc.engine.result import Note, PreviewResult
from soapsvc.rest.http import Refused, RestLimits, unratable
from soapsvc.rest.previews.answers import Preview
from soapsvc.rest.previews.preview_query import Asked, latest_target
from soapsvc.web.calls import current_call
from soapsvc.web.log_text import log_text

_LOG = logging.getLogger(__name__)
_FIRST_LOOK = timedelta(days=62)


def previewed(account: Account, asked: Asked, limits: RestLimits) -> Preview:
    """The preview of an account; raises Refused where its data cannot be rated."""
    try:
        found = _previewed(account, asked, limits)
    except Refused:
        current_call().errors += 1
        raise
    current_call().previewed(found.result)
    return found


def _previewed(account: Account, asked: Asked, limits: RestLimits) -> Preview:
    if asked.next_invoices is not None:
        return _next_invoices(account, asked, asked.next_invoices, limits)
    result = _computed(account, asked, asked.target_date or asked.as_of.date())
    if not asked.by_invoice:
        return Preview(result, _notes(asked, result))
    memos = upcoming_credit_memos(account, result)
    return Preview(result, _notes(asked, result), upcoming_invoices(account, result), memos)


def _next_invoices(account: Account, asked: Asked, count: int, limits: RestLimits) -> Preview:
    """The first `count` invoices up to the target date, or up to the last one that is possible.

    What is due on a day does not depend on how far beyond it one looks, so looking twice as far each time is enough.
    """
    today = asked.as_of.date()
    last = asked.target_date or latest_target(today, limits)
    ahead = _FIRST_LOOK
    while True:
        target = last if last - today <= ahead else today + ahead
        result = _computed(account, asked, target)
        invoices = upcoming_invoices(account, result)
        if len(invoices) >= count or target == last:
            break
        ahead *= 2
    shown = invoices[:count]
    memos = [memo for memo in upcoming_credit_memos(account, result) if not shown or memo.day <= shown[-1].day]
    return Preview(result, _notes(asked, result), shown, memos)


def _computed(account: Account, asked: Asked, target: date) -> PreviewResult:
    result = preview(account, asked.up_to(target), asked.as_of)
    if result.errors:
        raise Refused(*unratable(result.errors))
    for note in result.notes if _LOG.isEnabledFor(logging.DEBUG) else ():
        _LOG.debug("account %r: %s %s: %s", result.account_id, note.kind, note.code, log_text(note.message))
    return result


def _notes(asked: Asked, result: PreviewResult) -> tuple[Note, ...] | None:
    return asked.warnings + result.notes if asked.notes else None
