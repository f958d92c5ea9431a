"""Execute runs: workers compute the parts, the results are joined, the run ends, and old results are purged.

Read `execute` (one run from its plan to its end), `part` (the work of a worker), `workers`, `service` (the runs of a
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
