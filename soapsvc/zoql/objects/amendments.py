"""Amendment: no export has amendments, so every query finds none."""

from __future__ import annotations

from soapsvc.zoql.catalogue import Field, ZObject
from soapsvc.zoql.types import BOOLEAN, DATE, DATE_TIME, ID, LONG

AMENDMENT = ZObject(
    "Amendment",
    (
        Field("Id", ID),
        Field("AutoRenew", BOOLEAN),
        Field("Code"),
        Field("ContractEffectiveDate", DATE),
        Field("CreatedById", ID),
        Field("CreatedDate", DATE_TIME),
        Field("CurrentTerm", LONG),
        Field("CurrentTermPeriodType"),
        Field("CustomerAcceptanceDate", DATE),
        Field("Description"),
        Field("EffectiveDate", DATE),
        Field("Name"),
        Field("RatePlanData", "RatePlanData", queried=False),
        Field("RenewalSetting"),
        Field("RenewalTerm", LONG),
        Field("RenewalTermPeriodType"),
        Field("ServiceActivationDate", DATE),
        Field("SpecificUpdateDate", DATE),
        Field("Status"),
        Field("SubscriptionId", ID),
        Field("TermStartDate", DATE),
        Field("TermType"),
        Field("Type"),
        Field("UpdatedById", ID),
        Field("UpdatedDate", DATE_TIME),
    ),
    note="No export has amendments, so a query finds none.",
)
