"""`getUserInfo`: the user and the tenant of the session."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from soapsvc.soap.contract import CanonicalBody
from soapsvc.soap.operations.call import Call, Run
from soapsvc.soap.writing import answer
from soapsvc.tenant.store import Store
from soapsvc.web.sessions import Sessions


@dataclass(frozen=True, slots=True)
class GetUserInfo:
    """The operation."""

    store: Store
    sessions: Sessions

    def prepare(self, call: Call, body: CanonicalBody) -> Run:
        """There is nothing to read."""
        return partial(self._run, call)

    def _run(self, call: Call) -> Iterable[bytes]:
        user = self.sessions.user(call.session)
        settings = self.store.settings()
        facts = (
            ("TenantId", settings.tenant_id),
            ("TenantName", settings.tenant_name),
            ("UserEmail", user.email),
            ("UserFullName", user.name),
            ("UserId", user.id),
            ("Username", user.username),
        )
        return [answer(call.soap, "getUserInfoResponse", facts)]
