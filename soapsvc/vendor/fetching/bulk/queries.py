"""The export queries of a tenant: the columns that billing reads; a tenant may lack some of them ("Export ZOQL").

Keys of other objects come from joins. Prices are only in the tiers. The queries read no personal data unless it is
requested.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from soapsvc.vendor.fetching.accounts import NONE, PENDING

_COLUMNS: Mapping[str, str] = {
    "Account": "Id AccountNumber Status Batch BillCycleDay BcdSettingOption Currency PaymentTerm InvoiceTemplateId "
    "AutoPay TaxExemptStatus TaxExemptEffectiveDate TaxExemptExpirationDate UpdatedDate BillToContact.Id "
    "SoldToContact.Id",
    "Contact": "Id Country State Account.Id",
    "Subscription": "Id Name Version Status OriginalId AutoRenew TermType InitialTerm InitialTermPeriodType "
    "CurrentTerm CurrentTermPeriodType RenewalTerm RenewalTermPeriodType RenewalSetting TermStartDate TermEndDate "
    "SubscriptionStartDate SubscriptionEndDate ContractEffectiveDate ServiceActivationDate ContractAcceptanceDate "
    "CancelledDate IsInvoiceSeparate CreatedDate UpdatedDate InvoiceOwnerId Account.Id",
    "RatePlan": "Id Name AmendmentType Subscription.Id ProductRatePlan.Id Product.Name Product.SKU",
    "RatePlanCharge": "Id OriginalId ChargeNumber Name ChargeType ChargeModel Version Segment IsLastSegment "
    "ApplyDiscountTo BillCycleDay BillCycleType WeeklyBillCycleDay BillingPeriod BillingPeriodAlignment BillingTiming "
    "SpecificBillingPeriod ListPriceBase NumberOfPeriods DiscountLevel EffectiveStartDate EffectiveEndDate "
    "ChargedThroughDate ProcessedThroughDate TriggerEvent TriggerDate EndDateCondition SpecificEndDate UpToPeriods "
    "UpToPeriodsType Quantity UOM OverageCalculationOption OverageUnusedUnitsCreditOption PriceChangeOption "
    "PriceIncreasePercentage RatePlan.Id ProductRatePlanCharge.Id ProrationOption RatingGroup IsUnbilled "
    "SpecificListPriceBase ChargeFunction CreditOption",
    "RatePlanChargeTier": "Id Tier StartingUnit EndingUnit Price PriceFormat IncludedUnits OveragePrice DiscountAmount "
    "DiscountPercentage RatePlanCharge.Id",
    "Usage": "Id StartDateTime EndDateTime Quantity UOM RbeStatus SourceType Account.Id Subscription.Id "
    "RatePlanCharge.Id",
    "ProductRatePlanCharge": "Id UsageRecordRatingOption",
    "Invoice": "Id Status Account.Id",
    "InvoiceItem": "Id AppliedToInvoiceItemId ChargeAmount ChargeName ChargeNumber ProcessingType ProductName Quantity "
    "ServiceStartDate ServiceEndDate SKU SubscriptionNumber TaxAmount TaxCode TaxMode UnitPrice UOM Invoice.Id",
}
_PERSONAL: Mapping[str, str] = {
    "Account": "Name",
    "Contact": "FirstName LastName WorkEmail Address1 City PostalCode",
}
_OPTIONAL: Mapping[str, str] = {
    "Account": "InvoiceTemplateId TaxExemptStatus TaxExemptEffectiveDate TaxExemptExpirationDate SoldToContact.Id",
    "Subscription": "InvoiceOwnerId CurrentTermPeriodType InitialTermPeriodType RenewalTermPeriodType CancelledDate "
    "RenewalSetting IsInvoiceSeparate",
    "RatePlan": "Product.Name Product.SKU",
    "RatePlanCharge": "ProrationOption RatingGroup IsUnbilled SpecificListPriceBase ChargeFunction CreditOption "
    "WeeklyBillCycleDay PriceChangeOption PriceIncreasePercentage NumberOfPeriods",
    "RatePlanChargeTier": "OveragePrice IncludedUnits",
    "ProductRatePlanCharge": "UsageRecordRatingOption",
    "InvoiceItem": "TaxCode TaxMode SKU AppliedToInvoiceItemId",
}
"""Fields that a tenant without some feature lacks: left out where the service reports an unknown field."""
_DRAFTS = ("Invoice", "InvoiceItem")
_WORD = re.compile(r"[A-Za-z]+(?:\.[A-Za-z]+)?")


def export_queries(*, usage: str, drafts: bool, personal: bool, without: Collection[str] = ()) -> dict[str, str]:
    """The query of each object; `usage` is as in `What`, `without` names the columns that the tenant lacks."""
    found = {}
    for own, columns in _COLUMNS.items():
        if (own == "Usage" and usage == NONE) or (own in _DRAFTS and not drafts):
            continue
        words = [*columns.split(), *(_PERSONAL.get(own, "").split() if personal else ())]
        asked = [qualified for word in words if (qualified := _qualified(own, word)) not in without]
        found[own] = " ".join(["select", ", ".join(asked), "from", own]) + _condition(own, usage)
    return found


def lacking(message: str, without: Collection[str]) -> str | None:
    """The optional column that a message of the service names; None if it names none."""
    named = {word.lower() for word in _WORD.findall(message)}
    for own, columns in _OPTIONAL.items():
        for word in columns.split():
            qualified = _qualified(own, word)
            if qualified not in without and qualified.lower() in named:
                return qualified
    return None


def _qualified(own: str, word: str) -> str:
    return word if "." in word and not word.startswith(f"{own}.") else f"{own}.{word}"


def _condition(own: str, usage: str) -> str:
    if own == "Usage" and usage == PENDING:
        return " where Usage.RbeStatus = 'Pending'"
    return " where Invoice.Status = 'Draft'" if own == "Invoice" else ""
