"""`POST /v1/connections`: a session in a cookie, for old clients; DELETE, an extension, ends it."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from soapsvc.rest.http import COOKIE, Call, Reply, session_token
from soapsvc.web.sessions import Sessions

_SUCCESS = msgspec.json.encode({"success": True})
_HTTPS = "https:"


@dataclass(frozen=True, slots=True)
class Connections:
    """Two operations on the caller's session."""

    sessions: Sessions

    def open(self, call: Call) -> Reply:
        """Open a session for the caller; every call with its cookie restarts its lifetime."""
        return _with_cookie(call, self.sessions.open(call.caller.user), "")

    def end(self, call: Call) -> Reply:
        """End the session of the call, also one that another operation opened; the user's other sessions continue."""
        self.sessions.end(session_token(call.headers))
        return _with_cookie(call, "", "; Max-Age=0")


def _with_cookie(call: Call, value: str, more: str) -> Reply:
    """The reply with the cookie.

    It is `Secure` only over an encrypted connection; else no client would send it back.
    """
    secure = "; Secure" if call.base_url.startswith(_HTTPS) else ""
    cookie = f"{COOKIE}={value}; Path=/{secure}; HttpOnly; SameSite=Lax{more}"
    return Reply([_SUCCESS], headers={"Set-Cookie": cookie, "Cache-Control": "no-store"})
