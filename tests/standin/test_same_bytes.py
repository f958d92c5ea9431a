"""Same seed and calls, same bytes: ids, tokens, order and times are functions of what a stand-in is told."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.rest.client import Reply, Rest
from tests.soap.client import request
from tests.standin.client import Standing, standing

GOLD = {"plan": "Gold", "price": 10, "start": "2026-01-01", "autoRenew": True}


@pytest.fixture
def make(folder: Path) -> Iterator[Callable[..., Standing]]:
    """Makes stand-ins over one tenant directory."""
    made: list[Standing] = []

    def one(**settings: object) -> Standing:
        made.append(standing(folder, **settings))
        return made[-1]

    yield one
    for each in made:
        each.stand_in.copy.close()


def a_days_calls(stand: Standing) -> list[tuple[int, dict[str, str], bytes]]:
    """Answers to calls of every kind."""
    stand.ok("PUT", "/accounts/A-1", {"subscriptions": [GOLD, {**GOLD, "plan": "Second"}]})
    soap, rest = stand.soap, stand.rest
    replies: list[Reply] = [soap.login("tests@example.com", "tests"), soap.preview(request("a" * 32, "2028-01-31"))]
    replies += [soap.preview(), soap.post("<none/>"), soap.preview(request("b" * 32))]
    rest.token = stand.token()
    wanted = {"accountNumber": "A-1", "targetDate": "2028-01-31", "assumeRenewal": "All"}
    replies += [rest.preview(**wanted), rest.preview(**wanted), rest.preview(accountNumber="A-0")]
    run = rest.post("/v1/billing-preview-runs", {"targetDate": "2026-03-01"})
    done = rest.get(f"/v1/billing-preview-runs/{run.json['billingPreviewRunId']}")
    replies += [run, done, rest.get(done.json["resultFileUrl"].removeprefix("http://127.0.0.1:8080"))]
    later = rest.account_preview("a" * 32, headers={"async": "true"}, target_date="2028-01-31", assume_renewal="all")
    replies += [later, rest.get(f"/async_requests/{later.json['request_id']}")]
    assert replies[-1].json["status"] == "completed", "who asks next finds it done"
    stand.ok("POST", "/clock/advance", {"days": 1})
    replies.append(Rest(stand.application).token_for(grant_type="client_credentials"))
    assert {reply.status for reply in replies} == {200, 202, 400, 500}
    return [(reply.status, reply.headers, reply.body) for reply in replies]


def test_two_stand_ins_answer_the_same_calls_with_the_same_bytes(make: Callable[..., Standing]) -> None:
    one, other = make(seed="spring"), make(seed="spring")
    answers = a_days_calls(one)
    assert a_days_calls(other) == answers
    one.ok("POST", "/reset")
    assert a_days_calls(one) == answers, "and again after a reset"


def test_another_seed_makes_up_other_ids(make: Callable[..., Standing]) -> None:
    assert make(seed="spring").token() != make(seed="autumn").token()


def test_a_call_that_is_made_again_gets_other_ids(make: Callable[..., Standing]) -> None:
    stand = make()
    assert len({stand.token() for _ in range(3)}) == 3


def test_parallel_calls_do_not_change_an_answer(make: Callable[..., Standing]) -> None:
    """Sixteen previews at a time, in whatever order threads take them."""
    stand = make()
    stand.ok("PUT", "/accounts/A-1", {"subscriptions": [GOLD]})
    soap = stand.soap
    soap.login("tests@example.com", "tests")
    days = [f"2026-{month:02}-{day:02}" for month in range(1, 9) for day in (1, 15)]

    def previewed(day: str) -> bytes:
        return soap.preview(request("a" * 32, day)).body

    with ThreadPoolExecutor(16) as threads:
        first = dict(zip(days, threads.map(previewed, days), strict=True))
        stand.ok("POST", "/reset")
        stand.ok("PUT", "/accounts/A-1", {"subscriptions": [GOLD]})
        soap.login("tests@example.com", "tests")
        back = list(reversed(days))
        again = dict(zip(back, threads.map(previewed, back), strict=True))
    assert again == first
    assert len(set(first.values())) == len(days)
