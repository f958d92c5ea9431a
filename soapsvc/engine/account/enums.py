"""The vendor's enumerations, read from REST and from SOAP/catalogue spellings.

Spellings are compared without case, blanks, hyphens, underscores and dots ("Flat Fee Pricing" = "FlatFee",
"Semi-Annual" = "Semi_Annual" = "SemiAnnual"); sources: the v1 REST reference and the catalogue CRUD field lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from typing import TypeVar

from soapsvc.engine.errors import RatingError


class ChargeType(StrEnum):
    """When a charge is billed; the order of the members is the order of a subscription's items."""

    ONE_TIME = "OneTime"
    USAGE = "Usage"
    RECURRING = "Recurring"


class ChargeModel(StrEnum):
    """How a fee is computed."""

    FLAT_FEE = "FlatFee"
    PER_UNIT = "PerUnit"
    OVERAGE = "Overage"
    VOLUME = "Volume"
    TIERED = "Tiered"
    TIERED_WITH_OVERAGE = "TieredWithOverage"
    DISCOUNT_FIXED_AMOUNT = "DiscountFixedAmount"
    DISCOUNT_PERCENTAGE = "DiscountPercentage"
    MULTI_ATTRIBUTE_PRICING = "MultiAttributePricing"
    PRERATED_PER_UNIT = "PreratedPerUnit"
    PRERATED_PRICING = "PreratedPricing"
    HIGH_WATERMARK_VOLUME = "HighWatermarkVolumePricing"
    HIGH_WATERMARK_TIERED = "HighWatermarkTieredPricing"
    DELIVERY = "Delivery"
    CALCULATED = "Calculated"


DISCOUNT_MODELS = frozenset({ChargeModel.DISCOUNT_FIXED_AMOUNT, ChargeModel.DISCOUNT_PERCENTAGE})


class BillingPeriod(StrEnum):
    """The length of a full billing period."""

    MONTH = "Month"
    QUARTER = "Quarter"
    SEMI_ANNUAL = "Semi_Annual"
    ANNUAL = "Annual"
    EIGHTEEN_MONTHS = "Eighteen_Months"
    TWO_YEARS = "Two_Years"
    THREE_YEARS = "Three_Years"
    FIVE_YEARS = "Five_Years"
    SPECIFIC_MONTHS = "Specific_Months"
    WEEK = "Week"
    SPECIFIC_WEEKS = "Specific_Weeks"
    SPECIFIC_DAYS = "Specific_Days"
    SUBSCRIPTION_TERM = "Subscription_Term"


class BillingTiming(StrEnum):
    """Whether a period is due at its start or after its end."""

    IN_ADVANCE = "IN_ADVANCE"
    IN_ARREARS = "IN_ARREARS"


class BillingPeriodAlignment(StrEnum):
    """The date from which the billing grid is counted."""

    ALIGN_TO_CHARGE = "AlignToCharge"
    ALIGN_TO_SUBSCRIPTION_START = "AlignToSubscriptionStart"
    ALIGN_TO_TERM_START = "AlignToTermStart"
    ALIGN_TO_TERM_END = "AlignToTermEnd"


class EndDateCondition(StrEnum):
    """The condition that ends a charge."""

    SUBSCRIPTION_END = "Subscription_End"
    FIXED_PERIOD = "Fixed_Period"
    SPECIFIC_END_DATE = "Specific_End_Date"
    ONE_TIME = "One_Time"


class UpToPeriodsType(StrEnum):
    """The unit of a fixed period's length."""

    BILLING_PERIODS = "Billing_Periods"
    DAYS = "Days"
    WEEKS = "Weeks"
    MONTHS = "Months"
    YEARS = "Years"


class TermPeriodType(StrEnum):
    """The unit of a term's length."""

    MONTH = "Month"
    YEAR = "Year"
    WEEK = "Week"
    DAY = "Day"


class ListPriceBase(StrEnum):
    """The span of time that a list price is for."""

    PER_BILLING_PERIOD = "Per_Billing_Period"
    PER_MONTH = "Per_Month"
    PER_WEEK = "Per_Week"
    PER_YEAR = "Per_Year"
    PER_SPECIFIC_MONTHS = "Per_Specific_Months"
    PER_VALIDITY_PERIOD = "Per_Validity_Period"


class RatingGroup(StrEnum):
    """How usage records are grouped before rating."""

    BY_BILLING_PERIOD = "ByBillingPeriod"
    BY_USAGE_START_DATE = "ByUsageStartDate"
    BY_USAGE_RECORD = "ByUsageRecord"
    BY_USAGE_UPLOAD = "ByUsageUpload"
    BY_GROUP_ID = "ByGroupId"


class TermType(StrEnum):
    """Whether a subscription has terms."""

    TERMED = "TERMED"
    EVERGREEN = "EVERGREEN"


class RenewalSetting(StrEnum):
    """The kind of term after a renewal."""

    RENEW_WITH_SPECIFIC_TERM = "RENEW_WITH_SPECIFIC_TERM"
    RENEW_TO_EVERGREEN = "RENEW_TO_EVERGREEN"


class PriceChangeOption(StrEnum):
    """How a renewal changes a price."""

    NO_CHANGE = "NoChange"
    SPECIFIC_PERCENTAGE_VALUE = "SpecificPercentageValue"
    USE_LATEST_PRODUCT_CATALOG_PRICING = "UseLatestProductCatalogPricing"


class ProrationOption(StrEnum):
    """How a charge overrides the tenant's rules on partial periods."""

    DEFAULT_FROM_TENANT_SETTING = "DefaultFromTenantSetting"
    CHARGE_FULL_PERIOD = "ChargeFullPeriod"
    NO_PRORATION = "NoProration"
    TIME_BASED_PRORATION = "TimeBasedProration"
    CUSTOMIZE = "CustomizeProrationOptionOverrides"


class TaxMode(StrEnum):
    """Whether a price contains its tax."""

    INCLUSIVE = "TaxInclusive"
    EXCLUSIVE = "TaxExclusive"


class DiscountLevel(StrEnum):
    """Which charges a discount reduces: its rate plan's, its subscription's or the account's.

    Members are in order of application.
    """

    RATE_PLAN = "rateplan"
    SUBSCRIPTION = "subscription"
    ACCOUNT = "account"


class StackedDiscountClass(StrEnum):
    """Whether percentages stack across all discount classes, or only within a class."""

    IGNORE = "Ignore"
    FOLLOW = "Follow"


class PercentDiscountBase(StrEnum):
    """Whether a percentage is taken of the rounded amount of the item or of the exact one."""

    ROUNDED = "Rounded"
    UNROUNDED = "UnRounded"


class CreditMemoRule(StrEnum):
    """When negative items become a credit memo."""

    NET_NEGATIVE_NO_GROUPING = "NetNegativeNoGrouping"
    NET_NEGATIVE = "NetNegative"
    ALL_NEGATIVE = "AllNegative"
    ALL_NEGATIVE_AND_ZERO = "AllNegativeAndZeroCredit"


Member = TypeVar("Member", bound=StrEnum)

_SYNONYMS: Mapping[type[StrEnum], Mapping[str, str]] = {
    ChargeModel: {
        "flatfeepricing": "FlatFee",
        "perunitpricing": "PerUnit",
        "overagepricing": "Overage",
        "volumepricing": "Volume",
        "tieredpricing": "Tiered",
        "tieredwithoveragepricing": "TieredWithOverage",
        "deliverypricing": "Delivery",
        "multiattribute": "MultiAttributePricing",
        "preratedperunitpricing": "PreratedPerUnit",
        "prerated": "PreratedPricing",
        "highwatermarkvolume": "HighWatermarkVolumePricing",
        "highwatermarktiered": "HighWatermarkTieredPricing",
        "highwatermarkvolumepricing": "HighWatermarkVolumePricing",
        "highwatermarktieredpricing": "HighWatermarkTieredPricing",
        "fixedamountdiscount": "DiscountFixedAmount",
        "percentagediscount": "DiscountPercentage",
    },
    BillingPeriod: {
        "monthly": "Month",
        "months": "Month",
        "quarterly": "Quarter",
        "semiannually": "Semi_Annual",
        "annually": "Annual",
        "year": "Annual",
        "weekly": "Week",
        "weeks": "Week",
        "subscriptionterm": "Subscription_Term",
    },
    TermPeriodType: {"months": "Month", "years": "Year", "weeks": "Week", "days": "Day"},
    EndDateCondition: {"endofsubscription": "Subscription_End"},
    ProrationOption: {"customizeprorationoptionsoverrides": "CustomizeProrationOptionOverrides"},
    CreditMemoRule: {"allnegativeandzero": "AllNegativeAndZeroCredit"},
}


@lru_cache(maxsize=4096)
def squeeze(text: str) -> str:
    """The text without case and separators: the form in which enumerations are compared."""
    return "".join(character for character in text if character.isalnum()).casefold()


@lru_cache(maxsize=4096)
def parse(kind: type[Member], text: str, field: str) -> Member:
    """The member of `kind` that `text` spells.

    Raises RatingError UNKNOWN_VALUE, naming `field` and the known values.
    """
    squeezed = squeeze(text)
    squeezed = squeeze(_SYNONYMS.get(kind, {}).get(squeezed, squeezed))
    for member in kind:
        if squeeze(member.value) == squeezed:
            return member
    known = ", ".join(member.value for member in kind)
    raise RatingError("UNKNOWN_VALUE", f"{field} is {text!r}, which is not known; known values: {known}.", field)


@lru_cache(maxsize=4096)
def parse_or(kind: type[Member], text: str | None, field: str, default: Member) -> Member:
    """As `parse`; an absent or empty value is the `default`."""
    return parse(kind, text, field) if text else default
