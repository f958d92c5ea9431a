"""The steps that need all files: check account numbers, mark newest versions, move dates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import case, exists, func, select, update

from soapsvc.tenant.formats import redated
from soapsvc.tenant.importing.differences import record_of
from soapsvc.tenant.importing.work import Import, started_columns
from soapsvc.tenant.reading import ImportProblem, mapping, parse_json
from soapsvc.tenant.tables import ACCOUNTS, SUBSCRIPTIONS, USAGE, alive, pack, unpack_usage

_AT_ONCE = 500


def finish(work: Import, *, zone_changed: bool) -> None:
    """Complete the gathered records, and add records of the base that the import changes although no file has them."""
    _check_numbers(work)
    _gather_other_versions(work)
    _mark_latest(work)
    if zone_changed:
        _redate_usage(work)


def _check_numbers(work: Import) -> None:
    """Check that no two accounts have the same number, in the import and in the kept records."""
    columns = ACCOUNTS.c
    twice = (
        select(columns.number, func.min(columns.source), func.max(columns.source))
        .where(columns.number != "")
        .group_by(columns.number)
        .having(func.count() > 1)
        .order_by(columns.number)
    )
    found = {number: (one, other) for number, one, other in work.stage.execute(twice)}
    named = select(columns.id, columns.number, columns.source)
    for page in _pages(work, columns.number):
        taken = work.base.rows(named.where(columns.number.in_(page), alive(ACCOUNTS, work.base.state)))
        for row in work.not_gathered(ACCOUNTS, taken):
            if row.number:
                own = work.stage.execute(select(columns.source).where(columns.number == row.number)).scalars()
                one, other = sorted((row.source, next(iter(own))))
                found.setdefault(row.number, (one, other))
    for number, (one, other) in sorted(found.items()):
        work.report(ImportProblem(other, "accountNumber", f"{number} is also the number of another account, in {one}"))


def _gather_other_versions(work: Import) -> None:
    """Gather versions from earlier imports: they count when the newest version of a subscription is chosen."""
    rows = select(*record_of(SUBSCRIPTIONS)).where(alive(SUBSCRIPTIONS, work.base.state))
    stays = SUBSCRIPTIONS.c.account_id.not_in(sorted(work.whole))
    for page in _pages(work, SUBSCRIPTIONS.c.number):
        there = work.base.rows(rows.where(SUBSCRIPTIONS.c.number.in_(page), stays))
        work.gather(SUBSCRIPTIONS, [row._asdict() for row in work.not_gathered(SUBSCRIPTIONS, there)])


def _mark_latest(work: Import) -> None:
    """Among subscriptions of the same number, mark the one with the highest version."""
    this, other = SUBSCRIPTIONS.c, SUBSCRIPTIONS.alias("other").c
    newer = exists().where(other.number == this.number, other.version > this.version)
    work.stage.execute(update(SUBSCRIPTIONS).values(is_latest=case((newer, 0), else_=1)))


def _redate_usage(work: Import) -> None:
    """Compute the start dates of earlier imported usage again, because the tenant's time zone has changed."""
    columns, after = USAGE.c, ""
    kept = columns.source.not_in(sorted(work.files))
    page = select(*record_of(USAGE)).where(alive(USAGE, work.base.state), kept).order_by(columns.key).limit(_AT_ONCE)
    while rows := work.base.rows(page.where(columns.key > after)):
        changed = []
        for row in work.not_gathered(USAGE, rows):
            (before,) = unpack_usage([row.blob])
            start = datetime.fromisoformat(row.started)
            record, started = redated(before, start, mapping(parse_json(row.document)), work.settings.zone)
            changed.append({**row._asdict(), **started_columns(started), "blob": pack(record)})
        work.gather(USAGE, changed)
        after = rows[-1].key


def _pages(work: Import, column: Any) -> Iterator[list[str]]:
    """The different values of a column that the import has gathered, some at a time."""
    wanted, after = select(column).distinct().order_by(column).limit(_AT_ONCE), ""
    while page := list(work.stage.execute(wanted.where(column > after)).scalars()):
        yield page
        after = page[-1]
