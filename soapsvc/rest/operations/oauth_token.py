"""`POST /oauth/token`: a bearer token for the credentials of an OAuth client ("Create an OAuth token")."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl

import msgspec

from soapsvc.randomness import random_uuid
from soapsvc.rest.http import BadRequest, Call, Reply, RestLimits, TooLarge, Unauthorized, too_many
from soapsvc.web.guessing import TooManyGuesses
from soapsvc.web.logins import Logins, WrongCredentials
from soapsvc.web.sessions import Sessions

FORM = "application/x-www-form-urlencoded"
_GRANT = "client_credentials"
_MOST_BYTES = 64 * 1024
"""The most bytes of a body: above any id and secret. Anyone can send it, and parsing a form takes 30 times its size."""
_NOT_STORED = {"Cache-Control": "no-store", "Pragma": "no-cache"}


@dataclass(frozen=True, slots=True)
class OAuthToken:
    """The operation; open to everyone who knows an OAuth client's id and secret."""

    logins: Logins
    sessions: Sessions
    limits: RestLimits

    def __call__(self, call: Call) -> Reply:
        """Check the credentials and open a session."""
        given = _given(call)
        if given.get("grant_type") != _GRANT:
            raise BadRequest(f"'grant_type' value should be one of: {_GRANT}.", "grant_type")
        for name in ("client_id", "client_secret"):
            if not given.get(name):
                raise BadRequest(f"'{name}' is required.", name)
            if "\0" in given[name]:
                raise BadRequest(f"'{name}' contains a NUL character.", name)
        try:
            user = self.logins.client(given["client_id"], given["client_secret"], call.client)
        except WrongCredentials as error:
            raise Unauthorized("The client id or the client secret is wrong.") from error
        except TooManyGuesses as refused:
            raise too_many(refused) from refused
        lifetime = self.limits.token_lifetime
        token = {
            "access_token": self.sessions.open(user, lifetime),
            "token_type": "bearer",
            "expires_in": int(lifetime.total_seconds()),
            "scope": " ".join(["user", *(f"org.{each}" for each in sorted(user.organizations))]),
            "jti": random_uuid().hex,
        }
        return Reply([msgspec.json.encode(token)], headers=_NOT_STORED)


def _given(call: Call) -> dict[str, str]:
    """The parameters of the body, a form or JSON."""
    if len(call.body) > _MOST_BYTES:
        raise TooLarge(f"The request body has more than {_MOST_BYTES} bytes.")
    if call.headers.get("content-type", "").lower().startswith(FORM):
        try:
            return dict(parse_qsl(call.body.decode(), keep_blank_values=True, max_num_fields=20))
        except ValueError as error:
            raise BadRequest("The request body is not a form.") from error
    return {name: value for name, value in call.document().items() if isinstance(value, str)}
