"""Accounts made by Hypothesis: every billing period, timing, alignment, bill day, proration rule, discount, renewal."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from soapsvc.engine.account import Account, Charge, Subscription
from tests.support.building import account, amount_off, one_time, percent_off, recurring, subscription

FIRST_DAY = date(2021, 1, 1)
MONTH_PERIODS = ("Month", "Quarter", "Semi_Annual", "Annual", "Eighteen_Months", "Specific_Months")
DAY_PERIODS = ("Week", "Specific_Weeks", "Specific_Days")
PERIODS = (*MONTH_PERIODS, *DAY_PERIODS)
TIMINGS = ("IN_ADVANCE", "IN_ARREARS")
ALIGNMENTS = ("AlignToCharge", "AlignToSubscriptionStart", "AlignToTermStart", "AlignToTermEnd")
MONTH_DAYS = ("DefaultFromCustomer", "SubscriptionStartDay", "ChargeTriggerDay", "TermStartDay", "SpecificDayofMonth")
WEEK_DAYS = ("DefaultFromCustomer", "SubscriptionStartDay", "ChargeTriggerDay", "SpecificDayofWeek/thursday")

days = st.integers(0, 900).map(lambda offset: FIRST_DAY + timedelta(offset))
targets = st.integers(0, 1500).map(lambda offset: FIRST_DAY + timedelta(offset))
prices = st.decimals(-200, 2000, places=2)
bill_days = st.integers(1, 31)


@st.composite
def recurring_charges(draw: st.DrawFn, number: str = "C-1", start: st.SearchStrategy[date] = days) -> Charge:
    """A recurring charge, mostly to the end of the term, with a price per billing period, month, week or year."""
    period = draw(st.sampled_from(PERIODS))
    in_months = period in MONTH_PERIODS
    specific = draw(st.integers(1, 7)) if period.startswith("Specific") else None
    billing_day = draw(st.sampled_from(MONTH_DAYS if in_months else WEEK_DAYS))
    if billing_day == "SpecificDayofMonth":
        billing_day += f"({draw(bill_days)})"
    bases = ("Per_Billing_Period", "Per_Month", "Per_Year") if in_months else ("Per_Billing_Period", "Per_Week")
    begins = draw(start)
    ends = draw(st.none() | st.integers(0, 400).map(lambda offset: begins + timedelta(offset)))
    return recurring(
        draw(prices),
        begins,
        ends,
        number=number,
        billing_period=period,
        specific_billing_period=specific,
        billing_day=billing_day,
        billing_timing=draw(st.sampled_from(TIMINGS)),
        billing_period_alignment=draw(st.sampled_from(ALIGNMENTS)),
        list_price_base=draw(st.sampled_from(bases)),
    )


@st.composite
def discounts(draw: st.DrawFn, number: str = "C-D1", fixed: bool = True) -> Charge:
    """A discount on the rate plan or on more, for some time or to the end of the term."""
    begins = draw(days)
    common: dict[str, Any] = {
        "until": draw(st.none() | st.integers(1, 400).map(lambda offset: begins + timedelta(offset))),
        "number": number,
        "discount_level": draw(st.sampled_from(["rateplan", "subscription", "account"])),
        "apply_to_billing_period_partially": draw(st.booleans()),
        "is_stacked_discount": draw(st.booleans()),
        "discount_class_order": draw(st.none() | st.integers(1, 2)),
    }
    if fixed and draw(st.booleans()):
        period = draw(st.sampled_from(["Month", "Quarter", "Annual", "Week"]))
        return amount_off(draw(st.integers(1, 300)), begins, billing_period=period, **common)
    return percent_off(draw(st.decimals(0, 100, places=1)), begins, **common)


rules = st.fixed_dictionaries(
    {
        "days_in_month": st.sampled_from(["UseActualDays", "Assume30Days", "Assume30DaysStrict"]),
        "proration_unit": st.sampled_from(["ProrateByDay", "ProrateByMonthFirst"]),
        "stacked_discount_class": st.sampled_from(["Ignore", "Follow"]),
        "percent_discount_base": st.sampled_from(["Rounded", "UnRounded"]),
        "rounding_mode": st.sampled_from(["HALF_UP", "UP", "DOWN"]),
        "decimals": st.sampled_from([0, 2, 3]),
    }
)
stub_rules = st.sampled_from(
    [
        {},
        {"bill_recurring_partial_month": False},
        {"bill_recurring_partial_month": False, "prorate_recurring_partial_period": False},
        {"bill_recurring_partial_week": False},
    ]
)


@st.composite
def subscriptions(draw: st.DrawFn, number: str = "A-S1", fixed: bool = True) -> Subscription:
    """A subscription of one to three charges, perhaps a one-time one and discounts, in a term of 1 to 30 months."""
    begins = draw(days)
    later = st.integers(0, 200).map(lambda offset: begins + timedelta(offset))
    charges = [draw(recurring_charges(f"{number}-C{position}", later)) for position in range(draw(st.integers(1, 3)))]
    if draw(st.booleans()):
        charges.append(one_time(draw(prices), draw(later), number=f"{number}-CO"))
    charges += [draw(discounts(f"{number}-D{position}", fixed)) for position in range(draw(st.integers(0, 2)))]
    months = draw(st.integers(1, 30))
    terms = subscription(*charges, start=begins, end=_end_of(begins, months), subscription_number=number)
    return replace(terms, auto_renew=draw(st.booleans()), renewal_term=draw(st.sampled_from([0, 1, 5, 12])))


def _end_of(start: date, months: int) -> date:
    year, month = divmod(start.month - 1 + months, 12)
    return date(start.year + year, month + 1, min(start.day, 28))


@st.composite
def accounts(draw: st.DrawFn, *, fixed: bool = True, stubs: bool = True, past_end: bool | None = None) -> Account:
    """An account of one or two subscriptions under any rules; `past_end` sets the rules on the end of the term."""
    parts = [draw(subscriptions(f"A-S{position}", fixed)) for position in range(draw(st.integers(1, 2)))]
    crossing = draw(st.booleans()) if past_end is None else past_end
    terms = {
        "invoice_past_end_of_term_auto_renew_on": crossing,
        "invoice_past_end_of_term_auto_renew_off": crossing,
    }
    chosen = {**draw(rules), **terms, **(draw(stub_rules) if stubs else {})}
    return account(*parts, rules=chosen, bill_cycle_day=draw(bill_days))
