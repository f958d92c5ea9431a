"""Billing preview runs over REST: made, shown and cancelled, their results in pages, their result file.

`runs_json` has how a run, a row and a refusal are spelled; the others are one operation each.
"""

from soapsvc.rest.operations.runs.billing_preview_run import BillingPreviewRun
from soapsvc.rest.operations.runs.billing_preview_run_results import BillingPreviewRunResults
from soapsvc.rest.operations.runs.create_billing_preview_run import CreateBillingPreviewRun
from soapsvc.rest.operations.runs.result_file import ResultFile

__all__ = ["BillingPreviewRun", "BillingPreviewRunResults", "CreateBillingPreviewRun", "ResultFile"]
