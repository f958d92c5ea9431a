"""Comparisons with the vendor: the reports of a folder, one of them, and the recordings of a shadow."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from markupsafe import Markup

from soapsvc.console.comparisons import (
    MOST_FILES,
    MOST_PREVIEWS,
    File,
    Found,
    NotRead,
    compared_now,
    files_of,
    report_in,
)
from soapsvc.console.frame import Answer, Visit, not_found
from soapsvc.console.pictures.bars import Bar, bars
from soapsvc.console.pictures.runs import count_chart
from soapsvc.parity.report import KeptFit, KeptVerification
from soapsvc.parity.shadowing import FoundUnreadable, ShadowFound, read_found

_MOST_DIFFERENCES = 200
_MOST_HOURS = 48


@dataclass(frozen=True, slots=True)
class _Listed:
    """A file in the list: its content, or why it cannot be read."""

    file: File
    found: Found | None = None
    problem: str = ""


def show(visit: Visit) -> Answer:
    """The files of the folder, the newest first."""
    listed = [_listed(file) for file in _files(visit)]
    zone = visit.now.tzinfo
    rows = [(each, each.file.written.astimezone(zone), isinstance(each.found, KeptFit)) for each in listed]
    return visit.page("comparisons.html", {"rows": rows, "most": MOST_FILES, **_shadow(visit)})


def one(visit: Visit) -> Answer:
    """The report, or the recording, whose name the address gives."""
    name = visit.first("name")
    file = next((each for each in _files(visit) if each.name == name), None)
    if file is None:
        raise not_found("such comparison")
    shared = {"file": file, "written": file.written.astimezone(visit.now.tzinfo), "is_cut": False}
    try:
        if file.is_recording:
            verification, is_cut = compared_now(file, visit.store)
            return _verification(visit, verification, {**shared, "is_cut": is_cut})
        found = report_in(file)
    except NotRead as problem:
        return visit.page("not_read.html", {**shared, "problem": str(problem)})
    if isinstance(found, KeptFit):
        return visit.page("fit.html", {**shared, "fit": found})
    return _verification(visit, found, shared)


def _shadow(visit: Visit) -> dict[str, object]:
    """The findings so far of a shadow that uses this folder."""
    problem, found = "", None
    try:
        found = read_found(visit.services.comparisons) if visit.services.comparisons is not None else None
    except FoundUnreadable as error:
        problem = str(error)
    chart = None
    if found is not None and found.hours:
        hours = {hour: visit.reader.hour(hour.astimezone(visit.now.tzinfo)) for hour in _hours(found)}
        chart = bars("Previews by hour", [*hours.values()], _by_outcome(visit, found, hours), axis=visit.reader.axis)
    listed = [(each, each.last.astimezone(visit.now.tzinfo)) for each in (found.differing if found is not None else ())]
    return {"shadow": found, "shadow_problem": problem, "shadow_chart": chart, "differing": listed}


def _hours(found: ShadowFound) -> list[datetime]:
    """The last hours in which previews were compared."""
    return sorted({each.hour for each in found.hours})[-_MOST_HOURS:]


def _by_outcome(visit: Visit, found: ShadowFound, hours: dict[datetime, str]) -> dict[str, list[Bar]]:
    """For each outcome one bar for each of the named hours, SOAP and REST together."""
    counts: Counter[tuple[str, datetime]] = Counter()
    for each in found.hours:
        counts[each.outcome, each.hour] += each.previews
    return {
        outcome: [
            Bar(Decimal(counts[outcome, hour]), f"{name}: {visit.reader.number(counts[outcome, hour])} {outcome}")
            for hour, name in hours.items()
        ]
        for outcome in sorted(found.outcomes)
    }


def _files(visit: Visit) -> list[File]:
    folder = visit.services.comparisons
    if folder is None or not visit.sees_comparisons:
        raise not_found("page at this address")
    return files_of(folder)


def _listed(file: File) -> _Listed:
    if file.is_recording:
        return _Listed(file)
    try:
        return _Listed(file, report_in(file))
    except NotRead as problem:
        return _Listed(file, problem=str(problem))


def _verification(visit: Visit, found: KeptVerification, shared: dict[str, object]) -> Answer:
    causes: dict[str, int] = {}
    for group in found.groups:
        causes[group.cause] = causes.get(group.cause, 0) + len(group.differences)
    causes = dict(sorted(causes.items(), key=lambda each: -each[1]))
    return visit.page(
        "verification.html",
        {
            **shared,
            "found": found,
            "shares": _share_chart(visit, found),
            "causes": causes,
            "cause_chart": count_chart("Items that differ, by cause", causes, "items", visit.reader)
            if len(causes) > 1
            else None,
            "most": _MOST_DIFFERENCES,
            "most_previews": MOST_PREVIEWS,
        },
    )


def _share_chart(visit: Visit, found: KeptVerification) -> Markup:
    """The agreeing shares of accounts, previews, items and money, in percent."""
    shares = [
        (name, Decimal(100 * rate.agreeing) / rate.of, f"{visit.reader.number(rate.agreeing)} of {rate.of}")
        for name, rate in (("accounts", found.accounts), ("previews", found.previews), ("items", found.items))
        if rate.of
    ]
    for each in found.money:
        percent = Decimal(str(each.agreeing_share)) * 100
        shares.append((f"money in {each.currency}", percent, f"{visit.reader.number(round(percent, 4))} %"))
    parts = [Bar(percent, f"{name} that agree: {told}") for name, percent, told in shares]
    return bars(
        "What agrees, in percent", [name for name, _, _ in shares], {"": parts}, axis=visit.reader.axis, whole=100
    )
