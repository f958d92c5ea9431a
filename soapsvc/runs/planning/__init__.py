"""Plan runs: rules for a request, the state of runs in the database, and the parts of a run.

Read `rules` (checks of a request, and the limits of runs under way), `finding` (queries of runs), `state` (the one
module that writes the state of runs and parts), `parts` (how a run is divided), `access` (who sees it), `under_way`
(how many runs are under way, and since when).
"""

from soapsvc.runs.planning.access import check_differences, visible_run, visible_runs
from soapsvc.runs.planning.finding import find_runs, get_run
from soapsvc.runs.planning.parts import Part, open_parts, plan_run, selection_of, state_of
from soapsvc.runs.planning.rules import MOST_RUNS
from soapsvc.runs.planning.state import (
    cancel_run,
    claim_run,
    complete_run,
    create_run,
    fail_run,
    finish_part,
    keep_run,
    mark_purged,
    note_pace,
    release_run,
    reopen_part,
)
from soapsvc.runs.planning.under_way import UnderWay, runs_under_way

__all__ = [
    "MOST_RUNS",
    "Part",
    "UnderWay",
    "cancel_run",
    "check_differences",
    "claim_run",
    "complete_run",
    "create_run",
    "fail_run",
    "find_runs",
    "finish_part",
    "get_run",
    "keep_run",
    "mark_purged",
    "note_pace",
    "open_parts",
    "plan_run",
    "release_run",
    "reopen_part",
    "runs_under_way",
    "selection_of",
    "state_of",
    "visible_run",
    "visible_runs",
]
