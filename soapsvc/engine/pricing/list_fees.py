"""The fee of one full list-price period, model by model: before list price base, proration, discounts and rounding.

Sources: "Flat fee pricing", "Per unit pricing", "Volume pricing", "Tiered pricing", "Tiered with overage pricing",
"Overage pricing", "High water mark pricing", "Delivery pricing", "Price formula for multi-attribute pricing charge
model", "Usage tiered pricing with adjustments and formula support". All arithmetic is exact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import NamedTuple

from soapsvc.engine.account import ONE, Charge, ChargeModel, field_of, mappings_at, model_configuration, parse
from soapsvc.engine.errors import RatingError
from soapsvc.engine.money import exact, exact_product, number_text, refusing_loss
from soapsvc.engine.pricing.decision_tables import decision_table
from soapsvc.engine.pricing.formula import Formula, parse_formula
from soapsvc.engine.pricing.formula_values import Evaluator, FormulaContext, Moment
from soapsvc.engine.pricing.quantity_fees import (
    RatingWarning,
    fee_formula,
    included_units,
    overage_price,
    price_of,
    quantity_fee,
    warnings_above,
)
from soapsvc.engine.trace import Step

_NEVER_APPROXIMATED = frozenset({ChargeModel.FLAT_FEE, ChargeModel.PER_UNIT})


class Rated(NamedTuple):
    """An exact amount, the steps that led to it (only when asked for), and what was approximated."""

    value: Fraction
    steps: tuple[Step, ...] = ()
    warnings: tuple[RatingWarning, ...] = ()


def list_fee(
    charge: Charge,
    quantity: Decimal,
    *,
    explain: bool = False,
    formulas: Callable[[], FormulaContext] = FormulaContext,
) -> Rated:
    """The fee of a charge for one full list-price period at `quantity`; of a Delivery charge, the fee of one delivery.

    For a high watermark the quantity is the watermark itself. `formulas` tells what a formula can look up
    besides the charge. Raises RatingError, naming the v1 field: MISSING_PRICE, MISSING_TIERS, MISSING_VALUE, TIER_GAP,
    TIER_OVERLAP, TIER_REVERSED, UNKNOWN_VALUE, BAD_NUMBER, BAD_VALUE, BAD_FORMULA, LOOKUP_FAILED, NO_RATE_CARD.
    """
    model = parse(ChargeModel, charge.model, "model")
    if model is ChargeModel.MULTI_ATTRIBUTE_PRICING:
        return _formula_fee(charge, quantity, explain, formulas())
    rater = _RATERS.get(model)
    if rater is None:
        message = f"A charge of model {model.value} has no fee of its own; it is rated by its own rules."
        raise RatingError("UNKNOWN_VALUE", message, "model")
    return rater(charge, quantity, explain)


def fee_warnings(charge: Charge, quantity: Decimal) -> tuple[RatingWarning, ...]:
    """What `list_fee` approximates at `quantity`."""
    if parse(ChargeModel, charge.model, "model") in _NEVER_APPROXIMATED:
        return ()
    return list_fee(charge, quantity).warnings


def billed_quantity(charge: Charge) -> Decimal:
    """The quantity of a one-time or recurring charge; 1 where the model needs none and the charge holds none.

    Raises RatingError MISSING_QUANTITY for a model that is priced by quantity.
    """
    if charge.quantity is not None:
        return charge.quantity
    model = parse(ChargeModel, charge.model, "model")
    if model in _BY_QUANTITY:
        raise RatingError("MISSING_QUANTITY", f"A charge of model {model.value} needs a quantity.", "quantity")
    return ONE


def formula_of(charge: Charge) -> Formula:
    """The parsed formula of a Multi-Attribute Pricing charge. Raises RatingError MISSING_FORMULA or BAD_FORMULA."""
    text = model_configuration(charge, "formula")
    if text is None:
        message = "The charge has no chargeModelConfiguration.formula, by which its model prices."
        raise RatingError("MISSING_FORMULA", message, "chargeModelConfiguration.formula")
    return parse_formula(text)


def context_with(charge: Charge, context: FormulaContext) -> FormulaContext:
    """The context of a charge's formula: with the charge itself, and the objects of its field `customObjects`.

    That field is a mapping from the name of a custom object to the list of its records. Raises RatingError BAD_VALUE.
    """
    custom = field_of(charge, "customObjects") or {}
    if not isinstance(custom, Mapping):
        raise RatingError("BAD_VALUE", "customObjects must map names of objects to lists of records.", "customObjects")
    tables = {str(name): mappings_at(custom, str(name)) for name in custom}
    return FormulaContext({**context.objects, "charge": charge}, {**context.tables, **tables})


def _formula_fee(charge: Charge, quantity: Decimal, explain: bool, context: FormulaContext) -> Rated:
    formula = formula_of(charge)
    exact(quantity, "quantity")
    value = Evaluator(formula, context_with(charge, context)).amount(Moment(quantity))
    if not explain:
        return Rated(value)
    source = "Price formula for multi-attribute pricing charge model"
    return Rated(value, (Step("pricing.multi_attribute", source, formula.text, value, _inputs(None, quantity)),))


def _flat_fee(charge: Charge, _quantity: Decimal, explain: bool) -> Rated:
    price = price_of(charge)
    value = exact(price, "price")
    if not explain:
        return Rated(value)
    return Rated(value, (Step("pricing.flat_fee", "Flat fee pricing", "price", value, _inputs(price, None)),))


def _per_unit(charge: Charge, quantity: Decimal, explain: bool) -> Rated:
    price = price_of(charge)
    value = exact_product(price, quantity)
    if not explain:
        return Rated(value)
    formula = fee_formula(charge, quantity)
    return Rated(value, (Step("pricing.per_unit", "Per unit pricing", formula, value, _inputs(price, quantity)),))


def _delivery(charge: Charge, _quantity: Decimal, explain: bool) -> Rated:
    price = price_of(charge)
    value = exact(price, "price")
    if not explain:
        return Rated(value)
    formula = "price of one delivery"
    return Rated(value, (Step("pricing.delivery", "Delivery pricing", formula, value, _inputs(price, None)),))


def _overage(charge: Charge, quantity: Decimal, explain: bool) -> Rated:
    value = _fee(charge, quantity)
    if not explain:
        return Rated(value)
    included, price = included_units(charge), overage_price(charge)
    formula = fee_formula(charge, quantity)
    inputs = (("includedUnits", number_text(included)), *_inputs(price, quantity))
    return Rated(value, (Step("pricing.overage", "Overage pricing", formula, value, inputs),))


def _by_tiers(charge: Charge, quantity: Decimal, explain: bool) -> Rated:
    value = _fee(charge, quantity)
    warnings = warnings_above(charge, quantity)
    if not explain:
        return Rated(value, (), warnings)
    model = parse(ChargeModel, charge.model, "model")
    rule, source = _TIER_RULES[model]
    step = Step(rule, source, fee_formula(charge, quantity), value, _inputs(None, quantity))
    return Rated(value, (step,), warnings)


def _fee(charge: Charge, quantity: Decimal) -> Fraction:
    exact(quantity, "quantity")
    with refusing_loss("quantity"):
        return exact(quantity_fee(charge)(quantity), "price")


def _calculated(charge: Charge, quantity: Decimal, explain: bool) -> Rated:
    exact(quantity, "quantity")
    with refusing_loss("quantity"):
        fee = decision_table(charge).fee(quantity)
    value = exact(fee.value, "price")
    if not explain:
        return Rated(value, (), fee.warnings)
    source = "Usage tiered pricing with adjustments and formula support"
    step = Step("pricing.calculated", source, fee.formula, value, _inputs(None, quantity))
    return Rated(value, (step,), fee.warnings)


def _inputs(price: Decimal | None, quantity: Decimal | None) -> tuple[tuple[str, str], ...]:
    given = (("price", price), ("quantity", quantity))
    return tuple((name, number_text(value)) for name, value in given if value is not None)


_BY_QUANTITY = frozenset(
    {ChargeModel.PER_UNIT, ChargeModel.VOLUME, ChargeModel.TIERED, ChargeModel.TIERED_WITH_OVERAGE}
)

_TIER_RULES: Mapping[ChargeModel, tuple[str, str]] = MappingProxyType(
    {
        ChargeModel.VOLUME: ("pricing.volume", "Volume pricing"),
        ChargeModel.TIERED: ("pricing.tiered", "Tiered pricing"),
        ChargeModel.TIERED_WITH_OVERAGE: ("pricing.tiered_with_overage", "Tiered with overage pricing"),
        ChargeModel.HIGH_WATERMARK_VOLUME: ("pricing.high_watermark_volume", "High water mark pricing"),
        ChargeModel.HIGH_WATERMARK_TIERED: ("pricing.high_watermark_tiered", "High water mark pricing"),
    }
)

_RATERS: Mapping[ChargeModel, Callable[[Charge, Decimal, bool], Rated]] = MappingProxyType(
    {
        ChargeModel.FLAT_FEE: _flat_fee,
        ChargeModel.PER_UNIT: _per_unit,
        ChargeModel.DELIVERY: _delivery,
        ChargeModel.OVERAGE: _overage,
        ChargeModel.CALCULATED: _calculated,
        **dict.fromkeys(_TIER_RULES, _by_tiers),
    }
)
