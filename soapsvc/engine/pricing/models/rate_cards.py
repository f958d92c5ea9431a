"""Read the vendor's own notation of a rate card into the form of a decision table.

    {"attributes": {"region": "EU"},                       or [{"name": "seats", "operator": ">=", "value": 5}]
     "pricing": {"unit_amounts": {"USD": 5, "EUR": 4}}}    or unit_amount, flat_amount(s), tiers with up_to

Of amounts by currency, the one in the charge's currency counts. Sources: "Dynamic pricing use cases". Our reading where
the pages are silent: a card of tiers without a model is Tiered, or Volume by its tiers_mode.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from soapsvc.engine.account import Charge, ChargeModel, decimal_at, decimal_of, field_of, mappings_at, squeeze
from soapsvc.engine.errors import RatingError


def tests_of(card: Mapping[str, object]) -> Sequence[Mapping[str, object]]:
    """The conditions of a card: our list `conditions`, or the vendor's `attributes`, a list or a mapping."""
    attributes = field_of(card, "attributes")
    if isinstance(attributes, Mapping):
        return [{"attribute": name, "operator": "==", "value": value} for name, value in attributes.items()]
    if attributes is not None:
        return [
            {"attribute": field_of(each, "attribute") or field_of(each, "name"), **each}
            for each in mappings_at(card, "attributes")
        ]
    return mappings_at(card, "conditions")


def default_model(pricing: Mapping[str, object]) -> ChargeModel:
    """The model of a card that names none, derived from the fields that the card has."""
    if field_of(pricing, "tiers"):
        volume = squeeze(str(field_of(pricing, "tiers_mode") or "")) == "volume"
        return ChargeModel.VOLUME if volume else ChargeModel.TIERED
    if any(field_of(pricing, name) is not None for name in ("flat_amount", "flat_amounts")):
        return ChargeModel.FLAT_FEE
    return ChargeModel.PER_UNIT


def price_in(charge: Charge, record: Mapping[str, object], path: str) -> tuple[Decimal | None, bool]:
    """The price of a card or of a tier, None where it has none, and whether it is a flat price.

    Raises RatingError MISSING_PRICE where amounts by currency lack the charge's, BAD_VALUE and BAD_NUMBER.
    """
    price = decimal_at(record, "price", path)
    if price is None:
        price = _amount(charge, record, "unit_amount", path)
    if price is not None:
        return price, False
    return _amount(charge, record, "flat_amount", path), True


def _amount(charge: Charge, record: Mapping[str, object], name: str, path: str) -> Decimal | None:
    single = decimal_at(record, name, path)
    amounts = field_of(record, f"{name}s")
    if single is not None or amounts is None:
        return single
    if not isinstance(amounts, Mapping):
        raise RatingError("BAD_VALUE", f"{path}{name}s must map currencies to amounts.", f"{path}{name}s")
    if charge.currency is None and len(amounts) == 1:
        (value,) = amounts.values()
    else:
        value = field_of(amounts, charge.currency or "")
    if value is None:
        wanted = charge.currency or "the charge's currency, which is missing"
        raise RatingError("MISSING_PRICE", f"{path}{name}s has no amount in {wanted}.", f"{path}{name}s")
    return decimal_of(value, f"{path}{name}s")
