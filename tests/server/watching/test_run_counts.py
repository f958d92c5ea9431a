"""Accounts and items of runs are counted once, whoever of several worker processes executes them, and dies with them.

done      0 ......... 8 ... 12 ................ 16
counted   |- first --|  X                         the first worker dies: it has counted 8, the store has 12
                        |- second -------------|  the second one counts the 4 that were lost, and the rest
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from soapsvc.clock import system_clock
from soapsvc.resources import fixtures_dir
from soapsvc.runs import Context, Run, claim_run, create_run, execute_run
from soapsvc.runs.execution import new_owner
from soapsvc.runs.planning import MOST_RUNS
from soapsvc.server.counting import RunCounts
from soapsvc.server.watching import Metrics
from soapsvc.tenant import Store, open_tenant
from tests.support.runs import ANYBODY, AS_OF, EVERYTHING, SEED, ThreadWorkers, executed

Shown = tuple[int, str, int, int, bool]
"""The process that sees the run, the run, its finished accounts and items, and whether it has ended."""


def counted(*watches: Metrics) -> tuple[float, float]:
    """Accounts and items of runs, those of all processes added up."""
    samples = {"soapsvc_run_accounts_total": 0.0, "soapsvc_run_items_total": 0.0}
    for watch in watches:
        for family in text_string_to_metric_families(watch.text().decode()):
            for sample in family.samples:
                if sample.name in samples:
                    samples[sample.name] += sample.value
    accounts, items = samples.values()
    return accounts, items


def until(limit: int, watch: Callable[[Run], None], stop: Callable[[], None]) -> Callable[[Run], None]:
    """A watch that sees nothing more once so many accounts are done: its process is killed there."""

    def seen(run: Run) -> None:
        if run.finished_accounts >= limit:
            stop()
        else:
            watch(run)

    return seen


@pytest.mark.parametrize("seen_before_its_death", [1, 5, 9])
def test_a_run_that_another_worker_takes_over_is_counted_once(tmp_path: Path, seen_before_its_death: int) -> None:
    store = open_tenant(fixtures_dir())
    run = create_run(store, EVERYTHING, ANYBODY, system_clock(), seed=SEED, as_of=AS_OF)
    shared = RunCounts()
    first, second = Metrics(runs=shared), Metrics(runs=shared)
    _execute_and_die(store, tmp_path, run, first, seen_before_its_death)
    ended = executed(store, tmp_path, run, watch=second.run)
    store.close()
    assert ended.finished_accounts == ended.accounts
    assert counted(first, second) == (ended.finished_accounts, ended.items)


def _execute_and_die(store: Store, results: Path, run: Run, metrics: Metrics, limit: int) -> None:
    """Execute a run up to so many accounts, four at a time, and count nothing from there on."""
    workers = ThreadWorkers()
    context = Context(store, workers, str(results), part_accounts=4)
    watched = replace(context, watch=until(limit, metrics.run, context.stop.set))
    owner = new_owner()
    claimed = claim_run(store, owner, system_clock(), 30, run.id)
    assert claimed is not None
    given_up = execute_run(claimed, owner, watched)
    workers.close()
    assert given_up.active
    assert given_up.finished_accounts >= limit


@pytest.mark.parametrize(
    ("shown", "accounts", "items"),
    [
        pytest.param([(0, "r", 0, 0, False), (0, "r", 4, 40, False), (0, "r", 9, 90, True)], 9, 90, id="one worker"),
        pytest.param([(0, "r", 0, 0, False), (0, "r", 4, 40, False), (1, "r", 6, 60, False), (1, "r", 9, 90, True)],
                     9, 90, id="taken over"),
        pytest.param([(0, "r", 0, 0, False), (1, "r", 4, 40, False), (0, "r", 6, 60, False), (1, "r", 9, 90, True)],
                     9, 90, id="seen by both"),
        pytest.param([(0, "r", 5, 50, False), (0, "r", 9, 90, True)], 4, 40, id="begun elsewhere"),
        pytest.param([(0, "r", 0, 0, False), (0, "r", 6, 60, False), (0, "r", 2, 20, False), (0, "r", 9, 90, True)],
                     9, 90, id="a part is computed again"),
        pytest.param([(0, "r", 0, 0, False), (0, "s", 0, 0, False), (0, "r", 3, 30, True), (1, "s", 4, 40, True)],
                     7, 70, id="two runs"),
        pytest.param([(0, "r", 0, 0, False), (0, "r", 3, 30, True), (0, "r", 3, 30, True)], 3, 30, id="told twice"),
    ],
)  # fmt: skip
def test_each_account_counts_once(shown: list[Shown], accounts: int, items: int) -> None:
    counts, new = RunCounts(slots=2), []
    for slot, run, done, lines, is_over in shown:
        counts.use_slot(slot)
        new.append(counts.advance(run, done, lines, is_over=is_over))
    assert tuple(map(sum, zip(*new, strict=True))) == (accounts, items)


def test_runs_that_others_have_ended_make_room_for_new_ones() -> None:
    counts = RunCounts()
    for number in range(3 * MOST_RUNS):  # none of them is ever seen to be over
        assert counts.advance(f"run {number}", 0, 0, is_over=False) == (0, 0)
        assert counts.advance(f"run {number}", 2, 5, is_over=False) == (2, 5)
    newest = f"run {3 * MOST_RUNS - 1}"
    assert counts.advance(newest, 3, 6, is_over=True) == (1, 1)
