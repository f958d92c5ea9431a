"""Usage, from records of any spelling, JSON or CSV: `usage` has their columns, ignoring case and separators."""

from __future__ import annotations

from soapsvc.zoql.catalogue import Field, ZObject
from soapsvc.zoql.objects.common import own_id
from soapsvc.zoql.types import DATE_TIME, DECIMAL, ID

USAGE = ZObject(
    "Usage",
    (
        own_id("ids"),
        Field("AccountId", ID, "row.account_id", found=True),
        Field("AccountNumber", source="row.account_number", found=True),
        Field("ChargeId", ID, "usage.chargeid", found=True),
        Field("ChargeNumber", source="usage.chargenumber", found=True),
        Field("CreatedById", ID, "usage.createdbyid"),
        Field("CreatedDate", DATE_TIME, "usage.createddate"),
        Field("Description", source="usage.description"),
        Field("EndDateTime", DATE_TIME, "usage.enddatetime|enddate"),
        Field("ImportId", ID, "usage.importid"),
        Field("InvoiceId", ID, "usage.invoiceid"),
        Field("InvoiceNumber", source="usage.invoicenumber"),
        Field("Quantity", DECIMAL, "usage.quantity|qty"),
        Field("RbeStatus", source="usage.rbestatus|status", found=True),
        Field("SourceName", source="usage.sourcename"),
        Field("SourceType", source="usage.sourcetype"),
        Field("StartDateTime", DATE_TIME, "usage.startdatetime|startdate"),
        Field("SubmissionDateTime", DATE_TIME, "usage.submissiondatetime"),
        Field("SubscriptionId", ID, "usage.subscriptionid", found=True),
        Field("SubscriptionNumber", source="usage.subscriptionnumber", found=True),
        Field("UOM", source="usage.uom|unitofmeasure"),
        Field("UpdatedById", ID, "usage.updatedbyid"),
        Field("UpdatedDate", DATE_TIME, "usage.updateddate"),
    ),
    note="Dates with slashes are shown as the days that the import read.",
)
