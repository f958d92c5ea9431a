"""Settings become tenant.toml; a setting that is on and has no counterpart is named."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from soapsvc.tenant.formats import read_toml
from soapsvc.vendor.client import Query
from soapsvc.vendor.errors import Forbidden
from soapsvc.vendor.settings import TenantTold, read_settings, tenant_file

TODAY = date(2024, 7, 9)
RULES = "/settings/billing-rules"
ENDS = "WhenChargeEndDateOnOrBeforeTermEndDate"


class Settings:
    """Answers settings; there are no others."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self.answers = answers

    def get(self, path: str, query: Query = ()) -> Mapping[str, Any]:
        if path not in self.answers:
            raise Forbidden(f"GET {path} answered 403: no")
        return json.loads(json.dumps(self.answers[path]), parse_float=Decimal)

    def post(self, path: str, body: Mapping[str, object]) -> Mapping[str, Any]:
        raise AssertionError(path)

    def page_after(self, url: str) -> tuple[str, Query]:
        raise AssertionError(url)


def told(**answers: Any) -> TenantTold:
    return read_settings(
        Settings({f"/settings/{name.replace('_', '-')}": value for name, value in answers.items()}), TODAY
    )


def written(settings: TenantTold) -> Any:
    return read_toml(tenant_file(settings, "rest.example.com").encode()).settings


@pytest.mark.parametrize(
    ("theirs", "value", "ours", "expected"),
    [
        ("prorateRecurringMonthlyCharges", False, "bill_recurring_partial_month", False),
        ("prorateRecurringWeeklyCharges", "No", "bill_recurring_partial_week", False),
        ("prorateUsageMonthlyCharges", "false", "bill_usage_partial_month", False),
        ("prorateUsageWeeklyCharges", False, "bill_usage_partial_week", False),
        ("proratePeriodOfRecurringCharge", False, "prorate_recurring_partial_period", False),
        ("daysInMonth", "Assume30DaysStrict", "days_in_month", "Assume30DaysStrict"),
        ("prorationUnit", "ProrateByMonthFirst", "proration_unit", "ProrateByMonthFirst"),
        ("recurringCreditProrationOption", "BasedOnCreditPeriod", "credit_method", "CreditPeriod"),
        ("recurringCreditProrationOption", "BasedOnChargePeriod", "credit_method", "TotalMinusCharged"),
        ("oneTimeCreditBack", True, "credit_one_time", True),
        ("discountCreditProration", True, "credit_prorated_fixed_discount", True),
        ("stackedDiscountClassApplyRule", "FollowDiscountClass", "stacked_discount_class", "Follow"),
        ("rateUsageIndividually", True, "rate_usage_individually", True),
        ("invoicePastEndOfTerm", True, "invoice_past_end_of_term_auto_renew_off", True),
        ("billToTermEndWhenAutoRenew", False, "invoice_past_end_of_term_auto_renew_on", False),
        (
            f"invoicePastTermEnd{ENDS}",
            f"BillPartial{ENDS}",
            "ignore_past_end_of_term_when_charge_ends_by_term_end",
            True,
        ),
        ("legalDocumentGeneratingRule", "GroupByTotalAmountSign", "credit_memo_rule", "NetNegativeNoGrouping"),
        ("legalDocumentGeneratingRule", "GroupByOriginalSRPC", "credit_memo_rule", "NetNegative"),
        ("legalDocumentGeneratingRule", "GroupbyChargedAmountSign", "credit_memo_rule", "AllNegative"),
        (
            "legalDocumentGeneratingRule",
            "GroupByChargedAmountSignWithZero",
            "credit_memo_rule",
            "AllNegativeAndZeroCredit",
        ),
        ("taxInclusiveRoundingRule", "RoundingTaxAmount", "tax_inclusive_rounding", "TaxAmount"),
        ("useSystemDefaultSuffixForCreditItems", False, "use_system_default_suffix_for_credit_items", False),
    ],
)
def test_each_billing_rule(theirs: str, value: object, ours: str, expected: object) -> None:
    settings = told(billing_rules={theirs: value})
    assert getattr(written(settings).rules_for("USD"), ours) == expected
    assert f"{RULES}: {theirs}" in tenant_file(settings, "rest.example.com")


@pytest.mark.parametrize(
    ("setting", "value", "harmless"),
    [
        ("includeChildUsage", True, False),
        ("customerHierarchy", True, False),
        ("taxAddressOwner", "SubscriptionOwner", "InvoiceOwner"),
        ("recurringChargeStyle", "Arrears", "DependsOnRatePlan"),
        ("taxRateChangeOption", "MultipleTaxItems", "OneTaxItem"),
        ("zuoraTaxRoundingDiffDispersion", True, False),
        ("prepaymentChargeProrationRule", "ProrateAmount", "ChargeFullAmount"),
    ],
)
def test_a_vendor_rule_without_a_counterpart_is_reported_when_it_is_on(
    setting: str, value: object, harmless: object
) -> None:
    def warnings(given: object) -> list[str]:
        return [each for each in told(billing_rules={setting: given}).warnings if setting in each]

    assert len(warnings(value)) == 1
    assert warnings(harmless) == []


def test_an_unknown_value_keeps_the_default_and_is_reported() -> None:
    settings = told(billing_rules={"prorationUnit": "ProrateByMoon", "daysInMonth": 30})
    assert written(settings).rules_for("USD").proration_unit == "ProrateByDay"
    assert len([each for each in settings.warnings if "prorationUnit" in each or "daysInMonth" in each]) == 2


def test_an_unreadable_setting_keeps_its_default_and_is_reported() -> None:
    settings = told()
    assert written(settings).time_zone == "America/Los_Angeles"
    assert sum("cannot be read" in each for each in settings.warnings) >= 8
    text = tenant_file(settings, "rest.example.com")
    assert '# time_zone = "America/Los_Angeles"' in text
    assert '# prorationUnit = "ProrateByDay"  # the default; no setting gives it' in text


def test_currencies_units_and_sessions() -> None:
    settings = told(
        currencies={
            "currencies": [
                {"currencyCode": "CHF", "active": True, "roundingMode": "HalfUp", "roundingIncrement": 0.05},
                {"currencyCode": "USD", "active": True, "roundingMode": "Down", "roundingIncrement": 0.01},
                {"currencyCode": "GBP", "active": False, "roundingMode": "Up"},
                {"currencyCode": "EUR", "active": True, "incrementForInvoiceTotal": 0.1},
            ]
        },
        units_of_measure={
            "unitsOfMeasure": [
                {"name": "GB", "precision": 2, "roundingMode": "Down", "active": True},
                {"name": "Old", "precision": 0, "active": False},
            ]
        },
        security_policies={"sessionTimeout": 480},
        entity_profile_info={"timeZone": "Asia/Tokyo", "tenantId": 10014, "tenantName": 'Finch "& Co"'},
    )
    found = written(settings)
    francs, dollars = found.rules_for("CHF"), found.rules_for("USD")
    assert (f"{francs.rounding_increment}", francs.rounding_mode) == ("0.05", "HALF_UP")
    assert (dollars.rounding_increment, dollars.rounding_mode) == (None, "DOWN")
    assert set(found.currencies) == {"CHF", "USD"}
    assert [(unit.name, unit.decimals, unit.rounding_mode) for unit in found.units_of_measure] == [("GB", 2, "DOWN")]
    assert (found.session_minutes, found.time_zone, found.tenant_id) == (480, "Asia/Tokyo", "10014")
    assert found.tenant_name == 'Finch "& Co"'
    assert [each for each in settings.warnings if "incrementForInvoiceTotal of EUR" in each]


def taxes(period: Mapping[str, object], *rates: Mapping[str, object]) -> TenantTold:
    answers = {
        "/settings/tax-codes": {"taxCodes": [{"id": "c", "name": "VAT"}]},
        "/settings/tax-rate-periods": {"taxRatePeriods": [{"id": "p", "taxCodeId": "c", **period}]},
        "/settings/tax-rate-periods/p/tax-rates": {"taxRates": list(rates)},
    }
    return read_settings(Settings(answers), TODAY)


def test_a_tax_rate_of_0_08_is_8_percent() -> None:
    settings = taxes({"startDate": "2024-01-01"}, {"country": "Norway", "taxRate1": 0.08, "taxRateType1": "Percentage"})
    (rate,) = written(settings).tax_rates
    assert (rate.percent, rate.tax_code, rate.country) == (8, "VAT", "Norway")


@pytest.mark.parametrize(
    ("period", "rate"),
    [
        ({"startDate": "2024-01-01"}, {"taxRate1": 0.08, "state": "Texas"}),
        ({"startDate": "2024-01-01"}, {"taxRate1": 3, "taxRateType1": "FlatFee"}),
        ({"startDate": "2024-01-01"}, {"taxRate1": 0.08, "taxRate2": 0.01}),
        ({"startDate": "2024-08-01"}, {"taxRate1": 0.08}),
        ({"startDate": "2023-01-01", "endDate": "2024-07-08"}, {"taxRate1": 0.08}),
    ],
)
def test_a_tax_rate_without_a_form_here_is_left_out_and_reported(
    period: Mapping[str, object], rate: Mapping[str, object]
) -> None:
    settings = taxes(period, rate)
    assert written(settings).tax_rates == ()
    assert [each for each in settings.warnings if "left out" in each]


def test_tax_that_is_computed_elsewhere_and_other_tax_dates_are_reported() -> None:
    settings = told(
        tax_engines={"taxEngines": [{"type": "Avalara"}, {"type": "Z_Tax"}]},
        tax_date_options={"taxDateSettings": [{"countryCode": "NO", "taxDateOption": "ServicePeriodStartDate"}]},
        subscription_settings={"priceChangeOption": "SpecificPercentageValue"},
    )
    text = "\n".join(settings.warnings)
    assert "Avalara" in text
    assert "Z_Tax" not in text
    assert "ServicePeriodStartDate" in text
    assert "SpecificPercentageValue" in text


def test_only_a_tenant_with_credit_memos_has_invoice_settlement() -> None:
    answers = {"/v1/credit-memos": {"creditmemos": [], "success": True}}
    settings = read_settings(Settings(answers), TODAY)
    assert written(settings).rules_for("USD").invoice_settlement is True
    assert "inferred" in tenant_file(settings, "rest.example.com")
    assert written(told()).rules_for("USD").invoice_settlement is False


def test_discount_classes_have_their_order() -> None:
    discounts = [{"name": "Loyalty", "priority": 1, "active": True}, {"name": "Promo", "priority": 2, "active": True}]
    assert told(discount_settings={"discounts": discounts}).class_order == {"Loyalty": 1, "Promo": 2}
