"""The Calculated charge model: a rate card chosen from a decision table, its fee adjusted, and kept within limits.

    "pricingAttributes": {"region": "EU", "plan": "gold"},
    "rateCards": [
      {"conditions": [{"attribute": "region", "operator": "==", "value": "EU"}],
       "pricing": {"model": "Tiered", "adjustment": "0.9", "minimumAmount": 40, "maximumAmount": 200,
                   "tiers": [{"startingUnit": 0, "endingUnit": 100, "price": 2, "maximumAmount": 150}, …]}},
      {"conditions": [], "pricing": {"model": "PerUnit", "price": 3}}
    ]

The first card whose conditions all hold applies. An attribute is one of `pricingAttributes`, else a field of the
charge; `quantity` is the rated quantity. Each tier's part is multiplied by `adjustment` and limited by the tier's
minimum and maximum, then the sum by the card's: (800 x 0.05) x 0.9 = 36, raised to a minimum of 40. Source: "Usage
tiered pricing with adjustments and formula support". The notation is ours; the vendor's own notation of a card
(`attributes`, `pricing.unit_amounts`) is read too: see `rate_cards`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from operator import eq, ge, gt, le, lt
from types import MappingProxyType
from typing import Any, NamedTuple

from soapsvc.engine.account import (
    ONE,
    ZERO,
    Charge,
    ChargeModel,
    Tier,
    decimal_at,
    decimal_of,
    field_of,
    is_number,
    mappings_at,
    parse_or,
)
from soapsvc.engine.errors import RatingError
from soapsvc.engine.money import EXACT, number_text
from soapsvc.engine.pricing.models.model_rules import RatingWarning, price_factor
from soapsvc.engine.pricing.models.quantity_models import by_quantity, fee_formula, quantity_fee, warnings_above
from soapsvc.engine.pricing.models.rate_cards import default_model, price_in, tests_of
from soapsvc.engine.pricing.models.tiers import bands_of

_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = MappingProxyType(
    {"==": eq, "=": eq, "<": lt, "<=": le, ">": gt, ">=": ge}
)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(T.*)?")


class Limits(NamedTuple):
    """The minimum and the maximum amount; None is no limit."""

    minimum: Decimal | None
    maximum: Decimal | None

    def clamp(self, amount: Decimal) -> Decimal:
        """The amount, raised to the minimum or lowered to the maximum."""
        if self.minimum is not None and amount < self.minimum:
            return self.minimum
        if self.maximum is not None and amount > self.maximum:
            return self.maximum
        return amount

    def text(self, amount: Decimal, formula: str) -> str:
        """The formula of an amount, with the limit that changes it."""
        if self.minimum is not None and amount < self.minimum:
            return f"({formula}, at least {number_text(self.minimum)})"
        if self.maximum is not None and amount > self.maximum:
            return f"({formula}, at most {number_text(self.maximum)})"
        return formula


NO_LIMITS = Limits(None, None)


class CalculatedFee(NamedTuple):
    """A fee by a rate card: the exact amount, its formula with numbers, and warnings about approximations."""

    value: Decimal
    formula: str
    warnings: tuple[RatingWarning, ...]


class Condition(NamedTuple):
    """An attribute compared with a value by one of == < <= > >=; the rated quantity where `actual` is None."""

    actual: Any
    operator: str
    value: Any


class RateCard(NamedTuple):
    """One row of the table: its conditions and its pricing."""

    conditions: tuple[Condition, ...]
    charge: Charge
    adjustment: Decimal
    limits: Limits
    tier_limits: tuple[Limits, ...]

    def holds(self, quantity: Decimal) -> bool:
        """True when all conditions hold for a quantity."""
        return all(_compare(condition, quantity) for condition in self.conditions)

    def fee(self, quantity: Decimal) -> CalculatedFee:
        """The fee of a quantity by this card."""
        total = ZERO
        formulas = []
        for amount, formula, limits in self._parts(quantity):
            adjusted = EXACT.multiply(amount, self.adjustment)
            total = EXACT.add(total, limits.clamp(adjusted))
            factor = f"({formula}) x {number_text(self.adjustment)}" if self.adjustment != ONE else formula
            formulas.append(limits.text(adjusted, factor))
        formula = self.limits.text(total, " + ".join(formulas) or "0")
        return CalculatedFee(self.limits.clamp(total), formula, warnings_above(self.charge, quantity))

    def _parts(self, quantity: Decimal) -> Sequence[tuple[Decimal, str, Limits]]:
        """The parts of the fee before adjustment: one per tier that the quantity reaches, or a single part."""
        shares = by_quantity(self.charge).shares
        if shares is not None:
            parts = shares(bands_of(self.charge.tiers), quantity)
            return [(part.fee, str(part), self.tier_limits[part.position]) for part in parts]
        amount = quantity_fee(self.charge)(quantity)
        return [(amount, fee_formula(self.charge, quantity), NO_LIMITS)]


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """The rate cards of a charge, in order."""

    cards: tuple[RateCard, ...]

    @property
    def is_limited(self) -> bool:
        """Whether a card or a tier has a minimum or a maximum amount."""
        return any(limits != NO_LIMITS for card in self.cards for limits in (card.limits, *card.tier_limits))

    def fee(self, quantity: Decimal) -> CalculatedFee:
        """The fee by the first card that holds. Raises RatingError NO_RATE_CARD when none does."""
        for card in self.cards:
            if card.holds(quantity):
                return card.fee(quantity)
        message = (
            f"None of the {len(self.cards)} rate cards matches the charge's pricingAttributes; add a card "
            "or correct them."
        )
        raise RatingError("NO_RATE_CARD", message, "rateCards")


def decision_table(charge: Charge) -> DecisionTable:
    """The table of a Calculated charge.

    Raises RatingError: MISSING_VALUE without rate cards or for an attribute without a value, BAD_VALUE, BAD_NUMBER,
    UNKNOWN_VALUE for a model or operator.
    """
    cards = mappings_at(charge, "rateCards")
    if not cards:
        message = (
            "A Calculated charge needs rateCards, which give its price; a percentage of other charges is not supported."
        )
        raise RatingError("MISSING_VALUE", message, "rateCards")
    return DecisionTable(tuple(_card(charge, card, f"rateCards[{index}].") for index, card in enumerate(cards)))


def _card(charge: Charge, card: Mapping[str, object], path: str) -> RateCard:
    conditions = tuple(_condition(charge, condition, path) for condition in tests_of(card))
    pricing = field_of(card, "pricing")
    if not isinstance(pricing, Mapping):
        raise RatingError("MISSING_VALUE", f"{path}pricing has no price.", f"{path}pricing")
    path = f"{path}pricing."
    named = _text(field_of(pricing, "model") or field_of(pricing, "charge_model"))
    model = parse_or(ChargeModel, named, f"{path}model", default_model(pricing))
    tiers = sorted(
        _tiers(charge, mappings_at(pricing, "tiers"), f"{path}tiers."), key=lambda pair: pair[0].starting_unit
    )
    priced = replace(
        charge,
        model=model.value,
        price=price_in(charge, pricing, path)[0],
        tiers=tuple(tier for tier, _ in tiers),
        included_units=decimal_at(pricing, "includedUnits", path),
        overage_price=decimal_at(pricing, "overagePrice", path),
    )
    adjustment = decimal_at(pricing, "adjustment", path)
    # Renewals change prices, and so what is adjusted; limits are amounts.
    changed = EXACT.multiply(ONE if adjustment is None else adjustment, price_factor(charge))
    return RateCard(conditions, priced, changed, _limits(pricing, path), tuple(own for _, own in tiers))


def _tiers(charge: Charge, tiers: Sequence[Mapping[str, object]], path: str) -> Iterator[tuple[Tier, Limits]]:
    """The tiers with their limits; a tier without a start begins where the tier before it ends."""
    end = None
    for tier in tiers:
        price, flat = price_in(charge, tier, path)
        if price is None:
            raise RatingError("MISSING_PRICE", "A tier of a rate card has no price.", f"{path}price")
        start = decimal_at(tier, "startingUnit", path)
        if start is None:
            start = end or ZERO
        end = decimal_at(tier, "endingUnit", path)
        if end is None:
            end = decimal_at(tier, "up_to", path)
        written = _text(field_of(tier, "priceFormat")) or ("FlatFee" if flat else "PerUnit")
        yield Tier(start, price, end, written), _limits(tier, path)


def _limits(record: Mapping[str, object], path: str) -> Limits:
    limits = Limits(decimal_at(record, "minimumAmount", path), decimal_at(record, "maximumAmount", path))
    if limits.minimum is not None and limits.maximum is not None and limits.minimum > limits.maximum:
        raise RatingError("BAD_VALUE", "A minimumAmount exceeds its maximumAmount.", f"{path}minimumAmount")
    return limits


def _condition(charge: Charge, condition: Mapping[str, object], path: str) -> Condition:
    name = _text(field_of(condition, "attribute")) or ""
    operator = _text(field_of(condition, "operator")) or "=="
    if operator not in _OPERATORS:
        message = f"A condition's operator is {operator!r}; known values: {', '.join(_OPERATORS)}."
        raise RatingError("UNKNOWN_VALUE", message, f"{path}conditions.operator")
    if name == "quantity":
        return Condition(None, operator, field_of(condition, "value"))
    given = field_of(charge, "pricingAttributes") or charge.attributes.get("attributes")
    actual = field_of(given, name) if isinstance(given, Mapping) else None
    actual = field_of(charge, name) if actual is None else actual
    if actual is None:
        message = f"The charge has no pricing attribute {name!r}, which a rate card asks for."
        raise RatingError("MISSING_VALUE", message, "pricingAttributes")
    return Condition(actual, operator, field_of(condition, "value"))


def _compare(condition: Condition, quantity: Decimal) -> bool:
    left: object = quantity if condition.actual is None else condition.actual
    right = condition.value
    holds = _OPERATORS[condition.operator]
    if is_number(left) and is_number(right):
        return holds(decimal_of(left, "attribute"), decimal_of(right, "value"))
    one, other = _text(left) or "", _text(right) or ""
    if holds is not eq and not (_DATE.fullmatch(one) and _DATE.fullmatch(other)):
        message = f"{one!r} {condition.operator} {other!r} compares values that are neither numbers nor dates."
        raise RatingError("BAD_VALUE", message, "rateCards.conditions.value")
    return holds(one, other)


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)
