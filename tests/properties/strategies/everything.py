"""Accounts made by Hypothesis that hold anything the engine bills: every charge model, end, term, status and rule.

They are the accounts of `accounts`, changed further. Usage is recorded for the whole account and for single charges.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from soapsvc.engine.account import (
    Account,
    BillingRules,
    Charge,
    DeliverySchedule,
    Subscription,
    Tier,
    UsageRecord,
)
from soapsvc.engine.result import AssumeRenewal
from soapsvc.engine.schedule import terms_of
from tests.properties.strategies import accounts as made
from tests.support.building import metered, used

MODELS = ("FlatFee", "PerUnit", "Volume", "Tiered", "Delivery")
METERED = (
    *("FlatFee", "PerUnit", "Volume", "Tiered", "TieredWithOverage", "Overage", "Smoothed", "MultiAttributePricing"),
    *("HighWatermarkVolumePricing", "HighWatermarkTieredPricing", "PreratedPerUnit", "PreratedPricing"),
)
GROUPS = (None, "ByBillingPeriod", "ByUsageStartDate", "ByUsageRecord", "ByGroupId")
_FORMULA = {"chargeModelConfiguration": {"formula": "usageQuantity() * 3 / 7 + 1"}}
_DEARER: dict[str, Any] = {
    "price_change_option": "SpecificPercentageValue",
    "price_increase_percentage": Decimal(5),
}
_PRORATIONS = (None, None, None, "ChargeFullPeriod", "NoProration", "TimeBasedProration")
_ENDS = ("Subscription_End", "Subscription_End", "Fixed_Period", "Specific_End_Date")

account_rules = st.fixed_dictionaries(
    {
        "invoice_settlement": st.booleans(),
        "credit_memo_rule": st.sampled_from(["NetNegativeNoGrouping", "AllNegative"]),
        "rate_usage_individually": st.booleans(),
        "skip_usage_without_records": st.booleans(),
        "late_usage": st.booleans(),
        "unbilled_usage": st.booleans(),
        "tax_inclusive_rounding": st.sampled_from(["NetAmount", "TaxAmount"]),
        "bill_usage_partial_month": st.booleans(),
        "bill_usage_partial_week": st.booleans(),
    }
)


@st.composite
def tiers(draw: st.DrawFn) -> tuple[Tier, ...]:
    """One to three tiers from 0 on, the last one open, at prices per unit or flat."""
    bounds = [Decimal(0), *map(Decimal, sorted(draw(st.sets(st.integers(1, 60), max_size=2))))]
    found = []
    for place, begins in enumerate(bounds):
        ends = bounds[place + 1] if place + 1 < len(bounds) else None
        form = draw(st.sampled_from(["PerUnit", "FlatFee"]))
        found.append(Tier(begins, draw(st.decimals(0, 40, places=2)), ends, form))
    return tuple(found)


@st.composite
def modelled(draw: st.DrawFn, charge: Charge) -> Charge:
    """A recurring charge in any model, with any end of its own and any proration, and perhaps with tax in its price."""
    model = draw(st.sampled_from(MODELS))
    fields: dict[str, Any] = {"model": model}
    if model in ("Volume", "Tiered"):
        fields.update(tiers=draw(tiers()), price=None)
    if model != "FlatFee":
        fields["quantity"] = Decimal(draw(st.integers(0, 90)))
    if model == "Delivery":
        days = draw(st.sets(st.sampled_from(["monday", "wednesday", "sunday"]), min_size=1))
        fields.update(delivery_schedule=DeliverySchedule(**dict.fromkeys(days, True)), price=Decimal(3))
        fields["list_price_base"] = "Per_Billing_Period"
    if draw(st.integers(0, 3)) == 0:
        fields["proration_option"] = draw(st.sampled_from(_PRORATIONS))
    if draw(st.integers(0, 9)) == 0:
        fields.update(billing_period="Subscription_Term", list_price_base="Per_Month", billing_day=None)
    elif (ends := draw(st.sampled_from(_ENDS))) != "Subscription_End":
        fields["end_date_condition"] = ends
        fields.update(
            up_to_periods=draw(st.integers(1, 14)), up_to_periods_type=draw(st.sampled_from(["Months", "Days"]))
        )
        begins = charge.effective_start_date or made.FIRST_DAY
        fields["specific_end_date"] = begins + timedelta(draw(st.integers(1, 500)))
    if draw(st.booleans()):
        fields["tax_rate"] = draw(st.sampled_from([Decimal("0.2"), Decimal("0.07")]))
    return replace(charge, **fields)


@st.composite
def usage_charges(draw: st.DrawFn, number: str, start: date, *, on_demand: bool = False) -> Charge:
    """A usage charge in any model, for any period."""
    form = draw(made.recurring_charges(number, st.just(start)))
    model = draw(st.sampled_from(METERED))
    fields: dict[str, Any] = {
        "model": "Overage" if model == "Smoothed" else model,
        "number": number,
        "uom": draw(st.sampled_from(["Each", "Hour"])),
        "rating_group": draw(st.sampled_from(GROUPS)),
        "billing_period": form.billing_period,
        "specific_billing_period": form.specific_billing_period,
        "billing_day": form.billing_day,
        "billing_period_alignment": form.billing_period_alignment,
        "list_price_base": None,
    }
    if model in ("Volume", "Tiered", "TieredWithOverage", "HighWatermarkVolumePricing", "HighWatermarkTieredPricing"):
        fields.update(tiers=draw(tiers()))
    if model == "TieredWithOverage":
        fields["tiers"] = (Tier(Decimal(0), Decimal(2), Decimal(20)),)
    if model in ("Overage", "TieredWithOverage", "Smoothed"):
        fields.update(overage_price=Decimal("0.7"), included_units=Decimal(draw(st.integers(0, 60))))
    if model == "Smoothed":
        fields.update(draw(smoothing))
    if model == "MultiAttributePricing":
        fields["attributes"] = _FORMULA
    if on_demand and model != "Smoothed":
        fields["usage_record_rating_option"] = "OnDemand"
    elif draw(st.integers(0, 3)) == 0:
        fields["proration_option"] = draw(st.sampled_from(_PRORATIONS))
    return metered(draw(st.decimals(0, 9, places=3)), start, form.effective_end_date, **fields)


smoothing = st.fixed_dictionaries(
    {
        "smoothing_model": st.sampled_from(["RollingWindow", "Rollover"]),
        "number_of_periods": st.integers(1, 4),
        "overage_calculation_option": st.sampled_from(["EndOfSmoothingPeriod", "PerBillingPeriod"]),
        "overage_unused_units_credit_option": st.just("NoCredit"),
    }
)


@st.composite
def records(draw: st.DrawFn, numbers: tuple[str, ...]) -> tuple[UsageRecord, ...]:
    """Up to sixty records of either unit over four years, mostly for the account, some for one charge."""
    found = []
    for place in range(draw(st.integers(0, 60))):
        day = made.FIRST_DAY + timedelta(draw(st.integers(0, 1400)))
        charge = draw(st.sampled_from([None, None, None, *numbers]))
        fields = {"totalAmount": Decimal(draw(st.integers(0, 50))) / 7, "perUnitRate": Decimal("1.25")}
        fields = {name: value.quantize(Decimal("0.0001")) for name, value in fields.items()}
        group = draw(st.sampled_from(["a", "b"]))
        units = draw(st.decimals(0, 30, places=1))
        uom = draw(st.sampled_from(["Each", "Hour"]))
        found.append(
            used(str(day), units, uom=uom, charge_number=charge, group_id=group, sequence=place, fields=fields)
        )
    return tuple(found)


@st.composite
def lives(draw: st.DrawFn, terms: Subscription) -> Subscription:
    """The subscription with any renewal, perhaps evergreen, pending, paused or cancelled."""
    start = terms.subscription_start_date
    assert start is not None
    fields: dict[str, Any] = {
        "renewal_term_period_type": draw(st.sampled_from(["Month", "Month", "Week", "Day", "Year"]))
    }
    if fields["renewal_term_period_type"] == "Day":
        fields["renewal_term"] = draw(st.integers(20, 400))
    kind = draw(st.integers(0, 11))
    if kind == 0:
        fields.update(term_type="EVERGREEN", term_end_date=None)
    elif kind == 1:
        fields["renewal_setting"] = "RENEW_TO_EVERGREEN"
    elif kind == 2:
        fields["status"] = draw(st.sampled_from(["Pending Activation", "PendingAcceptance", "Draft", "Expired"]))
    elif kind in (3, 4):
        fields["scheduled_suspend_date"] = paused = start + timedelta(draw(st.integers(1, 900)))
        if draw(st.booleans()):
            fields["scheduled_resume_date"] = paused + timedelta(draw(st.integers(1, 300)))
    elif kind in (5, 6):
        fields["scheduled_cancel_date"] = start + timedelta(draw(st.integers(1, 900)))
    ended = replace(terms, **fields)
    if ended.term_type == "EVERGREEN":
        own = (
            replace(each, effective_end_date=None) if each.effective_end_date == terms.term_end_date else each
            for each in ended.charges
        )
        ended = replace(ended, charges=tuple(own), renewal_term=None)
    return ended if has_terms_for_good(ended) else by_the_account(ended)


def has_terms_for_good(subscription: Subscription) -> bool:
    """Whether the subscription is never evergreen."""
    return subscription.term_type == "TERMED" and subscription.renewal_setting is None


def by_the_account(subscription: Subscription) -> Subscription:
    """The subscription with charges that do not depend on its terms: terms are not their periods and start no grid."""
    return replace(subscription, charges=tuple(map(_by_the_account, subscription.charges)))


def _by_the_account(charge: Charge) -> Charge:
    fields: dict[str, Any] = {}
    if charge.apply_to_billing_period_partially and charge.discount_level == "account":
        fields["discount_level"] = "subscription"
    if charge.billing_period == "Subscription_Term":
        fields["billing_period"] = "Quarter"
    if "Term" in (charge.billing_period_alignment or ""):
        fields["billing_period_alignment"] = "AlignToSubscriptionStart"
    if "Term" in (charge.billing_day or ""):
        fields["billing_day"] = "SubscriptionStartDay"
    return replace(charge, **fields) if fields else charge


def in_advance(whole: Account) -> Account:
    """The account with charges in advance on any grid, or by the term, and usage and discounts on fixed grids only.

    All its stubs are billed.
    """
    stubs = ("bill_recurring_partial_month", "prorate_recurring_partial_period", "bill_recurring_partial_week")
    return map_charges(replace(whole, rules=replace(whole.rules, **dict.fromkeys(stubs, True))), _in_advance)


def _in_advance(charge: Charge) -> Charge:
    if charge.type == "Usage" or "Discount" in charge.model:
        return _by_the_account(charge)
    return charge if charge.billing_period == "Subscription_Term" else replace(charge, billing_timing="IN_ADVANCE")


def term_ends(subscription: Subscription, target: date) -> list[date]:
    """The days until the target on which the subscription is renewed, unless it ends before."""
    if not subscription.auto_renew or subscription.term_end_date is None:
        return []
    request = AssumeRenewal.AUTORENEW
    return list(terms_of(subscription, request, target, BillingRules()).starts[1:])


def by_no_renewed_term(whole: Account) -> Account:
    """The account with grids that no renewal moves, and without discounts on parts of items that a renewal prolongs."""
    return replace(
        whole,
        subscriptions=tuple(
            replace(each, charges=tuple(map(_by_the_account, each.charges))) if each.auto_renew else each
            for each in whole.subscriptions
        ),
    )


def map_charges(whole: Account, changed: Callable[[Charge], Charge]) -> Account:
    """The account with each of its charges changed."""
    return replace(
        whole,
        subscriptions=tuple(replace(each, charges=tuple(map(changed, each.charges))) for each in whole.subscriptions),
    )


@st.composite
def subscriptions(draw: st.DrawFn, terms: Subscription, *, on_demand: bool, price_changes: bool) -> Subscription:
    """The subscription with its recurring charges in any model, up to two usage charges, and any life."""
    number, start = terms.subscription_number, terms.subscription_start_date
    assert start is not None
    charges = []
    for charge in terms.charges:
        recurs = charge.type == "Recurring" and "Discount" not in charge.model
        made_so = draw(modelled(charge)) if recurs else charge
        charges.append(replace(made_so, **_DEARER) if price_changes and draw(st.booleans()) else made_so)
    for place in range(draw(st.integers(0, 2))):
        charge = draw(usage_charges(f"{number}-U{place}", start, on_demand=on_demand))
        charges.append(charge if charge.effective_end_date else replace(charge, effective_end_date=terms.term_end_date))
    return draw(lives(replace(terms, charges=tuple(charges))))


@st.composite
def accounts(
    draw: st.DrawFn, *, on_demand: bool = False, price_changes: bool = False, past_end: bool | None = True
) -> Account:
    """An account of one or two subscriptions of any kind under any rules, with usage."""
    whole = draw(made.accounts(fixed=False, past_end=past_end))
    chosen = tuple(
        draw(subscriptions(each, on_demand=on_demand, price_changes=price_changes)) for each in whole.subscriptions
    )
    numbers = tuple(charge.number for each in chosen for charge in each.charges if charge.type == "Usage")
    rules = replace(whole.rules, **draw(account_rules))
    if len(chosen) > 1 and draw(st.integers(0, 3)) == 0:
        chosen = (replace(chosen[0], currency="EUR"), *chosen[1:])
    usage = draw(records(numbers)) if numbers else ()
    return replace(whole, subscriptions=chosen, rules=rules, usage=usage)
