"""One run: its progress, its results, and a button to cancel it."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from http import HTTPStatus
from itertools import islice

from soapsvc.console.frame import Answer, Refused, Visit, not_found, redirect, url
from soapsvc.console.pictures.runs import MOST_SPANS, failure_chart, rounded_rate, run_chart, since_start, speed_chart
from soapsvc.figures.run_rows import NoRows, failed_rows
from soapsvc.runs import Run, RunRefused, cancel_run
from soapsvc.runs.definition import FAILURE_FIELDS, ITEM_FIELDS, speeds
from soapsvc.runs.planning import visible_run
from soapsvc.runs.results import ITEMS, Row, find_results

SIZE = 100
_MOST_FAILURES = 10_000
_CODE = FAILURE_FIELDS.index("code")


def visible(visit: Visit, key: str) -> Run:
    """The run with that id or number. Raises Refused if it does not exist, or the visitor may not see it."""
    if not key or "\0" in key:
        raise not_found("run at this address")
    try:
        return visible_run(visit.store, key, visit.who)
    except RunRefused as refused:
        raise not_found("such run") from refused


def show(visit: Visit) -> Answer:
    """The run that the address names, with a page of its items if they are in the database."""
    run = visible(visit, visit.first("id"))
    items = None
    try:
        if run.status == "Completed" and run.request.storage_option == "Database" and run.purged is None:
            cursor = visit.first("after") or None
            items = find_results(visit.store, ITEMS, run.id, {}, cursor=cursor, size=SIZE)
    except RunRefused as refused:
        raise Refused(HTTPStatus.BAD_REQUEST, str(refused)) from refused
    failures = _failures(visit, run)
    codes = Counter(row[_CODE] or "" for row in failures)
    return visit.page(
        "run.html",
        {
            **_values(visit, run),
            "items": items,
            "failures": failures[:SIZE],
            "failure_chart": failure_chart(codes, visit.reader) if codes else None,
            "codes": codes.most_common(),
            "fields": ITEM_FIELDS,
        },
    )


def _failures(visit: Visit, run: Run) -> list[Row]:
    """The first errors of a run that has ended."""
    if run.active or not run.failed_accounts or run.purged is not None:
        return []
    try:
        return list(islice(failed_rows(visit.store, run, visit.services.results), _MOST_FAILURES))
    except NoRows:
        return []


def progress(visit: Visit) -> Answer:
    """The run's progress, for the page's script."""
    return visit.page("progress.html", _values(visit, visible(visit, visit.first("id"))))


def cancel(visit: Visit) -> Answer:
    """Cancel the run that the form names."""
    run = visible(visit, visit.given("id"))
    try:
        cancel_run(visit.store, run.id, visit.who, visit.services.clock())
    except RunRefused as refused:
        raise Refused(HTTPStatus.CONFLICT, str(refused)) from refused
    return redirect(url("/console/run", id=run.id))


def _values(visit: Visit, run: Run) -> dict[str, object]:
    zone = visit.now.tzinfo
    ended = run.ended or visit.now
    seconds = (ended - run.started).total_seconds() if run.started is not None else 0
    times = {name: each.astimezone(zone) if each else None for name, each in _times(run).items()}
    return {
        "run": run,
        "times": times,
        "seconds": round(seconds, 1),
        "rate": round(run.finished_accounts / seconds) if seconds > 0 else None,
        "chart": run_chart(run, visit.reader) if run.finished_accounts else None,
        "speed_chart": speed_chart(run, visit.reader),
        "speeds": speeds(run.pace, MOST_SPANS),
        "since_start": since_start,
        "rounded_rate": rounded_rate,
    }


def _times(run: Run) -> dict[str, datetime | None]:
    return {"created": run.created, "started": run.started, "ended": run.ended, "imported": run.imported}
