"""Suspensions that meet the end of a term: what renewals do meanwhile, and what lies past a term that is not renewed.

Sources: "Considerations of suspend a subscription"; "Automated price change (uplift) for renewed subscriptions";
"Billing Rules - Billing Document" (Invoice Past End-of-Term).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from soapsvc.engine.account import Account, CatalogCharge, StatusSpan
from soapsvc.engine.lifecycle import advance
from tests.support.building import account, billed, recurring, subscription

PAST_END = {"invoice_past_end_of_term_auto_renew_on": True, "invoice_past_end_of_term_auto_renew_off": True}
HALF_YEARS: dict[str, Any] = {"start": "2024-01-01", "end": "2024-07-01", "auto_renew": True, "renewal_term": 6}
"""Terms of half a year, renewed on Jul 1 and Jan 1."""


@pytest.mark.rule("5 suspended: past the term")
@pytest.mark.parametrize("resumption", ["2024-07-02", "2024-08-15", None])
@pytest.mark.parametrize("suspended", ["2024-07-01", "2024-07-20"])
@pytest.mark.parametrize("status", ["Active", "Suspended"])
def test_no_suspension_cuts_time_billed_past_a_term_that_is_not_renewed(
    suspended: str, resumption: str | None, status: str
) -> None:
    """
    May 1                 Jul 1 (the term ends)      Aug 1
      |-------- a quarter of 300, billed whole --------|
                            |~~~ suspended, scheduled or in force ~~~
    """
    quarter = recurring(300, "2024-02-01", "2024-07-01", billing_period="Quarter")
    fields: dict[str, Any] = {"scheduled_suspend_date": suspended, "scheduled_resume_date": resumption}
    if status == "Suspended":
        fields["status_history"] = (StatusSpan("Suspended", date.fromisoformat(suspended)),)
    ending = subscription(quarter, start="2024-02-01", end="2024-07-01", status=status, **fields)
    expected = ["2024-02-01…2024-04-30 300.00", "2024-05-01…2024-07-31 300.00"]
    assert billed(ending, "2024-06-30", rules=PAST_END) == expected


@pytest.mark.rule("5 suspended: past the term")
def test_a_suspension_in_a_term_that_is_assumed_pauses_it() -> None:
    """Renewed on Jul 1 and suspended from then to Aug 1: the quarter from May 1 is two months, and the next is two."""
    quarter = recurring(300, "2024-02-01", "2024-07-01", billing_period="Quarter")
    dates = {"scheduled_suspend_date": "2024-07-01", "scheduled_resume_date": "2024-08-01"}
    months = {**PAST_END, "proration_unit": "ProrateByMonthFirst"}
    ending = subscription(quarter, start="2024-02-01", end="2024-07-01", renewal_term=6, **dates)
    expected = ["2024-02-01…2024-04-30 300.00", "2024-05-01…2024-06-30 200.00", "2024-08-01…2024-10-31 300.00"]
    assert billed(ending, "2024-08-01", rules=months, renew="All") == expected


@pytest.mark.rule("6 price change: suspended")
@pytest.mark.parametrize(
    ("suspended", "resumed", "expected"),
    [
        ("2024-06-01", "2024-07-01", "2024-07-01…2024-07-31 110.00"),  # resumed with the renewal
        ("2024-07-01", "2024-08-01", "2024-08-01…2024-08-31 110.00"),  # suspended with it
        ("2024-06-01", "2024-08-01", "2024-08-01…2024-08-31 110.00"),  # renewed meanwhile
        ("2024-08-01", "2024-09-01", "2024-09-01…2024-09-30 110.00"),  # suspended after it
        ("2024-06-01", "2025-02-01", "2025-02-01…2025-02-28 121.00"),  # renewed twice meanwhile
        ("2024-08-01", "2025-02-01", "2025-02-01…2025-02-28 121.00"),  # renewed before and meanwhile
    ],
)
def test_a_charge_resumes_at_the_price_that_renewals_have_made(suspended: str, resumed: str, expected: str) -> None:
    """
    100 a month and 10 % more with each renewal, whether the renewals are assumed or have happened.

    Jan 1          Jul 1 x 1.1          Jan 1 x 1.1
      |-- 100 … --|~~~~ suspended ~~~~|-- 110 or 121 …
    """
    month = recurring(
        100,
        "2024-01-01",
        "2024-07-01",
        price_change_option="SpecificPercentageValue",
        price_increase_percentage=Decimal(10),
    )
    renewing = subscription(month, **HALF_YEARS, scheduled_suspend_date=suspended, scheduled_resume_date=resumed)
    whole = account(renewing)
    assert resumption(whole, resumed) == expected
    for passed in ("2024-06-15", "2024-07-01", "2024-07-15", "2024-08-15", "2025-01-15", "2025-02-01"):
        whole = advance(whole, min(date.fromisoformat(passed), date.fromisoformat(resumed)))
        assert resumption(whole, resumed) == expected, passed


@pytest.mark.rule("6 price change: suspended")
def test_a_charge_resumes_at_the_catalogue_s_price_once_it_was_renewed() -> None:
    """Suspended from Jun 1 to Aug 1, renewed on Jul 1 at the catalogue's 150 instead of 100."""
    month = recurring(
        100,
        "2024-01-01",
        "2024-07-01",
        product_rate_plan_charge_id="prpc",
        price_change_option="UseLatestProductCatalogPricing",
    )
    dates = {"scheduled_suspend_date": "2024-06-01", "scheduled_resume_date": "2024-08-01"}
    catalog = {
        "prpc": CatalogCharge("prpc", type="Recurring", model="FlatFee", billing_period="Month", price=Decimal(150))
    }
    whole = account(subscription(month, **HALF_YEARS, **dates), catalog=catalog)
    assert resumption(whole, "2024-08-01") == "2024-08-01…2024-08-31 150.00"


def resumption(whole: Account, target: str) -> str:
    """The last item up to the day."""
    return billed(whole, target, renew="Autorenew")[-1]
