"""Which meter reads the usage records of a charge: by the metering of its model, and by the tenant's rules.

Which meter a charge model has is in its rules (`Metering`).

Models priced by quantity rate each rating group by itself and add the fees ("Example scenario for usage rating in
group"); a high watermark rates the day with the most usage ("High water mark pricing"); pre-rated records hold amounts
("Pre-rated pricing"); formulas are evaluated per record ("Price formula for multi-attribute pricing charge model").
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from soapsvc.engine.account import (
    BillingRules,
    Charge,
    ChargeModel,
    RatingGroup,
    model_configuration,
    parse,
    parse_or,
    squeeze,
)
from soapsvc.engine.errors import RatingError
from soapsvc.engine.money import rounding_of
from soapsvc.engine.pricing import (
    FormulaContext,
    Metering,
    decision_table,
    evaluator_of,
    quantity_fee,
    rules_of_model,
)
from soapsvc.engine.usage.quantity_meters import GroupMeter, IndividualMeter, WatermarkMeter
from soapsvc.engine.usage.readings import (
    RATING_GROUPS,
    Meter,
    whole_period,
)
from soapsvc.engine.usage.record_meters import FormulaMeter, PreratedMeter

_PRERATED_FIELDS: Mapping[Metering, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        Metering.PRERATED_TOTAL: ("customFieldTotalAmount", ("totalAmount", "totalAmount__c")),
        Metering.PRERATED_RATE: (
            "customFieldPerUnitRate",
            ("perUnitRate", "perUnitRate__c", "perUnitAmount", "perUnitAmount__c", "perUnitPrice", "perUnitPrice__c"),
        ),
    }
)


def meter_of(charge: Charge, rules: BillingRules, context: FormulaContext, *, explain: bool) -> Meter:
    """The meter of a usage charge. A period without records costs the same as zero units.

    Raises RatingError as `list_fee` does, and for an unknown rating group.
    """
    metering = rules_of_model(charge).metering
    rounding = rounding_of(rules) if rules.rate_usage_individually else None
    if metering is Metering.FORMULA:
        return FormulaMeter(evaluator_of(charge, context), rounding, explain).measure
    if metering in _PRERATED_FIELDS:
        names, configured = _prerated_fields(charge, metering)
        return PreratedMeter(metering is Metering.PRERATED_RATE, names, configured, rounding, explain).measure
    if metering is Metering.DECISION_TABLE:
        table = decision_table(charge)
        return GroupMeter(charge, lambda quantity: table.fee(quantity).value, whole_period, explain).measure
    fee = quantity_fee(charge, entered_at_zero=not rules.unbilled_usage)
    if metering is Metering.WATERMARK:
        return WatermarkMeter(charge, fee, explain).measure
    if metering is Metering.BY_PERIOD:
        return GroupMeter(charge, fee, whole_period, explain).measure
    model = parse(ChargeModel, charge.model, "model")
    group = RATING_GROUPS[parse_or(RatingGroup, charge.rating_group, "ratingGroup", RatingGroup.BY_BILLING_PERIOD)]
    if rounding is None or (model is ChargeModel.TIERED and is_on_demand(charge)):
        return GroupMeter(charge, fee, group, explain).measure
    return IndividualMeter(charge, model, fee, group, rounding, explain).measure


def is_on_demand(charge: Charge) -> bool:
    """Whether usage is rated on demand, before its period ends.

    Raises RatingError UNKNOWN_VALUE for an unknown option.
    """
    option = squeeze(charge.usage_record_rating_option or "EndOfBillingPeriod")
    if option not in {"endofbillingperiod", "ondemand"}:
        known = "EndOfBillingPeriod, OnDemand"
        message = f"usageRecordRatingOption is {charge.usage_record_rating_option!r}; known values: {known}."
        raise RatingError("UNKNOWN_VALUE", message, "usageRecordRatingOption")
    return option == "ondemand"


def _prerated_fields(charge: Charge, metering: Metering) -> tuple[tuple[str, ...], bool]:
    """The names of custom fields that may hold the amount, and whether the charge configures them."""
    key, usual = _PRERATED_FIELDS[metering]
    configured = model_configuration(charge, key)
    if configured is None:
        return usual, False
    return (configured, configured.removesuffix("__c")), True
