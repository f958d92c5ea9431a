"""The engine's cache of an account changes no preview.

The subscription is suspended in April, so that every preview splits its charge anew; the other one is renewed by some
previews and not by others, which shows in its ids.
"""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta

import pytest

from soapsvc.engine.account import Account
from soapsvc.engine.preview import preview
from soapsvc.engine.result import PreviewRequest, PreviewResult
from tests.support.building import (
    AS_OF,
    account,
    answer,
    one_time,
    percent_off,
    recurring,
    statement,
    subscription,
)

PAUSE = {"scheduled_suspend_date": "2024-04-16", "scheduled_resume_date": "2024-06-01"}


@pytest.fixture
def whole() -> Account:
    return account(
        subscription(recurring(30, "2024-01-01"), percent_off(10, "2024-01-01"), one_time(5, "2024-01-01"), **PAUSE),
        subscription(recurring(700, "2024-01-01", billing_period="Week", number="C-W"), subscription_number="A-S2"),
    )


def test_half_of_april_is_15_after_any_other_preview(whole: Account) -> None:
    answer(whole, "2024-12-31", renew="All")
    shown = [text for text in statement(whole, "2024-06-01") if text.startswith("C-1 ")]
    assert shown == [
        "C-1 2024-01-01…2024-01-31 30.00",
        "C-1 2024-02-01…2024-02-29 30.00",
        "C-1 2024-03-01…2024-03-31 30.00",
        "C-1 2024-04-01…2024-04-15 15.00",
        "C-1 2024-06-01…2024-06-30 30.00",
    ]


@pytest.mark.parametrize("explain", [False, True])
@pytest.mark.parametrize("renew", ["None", "All"])
def test_the_same_account_gives_what_a_fresh_one_gives(whole: Account, renew: str, explain: bool) -> None:
    for target in ("2024-01-01", "2024-07-15", "2026-03-01"):
        again = answer(whole, target, renew=renew, explain=explain)
        assert again == answer(replace(whole), target, renew=renew, explain=explain)
        assert len(again)
    assert whole.rating_cache.charges


def test_the_same_preview_later_is_the_kept_one_with_its_own_charge_date(whole: Account) -> None:
    first, later = (preview(whole, PreviewRequest(date(2024, 3, 1)), at) for at in (AS_OF, AS_OF + timedelta(days=400)))
    assert later.blocks is first.blocks
    assert (first.as_of, later) == (AS_OF, replace(first, as_of=AS_OF + timedelta(days=400)))


def test_every_field_of_a_kept_result_is_given_but_for_the_instant(whole: Account) -> None:
    request = PreviewRequest(date(2024, 3, 1))
    texts = {"account_id": "a", "account_number": "b", "currency": "c"}
    other = {"as_of": AS_OF - timedelta(1), "invoice_settlement": True, "other_currencies": {"A-S2": "EUR"}}
    names = [each.name for each in fields(PreviewResult)]
    kept = PreviewResult(**{name: {**texts, **other}.get(name, (object(),)) for name in names})
    whole.rating_cache.last = request, kept
    found = preview(whole, request, AS_OF)
    assert [name for name in names if getattr(found, name) is not getattr(kept, name)] == ["as_of"]
    assert found.as_of is AS_OF


def test_credit_memo_items_and_errors_count_too() -> None:
    """A weekly credit of 5 for two years is 105 credit memo items and no invoice item; 101 charges lack a price."""
    credit = recurring(-5, "2024-01-01", billing_period="Week")
    memo = account(credit, rules={"invoice_settlement": True})
    found = answer(memo, "2025-12-31", renew="All")
    assert (len(found), sum(map(len, found.credit_memo_blocks)) > 100) == (0, True)
    broken = account(*(recurring(None, "2024-01-01", number=f"C-{each}") for each in range(101)))
    assert len(answer(broken, "2024-01-01").errors) > 100
    assert (memo.rating_cache.last, broken.rating_cache.last) == (None, None)


def test_a_preview_after_another_request_is_not_the_kept_one(whole: Account) -> None:
    """12 months, then 3: the kept result is of the request that was asked last, in all its fields."""
    requests = [
        PreviewRequest(date(2024, 12, 1)),
        PreviewRequest(date(2024, 3, 1)),
        PreviewRequest(date(2024, 3, 1), exclude=frozenset({"OneTime"})),
        PreviewRequest(date(2024, 3, 1), subscription_numbers=frozenset({"A-S2"})),
        PreviewRequest(date(2024, 3, 1), explain=True),
        PreviewRequest(date(2024, 3, 1)),
    ]
    for request in requests:
        assert preview(whole, request, AS_OF) == preview(replace(whole), request, AS_OF)


def test_an_account_keeps_no_result_of_more_than_a_hundred_items_and_none_with_explanations(whole: Account) -> None:
    """Two years of a monthly and a weekly charge are about 130 items with their discounts."""
    assert len(answer(whole, "2025-12-31", renew="All")) > 100
    answer(whole, "2024-03-01", explain=True)
    assert whole.rating_cache.last is None
