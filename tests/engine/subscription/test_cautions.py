"""Items that are right by the rules, with a warning that a reader should look at them twice."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from soapsvc.engine.account import Account, CatalogCharge, Tier
from tests.support.building import account, answer, billed, metered, recurring, segments, subscription, used

PAST_END = {"invoice_past_end_of_term_auto_renew_off": True}


def warnings(what: Any, target: str, **options: Any) -> list[tuple[str, str]]:
    return [(note.code, note.message) for note in answer(what, target, **options).notes if note.kind == "warning"]


def metering(*days: str, rules: dict[str, Any] = PAST_END) -> Account:
    """2 per unit, monthly, in a term from Jan 1 to Mar 15 that is not renewed; a unit on each of `days`."""
    terms = subscription(metered(2, "2024-01-01"), end="2024-03-15")
    return account(terms, usage=tuple(used(day, 1) for day in days), rules=rules)


@pytest.mark.rule("6 past end of term: usage")
def test_usage_after_the_end_of_the_term_is_billed_with_the_period_that_crosses_it_and_a_warning() -> None:
    """
    Mar 1       Mar 15 end of the term    Apr 1
      |--- a unit --|------ a unit ---------|      4.00 for the month
    """
    both = metering("2024-03-10", "2024-03-20")
    assert billed(both, "2024-04-01")[-1] == "2024-03-01…2024-03-31 4.00"
    text = "Charge C-U bills usage after the end of the term, 2024-03-15, in the period that crosses it."
    assert warnings(both, "2024-04-01") == [("USAGE_AFTER_TERM", text)]


@pytest.mark.rule("6 past end of term: usage")
@pytest.mark.parametrize("day", ["2024-03-14", "2024-04-01"])
def test_usage_within_the_term_or_after_the_period_needs_no_warning(day: str) -> None:
    assert not warnings(metering(day), "2024-04-01")


@pytest.mark.rule("6 past end of term: usage")
def test_where_the_term_cuts_or_is_renewed_no_usage_lies_after_it() -> None:
    assert not warnings(metering("2024-03-10", "2024-03-20", rules={}), "2024-04-01")
    assert not warnings(metering("2024-03-10", "2024-03-20"), "2024-04-01", renew="All")


FULL = {"proration_option": "ChargeFullPeriod"}


@pytest.mark.rule("7.1 ChargeFullPeriod")
@pytest.mark.parametrize("through", [None, "2024-02-01"])
def test_a_full_period_that_changes_on_jan_16_is_billed_in_full_twice_with_a_warning(through: str | None) -> None:
    """
    The vendor does not let such a charge be updated; where the data has it nevertheless:

    Jan 1      Jan 16     Feb 1
      |-- 30 ----|-- 60 ----|-- 60 --
    """
    parts = segments(
        recurring(30, "2024-01-01", charged_through_date=through, **FULL), recurring(60, "2024-01-16", **FULL)
    )
    before = [] if through else ["2024-01-01…2024-01-15 30.00"]
    after = ["2024-01-16…2024-01-31 60.00", "2024-02-01…2024-02-29 60.00"]
    assert billed(parts, "2024-02-01") == before + after
    text = (
        "Charge C-1 bills full periods only, but changes within one, on 2024-01-16: the parts before and after the "
        "change are each billed in full."
    )
    assert warnings(parts, "2024-02-01") == [("FULL_PERIOD_CHANGED", text)]


@pytest.mark.rule("7.1 ChargeFullPeriod")
def test_a_change_between_full_periods_or_not_reached_yet_needs_no_warning() -> None:
    between = segments(recurring(30, "2024-01-01", **FULL), recurring(60, "2024-02-01", **FULL))
    assert not warnings(between, "2024-02-01")
    later = segments(recurring(30, "2024-01-01", **FULL), recurring(60, "2024-02-16", **FULL))
    assert not warnings(later, "2024-02-15")
    prorated = segments(recurring(30, "2024-01-01"), recurring(60, "2024-01-16"))
    assert not warnings(prorated, "2024-02-15")


@pytest.mark.rule("7.1 ChargeFullPeriod")
def test_a_pause_within_a_full_period_is_such_a_change_too() -> None:
    paused = subscription(
        recurring(30, "2024-01-01", **FULL), scheduled_suspend_date="2024-01-11", scheduled_resume_date="2024-01-21"
    )
    assert billed(paused, "2024-01-31") == ["2024-01-01…2024-01-10 30.00", "2024-01-21…2024-01-31 30.00"]
    assert [code for code, _ in warnings(paused, "2024-01-31")] == ["FULL_PERIOD_CHANGED"]


@pytest.mark.rule("7.1 ChargeFullPeriod")
@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({"billing_period": "Subscription_Term", "list_price_base": "Per_Month"}, "billingPeriod Subscription_Term"),
        ({"billing_period": "Quarter", "list_price_base": "Per_Year"}, "a price per year in shorter periods"),
        ({"billing_period": "Annual", "list_price_base": "Per_Year"}, None),
        ({"billing_period": "Quarter", "list_price_base": "Per_Month"}, None),
    ],
)
def test_full_periods_where_the_vendor_has_none_are_billed_with_a_warning(
    fields: dict[str, str], what: str | None
) -> None:
    text = f"Charge C-1 bills full periods only, which the vendor does not offer for {what}; check prorationOption."
    found = warnings(subscription(recurring(30, "2024-01-01", **FULL, **fields)), "2024-01-31")
    assert found == ([("FULL_PERIOD_UNSUPPORTED", text)] if what else [])


@pytest.mark.parametrize(("told", "warned"), [(True, True), ("true", True), (False, False), (None, False)])
def test_usage_that_child_accounts_roll_up_is_left_out_with_a_warning(told: object, warned: bool) -> None:
    whole = account(metered(2, "2024-01-01"), attributes={"rollUpUsage": told})
    text = "Charge C-U bills its own account's usage only: usage that child accounts roll up is left out."
    assert warnings(whole, "2024-02-01") == [("ROLLED_UP_USAGE_LEFT_OUT", text)] * warned


@pytest.mark.parametrize(("told", "warned"), [(6, True), (None, False)])
def test_a_charge_that_prepays_periods_in_the_older_way_is_billed_by_period_with_a_warning(
    told: object, warned: bool
) -> None:
    charge = recurring(10, "2024-01-01", attributes={"periodsToPrepay": told})
    assert billed(charge, "2024-01-01") == ["2024-01-01…2024-01-31 10.00"]
    text = "Charge C-1 is prepaid for several periods (periodsToPrepay), which is not supported: each period is billed."
    assert warnings(charge, "2024-01-01") == [("PREPAYMENT_LEFT_OUT", text)] * warned


def renewed(option: str = "UseLatestProductCatalogPricing", **catalog: CatalogCharge) -> Account:
    """100 a month, billed to the renewal on Jan 1 2025."""
    charge = recurring(
        100,
        "2024-01-01",
        product_rate_plan_charge_id="prpc",
        price_change_option=option,
        charged_through_date="2025-01-01",
    )
    return account(charge, catalog=catalog)


@pytest.mark.rule("6 price change: catalogue")
@pytest.mark.parametrize("catalog", [{}, {"prpc": CatalogCharge("prpc")}], ids=["no catalogue", "no price"])
def test_a_renewal_at_the_latest_price_without_a_catalogue_keeps_the_price_with_a_warning(
    catalog: dict[str, CatalogCharge],
) -> None:
    whole = renewed(**catalog)
    assert billed(whole, "2025-01-01", renew="All") == ["2025-01-01…2025-01-31 100.00"]
    text = (
        "Charge C-1 is renewed on 2025-01-01 at the latest catalogue price, but the imported catalogue has no "
        "price for it in its currency. The price stays as it is; import the whole catalogue."
    )
    assert warnings(whole, "2025-01-01", renew="All") == [("LATEST_PRICE_UNKNOWN", text)]


@pytest.mark.rule("6 price change: catalogue")
def test_a_price_in_the_catalogue_or_none_asked_for_or_no_renewal_yet_needs_no_warning() -> None:
    known = CatalogCharge("prpc", price=Decimal(130))
    assert not warnings(renewed(prpc=known), "2025-01-01", renew="All")
    tiered = CatalogCharge("prpc", tiers=(Tier(Decimal(0), Decimal(5)),))
    assert not warnings(renewed(prpc=tiered), "2025-01-01", renew="All")
    assert not warnings(renewed("NoChange"), "2025-01-01", renew="All")
    before = recurring(100, "2024-01-01", price_change_option="UseLatestProductCatalogPricing")
    assert not warnings(before, "2024-12-31", renew="All")
    waiting = replace(before, billing_timing="IN_ARREARS")
    assert not warnings(subscription(waiting, end="2025-01-01"), "2025-01-01", renew="All")
