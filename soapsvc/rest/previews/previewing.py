"""From what was asked to a preview that can be written: the same on every REST surface."""

from __future__ import annotations

import logging
from datetime import date

from soapsvc.engine.account import Account
from soapsvc.engine.documents import upcoming_credit_memos, upcoming_invoices
from soapsvc.engine.preview import preview
from soapsvc.engine.result import Note, PreviewResult
from soapsvc.figures.upcoming import latest_target, next_invoices
from soapsvc.rest.http import Refused, RestLimits, unratable
from soapsvc.rest.previews.answers import Preview
from soapsvc.rest.previews.preview_query import Asked
from soapsvc.web.calls import current_call
from soapsvc.web.log_text import log_text

_LOG = logging.getLogger(__name__)


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
    """The first `count` invoices up to the target date, or up to the last one that is possible."""
    last = asked.target_date or latest_target(asked.as_of.date(), limits.preview_years)
    found = next_invoices(account, asked.up_to(last), asked.as_of, count)
    result = _checked(found.result)
    return Preview(result, _notes(asked, result), found.invoices, found.memos)


def _computed(account: Account, asked: Asked, target: date) -> PreviewResult:
    return _checked(preview(account, asked.up_to(target), asked.as_of))


def _checked(result: PreviewResult) -> PreviewResult:
    """A result without errors, its notes in the log."""
    if result.errors:
        raise Refused(*unratable(result.errors))
    for note in result.notes if _LOG.isEnabledFor(logging.DEBUG) else ():
        _LOG.debug("account %r: %s %s: %s", result.account_id, note.kind, note.code, log_text(note.message))
    return result


def _notes(asked: Asked, result: PreviewResult) -> tuple[Note, ...] | None:
    return asked.warnings + result.notes if asked.notes else None
