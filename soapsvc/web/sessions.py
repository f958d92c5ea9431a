"""Sessions: opaque tokens that the tenant's store keeps."""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import timedelta
from hashlib import sha256
from typing import NamedTuple

from soapsvc.clock import Clock
from soapsvc.tenant import users
from soapsvc.tenant.store import Store
from soapsvc.tenant.users import User
from soapsvc.web.calls import current_call

_CACHED_SESSIONS = 4096
_RENEWED_AFTER = 60


class NoSession(Exception):
    """The token belongs to no session, or to an expired one."""


class _Known(NamedTuple):
    user: User
    expires: int
    changes: object


class Sessions:
    """Sessions of one tenant, in its store, so a session opened in any worker process works in all.

    A session lives for a fixed time from login. It is cached only until the next write to the store, so the removal or
    restriction of a user has effect at the next call.
    """

    def __init__(self, store: Store, clock: Clock, lifetime: timedelta, token_length: int) -> None:
        self._store = store
        self._clock = clock
        self._token_length = token_length
        self._lifetime = lifetime
        self._lock = threading.Lock()
        self._known: OrderedDict[bytes, _Known] = OrderedDict()

    def open(self, user: User, lifetime: timedelta | None = None) -> str:
        """Open a session, by default of the usual lifetime; returns its token. The user's other sessions continue."""
        now = self._now()
        self._store.purge_sessions(now)
        return self._store.create_session(user.username, now + int((lifetime or self._lifetime).total_seconds()))

    def user(self, token: str | None, changes: object = None) -> User:
        """The user of an open session; raises NoSession.

        `changes` is the store's, if the caller has read it for the same call.
        """
        return self._find(token, changes).user

    def renew(self, token: str | None) -> User:
        """As `user`, and restarts the session's lifetime."""
        found = self._find(token)
        expires = self._now() + int(self._lifetime.total_seconds())
        if token is not None and expires - found.expires > _RENEWED_AFTER:
            with self._store.begin() as connection:
                users.renew_session(connection, token, expires)
        return found.user

    def end(self, token: str | None) -> None:
        """End a session. An unknown or ended session is not an error."""
        if token is not None and len(token) <= self._token_length:
            with self._store.begin() as connection:
                users.end_session(connection, token)

    def _find(self, token: str | None, changes: object = None) -> _Known:
        if token is None or len(token) > self._token_length:
            raise NoSession
        now = self._now()
        if changes is None:
            changes = self._store.changes()
        key = sha256(token.encode()).digest()
        with self._lock:
            known = self._known.get(key)
        if known is not None and known.changes == changes and known.expires > now:
            current_call().user = known.user.username
            return known
        session = self._store.session(token, now)
        if session is None:
            with self._lock:
                self._known.pop(key, None)
            raise NoSession
        current_call().user = session.user.username
        found = _Known(session.user, session.expires, changes)
        with self._lock:
            self._known[key] = found
            if len(self._known) > _CACHED_SESSIONS:
                self._known.popitem(last=False)
        return found

    def _now(self) -> int:
        return int(self._clock().timestamp())
