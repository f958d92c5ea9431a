"""The next invoices of an account, however far ahead, as a preview that ends with the last of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from soapsvc.engine.account import Account
from soapsvc.engine.documents import UpcomingInvoice, upcoming_credit_memos, upcoming_invoices
from soapsvc.engine.preview import preview
from soapsvc.engine.result import PreviewRequest, PreviewResult

MOST_YEARS = 20
"""The furthest that a preview looks ahead ("Create a billing preview run": targetDate)."""
_FIRST_LOOK = timedelta(days=62)


@dataclass(frozen=True, slots=True)
class Upcoming:
    """A preview with only the items of the next invoices, and these invoices.

    With `result.errors` there are no invoices.
    """

    result: PreviewResult
    invoices: list[UpcomingInvoice]
    memos: list[UpcomingInvoice]


def latest_target(today: date, years: int = MOST_YEARS) -> date:
    """The last target date that is accepted on a day."""
    year = today.year + years
    try:
        return today.replace(year=year)
    except ValueError:  # February 29
        return date(year, 2, 28)


def next_invoices(account: Account, request: PreviewRequest, as_of: datetime, count: int) -> Upcoming:
    """The first `count` invoices up to the request's target date, and the credit memos until the last of them.

    The target date does not change what is due on an earlier day, so each attempt looks twice as far ahead.
    """
    today, last, ahead = as_of.date(), request.target_date, _FIRST_LOOK
    while True:
        target = last if last - today <= ahead else today + ahead
        result = preview(account, replace(request, target_date=target), as_of)
        invoices = upcoming_invoices(account, result)
        if len(invoices) >= count or target == last or result.errors:
            break
        ahead *= 2
    shown = invoices[:count]
    memos = [memo for memo in upcoming_credit_memos(account, result) if not shown or memo.day <= shown[-1].day]
    return Upcoming(
        replace(
            result,
            blocks=tuple(block for invoice in shown for block in invoice.blocks),
            credit_memo_blocks=tuple(block for memo in memos for block in memo.blocks),
        ),
        shown,
        memos,
    )
