"""ProductRatePlanCharge and ProductRatePlanChargeTier, from the v1 product catalogue."""

from __future__ import annotations

from soapsvc.zoql import spellings
from soapsvc.zoql.catalogue import Field, ZObject
from soapsvc.zoql.objects.common import created, own_id, updated
from soapsvc.zoql.types import BOOLEAN, DECIMAL, ID, INT, LONG

PRODUCT_RATE_PLAN_CHARGE = ZObject(
    "ProductRatePlanCharge",
    (
        own_id("ids"),
        Field("AccountingCode", source="charge.accountingCode"),
        Field("ApplyDiscountTo", source="charge.applyDiscountTo"),
        Field("BillCycleDay", INT, "charge.billCycleDay|billingDay", spellings.bill_cycle_day),
        Field("BillCycleType", source="charge.billCycleType|billingDay", made=spellings.bill_cycle_type),
        Field("BillingPeriod", source="charge.billingPeriod", made=spellings.billing_period),
        Field("BillingPeriodAlignment", source="charge.billingPeriodAlignment"),
        Field("BillingTiming", source="charge.billingTiming", made=spellings.billing_timing),
        Field("ChargeModel", source="charge.model|chargeModel", made=spellings.charge_model),
        Field("ChargeType", source="charge.type|chargeType", made=spellings.charge_type),
        *created("charge"),
        Field("DefaultQuantity", DECIMAL, "charge.defaultQuantity"),
        Field("DeferredRevenueAccount", source="charge.deferredRevenueAccount"),
        Field("Description", source="charge.description"),
        Field("DiscountLevel", source="charge.discountLevel"),
        Field("EndDateCondition", source="charge.endDateCondition", made=spellings.end_date_condition),
        Field("IncludedUnits", DECIMAL, "charge.includedUnits"),
        Field("LegacyRevenueReporting", BOOLEAN, "charge.legacyRevenueReporting"),
        Field("ListPriceBase", source="charge.listPriceBase", made=spellings.list_price_base),
        Field("MaxQuantity", DECIMAL, "charge.maxQuantity"),
        Field("MinQuantity", DECIMAL, "charge.minQuantity"),
        Field("Name", source="charge.name", found=True),
        Field("NumberOfPeriod", LONG, "charge.numberOfPeriods|numberOfPeriod"),
        Field("OverageCalculationOption", source="charge.overageCalculationOption"),
        Field("OverageUnusedUnitsCreditOption", source="charge.overageUnusedUnitsCreditOption"),
        Field("PriceChangeOption", source="charge.priceChangeOption"),
        Field("PriceIncreasePercentage", DECIMAL, "charge.priceIncreasePercentage"),
        Field("ProductRatePlanChargeTierData", "ProductRatePlanChargeTierData", queried=False),
        Field("ProductRatePlanId", ID, "ids.plan", found=True),
        Field("RecognizedRevenueAccount", source="charge.recognizedRevenueAccount"),
        Field("RevenueRecognitionRuleName", source="charge.revenueRecognitionRuleName"),
        Field("RevRecCode", source="charge.revRecCode"),
        Field("RevRecTriggerCondition", source="charge.revRecTriggerCondition"),
        Field("SmoothingModel", source="charge.smoothingModel"),
        Field("SpecificBillingPeriod", LONG, "charge.specificBillingPeriod"),
        Field("Taxable", BOOLEAN, "charge.taxable"),
        Field("TaxCode", source="charge.taxCode"),
        Field("TaxMode", source="charge.taxMode"),
        Field("TriggerEvent", source="charge.triggerEvent"),
        Field("UOM", source="charge.uom|UOM"),
        *updated("charge"),
        Field("UpToPeriods", LONG, "charge.upToPeriods"),
        Field("UpToPeriodsType", source="charge.upToPeriodsType", made=spellings.up_to_periods_type),
        Field("UsageRecordRatingOption", source="charge.usageRecordRatingOption"),
        Field("UseDiscountSpecificAccountingCode", BOOLEAN, "charge.useDiscountSpecificAccountingCode"),
        Field("UseTenantDefaultForPriceChange", BOOLEAN, "charge.useTenantDefaultForPriceChange"),
        Field(
            "WeeklyBillCycleDay",
            source="charge.weeklyBillCycleDay|billingDay",
            made=spellings.weekly_bill_cycle_day,
        ),
    ),
)

PRODUCT_RATE_PLAN_CHARGE_TIER = ZObject(
    "ProductRatePlanChargeTier",
    (
        own_id("ids"),
        *created("tier"),
        Field("Currency", source="tier.currency"),
        Field("DiscountAmount", DECIMAL, "tier.discountAmount"),
        Field("DiscountPercentage", DECIMAL, "tier.discountPercentage"),
        Field("EndingUnit", DECIMAL, "tier.endingUnit"),
        Field("IsOveragePrice", BOOLEAN, "tier.isOveragePrice"),
        Field("Price", DECIMAL, "tier.price"),
        Field("PriceFormat", source="tier.priceFormat", made=spellings.price_format),
        Field("ProductRatePlanChargeId", ID, "ids.charge", found=True),
        Field("StartingUnit", DECIMAL, "tier.startingUnit"),
        Field("Tier", INT, "tier.tier"),
        *updated("tier"),
    ),
    note="One set of tiers for each currency in a charge's `pricing`. A price or discount without tiers has one tier.",
)
