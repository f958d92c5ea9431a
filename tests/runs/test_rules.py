"""Which runs are accepted: what a request may ask for, and which runs may be under way at the same time."""

import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from soapsvc.runs import (
    Organization,
    Refusal,
    RunRefused,
    RunRequest,
    RunStatus,
    cancel_run,
    claim_run,
    create_run,
    find_runs,
    get_run,
)
from soapsvc.tenant import Store, User
from tests.support.runs import ANYBODY, EVERYTHING, IN_DATABASE, executed, finished

NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
NORTH = "8ad0f00d0000000100000000000000a1"


def of_batches(*batches: str) -> RunRequest:
    return replace(EVERYTHING, batches=batches)


def refusals(store: Store, request: RunRequest, user: User = ANYBODY) -> list[tuple[Refusal, str | None]]:
    with pytest.raises(RunRefused) as refused:
        create_run(store, request, user, NOW)
    return [(problem.kind, problem.field) for problem in refused.value.problems]


def test_a_new_run_is_pending_and_has_the_next_number(demo: Store) -> None:
    first = create_run(demo, of_batches("Batch1"), ANYBODY, NOW)
    second = create_run(demo, of_batches("Batch2"), ANYBODY, NOW)
    assert (first.number, second.number) == ("BPR-00000001", "BPR-00000002")
    assert (first.status, first.accounts, first.succeeded_accounts) == (RunStatus.PENDING, None, 0)
    assert (first.created, first.created_by) == (NOW, ANYBODY.id)
    assert get_run(demo, first.number) == get_run(demo, first.id) == first


def test_a_refused_run_uses_no_number(demo: Store) -> None:
    create_run(demo, of_batches("Batch1"), ANYBODY, NOW)
    refusals(demo, of_batches("Batch1"))
    assert create_run(demo, of_batches("Batch2"), ANYBODY, NOW).number == "BPR-00000002"


@pytest.mark.parametrize(("target", "accepted"), [(date(2046, 1, 15), True), (date(2046, 1, 16), False)])
def test_the_target_date_is_at_most_20_years_away(demo: Store, target: date, accepted: bool) -> None:
    request = replace(EVERYTHING, target_date=target)
    if accepted:
        assert create_run(demo, request, ANYBODY, NOW).request.target_date == target
    else:
        assert refusals(demo, request) == [(Refusal.INVALID, "targetDate")]


def test_20_years_are_counted_from_the_tenant_s_day(demo: Store) -> None:
    """20:00 in London on 28 February 2028 is 29 February in Shanghai: 29 February 2048 is 20 years away there."""
    evening = datetime(2028, 2, 28, 20, 0, tzinfo=UTC)
    assert create_run(demo, replace(EVERYTHING, target_date=date(2048, 2, 29)), ANYBODY, evening)


def test_a_batch_has_one_run_at_a_time(demo: Store) -> None:
    create_run(demo, of_batches("Batch1", "Batch2"), ANYBODY, NOW)
    assert refusals(demo, of_batches("Batch2", "Batch3")) == [(Refusal.LOCKED, "batches")]
    create_run(demo, of_batches("Batch3"), ANYBODY, NOW)


def test_the_refusal_names_the_run_and_the_batch_in_the_way(demo: Store) -> None:
    create_run(demo, of_batches("Batch1"), ANYBODY, NOW)
    with pytest.raises(RunRefused, match="BPR-00000001 is under way for Batch1"):
        create_run(demo, of_batches("Batch1"), ANYBODY, NOW)


def test_a_run_for_all_batches_keeps_every_other_out(demo: Store) -> None:
    create_run(demo, EVERYTHING, ANYBODY, NOW)
    assert refusals(demo, of_batches("Batch7")) == [(Refusal.LOCKED, "batches")]
    assert refusals(demo, EVERYTHING) == [(Refusal.LOCKED, "batches")]


def test_a_run_for_one_batch_keeps_one_for_all_out(demo: Store) -> None:
    create_run(demo, of_batches("Batch7"), ANYBODY, NOW)
    assert refusals(demo, EVERYTHING) == [(Refusal.LOCKED, "batches")]


def test_a_run_for_one_account_occupies_its_batch(demo: Store) -> None:
    account = next(demo.accounts())
    create_run(demo, replace(EVERYTHING, account_id=account.id), ANYBODY, NOW)
    assert refusals(demo, of_batches(account.batch)) == [(Refusal.LOCKED, "batches")]


def test_20_runs_may_be_under_way_and_no_more(demo: Store) -> None:
    runs = [create_run(demo, of_batches(f"Batch{number}"), ANYBODY, NOW) for number in range(1, 21)]
    assert refusals(demo, of_batches("Batch21")) == [(Refusal.LIMIT, None)]
    cancel_run(demo, runs[4].id, ANYBODY, NOW)
    assert create_run(demo, of_batches("Batch21"), ANYBODY, NOW).number == "BPR-00000021"


@pytest.mark.parametrize("request_of", [lambda: EVERYTHING, lambda: of_batches("Batch1")])
def test_a_run_that_has_ended_does_not_block_other_runs(demo: Store, results: Path, request_of) -> None:
    ended = finished(demo, results, request_of())
    assert ended.status is RunStatus.COMPLETED
    create_run(demo, request_of(), ANYBODY, NOW)


@pytest.mark.parametrize("name", ["Batch0", "Batch201", "batch1", "Batch", "*", "Elsewhere"])
def test_an_unknown_batch_is_refused(demo: Store, name: str) -> None:
    assert refusals(demo, of_batches("Batch1", name)) == [(Refusal.INVALID, "batches")]


def test_every_problem_of_a_request_is_reported(demo: Store) -> None:
    request = replace(
        EVERYTHING,
        target_date=date(2099, 1, 1),
        batches=("Batch0",),
        exclude=("Rent",),
        organizations=(Organization("a", "b"),),
        store_difference=True,
        account_id="nobody",
    )
    assert refusals(demo, request) == [
        (Refusal.INVALID, "targetDate"),
        (Refusal.INVALID, "chargeTypeToExclude"),
        (Refusal.INVALID, "batches"),
        (Refusal.INVALID, "organizationLabels"),
        (Refusal.RULE, "storageOption"),
        (Refusal.RULE, "comparedBillingPreviewRunId"),
        (Refusal.NOT_FOUND, "filters"),
    ]


def test_differences_need_a_completed_run_with_results_in_the_database(demo: Store, results: Path) -> None:
    wanted = replace(IN_DATABASE, store_difference=True)
    assert refusals(demo, replace(wanted, compared_run_id="none")) == [
        (Refusal.NOT_FOUND, "comparedBillingPreviewRunId")
    ]
    as_csv = finished(demo, results)
    assert refusals(demo, replace(wanted, compared_run_id=as_csv.id)) == [(Refusal.RULE, "comparedBillingPreviewRunId")]
    alone = replace(IN_DATABASE, compared_run_id=as_csv.id)
    assert refusals(demo, alone) == [(Refusal.RULE, "comparedBillingPreviewRunId")]
    stored = finished(demo, results, IN_DATABASE)
    assert create_run(demo, replace(wanted, compared_run_id=stored.id), ANYBODY, NOW)


def test_a_user_of_one_organization_gets_no_other_one(demo: Store, results: Path) -> None:
    user = replace(ANYBODY, organizations=frozenset({NORTH}))
    south = replace(EVERYTHING, organizations=(Organization(name="South"),))
    assert refusals(demo, south, user) == [(Refusal.PERMISSION, "organizationLabels")]
    run = finished(demo, results, user=user)
    theirs = [account for account in demo.accounts() if account.organization_id == NORTH]
    assert 0 < len(theirs) == run.accounts < 16


def test_organizations_are_chosen_by_id_or_by_name(demo: Store, results: Path) -> None:
    by_id = finished(demo, results, replace(EVERYTHING, organizations=(Organization(id=NORTH),)))
    by_name = finished(demo, results, replace(EVERYTHING, organizations=(Organization(name="North"),)))
    assert 0 < by_id.accounts == by_name.accounts < 16
    assert by_id.items == by_name.items


def test_a_run_for_one_account_previews_it_alone(demo: Store, results: Path) -> None:
    account = next(demo.accounts())
    run = finished(demo, results, replace(EVERYTHING, account_id=account.id))
    assert run.accounts == 1


def test_only_a_run_under_way_can_be_canceled(demo: Store, results: Path) -> None:
    pending = create_run(demo, EVERYTHING, ANYBODY, NOW)
    assert cancel_run(demo, pending.id, ANYBODY, NOW).status is RunStatus.CANCELED
    with pytest.raises(RunRefused, match="is Canceled; only a run under way can be canceled"):
        cancel_run(demo, pending.id, ANYBODY, NOW)
    assert claim_run(demo, "somebody", NOW, 30) is None


def test_a_run_is_claimed_once_until_its_lease_ends(demo: Store) -> None:
    made = create_run(demo, EVERYTHING, ANYBODY, NOW)
    claimed = claim_run(demo, "first", NOW, 30)
    assert claimed is not None
    assert (claimed.id, claimed.status) == (made.id, RunStatus.PROCESSING)
    assert claim_run(demo, "second", NOW.replace(second=30), 30) is None
    taken_over = claim_run(demo, "third", NOW.replace(second=31), 30)
    assert taken_over is not None
    assert taken_over.started == NOW


POSTER = """
import sys
from datetime import UTC, date, datetime
from soapsvc.runs import RunRefused, RunRequest, create_run
from soapsvc.tenant import Store, User

url, *wanted = sys.argv[1:]
store = Store.open(url)
user = User("u", "u", "", "", frozenset())
sys.stdin.readline()
for batches in wanted:
    named = tuple(batches.split(",")) if batches != "all" else ()
    try:
        create_run(store, RunRequest(date(2027, 1, 1), batches=named), user, datetime(2026, 1, 15, tzinfo=UTC))
        print("made", batches)
    except RunRefused as refused:
        print(refused.problems[0].kind.name, batches)
"""


def posted_at_once(database: str, wanted: list[list[str]]) -> list[str]:
    """The answers to several processes that post runs at the same time."""
    command = [sys.executable, "-c", POSTER, database]
    posters = [
        subprocess.Popen([*command, *each], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for each in wanted
    ]
    for poster in posters:
        poster.stdin.write("go\n")
        poster.stdin.flush()
    return [line for poster in posters for line in poster.communicate(timeout=120)[0].splitlines()]


def test_among_processes_that_post_at_once_one_gets_each_batch(demo: Store, database: str) -> None:
    wanted = [[f"Batch{number}" for number in range(1, 13)] for _ in range(4)]
    answers = Counter(posted_at_once(database, wanted))
    assert answers == {f"made Batch{n}": 1 for n in range(1, 13)} | {f"LOCKED Batch{n}": 3 for n in range(1, 13)}
    numbers = [run.number for run in find_runs(demo)]
    assert numbers == [f"BPR-{number:08}" for number in range(1, 13)]


def test_among_processes_that_post_at_once_20_runs_are_made(demo: Store, database: str) -> None:
    wanted = [[f"Batch{start + step}" for step in range(10)] for start in (1, 11, 21, 31)]
    answers = Counter(line.split()[0] for line in posted_at_once(database, wanted))
    assert answers == {"made": 20, "LIMIT": 20}


def test_among_processes_that_post_at_once_all_batches_and_one_exclude_each_other(demo: Store, database: str) -> None:
    wanted = [["all", "Batch1"], ["Batch1", "all"], ["all", "all"], ["Batch2", "all"]]
    made = [line.split()[1] for line in posted_at_once(database, wanted) if line.startswith("made")]
    assert made == ["all"] or (made and "all" not in made)


def test_counters_move_while_a_run_is_under_way(demo: Store, results: Path) -> None:
    seen = []
    run = create_run(demo, EVERYTHING, ANYBODY, NOW)
    executed(demo, results, run, watch=lambda run: seen.append((run.accounts, run.succeeded_accounts)), part_accounts=1)
    succeeded = [count for _, count in seen]
    assert succeeded == sorted(succeeded)
    assert len(set(succeeded)) > 3
    assert seen[-1] == (16, 15)
    assert {total for total, _ in seen} == {16}
