"""How fast a run went: what it notes while it goes, and the speeds that are drawn of that."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from soapsvc.resources import fixtures_dir
from soapsvc.runs import Context, claim_run, create_run, execute_run, get_run
from soapsvc.runs.definition import Moment, Speed, is_worth_noting, moments_of, moments_text, noted, speeds
from soapsvc.runs.execution import new_owner
from soapsvc.tenant import open_tenant
from tests.support.runs import ANYBODY, EVERYTHING, ThreadWorkers


@pytest.mark.parametrize(
    ("moments", "expected"),
    [
        ([], []),
        ([Moment(0, 16, 1)], []),
        ([Moment(1, 500, 0)], [Speed(0, 1, 500, 0)]),
        ([Moment(2, 500, 100)], [Speed(0, 2, 200, 50)]),
        ([Moment(1, 500, 0), Moment(2, 500, 0), Moment(4, 1500, 10)], [(0, 1, 500, 0), (1, 2, 0, 0), (2, 4, 495, 5)]),
        ([Moment(0, 3, 3), Moment(1, 7, 3)], [Speed(0, 1, 4, 3)]),
    ],
)
def test_speeds_are_what_was_done_between_two_moments(moments: list[Moment], expected: list[Speed]) -> None:
    assert speeds(moments, 40) == expected


@pytest.mark.parametrize("seconds", [1, 39, 40, 41, 79, 81, 500, 90_000])
def test_spans_are_few_without_gap_and_come_to_all_accounts(seconds: int) -> None:
    moments: tuple[Moment, ...] = ()
    for second in range(seconds + 1):
        if second == seconds or is_worth_noting(moments, second):
            moments = noted(moments, Moment(second, 10 * second, second))
    found = speeds(moments, 40)
    assert len(moments) <= 1000
    assert 1 <= len(found) <= 40
    assert [each.since for each in found] == [0, *(each.until for each in found[:-1])]
    assert found[-1].until == seconds
    assert round(sum((each.succeeded + each.failed) * (each.until - each.since) for each in found)) == 10 * seconds
    assert moments_of(moments_text(moments)) == moments


def test_the_later_of_two_moments_in_one_second_counts() -> None:
    assert noted((Moment(1, 5, 0), Moment(2, 6, 0)), Moment(2, 9, 1)) == (Moment(1, 5, 0), Moment(2, 9, 1))


def test_a_run_stores_its_progress_and_continues_after_a_pause(tmp_path: Path) -> None:
    """Four accounts a part; the clock goes on by a second whenever it is looked at."""
    store, owner, now = open_tenant(fixtures_dir()), new_owner(), datetime(2026, 1, 15, tzinfo=UTC)

    def clock() -> datetime:
        nonlocal now
        now += timedelta(seconds=1)
        return now

    run = create_run(store, EVERYTHING, ANYBODY, now)
    context = Context(store, ThreadWorkers(), str(tmp_path), clock, part_accounts=4)

    def stop_after_the_first(_: object) -> None:
        if get_run(store, run.id).finished_accounts >= 4:
            context.stop.set()

    stopped = Context(store, context.workers, str(tmp_path), clock, 4, stop=context.stop, watch=stop_after_the_first)
    claimed = claim_run(store, owner, clock(), 60)
    assert claimed is not None
    paused = execute_run(claimed, owner, stopped)
    assert paused.active
    context.stop.clear()
    again = claim_run(store, owner, clock(), 60)
    assert again is not None
    ended = execute_run(again, owner, context)
    context.workers.close()
    store.close()
    assert ended.pace[: len(paused.pace)] == paused.pace
    assert (ended.pace[-1].finished, ended.pace[-1].failed) == (16, ended.failed_accounts)
    assert [each.seconds for each in ended.pace] == sorted({each.seconds for each in ended.pace})
