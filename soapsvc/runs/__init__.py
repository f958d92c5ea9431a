"""Billing preview runs: previews of many accounts at once, durable, on one machine or many.

The edges call `create_run`, `get_run`, `find_runs` and `cancel_run`. `RunService` executes the runs that they create;
`execute_run` executes one. The rooms, from the bottom: `definition` (types and tables of a run), `storage` (folders and
files), `planning` (rules, state and parts of runs), `results` (the items of a run), `sinks` (ways to store them),
`execution` (runs under way); `run_diff` compares two runs.
"""

from __future__ import annotations

from soapsvc.runs.definition import (
    Header,
    Organization,
    Refusal,
    Run,
    RunProblem,
    RunRefused,
    RunRequest,
    RunStatus,
    StorageOption,
)
from soapsvc.runs.execution import Context, DaskWorkers, ProcessWorkers, RunService, Workers, WorkersLost, execute_run
from soapsvc.runs.planning import cancel_run, claim_run, create_run, find_runs, get_run, runs_under_way

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
    "runs_under_way",
]
