"""Runs: those that the visitor may see, and the form that starts one."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus

from soapsvc.console.frame import Answer, Visit, redirect, url
from soapsvc.engine.account import ChargeType
from soapsvc.engine.result import AssumeRenewal
from soapsvc.engine.schedule import add_months
from soapsvc.runs import Run, RunRefused, RunRequest, StorageOption, create_run
from soapsvc.runs.planning import visible_runs
from soapsvc.tenant.store import values_of

SIZE = 50
_MONTHS = 1


def show(visit: Visit) -> Answer:
    """The newest runs, and the form."""
    return _page(visit, [])


def start(visit: Visit) -> Answer:
    """Start a run with the form's values, and redirect to its page."""
    try:
        target = date.fromisoformat(visit.given("target_date"))
    except ValueError:
        return _page(visit, ["The target date is not a date such as 2026-01-31."])
    request = RunRequest(
        target,
        next((each for each in AssumeRenewal if each == visit.given("assume_renewal")), AssumeRenewal.NONE),
        tuple(dict.fromkeys(each.strip() for each in visit.given("batches").split(",") if each.strip())),
        tuple(each for each in ChargeType if each in visit.form.get("exclude", ())),
        bool(visit.given("drafts")),
        bool(visit.given("evergreen")),
        storage_option=_storage(visit),
    )
    try:
        run = create_run(visit.store, request, visit.who, visit.services.clock())
    except RunRefused as refused:
        return _page(visit, [problem.message for problem in refused.problems])
    return redirect(url("/console/run", id=run.id))


def _storage(visit: Visit) -> StorageOption:
    offered = (StorageOption.CSV, StorageOption.DATABASE)
    return next((each for each in offered if each == visit.given("storage")), StorageOption.CSV)


def _page(visit: Visit, problems: list[str]) -> Answer:
    runs = list(visible_runs(visit.store, visit.who))
    usual = visit.given("target_date") or add_months(visit.today, _MONTHS).isoformat()
    return visit.page(
        "runs.html",
        {
            "runs": runs[-SIZE:][::-1],
            "older": max(0, len(runs) - SIZE),
            "comparable": [run for run in runs[::-1] if _comparable(run)][:SIZE],
            "problems": problems,
            "usual": usual,
            "batches": values_of(visit.store, visit.who, "batch"),
            "renewals": list(AssumeRenewal),
            "types": list(ChargeType),
            "storages": [StorageOption.CSV, StorageOption.DATABASE],
        },
        HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK,
    )


def _comparable(run: Run) -> bool:
    """Whether the items of a run can be read again."""
    return run.status == "Completed" and run.purged is None and run.request.storage_option != StorageOption.PARQUET
