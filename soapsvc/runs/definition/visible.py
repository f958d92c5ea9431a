"""Whether a user may see a run."""

from __future__ import annotations

from soapsvc.runs.definition.model import RunRequest
from soapsvc.tenant.users import User


def may_see(request: RunRequest, user: User) -> bool:
    """Whether the user may see all organizations of a run with this request.

    Organizations by name do not count, because another organization may get the name later. Runs of users with limited
    rights name organizations by id.
    """
    if not user.organizations:
        return True
    named = request.organizations
    return bool(named) and all(user.sees(each.id) for each in named)
