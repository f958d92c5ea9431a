"""Billing preview runs over REST: create, read and cancel a run; its results in pages; its result file.

`runs_json` writes runs, rows and refusals; every other module is one operation.
"""

from soapsvc.rest.operations.runs.billing_preview_run import BillingPreviewRun
from soapsvc.rest.operations.runs.billing_preview_run_results import BillingPreviewRunResults
from soapsvc.rest.operations.runs.create_billing_preview_run import CreateBillingPreviewRun
from soapsvc.rest.operations.runs.result_file import ResultFile

__all__ = ["BillingPreviewRun", "BillingPreviewRunResults", "CreateBillingPreviewRun", "ResultFile"]
