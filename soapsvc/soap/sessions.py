"""Logging in and staying so: opaque tokens kept by the tenant, and a slow answer to whoever guesses passwords."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from soapsvc.clock import Clock
from soapsvc.soap.faults import InvalidSession, WrongLogin
from soapsvc.soap.limits import Limits
from soapsvc.tenant.store import Store
from soapsvc.tenant.users import User

_CACHED_SESSIONS = 4096
_CACHED_SECONDS = 60
_WATCHED_NAMES = 4096
_FORGIVEN_AFTER = timedelta(minutes=15)
# An argon2 hash takes tens of milliseconds of a core and 64 MiB of memory: logins queue for it.
_HASHING_AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class _Failures:
    count: int
    last: float


class Sessions:
    """Sessions of one tenant; the store has them, so that one opened in any worker process works in all.

    A session lives for a fixed time from login. One that was seen is remembered for a minute, never past its end, so
    that a call need not ask the store; a user who was removed is known for no longer than that.
    """

    def __init__(self, store: Store, clock: Clock, lifetime: timedelta, limits: Limits) -> None:
        self._store = store
        self._clock = clock
        self._lifetime = lifetime
        self._limits = limits
        self._lock = threading.Lock()
        self._known: OrderedDict[bytes, tuple[User, int]] = OrderedDict()

    def open(self, user: User) -> str:
        """A new session; returns its token. Those that the user has already go on."""
        now = int(self._clock().timestamp())
        self._store.purge_sessions(now)
        return self._store.create_session(user.username, now + int(self._lifetime.total_seconds()))

    def user(self, token: str | None) -> User:
        """The user of an open session; raises InvalidSession."""
        if token is None or len(token) > self._limits.token_length:
            raise InvalidSession
        now = int(self._clock().timestamp())
        key = sha256(token.encode()).digest()
        with self._lock:
            known = self._known.get(key)
        if known is not None and known[1] > now:
            return known[0]
        session = self._store.session(token, now)
        if session is None:
            raise InvalidSession
        with self._lock:
            self._known[key] = session.user, min(session.expires, now + _CACHED_SECONDS)
            if len(self._known) > _CACHED_SESSIONS:
                self._known.popitem(last=False)
        return session.user


class Logins:
    """Checks passwords, and makes each further guess at a name wait longer."""

    def __init__(self, store: Store, clock: Clock, limits: Limits, sleep: Callable[[float], None]) -> None:
        self._store = store
        self._clock = clock
        self._limits = limits
        self._sleep = sleep
        self._lock = threading.Lock()
        self._hashing = threading.BoundedSemaphore(_HASHING_AT_ONCE)
        self._failures: OrderedDict[str, _Failures] = OrderedDict()

    def user(self, username: str | None, password: str | None) -> User:
        """The user of that name and password; raises WrongLogin, the later the more often it was wrong before."""
        if username is None or password is None:
            raise WrongLogin
        self._sleep(self._delay(username))
        with self._hashing:
            user = self._store.login(username, password)
        if user is None:
            self._failed(username)
            raise WrongLogin
        with self._lock:
            self._failures.pop(username, None)
        return user

    def _delay(self, username: str) -> float:
        with self._lock:
            failures = self._failures.get(username)
        if failures is None or failures.count < self._limits.failed_logins or self._forgiven(failures):
            return 0.0
        longest = self._limits.login_delay.total_seconds()
        return min(longest, 0.25 * 2.0 ** min(failures.count - self._limits.failed_logins, 16))

    def _failed(self, username: str) -> None:
        with self._lock:
            before = self._failures.pop(username, None)
            count = 0 if before is None or self._forgiven(before) else before.count
            self._failures[username] = _Failures(count + 1, self._clock().timestamp())
            if len(self._failures) > _WATCHED_NAMES:
                self._failures.popitem(last=False)

    def _forgiven(self, failures: _Failures) -> bool:
        return self._clock().timestamp() - failures.last > _FORGIVEN_AFTER.total_seconds()
