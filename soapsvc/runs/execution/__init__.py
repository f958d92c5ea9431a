"""Runs under way: parts computed by workers, put together, ended, and purged when their time has come.

Read `execute` (one run from its plan to its end), `part` (what a worker does), `workers`, `service` (the runs of a
process), `expire`.
"""

from soapsvc.runs.execution.execute import LEASE_SECONDS, PART_ACCOUNTS, Context, execute_run, run_folder
from soapsvc.runs.execution.expire import RETENTION, purge_runs, purge_states
from soapsvc.runs.execution.part import lend_store, take_store_back
from soapsvc.runs.execution.service import RunService, new_owner
from soapsvc.runs.execution.workers import DaskWorkers, ProcessWorkers, Workers, WorkersLost

__all__ = [
    "LEASE_SECONDS",
    "PART_ACCOUNTS",
    "RETENTION",
    "Context",
    "DaskWorkers",
    "ProcessWorkers",
    "RunService",
    "Workers",
    "WorkersLost",
    "execute_run",
    "lend_store",
    "new_owner",
    "purge_runs",
    "purge_states",
    "run_folder",
    "take_store_back",
]
