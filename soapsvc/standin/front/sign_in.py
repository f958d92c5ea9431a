"""Lax sign-in: any name, secret and token is accepted, as usual for stand-ins, and every user sees everything.

An unknown name becomes a user who may see all. A session that this stand-in has opened still expires, so a client's
new login after that can be tested.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from hashlib import sha256

from soapsvc.standin.stand_in import StandIn
from soapsvc.tenant import Store, UserEntry
from soapsvc.tenant.formats import LONGEST_NAME
from soapsvc.tenant.users import User
from soapsvc.web.guessing import GuessLimits
from soapsvc.web.logins import Logins, WrongCredentials
from soapsvc.web.sessions import NoSession, Sessions

ANYBODY = "anybody@example.com"
"""The user of a token that the stand-in has not issued."""

_NO_PASSWORD = "!"  # noqa: S105 - a hash that no password has


class LaxLogins(Logins):
    """Accepts any name and secret, as long as the stand-in is lax."""

    def __init__(self, stand_in: StandIn, sleep: Callable[[float], None], limits: GuessLimits) -> None:
        super().__init__(stand_in.store, stand_in.clock, sleep, limits)
        self._stand_in = stand_in

    def user(self, username: str | None, password: str | None, address: str) -> User:
        if not self._stand_in.is_lax:
            return super().user(username, password, address)
        if not username or password is None:
            raise WrongCredentials
        return _known(self._store, username)

    def client(self, client_id: str | None, client_secret: str | None, address: str) -> User:
        if not self._stand_in.is_lax:
            return super().client(client_id, client_secret, address)
        if not client_id or client_secret is None:
            raise WrongCredentials
        found = self._store.client_login(client_id)
        return _known(self._store, client_id) if found is None else found.user


class LaxSessions(Sessions):
    """Accepts any token that it has not issued itself; a token that it has issued is valid as long as its session."""

    def __init__(self, stand_in: StandIn, lifetime: timedelta, token_length: int) -> None:
        super().__init__(stand_in.store, stand_in.clock, lifetime, token_length)
        self._stand_in = stand_in
        self._given_out: set[bytes] = set()
        stand_in.on_reset.append(self._given_out.clear)

    def open(self, user: User, lifetime: timedelta | None = None) -> str:
        token = super().open(user, lifetime)
        self._given_out.add(_digest(token))
        return token

    def user(self, token: str | None, changes: object = None) -> User:
        return self._let_in(token, partial(super().user, changes=changes))

    def renew(self, token: str | None) -> User:
        return self._let_in(token, super().renew)

    def _let_in(self, token: str | None, find: Callable[[str | None], User]) -> User:
        try:
            return find(token)
        except NoSession:
            if (
                not self._stand_in.is_lax
                or token is None
                or len(token) > self._token_length
                or _digest(token) in self._given_out
            ):
                raise
            return _known(self._store, ANYBODY)


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()


def _known(store: Store, username: str) -> User:
    """The user of that name, created if unknown. Raises WrongCredentials for an invalid name."""
    found = store.user(username)
    if found is None:
        if len(username) > LONGEST_NAME or "\0" in username:
            raise WrongCredentials
        store.put_user(UserEntry(username, password_hash=_NO_PASSWORD))
        found = store.user(username)
    if found is None:
        raise WrongCredentials
    return found
