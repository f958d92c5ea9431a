"""The tenant's settings in the form of the vendor's Settings API, made from its tenant.toml."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256

import msgspec

from soapsvc.engine.account import BillingRules, TaxRate
from soapsvc.rest.http import Call, Fields, Refused, Reply, count_up_to, unknown_key
from soapsvc.tenant.formats import TenantSettings
from soapsvc.tenant.store import Store

Told = Callable[[TenantSettings], Mapping[str, object]]

_encode = msgspec.json.Encoder(decimal_format="number").encode
_FLAGS = {
    "prorateRecurringMonthlyCharges": "bill_recurring_partial_month",
    "prorateRecurringWeeklyCharges": "bill_recurring_partial_week",
    "prorateUsageMonthlyCharges": "bill_usage_partial_month",
    "prorateUsageWeeklyCharges": "bill_usage_partial_week",
    "proratePeriodOfRecurringCharge": "prorate_recurring_partial_period",
    "daysInMonth": "days_in_month",
    "prorationUnit": "proration_unit",
    "oneTimeCreditBack": "credit_one_time",
    "discountCreditProration": "credit_prorated_fixed_discount",
    "rateUsageIndividually": "rate_usage_individually",
    "invoicePastEndOfTerm": "invoice_past_end_of_term_auto_renew_off",
    "billToTermEndWhenAutoRenew": "invoice_past_end_of_term_auto_renew_on",
    "useSystemDefaultSuffixForCreditItems": "use_system_default_suffix_for_credit_items",
}
_CREDIT_METHODS = {"CreditPeriod": "BasedOnCreditPeriod", "TotalMinusCharged": "BasedOnChargePeriod"}
_CLASSES = {"Ignore": "IgnoreDiscountClass", "Follow": "FollowDiscountClass"}
_MEMO_RULES = {
    "NetNegativeNoGrouping": "GroupByTotalAmountSign",
    "NetNegative": "GroupByOriginalSRPC",
    "AllNegative": "GroupbyChargedAmountSign",
    "AllNegativeAndZero": "GroupByChargedAmountSignWithZero",
    "AllNegativeAndZeroCredit": "GroupByChargedAmountSignWithZero",
}
_MODES = {"UP": "Up", "DOWN": "Down", "HALF_UP": "HalfUp"}
_CODE, _PERIOD = "tax code", "tax rate period"
_USUAL_SIZE, _MOST = 20, 100
_LAST_PAGE = 10**6


def _billing_rules(settings: TenantSettings) -> Mapping[str, object]:
    rules = settings.rules_for("")
    told: dict[str, object] = {theirs: getattr(rules, ours) for theirs, ours in _FLAGS.items()}
    part = "Partial" if rules.ignore_past_end_of_term_when_charge_ends_by_term_end else "Full"
    told |= {
        "recurringCreditProrationOption": _CREDIT_METHODS[rules.credit_method],
        "stackedDiscountClassApplyRule": _CLASSES[rules.stacked_discount_class],
        "invoicePastTermEndWhenChargeEndDateOnOrBeforeTermEndDate": (
            f"Bill{part}WhenChargeEndDateOnOrBeforeTermEndDate"
        ),
        "taxInclusiveRoundingRule": f"Rounding{rules.tax_inclusive_rounding}",
        "includeChildUsage": False,
    }
    return told | _memo_rule(rules)


def _memo_rule(rules: BillingRules) -> dict[str, object]:
    """The field of a feature is absent without the feature."""
    return {"legalDocumentGeneratingRule": _MEMO_RULES[rules.credit_memo_rule]} if rules.invoice_settlement else {}


def _currencies(settings: TenantSettings) -> Mapping[str, object]:
    told = []
    for code in sorted(settings.currencies):
        rules = settings.rules_for(code)
        step = rules.rounding_increment
        told.append(
            {
                "currencyCode": code,
                "active": True,
                "default": False,
                "roundingMode": _MODES[rules.rounding_mode],
                **({} if step is None else {"roundingIncrement": step}),
            }
        )
    return {"currencies": told}


def _units(settings: TenantSettings) -> Mapping[str, object]:
    units = [
        {
            "id": _id("unit", unit.name),
            "name": unit.name,
            "displayAs": unit.name,
            "precision": unit.decimals,
            "roundingMode": _MODES[unit.rounding_mode],
            "active": True,
        }
        for unit in settings.units_of_measure
    ]
    return {"unitsOfMeasure": units}


def _profile(settings: TenantSettings) -> Mapping[str, object]:
    return {
        "timeZone": settings.time_zone,
        "tenantId": settings.tenant_id,
        "tenantName": settings.tenant_name,
        "locale": "en_US",
        "status": "Active",
    }


def _security(settings: TenantSettings) -> Mapping[str, object]:
    return {"sessionTimeout": settings.session_minutes}


def _codes(settings: TenantSettings) -> list[str]:
    """The tax codes that rates name; the vendor has no rate without one."""
    return list(dict.fromkeys(rate.tax_code for rate in settings.tax_rates if rate.tax_code is not None))


def _tax_codes(settings: TenantSettings) -> Mapping[str, object]:
    codes = [{"id": _id(_CODE, code), "name": code, "active": True} for code in _codes(settings)]
    return {"taxCodes": codes}


def _periods(settings: TenantSettings) -> Mapping[str, object]:
    periods = [
        {"id": _id(_PERIOD, code), "startDate": "2000-01-01", "endDate": None, "taxCodeId": _id(_CODE, code)}
        for code in _codes(settings)
    ]
    return {"taxRatePeriods": periods}


SETTINGS: Mapping[str, Told] = {
    "/settings/billing-rules": _billing_rules,
    "/settings/currencies": _currencies,
    "/settings/units-of-measure": _units,
    "/settings/discount-settings": lambda _settings: {"discounts": []},
    "/settings/entity-profile-info": _profile,
    "/settings/subscription-settings": lambda _settings: {"priceChangeOption": "NoChange"},
    "/settings/security-policies": _security,
    "/settings/tax-codes": _tax_codes,
    "/settings/tax-engines": lambda _settings: {"taxEngines": []},
    "/settings/tax-date-options": lambda _settings: {"taxDateSettings": []},
    "/settings/tax-rate-periods": _periods,
}


@dataclass(frozen=True, slots=True)
class ToldSettings:
    """One setting."""

    store: Store
    tell: Told

    def __call__(self, call: Call) -> Reply:
        """Answer with it."""
        Fields({}, call.query).check(strict=call.strict)
        return Reply([_encode(self.tell(self.store.settings()))])


@dataclass(frozen=True, slots=True)
class TaxRates:
    """The rates of a period, by page."""

    store: Store

    def __call__(self, call: Call) -> Reply:
        """Answer with a page of them."""
        fields = Fields({}, call.query)
        page = fields.get("page", count_up_to(_LAST_PAGE)) or 1
        size = fields.get("size", count_up_to(_MOST)) or _USUAL_SIZE
        fields.check(strict=call.strict)
        settings = self.store.settings()
        period = call.path["period"]
        code = next((code for code in _codes(settings) if _id(_PERIOD, code) == period), None)
        if code is None:
            raise Refused(unknown_key(period))
        rates = [_rate(rate) for rate in settings.tax_rates if rate.tax_code == code]
        return Reply([_encode({"taxRates": rates[(page - 1) * size : page * size]})])


def _rate(rate: TaxRate) -> Mapping[str, object]:
    return {
        "country": rate.country,
        "state": None,
        "taxRate1": rate.percent / Decimal(100),
        "taxRateType1": "Percentage",
        "taxName": rate.tax_code,
    }


def _id(kind: str, name: str) -> str:
    return sha256(f"{kind}\n{name}".encode()).hexdigest()[:32]
