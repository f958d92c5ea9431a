"""Accounts that are billed beyond the day on which a renewal changes prices."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import strategies as st

from soapsvc.engine.account import Account, Charge
from tests.properties.strategies import everything


@st.composite
def at_another_price(draw: st.DrawFn) -> tuple[Account, date, list[date]]:
    """An account that is billed near the days on which it is renewed, a target, and the days of the earlier bill runs.

    Partial months are billed, and parts of periods are prorated: otherwise the old price stays until time is credited.
    """
    whole = draw(everything.accounts(price_changes=True).filter(_is_renewed))
    whole = everything.by_no_renewed_term(whole)
    rules = replace(whole.rules, bill_recurring_partial_month=True, prorate_recurring_partial_period=True)
    whole = replace(whole, rules=replace(rules, credit_method="TotalMinusCharged"))
    ends = sorted({each.term_end_date for each in whole.subscriptions if each.auto_renew and each.term_end_date})
    near = st.builds(lambda end, days: end + timedelta(days), st.sampled_from(ends), st.integers(-45, 60))
    *days, target = sorted(draw(st.lists(near, min_size=2, max_size=5)))
    return everything.map_charges(whole, _prorated), target, days


def _is_renewed(whole: Account) -> bool:
    return any(each.auto_renew and each.term_end_date for each in whole.subscriptions)


def _prorated(charge: Charge) -> Charge:
    """The charge with its parts of periods prorated, and a discount of one percentage throughout."""
    option = None if charge.proration_option in {"ChargeFullPeriod", "NoProration"} else charge.proration_option
    change = None if "Discount" in charge.model else charge.price_change_option
    return replace(charge, proration_option=option, price_change_option=change)
