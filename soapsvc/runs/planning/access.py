"""The one place that decides who may see a run. The edges show only runs that they get from here.

A user of some organizations sees the runs that are only about these organizations, by whichever user, and not about
accounts without an organization. The user's current rights count, not those at the run's creation. A run that a user
may not see gets the same answer as a run that does not exist.
"""

from __future__ import annotations

from collections.abc import Iterator

from soapsvc.runs.definition import Refusal, Run, RunRefused, may_see, refused
from soapsvc.runs.planning.finding import find_runs
from soapsvc.tenant import Store
from soapsvc.tenant.users import User


def visible_runs(store: Store, user: User, *, key: str | None = None, file_id: str | None = None) -> Iterator[Run]:
    """The runs that match all arguments and that the user may see, by ascending number."""
    return (run for run in find_runs(store, key=key, file_id=file_id) if may_see(run.request, user))


def visible_run(store: Store, key: str, user: User) -> Run:
    """The run with this id or number. Raises RunRefused for one that the user may not see, or that does not exist."""
    found = next(visible_runs(store, user, key=key), None)
    if found is None:
        raise _unknown(key)
    return found


def check_differences(store: Store, run: Run, user: User) -> None:
    """Raise RunRefused where the user may not see the run's compared run: differences show items of both."""
    compared = run.request.compared_run_id
    if compared is not None:
        visible_run(store, compared, user)


def _unknown(key: str) -> RunRefused:
    return refused(Refusal.NOT_FOUND, f"Cannot find entity by key: '{key}'.")
