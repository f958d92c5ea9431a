"""An account with subscriptions in several currencies: each has invoices of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from soapsvc.engine.account import Account, BillingRules, CatalogCharge, CurrencyTerms, DraftItem, Subscription
from soapsvc.engine.documents import upcoming_credit_memos, upcoming_invoices
from tests.support.building import account, answer, one_time, percent_off, recurring, sound, statement, subscription

MIXED = "SEVERAL_CURRENCIES"


def sold(number: str, currency: str | None, *charges: Any, **fields: Any) -> Subscription:
    named = [replace(charge, number=f"{number}-{charge.number}", id=f"{number}-{charge.id}") for charge in charges]
    return subscription(*named, subscription_number=number, currency=currency, **fields)


def two(**fields: Any) -> Account:
    """100 and 200 AUD a month, 500 USD a month."""
    return account(
        sold("S-1", "AUD", recurring(100, "2024-01-01")),
        sold("S-2", "USD", recurring(500, "2024-01-01")),
        sold("S-3", "AUD", recurring(200, "2024-01-01")),
        **fields,
    )


@pytest.mark.rule("0 currency")
@pytest.mark.parametrize("own", ["USD", "EUR", ""])
def test_300_aud_and_500_usd_are_an_invoice_each(own: str) -> None:
    """Source: "Multiple currencies". Items stay in the order of the subscriptions."""
    whole = two(currency=own)
    result = sound(answer(whole, "2024-01-01"))
    assert [(item.facts.subscription_number, f"{item.amount:f}") for item in result.items()] == [
        ("S-1", "100.00"),
        ("S-2", "500.00"),
        ("S-3", "200.00"),
    ]
    invoices = [(each.currency, f"{each.amount:f}") for each in upcoming_invoices(whole, result)]
    assert invoices == [("AUD", "300.00"), ("USD", "500.00")]
    main = "USD" if own == "USD" else "AUD"
    assert result.currency == main
    assert sorted(result.currencies) == ["AUD", "USD"]
    assert [result.currency_of(number) for number in ("S-1", "S-2", "S-3")] == ["AUD", "USD", "AUD"]
    (note,) = result.notes
    assert (note.kind, note.code) == ("warning", MIXED)
    assert note.message.endswith("each with invoices of its own: AUD (S-1, S-3), USD (S-2).")


@pytest.mark.rule("0 currency")
def test_every_currency_is_rounded_by_its_own_rules_and_renewed_at_its_own_catalogue_price() -> None:
    """Yen have no decimals: a stub of 16 of 31 days of 1000 is 516, not 516.13."""
    latest = {"price_change_option": "UseLatestProductCatalogPricing", "product_rate_plan_charge_id": "plan"}
    year = {"start": "2024-01-16", "end": "2024-02-01", "auto_renew": True}
    whole = account(
        sold("S-1", "USD", recurring(1000, "2024-01-16", **latest), **year),
        sold("S-2", "JPY", recurring(1000, "2024-01-16", **latest), **year),
        catalog={"plan": CatalogCharge("plan", price=Decimal(1100))},
        currency_terms={
            "JPY": CurrencyTerms(BillingRules(decimals=0), {"plan": CatalogCharge("plan", price=Decimal(900))})
        },
    )
    assert statement(whole, "2024-02-01", renew="All") == [
        "S-1-C-1 2024-01-16…2024-01-31 516.13",
        "S-1-C-1 2024-02-01…2024-02-29 1100.00",
        "S-2-C-1 2024-01-16…2024-01-31 516",
        "S-2-C-1 2024-02-01…2024-02-29 900",
    ]


@pytest.mark.rule("0 currency")
def test_a_discount_of_the_account_stays_within_its_currency() -> None:
    half = percent_off(50, "2024-01-01", discount_level="account")
    whole = account(
        sold("S-1", "AUD", recurring(100, "2024-01-01"), half),
        sold("S-2", "USD", recurring(500, "2024-01-01")),
        sold("S-3", "AUD", recurring(200, "2024-01-01")),
    )
    assert [line.split()[-1] for line in statement(whole, "2024-01-01")] == [
        "100.00",
        "-50.00",
        "500.00",
        "200.00",
        "-100.00",
    ]


@pytest.mark.rule("0 currency")
def test_a_credit_memo_is_decided_for_each_currency() -> None:
    """-100 AUD beside 500 USD is a credit memo; in one currency the two would be an invoice of 400."""
    settled = {"rules": {"invoice_settlement": True}}
    both = account(
        sold("S-1", "AUD", one_time(-100, "2024-01-01")), sold("S-2", "USD", one_time(500, "2024-01-01")), **settled
    )
    result = sound(answer(both, "2024-01-01"))
    assert [f"{item.amount:f}" for item in result.items()] == ["500.00"]
    assert [(memo.currency, f"{memo.amount:f}") for memo in upcoming_credit_memos(both, result)] == [("AUD", "100.00")]
    one = account(
        sold("S-1", "USD", one_time(-100, "2024-01-01")), sold("S-2", "USD", one_time(500, "2024-01-01")), **settled
    )
    assert [f"{item.amount:f}" for item in answer(one, "2024-01-01").items()] == ["-100.00", "500.00"]


@pytest.mark.rule("0 currency")
def test_a_subscription_that_names_no_currency_is_in_the_accounts() -> None:
    whole = account(
        sold("S-1", None, recurring(100, "2024-01-01")),
        sold("S-2", "EUR", recurring(1, "2024-01-01")),
        sold("S-3", "AUD", recurring(1, "2024-01-01")),
        currency="EUR",
    )
    result = answer(whole, "2024-01-01")
    assert [result.currency_of(number) for number in ("S-1", "S-2", "S-3")] == ["EUR", "EUR", "AUD"]
    beside_one = account(
        sold("S-1", None, recurring(100, "2024-01-01")), sold("S-2", "AUD", recurring(1, "2024-01-01"))
    )
    assert answer(beside_one, "2024-01-01").currencies == ["AUD"]


@pytest.mark.rule("0 currency")
def test_a_subscription_in_two_currencies_is_an_error_where_the_request_chooses_it() -> None:
    mixed = sold("S-1", None, recurring(10, "2024-01-01", currency="EUR"), one_time(10, "2024-01-01", currency="USD"))
    whole = account(mixed, sold("S-2", "USD", recurring(10, "2024-01-01")))
    (error,) = answer(whole, "2024-01-01").errors
    assert (error.code, error.field, error.subscription_number) == ("CURRENCY_MISMATCH", "currency", "S-1")
    assert error.message == (
        "Subscription S-1 has several currencies: EUR (charge S-1-C-1), USD (charge S-1-C-O). It must have one."
    )
    other = answer(whole, "2024-01-01", subscription_numbers=frozenset({"S-2"}))
    assert (other.currency, len(sound(other))) == ("USD", 1)


@pytest.mark.rule("0 currency")
def test_one_currency_of_several_is_previewed_as_that_one_alone() -> None:
    result = sound(answer(two(), "2024-01-01", subscription_numbers=frozenset({"S-2"})))
    assert (result.currency, result.currencies, result.notes) == ("USD", ["USD"], ())
    nothing = answer(two(), "2024-01-01", subscription_numbers=frozenset({"S-9"}))
    assert [note.code for note in nothing.notes if note.kind == "reason"] == ["NO_SUBSCRIPTION_SELECTED"]


@pytest.mark.rule("0 currency")
def test_an_error_in_one_currency_refuses_the_account() -> None:
    broken = replace(recurring(1, "2024-01-01"), price=None)
    whole = account(sold("S-1", "AUD", broken), sold("S-2", "USD", recurring(500, "2024-01-01")))
    result = answer(whole, "2024-01-01")
    assert ([error.code for error in result.errors], len(result)) == (["MISSING_PRICE"], 0)


@pytest.mark.rule("0 currency")
def test_the_accounts_bill_cycle_day_and_drafts_are_seen_from_every_currency_once() -> None:
    """Its bill cycle day, set by its first recurring charge, and its drafts."""
    draft = DraftItem("invoice", "d", "id", "S-1", date(2024, 1, 1), date(2024, 1, 1), Decimal(7))
    whole = account(
        sold("S-1", "AUD", recurring(31, "2024-01-10")),
        sold("S-2", "USD", recurring(31, "2024-01-20")),
        bill_cycle_day=0,
        drafts=(draft,),
    )
    assert statement(whole, "2024-01-20") == [
        "S-1-C-1 2024-01-10…2024-02-09 31.00",
        "S-2-C-1 2024-01-20…2024-02-09 21.00",
    ]
    assert not answer(whole, "2024-01-20").draft_items
    for chosen in (None, frozenset({"S-2"})):
        result = answer(whole, "2024-01-20", including_draft_items=True, subscription_numbers=chosen)
        assert result.draft_items == (draft,)
