"""Multi-Attribute Pricing: a formula. Source: "Price formula for multi-attribute pricing charge model"."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from soapsvc.engine.account import Charge, field_of, mappings_at, model_configuration
from soapsvc.engine.errors import RatingError
from soapsvc.engine.money import exact
from soapsvc.engine.pricing.formulas import Evaluator, Formula, FormulaContext, Moment, parse_formula
from soapsvc.engine.pricing.models.model_rules import Formulas, Metering, ModelRules, Rated, inputs_of, price_factor
from soapsvc.engine.trace import Step


def formula_of(charge: Charge) -> Formula:
    """The parsed formula of a Multi-Attribute Pricing charge. Raises RatingError MISSING_FORMULA or BAD_FORMULA."""
    text = model_configuration(charge, "formula")
    if text is None:
        message = "The charge has no chargeModelConfiguration.formula, which its model needs."
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


def evaluator_of(charge: Charge, context: FormulaContext) -> Evaluator:
    """The charge's formula, ready to be evaluated; renewals that change the price multiply its result.

    Raises RatingError as `formula_of` and `context_with` do.
    """
    return Evaluator(formula_of(charge), context_with(charge, context), price_factor(charge))


def _list_fee(charge: Charge, quantity: Decimal, explain: bool, formulas: Formulas) -> Rated:
    context = formulas()
    evaluator = evaluator_of(charge, context)
    exact(quantity, "quantity")
    value = evaluator.amount(Moment(quantity))
    if not explain:
        return Rated(value)
    source = "Price formula for multi-attribute pricing charge model"
    return Rated(value, (Step("pricing.multi_attribute", source, evaluator.shown, value, inputs_of(None, quantity)),))


MULTI_ATTRIBUTE_PRICING = ModelRules(_list_fee, metering=Metering.FORMULA)
