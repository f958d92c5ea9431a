"""Who may see a run."""

from __future__ import annotations

from soapsvc.runs.model import Run
from soapsvc.tenant.users import User


def may_see(run: Run, user: User) -> bool:
    """Whether the run is the user's own, or only about organizations that the user may see."""
    if not user.organizations or run.created_by == user.id:
        return True
    named = run.request.organizations
    return bool(named) and all(each.id in user.organizations for each in named)
