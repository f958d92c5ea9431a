"""BillingPreviewRun: the runs of this service as they are now, whichever state of the tenant they previewed."""

from __future__ import annotations

from soapsvc.zoql.catalogue import Field, ZObject
from soapsvc.zoql.types import BOOLEAN, DATE, DATE_TIME, ID, INT

BILLING_PREVIEW_RUN = ZObject(
    "BillingPreviewRun",
    (
        Field("Id", ID, "run.id", found=True),
        Field("AssumeRenewal", source="run.assume_renewal", since=(81, 0)),
        Field("Batch", source="run.batches", until=(113, 0)),
        Field("Batches", source="run.batches", since=(113, 0)),
        Field("ChargeTypeToExclude", source="run.exclude"),
        Field("CreatedById", ID, "run.created_by"),
        Field("CreatedDate", DATE_TIME, "run.created"),
        Field("EndDate", DATE_TIME, "run.ended"),
        Field("ErrorMessage", source="run.error"),
        Field("IncludingDraftItems", BOOLEAN, "run.including_draft_items", since=(110, 0)),
        Field("IncludingEvergreenSubscription", BOOLEAN, "run.including_evergreen_subscription"),
        Field("ResultFileUrl", source="run.file_url"),
        Field("RunNumber", source="run.number", found=True),
        Field("StartDate", DATE_TIME, "run.started"),
        Field("Status", source="run.status"),
        Field("SucceededAccounts", INT, "run.succeeded_accounts"),
        Field("TargetDate", DATE, "run.target_date"),
        Field("TotalAccounts", INT, "run.accounts"),
        Field("UpdatedById", ID, "run.updated_by"),
        Field("UpdatedDate", DATE_TIME, "run.updated"),
    ),
    note="Several batches are separated by commas in Batch and Batches.",
)
