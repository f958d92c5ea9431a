"""Billing preview runs: previews of many accounts at once, durable, on one machine or many.

`create_run`, `get_run`, `find_runs` and `cancel_run` are what the edges call. `RunService` executes the runs that they
make; `execute_run` executes one.
"""

from __future__ import annotations

from soapsvc.runs.execute import Context, execute_run
from soapsvc.runs.model import Header, Organization, Run, RunRequest, RunStatus, StorageOption
from soapsvc.runs.problems import Refusal, RunProblem, RunRefused
from soapsvc.runs.service import RunService
from soapsvc.runs.state import cancel_run, claim_run, create_run, find_runs, get_run
from soapsvc.runs.workers import DaskWorkers, ProcessWorkers, Workers, WorkersLost

__all__ = [
    "Context",
    "DaskWorkers",
    "Header",
    "Organization",
    "ProcessWorkers",
    "Refusal",
    "Run",
    "RunProblem",
    "RunRefused",
    "RunRequest",
    "RunService",
    "RunStatus",
    "StorageOption",
    "Workers",
    "WorkersLost",
    "cancel_run",
    "claim_run",
    "create_run",
    "execute_run",
    "find_runs",
    "get_run",
]
