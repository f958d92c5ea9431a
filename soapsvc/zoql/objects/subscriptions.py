"""Subscription and RatePlan, from v1 "retrieve a subscription": every imported version, each with its plans."""

from __future__ import annotations

from soapsvc.zoql import spellings
from soapsvc.zoql.catalogue import Field, ZObject
from soapsvc.zoql.objects.common import created, own_id, updated
from soapsvc.zoql.types import BOOLEAN, DATE, DATE_TIME, ID, INT

SUBSCRIPTION = ZObject(
    "Subscription",
    (
        own_id("row"),
        Field("AccountId", ID, "row.account_id", found=True),
        Field("AutoRenew", BOOLEAN, "subscription.autoRenew"),
        Field("CancelledDate", DATE, "subscription.cancelledDate|cancelDate"),
        Field("ContractAcceptanceDate", DATE, "subscription.customerAcceptanceDate|contractAcceptanceDate"),
        Field("ContractEffectiveDate", DATE, "subscription.contractEffectiveDate"),
        *created("subscription"),
        Field("CurrentTerm", INT, "subscription.currentTerm"),
        Field("CurrentTermPeriodType", source="subscription.currentTermPeriodType"),
        Field("InitialTerm", INT, "subscription.initialTerm"),
        Field("InitialTermPeriodType", source="subscription.initialTermPeriodType"),
        Field("IsInvoiceSeparate", BOOLEAN, "subscription.invoiceSeparately|isInvoiceSeparate"),
        Field("Name", source="row.number", found=True),
        Field("Notes", source="subscription.notes"),
        Field("OriginalCreatedDate", DATE_TIME, "subscription.originalCreatedDate"),
        Field("OriginalId", ID, "subscription.originalId", found=True),
        Field("PreviousSubscriptionId", ID, "subscription.previousSubscriptionId", found=True),
        Field("RenewalSetting", source="subscription.renewalSetting"),
        Field("RenewalTerm", INT, "subscription.renewalTerm"),
        Field("RenewalTermPeriodType", source="subscription.renewalTermPeriodType"),
        Field("ServiceActivationDate", DATE, "subscription.serviceActivationDate"),
        Field("Status", source="subscription.status", made=spellings.status, found=True),
        Field("SubscriptionEndDate", DATE, "subscription.subscriptionEndDate"),
        Field("SubscriptionStartDate", DATE, "subscription.subscriptionStartDate"),
        Field("TermEndDate", DATE, "subscription.termEndDate"),
        Field("TermStartDate", DATE, "subscription.termStartDate"),
        Field("TermType", source="subscription.termType"),
        *updated("subscription"),
        Field("Version", INT, "row.version"),
    ),
)

RATE_PLAN = ZObject(
    "RatePlan",
    (
        own_id("ids"),
        Field("AmendmentId", ID, "plan.amendmentId"),
        Field("AmendmentSubscriptionRatePlanId", ID, "plan.amendmentSubscriptionRatePlanId"),
        Field("AmendmentType", source="plan.amendmentType"),
        *created("plan"),
        Field("Name", source="plan.ratePlanName", found=True),
        Field("ProductRatePlanId", ID, "plan.productRatePlanId", found=True),
        Field("SubscriptionId", ID, "row.id", found=True),
        *updated("plan"),
    ),
    note="Plans that an amendment removed are left out.",
)
