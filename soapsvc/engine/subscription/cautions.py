"""Warnings on items that follow the rules, in cases that the rules probably do not intend.

- Usage after the end of the term, in a period that is billed past it ("Billing Rules - Billing Document").
- A renewal at the latest catalogue price, but the tenant has no such price: the charge keeps its price
  ("Automated price change (uplift) for renewed subscriptions").
- A price change in percent where usage records hold the price, or where rate cards have limits besides their prices
  (the same page, which has neither case).
- A change within a period of a charge that bills full periods only: both its parts are billed in full ("Charge level
  proration option for a recurring charge": such a charge cannot be updated). The option itself where that page excludes
  it: with Subscription_Term, and with a price per year in shorter periods.
- Usage that child accounts roll up to this one ("Aggregate the usage billing of child accounts"), and prepayments of
  the older kind ("Prepayments", deprecated), are not followed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from soapsvc.engine.account import BillingPeriod, Charge, ChargeType, ListPriceBase, field_of, parse, squeeze
from soapsvc.engine.charges import Context, Rows, grids_of
from soapsvc.engine.pricing import keeps_its_limits, keeps_its_price, lacks_latest_price
from soapsvc.engine.result import Note
from soapsvc.engine.schedule import bills_full_periods, period_months, start_of
from soapsvc.engine.usage import span_of

_MONTHS_A_YEAR = 12


def cautions(
    charge_type: ChargeType, segments: Sequence[Charge], parts: Sequence[Rows], context: Context
) -> Iterator[Note]:
    """The warnings on the items of a charge, oldest segment and part first."""
    last = segments[-1]
    if context.terms.renewed and parts[-1].ends[-1] > context.terms.starts[1]:
        yield from _at_an_old_price(last, context)
    if charge_type is ChargeType.USAGE:
        yield from _after_the_term(last, parts[-1], context)
        if squeeze(str(field_of(context.shared.account, "rollUpUsage"))) == "true":
            text = (
                f"Charge {last.number} bills its own account's usage only: usage that child accounts roll "
                "up is left out."
            )
            yield _warning("ROLLED_UP_USAGE_LEFT_OUT", text, last, context)
    elif charge_type is ChargeType.RECURRING:
        if bills_full_periods(last):
            yield from _in_mid_period(segments, parts, context)
            yield from _never_in_full(last, context)
        if last.attributes and field_of(last, "periodsToPrepay") is not None:
            text = (
                f"Charge {last.number} is prepaid for several periods (periodsToPrepay), which is not "
                "supported: each period is billed."
            )
            yield _warning("PREPAYMENT_LEFT_OUT", text, last, context)


def _at_an_old_price(charge: Charge, context: Context) -> Iterator[Note]:
    """A warning where items after a renewal have the price before it, or a part of it, as no newer one is known."""
    renewed = context.terms.starts[1]
    if lacks_latest_price(charge, context.shared.account.catalog):
        text = (
            f"Charge {charge.number} is renewed on {renewed} at the latest catalogue price, but the imported catalogue"
            " has no price for it in its currency. The price stays as it is; import the whole catalogue."
        )
        yield _warning("LATEST_PRICE_UNKNOWN", text, charge, context)
    elif keeps_its_price(charge):
        text = (
            f"Charge {charge.number} has a price change in percent at its renewal on {renewed}, but its usage records "
            "hold their prices: they stay as they are."
        )
        yield _warning("PRICE_CHANGE_LEFT_OUT", text, charge, context)
    elif keeps_its_limits(charge):
        text = (
            f"Charge {charge.number} has a price change in percent at its renewal on {renewed}: the prices of its rate "
            "cards change, but it is assumed that their minimum and maximum amounts stay as they are."
        )
        yield _warning("LIMITS_NOT_CHANGED", text, charge, context)


def _after_the_term(charge: Charge, part: Rows, context: Context) -> Iterator[Note]:
    """A warning where records after the end of the last term are billed with the period that crosses it."""
    end = context.terms.end
    records = context.shared.usage.of_charge(charge, context.subscription) if part.ends[-1] > end else ()
    if records and span_of(records, max(end, part.starts[-1]), part.ends[-1]):
        text = f"Charge {charge.number} bills usage after the end of the term, {end}, in the period that crosses it."
        yield _warning("USAGE_AFTER_TERM", text, charge, context)


def _in_mid_period(segments: Sequence[Charge], parts: Sequence[Rows], context: Context) -> Iterator[Note]:
    """A warning for every day within a period on which one segment's items end and another's start."""
    starts = {part.starts[0] for part in parts if part.credits is None}
    for segment in segments[1:]:
        day, grid = start_of(segment), grids_of(segment, context)[0][1].grid
        if day in starts and grid.boundary(grid.index(day)) != day:
            text = (
                f"Charge {segment.number} bills full periods only, but changes within one, on {day}: the parts before"
                " and after the change are each billed in full."
            )
            yield _warning("FULL_PERIOD_CHANGED", text, segment, context)


def _never_in_full(charge: Charge, context: Context) -> Iterator[Note]:
    """A warning where the vendor has no ChargeFullPeriod: for terms, and for a price per year billed more often."""
    period = parse(BillingPeriod, charge.billing_period or "", "billingPeriod")
    yearly = squeeze(charge.list_price_base or "") == squeeze(ListPriceBase.PER_YEAR)
    shorter = yearly and period_months(period, charge.specific_billing_period) < _MONTHS_A_YEAR
    if shorter or period is BillingPeriod.SUBSCRIPTION_TERM:
        what = "a price per year in shorter periods" if shorter else "billingPeriod Subscription_Term"
        whose = f"which the vendor does not offer for {what}; check prorationOption."
        text = f"Charge {charge.number} bills full periods only, {whose}"
        yield _warning("FULL_PERIOD_UNSUPPORTED", text, charge, context)


def _warning(code: str, message: str, charge: Charge, context: Context) -> Note:
    return Note("warning", code, message, context.subscription.subscription_number, charge.number)
