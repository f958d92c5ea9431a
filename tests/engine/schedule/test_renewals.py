"""Terms, the renewals that a preview assumes, what happens at the end of a term, and price changes at renewal."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from soapsvc.engine.account import CatalogCharge, Tier
from tests.support.building import (
    account,
    amount_off,
    answer,
    billed,
    line,
    metered,
    one_time,
    percent_off,
    recurring,
    segments,
    statement,
    subscription,
    used,
)

PAST_END = {"invoice_past_end_of_term_auto_renew_on": True, "invoice_past_end_of_term_auto_renew_off": True}
MONTH_FIRST = {"proration_unit": "ProrateByMonthFirst"}


def december(**fields: Any) -> Any:
    """10 a month, billed to Dec 1 2024, in a term that ends on Jan 1 2025 and renews for 12 months."""
    return subscription(recurring(10, "2024-01-01", charged_through_date="2024-12-01"), **fields)


@pytest.mark.rule("6 assumeRenewal")
@pytest.mark.parametrize(
    ("renew", "auto_renew", "months"),
    [
        ("None", True, ["2024-12"]),
        ("None", False, ["2024-12"]),
        ("Autorenew", True, ["2024-12", "2025-01", "2025-02"]),
        ("Autorenew", False, ["2024-12"]),
        ("All", True, ["2024-12", "2025-01", "2025-02"]),
        ("All", False, ["2024-12", "2025-01", "2025-02"]),
    ],
)
def test_which_terms_are_assumed_renewed(renew: str, auto_renew: bool, months: list[str]) -> None:
    lines = billed(december(auto_renew=auto_renew), "2025-02-15", renew=renew)
    assert [line[:7] for line in lines] == months


@pytest.mark.rule("6 assumeRenewal")
@pytest.mark.parametrize("term", [0, None])
def test_a_renewal_term_of_nothing_is_not_renewed(term: int | None) -> None:
    assert len(billed(december(renewal_term=term), "2025-02-15", renew="All")) == 1


@pytest.mark.rule("6 assumeRenewal")
def test_a_target_on_the_day_on_which_the_term_ends_is_in_the_next_term() -> None:
    assert [line[:10] for line in billed(december(), "2025-01-01", renew="All")] == ["2024-12-01", "2025-01-01"]
    assert [line[:10] for line in billed(december(), "2024-12-31", renew="All")] == ["2024-12-01"]


@pytest.mark.rule("6 assumeRenewal")
@pytest.mark.parametrize(
    ("length", "unit", "last"),
    [
        (1, "Month", "2025-03-31"),
        (1, "Year", "2025-12-31"),
        (6, "Week", "2025-03-25"),  # 42 days to Feb 12, 84 to Mar 26
        (50, "Day", "2025-04-10"),  # to Feb 20, Apr 11
        (2, None, "2025-04-30"),
        (1, "years", "2025-12-31"),
    ],
)
def test_the_term_is_renewed_until_it_reaches_beyond_the_target(length: int, unit: str | None, last: str) -> None:
    """A charge billed by the term shows where the last assumed term ends; the target is Mar 1."""
    charge = recurring(10, "2024-01-01", billing_period="Subscription_Term", list_price_base="Per_Month")
    terms = subscription(charge, end="2025-01-01", renewal_term=length, renewal_term_period_type=unit)
    assert billed(terms, "2025-03-01", renew="All")[-1].split()[0].endswith(last)


@pytest.mark.rule("6 assumeRenewal")
def test_renewals_at_the_end_of_a_month_do_not_drift() -> None:
    """From Jan 31: Feb 28, Mar 31, Apr 30, counted each from the current end."""
    charge = recurring(
        10, "2024-01-31", billing_period="Subscription_Term", list_price_base="Per_Month", billing_day="TermStartDay"
    )
    terms = subscription(charge, end="2025-01-31", renewal_term=1)
    assert [line[:10] for line in billed(terms, "2025-04-30", renew="All")] == [
        "2024-01-31",
        "2025-01-31",
        "2025-02-28",
        "2025-03-31",
        "2025-04-30",
    ]


@pytest.mark.rule("6 RENEW_TO_EVERGREEN")
@pytest.mark.parametrize("renewal_term", [12, 0])
def test_a_term_renewed_to_evergreen_continues_without_the_evergreen_option(renewal_term: int) -> None:
    terms = december(auto_renew=True, renewal_setting="RENEW_TO_EVERGREEN", renewal_term=renewal_term)
    lines = billed(terms, "2040-01-15", renew="Autorenew")
    assert (lines[0], lines[-1], len(lines)) == (
        "2024-12-01…2024-12-31 10.00",
        "2040-01-01…2040-01-31 10.00",
        1 + 15 * 12 + 1,
    )


@pytest.mark.rule("6 RENEW_TO_EVERGREEN")
def test_a_charge_billed_by_the_term_ends_where_the_terms_end() -> None:
    charge = recurring(100, "2024-01-01", billing_period="Subscription_Term", list_price_base="Per_Month")
    terms = subscription(charge, renewal_setting="RENEW_TO_EVERGREEN")
    assert billed(terms, "2025-02-15", renew="All") == ["2024-01-01…2024-12-31 1200.00"]


@pytest.mark.rule("6 RENEW_TO_EVERGREEN")
def test_before_its_renewal_such_a_term_is_like_any_other() -> None:
    terms = december(auto_renew=True, renewal_setting="RENEW_TO_EVERGREEN")
    assert len(billed(terms, "2024-12-31", renew="All")) == 1


@pytest.mark.rule("6 RENEW_TO_EVERGREEN")
@pytest.mark.parametrize(
    ("target", "first"), [("2024-12-31", "2024-12-15…2024-12-31 5.48"), ("2025-01-01", "2024-12-15…2025-01-14 10.00")]
)
def test_a_period_ends_with_the_term_until_the_term_is_renewed_to_evergreen(target: str, first: str) -> None:
    """Before the term's end 17 of 31 days of a month from Dec 15 are billed: 10 · 17/31."""
    charge = recurring(10, "2024-01-15", billing_day="SpecificDayofMonth/15", charged_through_date="2024-12-15")
    terms = subscription(charge, auto_renew=True, renewal_setting="RENEW_TO_EVERGREEN", end="2025-01-01")
    assert billed(terms, target, renew="Autorenew") == [first]


@pytest.mark.rule("6 assumeRenewal")
def test_a_charge_that_ends_before_the_term_is_not_renewed() -> None:
    removed = recurring(10, "2024-01-01", "2024-12-01")
    assert len(billed(subscription(removed, end="2025-01-01"), "2026-01-01", renew="All")) == 11


@pytest.mark.rule("6 assumeRenewal")
@pytest.mark.parametrize(("renew", "transient"), [("All", True), ("None", False)])
def test_items_of_a_renewed_subscription_say_that_their_ids_are_transient(renew: str, transient: bool) -> None:
    items = list(answer(december(), "2025-02-15", renew=renew).items())
    assert {item.facts.transient for item in items} == {transient}


@pytest.mark.rule("6 assumed boundaries")
@pytest.mark.parametrize("past_end", [True, False])
def test_a_period_straddles_an_assumed_renewal_whole(past_end: bool) -> None:
    """
    Term to Jan 15 2025, bill cycle day 1: January is one period, not two.
    """
    charge = recurring(10, "2024-01-15", charged_through_date="2024-12-01")
    rules = {"invoice_past_end_of_term_auto_renew_off": past_end}
    assert billed(subscription(charge, end="2025-01-15"), "2025-02-01", renew="All", rules=rules) == [
        "2024-12-01…2024-12-31 10.00",
        "2025-01-01…2025-01-31 10.00",
        "2025-02-01…2025-02-28 10.00",
    ]


@pytest.mark.rule("6 assumed boundaries")
@pytest.mark.parametrize(
    ("past_end", "last"), [(True, "2025-02-01…2025-02-28 28.00"), (False, "2025-02-01…2025-02-14 14.00")]
)
def test_the_last_assumed_term_cuts_only_where_billing_past_the_end_of_term_is_off(past_end: bool, last: str) -> None:
    """Renewed by one month, from Jan 15 to Feb 15; the target is Feb 3."""
    charge = recurring(28, "2024-01-15", charged_through_date="2025-02-01")
    terms = subscription(charge, end="2025-01-15", renewal_term=1)
    rules = {"invoice_past_end_of_term_auto_renew_off": past_end}
    assert billed(terms, "2025-02-03", renew="All", rules=rules) == [last]


@pytest.mark.rule("6 Invoice Past End-of-Term")
@pytest.mark.parametrize(
    ("auto_renew", "on", "off", "expected"),
    [
        (True, True, False, "2024-02-01…2025-01-31 1200.00"),
        (True, False, True, "2024-02-01…2024-12-31 1100.00"),
        (False, True, False, "2024-02-01…2024-12-31 1100.00"),
        (False, False, True, "2024-02-01…2025-01-31 1200.00"),
    ],
)
def test_a_year_that_crosses_the_term_end_is_whole_or_11_12ths(
    auto_renew: bool, on: bool, off: bool, expected: str
) -> None:
    """
    Jan 1   Feb 1                       Jan 1   Feb 1
      |-- term ---------------------------|
              |------------ year ---------:-------|
    """
    charge = recurring(1200, "2024-02-01", "2025-01-01", billing_period="Annual")
    terms = subscription(charge, start="2024-01-01", auto_renew=auto_renew)
    rules = {"invoice_past_end_of_term_auto_renew_on": on, "invoice_past_end_of_term_auto_renew_off": off}
    assert billed(terms, "2024-02-01", rules=MONTH_FIRST | rules) == [expected]


@pytest.mark.rule("6 Invoice Past End-of-Term")
def test_a_whole_period_past_the_term_is_the_last_one() -> None:
    charge = recurring(1200, "2024-02-01", "2025-01-01", billing_period="Annual")
    assert len(billed(subscription(charge, start="2024-01-01"), "2030-01-01", rules=PAST_END)) == 1


@pytest.mark.rule("6 Invoice Past End-of-Term")
@pytest.mark.parametrize(
    ("ignored", "expected"), [(False, "2024-02-01…2025-01-31 1200.00"), (True, "2024-02-01…2024-12-31 1100.00")]
)
def test_a_charge_that_ends_with_the_term_by_itself_may_be_excluded_from_the_rule(ignored: bool, expected: str) -> None:
    """Eleven months from Feb 1 end on the term's end, Jan 1."""
    charge = recurring(
        1200,
        "2024-02-01",
        "2025-01-01",
        billing_period="Annual",
        end_date_condition="Fixed_Period",
        up_to_periods=11,
        up_to_periods_type="Months",
    )
    rules = {**PAST_END, **MONTH_FIRST, "ignore_past_end_of_term_when_charge_ends_by_term_end": ignored}
    assert billed(subscription(charge, start="2024-01-01"), "2024-02-01", rules=rules) == [expected]


@pytest.mark.rule("6 Invoice Past End-of-Term")
@pytest.mark.parametrize("renew", ["None", "All"])
def test_a_charge_that_ends_before_the_term_is_prorated(renew: str) -> None:
    charge = recurring(31, "2024-01-01", "2024-05-16", end_date_condition="Specific_End_Date")
    terms = subscription(charge, end="2025-01-01")
    assert billed(terms, "2025-06-01", rules=PAST_END, renew=renew)[-1] == "2024-05-01…2024-05-15 15.00"


@pytest.mark.rule("6 Invoice Past End-of-Term")
def test_time_billed_past_the_end_of_the_term_is_kept_if_its_renewal_is_assumed() -> None:
    """A year from Sep 28, in a term from Sep 12: it is billed whole, and the next one as well."""
    charge = recurring(
        149,
        "2025-09-28",
        billing_period="Annual",
        billing_day="ChargeTriggerDay",
        billing_period_alignment="AlignToTermStart",
        charged_through_date="2026-09-28",
    )
    terms = subscription(charge, start="2025-09-12", auto_renew=True)
    assert billed(terms, "2026-09-28", renew="None", rules=PAST_END) == ["2026-09-12…2026-09-27 -6.53"]  # 16/365
    assert billed(terms, "2026-09-28", renew="Autorenew", rules=PAST_END) == ["2026-09-28…2027-09-27 149.00"]


@pytest.mark.rule("6 price change")
def test_10_percent_at_each_renewal_compounds_100_to_110_to_121() -> None:
    charge = recurring(
        100,
        "2024-01-01",
        billing_period="Annual",
        price_change_option="SpecificPercentageValue",
        price_increase_percentage=10,
    )
    assert billed(charge, "2026-01-01", renew="All") == [
        "2024-01-01…2024-12-31 100.00",
        "2025-01-01…2025-12-31 110.00",
        "2026-01-01…2026-12-31 121.00",
    ]


@pytest.mark.rule("6 price change")
def test_a_price_change_splits_the_period_that_straddles_the_renewal() -> None:
    """
    11.99 to Dec 1, 14.99 from then on (+25.0208507 %), bill day 17: 11.99 x 14/30 and 14.99 x 16/30.

    Nov 17     Dec 1       Dec 17
      |-- 5.60 --|-- 7.99 --|-- 14.99 --
    """
    charge = recurring(
        "11.99",
        "2023-12-01",
        billing_day="SpecificDayofMonth(17th)",
        price_change_option="SpecificPercentageValue",
        price_increase_percentage="25.0208507",
        charged_through_date="2024-11-17",
    )
    assert billed(charge, "2024-12-17", renew="All", rules=PAST_END) == [
        "2024-11-17…2024-11-30 5.60",
        "2024-12-01…2024-12-16 7.99",
        "2024-12-17…2025-01-16 14.99",
    ]


@pytest.mark.rule("6 price change")
def test_stored_segments_of_two_prices_split_the_same_period_alike() -> None:
    usual = {"billing_day": "SpecificDayofMonth(17th)"}
    parts = segments(
        recurring("11.99", "2024-08-17", charged_through_date="2024-11-17", **usual),
        recurring("14.99", "2024-12-01", "2025-12-01", **usual),
    )
    renewed = subscription(*parts, start="2024-12-01", end="2025-12-01")
    assert [line.split()[1] for line in billed(renewed, "2024-12-17")] == ["5.60", "7.99", "14.99"]


@pytest.mark.rule("6 price change")
def test_a_change_of_tiers_and_overage_prices_too() -> None:
    charge = recurring(
        None,
        "2024-01-01",
        model="Volume",
        quantity=5,
        tiers=(Tier(starting_unit=recurring(0, "2024-01-01").price, price=recurring(20, "2024-01-01").price),),  # type: ignore[arg-type]
        price_change_option="SpecificPercentageValue",
        price_increase_percentage=-50,
        charged_through_date="2024-12-01",
    )
    assert [line.split()[1] for line in billed(charge, "2025-01-01", renew="All")] == ["100.00", "50.00"]


@pytest.mark.rule("6 price change")
@pytest.mark.parametrize(("option", "percentage"), [("NoChange", 10), (None, 10), ("SpecificPercentageValue", 0)])
def test_without_a_change_the_price_stays(option: str | None, percentage: int) -> None:
    charge = recurring(
        100,
        "2024-01-01",
        price_change_option=option,
        price_increase_percentage=percentage,
        charged_through_date="2024-12-01",
    )
    assert [line.split()[1] for line in billed(charge, "2025-01-01", renew="All")] == ["100.00", "100.00"]


@pytest.mark.rule("6 price change: discounts")
def test_a_price_and_its_discount_percentage_grow_separately() -> None:
    """10 % more: 110 less 55 %."""
    uplift = {"price_change_option": "SpecificPercentageValue", "price_increase_percentage": 10}
    charge = recurring(100, "2024-01-01", charged_through_date="2024-12-01", **uplift)
    discount = percent_off(50, "2024-01-01", **uplift)
    assert statement((charge, discount), "2025-01-01", renew="All") == [
        "C-1 2024-12-01…2024-12-31 100.00",
        "C-D1 2024-12-01…2024-12-31 -50.00",
        "C-1 2025-01-01…2025-01-31 110.00",
        "C-D1 2025-01-01…2025-01-31 -60.50",
    ]


@pytest.mark.rule("6 price change")
def test_a_change_in_percent_needs_the_percentage() -> None:
    charge = recurring(100, "2024-01-01", price_change_option="SpecificPercentageValue")
    assert [(error.code, error.field) for error in answer(charge, "2025-01-01", renew="All").errors] == [
        ("MISSING_VALUE", "priceIncreasePercentage")
    ]


def with_catalog(entry: CatalogCharge | None, **fields: Any) -> list[str]:
    """The amounts of Dec 2024 and of Jan and Feb 2025, the renewal at the latest catalogue price."""
    charge = recurring(
        100,
        "2024-01-01",
        product_rate_plan_charge_id="prpc",
        uom="Each",
        price_change_option="UseLatestProductCatalogPricing",
        charged_through_date="2024-12-01",
        **{"currency": "USD", **fields},
    )
    catalog = {"prpc": entry} if entry else {}
    lines = billed(account(charge, catalog=catalog), "2025-02-01", renew="All")
    return [line.split()[1] for line in lines]


def catalog_charge(price: int | None = 130, **fields: Any) -> CatalogCharge:
    usual = {
        "type": "Recurring",
        "model": "Flat Fee Pricing",
        "billing_period": "Month",
        "uom": "Each",
        "currency": "USD",
    }
    return CatalogCharge(id="prpc", price=recurring(price, "2024-01-01").price, **{**usual, **fields})


@pytest.mark.rule("6 price change: catalogue")
def test_the_latest_catalogue_price_holds_from_the_renewal_on() -> None:
    assert with_catalog(catalog_charge(130)) == ["100.00", "130.00", "130.00"]


@pytest.mark.rule("6 price change: catalogue")
def test_a_charge_that_names_no_currency_takes_the_price_in_the_billed_one() -> None:
    assert with_catalog(catalog_charge(130), currency=None) == ["100.00", "130.00", "130.00"]


@pytest.mark.rule("6 price change: catalogue")
@pytest.mark.parametrize(
    "entry",
    [
        None,
        catalog_charge(type="Usage"),
        catalog_charge(model="Per Unit Pricing"),
        catalog_charge(billing_period="Annual"),
        catalog_charge(uom="GB"),
        catalog_charge(currency="EUR"),
        catalog_charge(None),
        catalog_charge(100),
    ],
    ids=["absent", "type", "model", "period", "uom", "currency", "no price", "same price"],
)
def test_a_catalogue_charge_without_a_comparable_new_price_changes_nothing(entry: CatalogCharge | None) -> None:
    assert with_catalog(entry) == ["100.00", "100.00", "100.00"]


def tiers(price: int, end: int | None) -> tuple[Tier, ...]:
    one = recurring(price, "2024-01-01", quantity=end)
    return (Tier(recurring(0, "2024-01-01").price, one.price, one.quantity),)  # type: ignore[arg-type]


@pytest.mark.rule("6 price change: catalogue")
@pytest.mark.parametrize(
    ("latest", "january"),
    [(tiers(9, None), "45.00"), (tiers(9, 5), "45.00"), (tiers(9, 4), "50.00"), ((), "50.00")],
    ids=["open", "fits", "too small", "none"],
)
def test_a_quantity_must_fit_the_latest_tiers(latest: tuple[Tier, ...], january: str) -> None:
    amounts = with_catalog(
        catalog_charge(None, model="Volume Pricing", tiers=latest), model="Volume", quantity=5, tiers=tiers(10, None)
    )
    assert amounts[1] == january


def test_renewing_by_the_day_for_thirty_years_is_refused() -> None:
    terms = december(renewal_term=1, renewal_term_period_type="Day")
    assert [error.code for error in answer(terms, "2055-01-01", renew="All").errors] == ["TOO_MANY_RENEWALS"]


def test_an_unknown_unit_of_the_renewal_term_names_the_field() -> None:
    result = answer(december(renewal_term_period_type="Fortnight"), "2025-02-01", renew="All")
    assert [(error.field, error.subscription_number) for error in result.errors] == [("renewalTermPeriodType", "A-S1")]


@pytest.mark.rule("6 price change: catalogue")
def test_the_same_catalogue_price_does_not_split_a_period() -> None:
    charge = recurring(
        100,
        "2024-01-01",
        billing_day="SpecificDayofMonth(17th)",
        product_rate_plan_charge_id="prpc",
        price_change_option="UseLatestProductCatalogPricing",
        charged_through_date="2024-12-17",
    )
    whole = account(charge, catalog={"prpc": CatalogCharge(id="prpc", price=charge.price)})
    assert billed(whole, "2025-01-01", renew="All") == ["2024-12-17…2025-01-16 100.00"]


@pytest.mark.rule("6 price change")
def test_an_overage_price_grows_too() -> None:
    """5 included units, then 10 above them, at 1 and then at 1.10."""
    charge = metered(
        None,
        "2024-01-01",
        model="Overage",
        included_units=5,
        overage_price=1,
        price_change_option="SpecificPercentageValue",
        price_increase_percentage=10,
        charged_through_date="2024-12-01",
    )
    whole = account(charge, usage=(used("2024-12-05", 15), used("2025-01-05", 15)))
    assert [each.split()[1] for each in billed(whole, "2025-02-01", renew="All")] == ["0.00", "10.00", "0.00", "11.00"]


@pytest.mark.rule("6 assumeRenewal")
def test_one_time_items_of_a_renewed_subscription_are_transient_too() -> None:
    terms = subscription(one_time(5, "2024-12-20"), start="2024-01-01")
    (item,) = answer(terms, "2025-01-15", renew="All").items()
    assert item.facts.transient


@pytest.mark.rule("6 price change: discounts")
def test_a_discount_of_50_percent_that_grows_by_2_percent_is_51_after_the_renewal() -> None:
    """The discount's percentage is lifted as a price is: 50 x 1.02 = 51, then 52.02."""
    charges = (
        recurring(100, "2024-01-01", charged_through_date="2024-12-01"),
        percent_off(50, "2024-01-01", price_change_option="SpecificPercentageValue", price_increase_percentage=2),
    )
    lines = billed(charges, "2026-01-01", renew="All")
    assert [each.split()[1] for each in lines if "-01-01…" in each or "-12-01…" in each] == [
        *("100.00", "-50.00", "100.00", "-51.00"),
        *("100.00", "-51.00", "100.00", "-52.02"),
    ]
    assert not answer(charges, "2026-01-01", renew="All").notes


@pytest.mark.rule("6 price change: discounts")
def test_a_discount_that_grows_beyond_everything_takes_all() -> None:
    charges = (
        recurring(100, "2024-01-01", charged_through_date="2024-12-01"),
        percent_off(60, "2024-01-01", price_change_option="SpecificPercentageValue", price_increase_percentage=100),
    )
    lines = billed(charges, "2025-01-01", renew="All")
    assert [each.split()[1] for each in lines] == ["100.00", "-60.00", "100.00", "-100.00"]


@pytest.mark.rule("6 price change: discounts")
@pytest.mark.parametrize(
    ("entry", "taken", "codes"),
    [
        (CatalogCharge(id="prpc", discount_percentage=Decimal(15)), "-15.00", []),
        (CatalogCharge(id="prpc", discount_percentage=Decimal(10)), "-10.00", []),
        (CatalogCharge(id="prpc", model="FlatFee", price=Decimal(1)), "-10.00", ["DISCOUNT_CHANGE_LEFT_OUT"]),
        (CatalogCharge(id="prpc"), "-10.00", ["DISCOUNT_CHANGE_LEFT_OUT"]),
        (CatalogCharge(id="other", discount_percentage=Decimal(15)), "-10.00", ["DISCOUNT_CHANGE_LEFT_OUT"]),
    ],
)
def test_a_discount_takes_the_catalogues_percentage_from_the_renewal_on_or_says_that_it_does_not(
    entry: CatalogCharge, taken: str, codes: list[str]
) -> None:
    charges = (
        recurring(100, "2024-01-01", charged_through_date="2024-12-01"),
        percent_off(
            10,
            "2024-01-01",
            price_change_option="UseLatestProductCatalogPricing",
            product_rate_plan_charge_id="prpc",
        ),
    )
    whole = account(*charges, catalog={entry.id: entry})
    result = answer(whole, "2025-01-01", renew="All")
    assert [line(item).split()[1] for item in result.items()] == ["100.00", "-10.00", "100.00", taken]
    assert [note.code for note in result.notes] == codes


@pytest.mark.rule("6 price change: discounts")
def test_a_credit_after_the_renewal_replays_the_percentage_that_was_billed() -> None:
    """
    90 less 10 % were billed past the renewal of Jan 1, after which the discount is 15 %: 60 and 6 are credited.

    Nov 1         Dec 1          Jan 1         Feb 1
      |--- kept -----|------------- -60 + 6 ------|
    """
    through = {"charged_through_date": "2025-02-01"}
    charges = (
        recurring(90, "2024-01-01", "2024-12-01", number="C-1", billing_period="Quarter",
                  billing_period_alignment="AlignToSubscriptionStart", **through),
        percent_off(10, "2024-01-01", price_change_option="SpecificPercentageValue", price_increase_percentage=50),
    )  # fmt: skip
    rules = {"proration_unit": "ProrateByMonthFirst"}
    terms = subscription(*charges, subscription_start_date="2023-11-01")
    lines = billed(terms, "2025-01-01", renew="All", rules=rules)
    assert lines == ["2024-12-01…2025-01-31 -60.00", "2024-12-01…2025-01-31 6.00"]


@pytest.mark.rule("6 price change: discounts")
@pytest.mark.parametrize("change", ["SpecificPercentageValue", "UseLatestProductCatalogPricing"])
def test_a_fixed_amount_that_asks_for_a_change_stays_as_it_is_with_a_warning(change: str) -> None:
    charges = (
        recurring(100, "2024-01-01", charged_through_date="2024-12-01"),
        amount_off(10, "2024-01-01", price_change_option=change, price_increase_percentage=50),
    )
    result = answer(charges, "2025-01-01", renew="All")
    assert [line(item).split()[1] for item in result.items()] == ["100.00", "-10.00", "100.00", "-10.00"]
    assert [(note.kind, note.code, note.charge_number) for note in result.notes] == [
        ("warning", "DISCOUNT_CHANGE_LEFT_OUT", "C-D1")
    ]
    assert not answer(charges, "2024-12-01", renew="All").notes


@pytest.mark.rule("6 price change")
def test_billing_continues_after_the_renewal_at_the_new_price() -> None:
    """100 a month to Jan 1, 2024; 10 % more from the renewal on."""
    charge = recurring(
        100,
        "2023-01-01",
        price_change_option="SpecificPercentageValue",
        price_increase_percentage=10,
        charged_through_date="2024-01-01",
    )
    assert billed(charge, "2024-01-01", renew="All") == ["2024-01-01…2024-01-31 110.00"]
