"""What a run is about, held against what a user may see."""

from __future__ import annotations

from soapsvc.runs.definition.model import RunRequest
from soapsvc.tenant.users import User


def may_see(request: RunRequest, user: User) -> bool:
    """Whether a run with this request is only about organizations that the user may see.

    Organizations by name do not count: their names may be those of others tomorrow. Runs of users who may not see all
    name them by id.
    """
    if not user.organizations:
        return True
    named = request.organizations
    return bool(named) and all(user.sees(each.id) for each in named)
