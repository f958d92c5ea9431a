"""The types of a billing preview run: its request, its states, its tables, and refusals.

Read `model`, then `pace` (accounts per second), `problems`, `visible` (whether a user may see a run), `schema` and
`extras` (optional packages).
"""

from soapsvc.runs.definition.extras import MissingExtra, needed
from soapsvc.runs.definition.model import ACTIVE, Header, Organization, Run, RunRequest, RunStatus, StorageOption
from soapsvc.runs.definition.pace import Moment, Speed, is_worth_noting, moments_of, moments_text, noted, speeds
from soapsvc.runs.definition.problems import Refusal, RunProblem, RunRefused, refused
from soapsvc.runs.definition.schema import (
    DATE_FIELDS,
    DIFFERENCES,
    EXACT_FIELDS,
    FAILURE_FIELDS,
    FAILURES,
    INSTANT_FIELDS,
    ITEM_FIELDS,
    RESULTS,
    RUN_BATCHES,
    RUN_PARTS,
    RUNS,
)
from soapsvc.runs.definition.totals import Totals, joined, totals_of
from soapsvc.runs.definition.visible import may_see

__all__ = [
    "ACTIVE",
    "DATE_FIELDS",
    "DIFFERENCES",
    "EXACT_FIELDS",
    "FAILURES",
    "FAILURE_FIELDS",
    "INSTANT_FIELDS",
    "ITEM_FIELDS",
    "RESULTS",
    "RUNS",
    "RUN_BATCHES",
    "RUN_PARTS",
    "Header",
    "MissingExtra",
    "Moment",
    "Organization",
    "Refusal",
    "Run",
    "RunProblem",
    "RunRefused",
    "RunRequest",
    "RunStatus",
    "Speed",
    "StorageOption",
    "Totals",
    "is_worth_noting",
    "joined",
    "may_see",
    "moments_of",
    "moments_text",
    "needed",
    "noted",
    "refused",
    "speeds",
    "totals_of",
]
