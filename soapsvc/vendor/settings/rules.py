"""The vendor's `/settings/billing-rules` as our `[billing_rules]` ("Define billing rules")."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from soapsvc.tenant.reading import Document, FieldProblem, flag, text
from soapsvc.vendor.settings.told import Said, TenantTold, Value

PATH = "/settings/billing-rules"


def _flag(value: object) -> bool:
    if isinstance(value, str) and value.strip().lower() in {"yes", "no"}:
        return value.strip().lower() == "yes"
    return flag(value)


def _words(values: Mapping[str, Value]) -> Callable[[object], Value]:
    def read(value: object) -> Value:
        if (word := text(value)) not in values:
            raise FieldProblem("", f"is {word!r}, which is not one of {', '.join(values)}")
        return values[word]

    return read


def _same(*values: str) -> Callable[[object], Value]:
    return _words({value: value for value in values})


_ENDS_BY_TERM = "WhenChargeEndDateOnOrBeforeTermEndDate"
RULES: Mapping[str, tuple[str, Callable[[object], Value]]] = {
    "prorateRecurringMonthlyCharges": ("billRecurringPartialMonth", _flag),
    "prorateRecurringWeeklyCharges": ("billRecurringPartialWeek", _flag),
    "prorateUsageMonthlyCharges": ("billUsagePartialMonth", _flag),
    "prorateUsageWeeklyCharges": ("billUsagePartialWeek", _flag),
    "proratePeriodOfRecurringCharge": ("prorateRecurringPartialPeriod", _flag),
    "daysInMonth": ("daysInMonth", _same("UseActualDays", "Assume30Days", "Assume30DaysStrict")),
    "prorationUnit": ("prorationUnit", _same("ProrateByDay", "ProrateByMonthFirst")),
    "recurringCreditProrationOption": (
        "creditMethod",
        _words({"BasedOnCreditPeriod": "CreditPeriod", "BasedOnChargePeriod": "TotalMinusCharged"}),
    ),
    "oneTimeCreditBack": ("creditOneTime", _flag),
    "discountCreditProration": ("creditProratedFixedDiscount", _flag),
    "stackedDiscountClassApplyRule": (
        "stackedDiscountClass",
        _words({"IgnoreDiscountClass": "Ignore", "FollowDiscountClass": "Follow"}),
    ),
    "rateUsageIndividually": ("rateUsageIndividually", _flag),
    "invoicePastEndOfTerm": ("invoicePastEndOfTermAutoRenewOff", _flag),
    "billToTermEndWhenAutoRenew": ("invoicePastEndOfTermAutoRenewOn", _flag),
    "invoicePastTermEndWhenChargeEndDateOnOrBeforeTermEndDate": (
        "ignorePastEndOfTermWhenChargeEndsByTermEnd",
        _words({f"BillFull{_ENDS_BY_TERM}": False, f"BillPartial{_ENDS_BY_TERM}": True}),
    ),
    "legalDocumentGeneratingRule": (
        "creditMemoRule",
        _words(
            {
                "GroupByTotalAmountSign": "NetNegativeNoGrouping",
                "GroupByOriginalSRPC": "NetNegative",
                "GroupbyChargedAmountSign": "AllNegative",
                "GroupByChargedAmountSignWithZero": "AllNegativeAndZeroCredit",
            }
        ),
    ),
    "taxInclusiveRoundingRule": (
        "taxInclusiveRounding",
        _words({"RoundingNetAmount": "NetAmount", "RoundingTaxAmount": "TaxAmount"}),
    ),
    "useSystemDefaultSuffixForCreditItems": ("useSystemDefaultSuffixForCreditItems", _flag),
}
"""The vendor's names of rules, ours, and how a value is read. Fields of a feature that the tenant lacks are absent."""


@dataclass(frozen=True, slots=True)
class _NoCounterpart:
    """A setting that our rules lack, and the values with which it changes no preview."""

    harmless: frozenset[object]
    does: str


_NONE = _NoCounterpart
NO_COUNTERPART: Mapping[str, _NoCounterpart] = {
    "includeChildUsage": _NONE(frozenset({False}), "usage of child accounts is rated with the parent's"),
    "customerHierarchy": _NONE(frozenset({False}), "accounts are billed in hierarchies"),
    "taxAddressOwner": _NONE(frozenset({"InvoiceOwner"}), "tax follows the address of the subscription's owner"),
    "recurringChargeStyle": _NONE(frozenset({"DependsOnRatePlan"}), "all recurring charges are billed the same way"),
    "taxRateChangeOption": _NONE(frozenset({"OneTaxItem"}), "a change of the tax rate splits tax items"),
    "zuoraTaxRoundingDiffDispersion": _NONE(frozenset({False}), "rounding differences of tax are spread over items"),
    "prepaymentChargeProrationRule": _NONE(frozenset({"ChargeFullAmount"}), "prepayments are prorated"),
}


def read_rules(document: Document, told: TenantTold) -> None:
    """Add the billing rules. An unknown value is a warning, and the default applies."""
    for name, (ours, read) in RULES.items():
        if (value := document.get(name)) is None:
            continue
        try:
            told.rules[ours] = Said(read(value), f"{PATH}: {name}")
        except FieldProblem as problem:
            told.warnings.append(f"{PATH}: {name} {problem.reason}; {ours} keeps its default")
    for name, setting in NO_COUNTERPART.items():
        value = document.get(name)
        try:
            known: object = _flag(value)
        except FieldProblem:
            known = value
        if value is not None and known not in setting.harmless:
            told.warnings.append(f"{PATH}: {name} is {value}: {setting.does}; previews here do not support this")
