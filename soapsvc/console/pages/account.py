"""One account: its subscriptions on a time line, and its preview with all options, as a chart and in groups."""

from __future__ import annotations

from http import HTTPStatus

from soapsvc.console.asked import choices, previewed, read_account, read_asked
from soapsvc.console.frame import Answer, Visit
from soapsvc.console.pictures.months import month_chart
from soapsvc.console.pictures.timeline import timeline
from soapsvc.figures.groups import grouped, totals
from soapsvc.figures.lines import notes_about
from soapsvc.figures.months import by_month


def show(visit: Visit) -> Answer:
    """The account that the address names, previewed with the options in the address."""
    account = read_account(visit)
    asked = read_asked(visit, account)
    found = previewed(visit, account, asked)
    months = by_month(found.lines, asked.stack)
    return visit.page(
        "account.html",
        {
            "account": account,
            "asked": asked,
            "choices": choices(),
            "result": found.result,
            "lines": found.lines,
            "groups": grouped(found.lines, asked.by),
            "totals": totals(found.lines),
            "charts": [(each, month_chart(each, visit.reader)) for each in months],
            "timeline": timeline(account, asked.request(explain=False), asked.as_of, visit.reader),
            "notes_about": notes_about,
        },
        HTTPStatus.BAD_REQUEST if asked.problems else HTTPStatus.OK,
    )
