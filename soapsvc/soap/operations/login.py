"""`login`: a user name and a password for a session and the URL to call."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from soapsvc.soap.contract import CanonicalBody
from soapsvc.soap.operations.call import Call, Run
from soapsvc.soap.reading import read_strings
from soapsvc.soap.writing import answer
from soapsvc.web.logins import Logins
from soapsvc.web.sessions import Sessions


@dataclass(frozen=True, slots=True)
class Login:
    """The operation; the only one without a session."""

    logins: Logins
    sessions: Sessions

    def prepare(self, call: Call, body: CanonicalBody) -> Run:
        """Read the credentials."""
        given = read_strings(call.node, ("username", "password"), body)
        return partial(self._run, call, given.get("username"), given.get("password"))

    def _run(self, call: Call, username: str | None, password: str | None) -> Iterable[bytes]:
        token = self.sessions.open(self.logins.user(username, password, call.addresses.client))
        result = (("Session", token), ("ServerUrl", call.addresses.server_url))
        return [answer(call.soap, "loginResponse", result, result=True)]
