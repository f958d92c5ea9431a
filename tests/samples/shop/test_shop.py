"""The shop's own tests: each has a stand-in as it was at first, at a date and with accounts of its choice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from shop import Billing, ShopError

GOLD = {"plan": "Gold", "price": 31, "start": "2026-01-01"}


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def billing(soapsvc_server: Any, slept: list[float]) -> Billing:
    soapsvc_server.clock.set("2026-01-15")
    return Billing(soapsvc_server.wsdl("153.0"), sleep=slept.append)


@pytest.fixture
def customer(soapsvc_server: Any) -> Callable[..., str]:
    """Makes a customer of these subscriptions; returns the account's id."""

    def make(*subscriptions: dict[str, Any], **fields: Any) -> str:
        found: str = soapsvc_server.put_account("A-SHOP", currency="EUR", subscriptions=list(subscriptions), **fields)
        return found

    return make


def test_happy_path(billing: Billing, customer: Callable[..., str]) -> None:
    assert billing.upcoming(customer(GOLD), date(2026, 2, 1)) == [
        (date(2026, 1, 1), date(2026, 1, 31), 31),
        (date(2026, 2, 1), date(2026, 2, 28), 31),
    ]


def test_empty_account(billing: Billing, customer: Callable[..., str]) -> None:
    assert billing.upcoming(customer(), date(2026, 2, 1)) == []


@pytest.mark.parametrize(
    ("operation", "code", "fault"),
    [
        ("login", "INVALID_VALUE", "LoginFault"),
        ("login", "REQUEST_EXCEEDED_LIMIT", "UnexpectedErrorFault"),
        ("billingPreview", "API_DISABLED", "UnexpectedErrorFault"),
        ("billingPreview", "INVALID_TYPE", "InvalidTypeFault"),
        ("billingPreview", "LOCK_COMPETITION", "UnexpectedErrorFault"),
        ("billingPreview", "UNKNOWN_ERROR", "UnexpectedErrorFault"),
        ("query", "MALFORMED_QUERY", "MalformedQueryFault"),
        ("queryMore", "INVALID_QUERY_LOCATOR", "InvalidQueryLocatorFault"),
    ],
)
def test_typed_faults(soapsvc_server: Any, customer: Callable[..., str], operation: str, code: str, fault: str) -> None:
    """Each kind of fault that the contract has, where it has it; after it all goes on."""
    soapsvc_server.clock.set("2026-01-15")
    billing = Billing(soapsvc_server.wsdl("153.0"), page=1)
    account = customer(GOLD, {**GOLD, "invoiceSeparately": True})

    def ask() -> int:
        if operation in {"query", "queryMore"}:
            return len(billing.invoiced(account))
        return len(billing.upcoming(account, date(2026, 1, 31)))

    if operation in {"query", "queryMore"}:
        soapsvc_server.bill("2026-01-15", ["A-SHOP"])
    rule = soapsvc_server.faults.add({"fault": code, "message": "as told"}, operation=operation, times=1)
    with pytest.raises(ShopError, match="as told") as told:
        ask()
    assert (told.value.code, told.value.fault, soapsvc_server.faults.hits(rule)) == (code, fault, 1)
    assert ask() == 2


def test_an_account_that_is_not_there(billing: Billing) -> None:
    with pytest.raises(ShopError) as told:
        billing.upcoming("0" * 32, date(2026, 2, 1))
    assert told.value.code == "INVALID_VALUE"


def test_expired_session_with_login_again(billing: Billing, customer: Callable[..., str], soapsvc_server: Any) -> None:
    account = customer(GOLD)
    billing.upcoming(account, date(2026, 1, 15))
    soapsvc_server.faults.add({"sessionExpired": True}, operation="billingPreview", times=1)
    assert len(billing.upcoming(account, date(2026, 1, 15))) == 1
    assert len(soapsvc_server.requests("login")) == 2


def test_429_with_back_off(
    billing: Billing, customer: Callable[..., str], soapsvc_server: Any, slept: list[float]
) -> None:
    busy = {"status": 429, "retryAfter": 1, "body": "busy", "contentType": "text/plain"}
    rule = soapsvc_server.faults.add(busy, operation="billingPreview", times=2)
    assert len(billing.upcoming(customer(GOLD), date(2026, 1, 15))) == 1
    assert (soapsvc_server.faults.hits(rule), slept) == (2, [1, 1])


def test_timeout(customer: Callable[..., str], soapsvc_server: Any) -> None:
    impatient = Billing(soapsvc_server.wsdl("153.0"), timeout=0.2)
    soapsvc_server.faults.add({"delay": 0.6}, operation="billingPreview")
    with pytest.raises(ShopError) as told:
        impatient.upcoming(customer(GOLD), date(2026, 1, 15))
    assert told.value.code == "TIMEOUT"


def test_truncated_answer(billing: Billing, customer: Callable[..., str], soapsvc_server: Any) -> None:
    soapsvc_server.faults.add({"cut": 0.5}, operation="billingPreview")
    with pytest.raises(ShopError) as told:
        billing.upcoming(customer(GOLD), date(2026, 1, 15))
    assert told.value.code == "BROKEN_ANSWER"


def test_month_end(billing: Billing, customer: Callable[..., str]) -> None:
    """Bill day 31: in February the last day, and no drift."""
    account = customer({**GOLD, "start": "2026-01-31"}, billCycleDay=31)
    assert [first for first, _, _ in billing.upcoming(account, date(2026, 3, 31))] == [
        date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31),
    ]  # fmt: skip


def test_renewal(billing: Billing, customer: Callable[..., str], soapsvc_server: Any) -> None:
    """An assumed renewal is billed once the clock has passed the end of the term."""
    account = customer({**GOLD, "term": 2, "autoRenew": True, "renewalTerm": 2})
    until = date(2026, 4, 15)
    assumed = billing.upcoming(account, until, renewed=True)
    assert len(assumed) == 4
    assert len(billing.upcoming(account, until)) == 2
    soapsvc_server.clock.set("2026-04-15")
    assert billing.upcoming(account, until) == assumed


def test_bill_run_then_preview(billing: Billing, customer: Callable[..., str], soapsvc_server: Any) -> None:
    account = customer(GOLD)
    run = soapsvc_server.bill("2026-02-01")
    own = [invoice for invoice in run["invoices"] if invoice["accountNumber"] == "A-SHOP"]
    assert [Decimal(str(invoice["amount"])) for invoice in own] == [62]
    assert billing.upcoming(account, date(2026, 3, 1)) == [(date(2026, 3, 1), date(2026, 3, 31), 31)]
    assert billing.invoiced(account) == [(own[0]["number"], 62)]


def test_the_journal_has_the_call_with_its_headers(
    billing: Billing, customer: Callable[..., str], soapsvc_server: Any
) -> None:
    billing.upcoming(customer(GOLD), date(2026, 2, 1))
    (asked,) = soapsvc_server.requests("billingPreview", account="A-SHOP")
    assert (asked.protocol, asked.answer["kind"]) == ("soap", "answer")
    assert {name.lower(): value for name, value in asked.headers.items()}["user-agent"] == "shop/1.0"


def test_whole_answer(billing: Billing, customer: Callable[..., str], soapsvc_server: Any) -> None:
    """The same answer at every run: ids, order, times. Remove the snapshot to have it written anew."""
    account = customer({**GOLD, "number": "S-SHOP"})
    found = repr(billing._call("billingPreview", [{"AccountId": account, "TargetDate": date(2026, 2, 1)}]))
    snapshot = Path(__file__).with_name("whole_answer.txt")
    if not snapshot.exists():
        snapshot.write_text(found)
    assert found == snapshot.read_text()
