"""Price changes at renewal: which price a charge has in which assumed term.

Sources: "Automated price change (uplift) for renewed subscriptions"; observed previews: only a price change splits a
period.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Context, Decimal
from itertools import pairwise

from soapsvc.engine.account import (
    ONE,
    BillingPeriod,
    CatalogCharge,
    Charge,
    ChargeModel,
    PriceChangeOption,
    Tier,
    date_of,
    parse,
    squeeze,
)
from soapsvc.engine.errors import RatingError
from soapsvc.engine.money import exact
from soapsvc.engine.pricing.charge_models import rules_of_model
from soapsvc.engine.pricing.models import PRICE_FACTOR, Metering, decision_table, price_factor
from soapsvc.engine.schedule import PRICED_FROM, Terms, period_months

_WIDE = Context(prec=120)
"""Compounded prices keep 120 digits: far more than rounding to a currency needs."""

_KEPT = Context(prec=60)
"""A factor that is kept with a charge has 60 digits, which its text can hold, and which rounding does not need."""

_NUMBERED = frozenset({BillingPeriod.SPECIFIC_MONTHS, BillingPeriod.SPECIFIC_WEEKS, BillingPeriod.SPECIFIC_DAYS})
_COMPUTED = frozenset({Metering.FORMULA, Metering.DECISION_TABLE})
_IN_RECORDS = frozenset({Metering.PRERATED_TOTAL, Metering.PRERATED_RATE})
_PRICED_ELSEWHERE = _COMPUTED | _IN_RECORDS


def changes_price(charge: Charge) -> bool:
    """True when a renewal changes what the charge costs."""
    return price_change_option(charge) is not PriceChangeOption.NO_CHANGE


def price_change_option(charge: Charge) -> PriceChangeOption:
    """How a renewal changes a charge's price. Raises RatingError UNKNOWN_VALUE."""
    if not charge.price_change_option:
        return PriceChangeOption.NO_CHANGE
    option: PriceChangeOption = parse(PriceChangeOption, charge.price_change_option, "priceChangeOption")
    return option


def lacks_latest_price(charge: Charge, catalog: Mapping[str, CatalogCharge]) -> bool:
    """True when renewals use the catalogue's latest price, but the catalogue has none for the charge.

    A formula, a rate card and a usage record hold prices that are not in the catalogue.
    """
    if price_change_option(charge) is not PriceChangeOption.USE_LATEST_PRODUCT_CATALOG_PRICING:
        return False
    entry = catalog.get(charge.product_rate_plan_charge_id or "")
    if entry is None or rules_of_model(charge).metering in _PRICED_ELSEWHERE:
        return True
    return entry.price is None and entry.overage_price is None and not entry.tiers


def keeps_its_price(charge: Charge) -> bool:
    """True when renewals change the price by a percentage, but usage records hold it: their amounts are final."""
    return _grows(charge) and rules_of_model(charge).metering in _IN_RECORDS


def keeps_its_limits(charge: Charge) -> bool:
    """True when renewals change the prices of rate cards that have minimum or maximum amounts, which stay."""
    cards = _grows(charge) and rules_of_model(charge).metering is Metering.DECISION_TABLE
    return cards and decision_table(charge).is_limited


def _grows(charge: Charge) -> bool:
    percentage = price_change_option(charge) is PriceChangeOption.SPECIFIC_PERCENTAGE_VALUE
    return percentage and bool(charge.price_increase_percentage)


def priced_segments(
    charge: Charge, start: date, end: date, terms: Terms, catalog: Mapping[str, CatalogCharge]
) -> list[tuple[Charge, date, date]]:
    """The segment `[start, end)` cut where a renewal changes the charge's price: (charge at its price, start, end).

    SpecificPercentageValue compounds at every renewal; UseLatestProductCatalogPricing takes the catalogue's price
    from the first one. The percentage of a discount changes likewise. Without a change there is one segment. A segment
    that resumes after a suspension has the price after all renewals since the suspended segment's start.
    """
    if not changes_price(charge):
        return [(charge, start, end)]
    since = charge.attributes.get(PRICED_FROM)
    first = start if since is None else min(start, date_of(since, PRICED_FROM))
    renewals = [max(start, day) for day in terms.starts[1:] if first < day < end]
    if not renewals:
        return [(charge, start, end)]
    *former, last = _changed(charge, [start, *renewals, end], catalog)
    return [*(piece for piece in former if piece[1] < piece[2]), last]


def _changed(charge: Charge, days: list[date], catalog: Mapping[str, CatalogCharge]) -> list[tuple[Charge, date, date]]:
    """The segment at each of its prices. `days` are its start, the renewals that cut it, and its end."""
    start, renewal, end = days[0], days[1], days[-1]
    if price_change_option(charge) is PriceChangeOption.USE_LATEST_PRODUCT_CATALOG_PRICING:
        latest = _latest(charge, catalog)
        if latest is None:
            return [(charge, start, end)]
        return [(charge, start, renewal), (latest, renewal, end)]
    percentage = charge.price_increase_percentage
    if percentage is None:
        raise RatingError(
            "MISSING_VALUE",
            "priceChangeOption SpecificPercentageValue needs priceIncreasePercentage.",
            "priceIncreasePercentage",
        )
    if not exact(percentage, "priceIncreasePercentage"):
        return [(charge, start, end)]
    return _compounded(charge, days, _WIDE.add(1, percentage.scaleb(-2)))


def follows_change(charge: Charge, catalog: Mapping[str, CatalogCharge]) -> bool:
    """False for a discount whose change at a renewal is unknown: a fixed amount, or one that the catalogue lacks."""
    if parse(ChargeModel, charge.model, "model") is not ChargeModel.DISCOUNT_PERCENTAGE:
        return False
    entry = catalog.get(charge.product_rate_plan_charge_id or "")
    percentage = price_change_option(charge) is PriceChangeOption.SPECIFIC_PERCENTAGE_VALUE
    return percentage or (entry is not None and _comparable(charge, entry))


def _compounded(charge: Charge, days: list[date], growth: Decimal) -> list[tuple[Charge, date, date]]:
    segments = []
    for renewal, (segment_start, segment_end) in enumerate(pairwise(days)):
        priced = _scaled(charge, _WIDE.power(growth, renewal)) if renewal else charge
        segments.append((priced, segment_start, segment_end))
    return segments


def _scaled(charge: Charge, factor: Decimal) -> Charge:
    """The charge at its prices times a factor.

    What a formula computes, or rate cards hold, is multiplied where it is rated: the factor is kept with the charge.
    """
    if rules_of_model(charge).metering in _COMPUTED:
        whole = _KEPT.multiply(price_factor(charge), factor)
        return replace(charge, attributes={**charge.attributes, PRICE_FACTOR: f"{whole:f}"})

    def scaled(price: Decimal | None) -> Decimal | None:
        return None if price is None else _WIDE.multiply(price, factor)

    return replace(
        charge,
        price=scaled(charge.price),
        overage_price=scaled(charge.overage_price),
        discount_percentage=scaled(charge.discount_percentage),
        tiers=tuple(replace(tier, price=_WIDE.multiply(tier.price, factor)) for tier in charge.tiers),
    )


def _latest(charge: Charge, catalog: Mapping[str, CatalogCharge]) -> Charge | None:
    """The charge at the catalogue's price, or None where that is unknown, unchanged, or not comparable."""
    entry = catalog.get(charge.product_rate_plan_charge_id or "")
    if entry is None or not _comparable(charge, entry):
        return None
    latest = _at_price_of(entry, charge)
    return None if latest == charge else latest


def _at_price_of(entry: CatalogCharge, charge: Charge) -> Charge:
    """The charge with those of the catalogue's prices that its model has."""
    model = parse(ChargeModel, charge.model, "model")
    if model is ChargeModel.DISCOUNT_PERCENTAGE:
        return replace(charge, discount_percentage=entry.discount_percentage)
    overage = charge.overage_price if entry.overage_price is None else entry.overage_price
    if model is ChargeModel.OVERAGE:
        return replace(charge, overage_price=overage)
    if not rules_of_model(charge).has_tiers:
        latest = _single_price(entry)
        return charge if latest == _single_price(charge) else replace(charge, price=latest)
    if set(entry.tiers) != set(charge.tiers):
        charge = replace(charge, tiers=entry.tiers)
    return replace(charge, overage_price=overage) if model is ChargeModel.TIERED_WITH_OVERAGE else charge


def _single_price(priced: Charge | CatalogCharge) -> Decimal | None:
    """The price of a model without tiers: `price`, or that of the only tier, as catalogue exports hold it."""
    return priced.tiers[0].price if priced.price is None and len(priced.tiers) == 1 else priced.price


def _comparable(charge: Charge, entry: CatalogCharge) -> bool:
    """Whether the charge may take the catalogue's price: type, model, period, unit and currency are unchanged."""
    for ours, theirs in (
        (charge.type, entry.type),
        (charge.uom, entry.uom),
        (charge.currency or entry.currency, entry.currency),
    ):
        if theirs and squeeze(ours or "") != squeeze(theirs):
            return False
    if entry.billing_period and not _same_period(charge, entry, entry.billing_period):
        return False
    model = parse(ChargeModel, charge.model, "model")
    if entry.model and parse(ChargeModel, entry.model, "model") is not model:
        return False
    return _has_price(entry, charge, model)


def _same_period(charge: Charge, entry: CatalogCharge, period: str) -> bool:
    """Whether the catalogue's billing period is the charge's: of the same name and number, or of as many months.

    A quarter is 3 specific months to every rule of billing. Specific weeks and days differ by their bill days. A
    number that the catalogue does not tell counts as unchanged, as any other blank field.
    """
    if not charge.billing_period:
        return False
    ours, theirs = (parse(BillingPeriod, each, "billingPeriod") for each in (charge.billing_period, period))
    number, latest = charge.specific_billing_period, entry.specific_billing_period
    if ours is theirs:
        return theirs not in _NUMBERED or latest is None or number == latest
    if theirs in _NUMBERED and latest is None:
        return False
    return 0 < period_months(ours, number) == period_months(theirs, latest)


def _has_price(entry: CatalogCharge, charge: Charge, model: ChargeModel) -> bool:
    """Whether the catalogue has a price of the charge's model; tiers must reach the charge's quantity.

    Formulas, rate cards and usage records hold prices that the catalogue's price cannot replace.
    """
    rules = rules_of_model(charge)
    if rules.has_tiers:
        return _fits(charge.quantity, entry.tiers, beyond=model is ChargeModel.TIERED_WITH_OVERAGE)
    if model is ChargeModel.DISCOUNT_PERCENTAGE:
        return entry.discount_percentage is not None
    if model is ChargeModel.OVERAGE:
        return entry.overage_price is not None
    return rules.metering not in _PRICED_ELSEWHERE and _single_price(entry) is not None


def _fits(quantity: Decimal | None, tiers: tuple[Tier, ...], *, beyond: bool) -> bool:
    """Whether the tiers, in any order, price a quantity; with `beyond`, the units above the last tier have a price."""
    if not tiers or quantity is None:
        return bool(tiers)
    ends = [tier.ending_unit for tier in tiers]
    known = [end for end in ends if end is not None]
    reaches = beyond or len(known) < len(ends) or quantity <= max(known)
    # A first tier that starts at 1 prices all units from 0 on.
    first = min(tier.starting_unit for tier in tiers)
    return reaches and (first <= ONE or quantity >= first)
