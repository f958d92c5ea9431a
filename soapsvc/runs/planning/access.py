"""Who may see a run: the one place that decides it. What is asked for here is what the edges show.

A user of some organizations sees the runs that are about those alone, whoever made them, and about no account without
an organization. The rights that count are those of the moment, not those with which a run was made. A run that a user
may not see is, for this user, one that is not there: with the same words.
"""

from __future__ import annotations

from collections.abc import Iterator

from soapsvc.runs.definition import Refusal, Run, RunRefused, may_see, refused
from soapsvc.runs.planning.finding import find_runs
from soapsvc.tenant import Store
from soapsvc.tenant.users import User


def visible_runs(store: Store, user: User, *, key: str | None = None, file_id: str | None = None) -> Iterator[Run]:
    """The runs that fit all that is given and that the user may see, by ascending number."""
    return (run for run in find_runs(store, key=key, file_id=file_id) if may_see(run.request, user))


def visible_run(store: Store, key: str, user: User) -> Run:
    """The run with this id or number. Raises RunRefused where there is none that the user may see."""
    found = next(visible_runs(store, user, key=key), None)
    if found is None:
        raise _unknown(key)
    return found


def check_differences(store: Store, run: Run, user: User) -> None:
    """Raise RunRefused where the run is compared with one that the user may not see: items of both are shown."""
    compared = run.request.compared_run_id
    if compared is not None:
        visible_run(store, compared, user)


def _unknown(key: str) -> RunRefused:
    return refused(Refusal.NOT_FOUND, f"Cannot find entity by key: '{key}'.")
