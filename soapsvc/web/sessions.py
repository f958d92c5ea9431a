"""Logging in and staying so: opaque tokens kept by the tenant, and a slow answer to whoever guesses passwords."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from soapsvc.clock import Clock
from soapsvc.tenant.store import Store
from soapsvc.tenant.users import User

_CACHED_SESSIONS = 4096
_CACHED_SECONDS = 60
_WATCHED_NAMES = 4096
_FORGIVEN_AFTER = timedelta(minutes=15)
# An argon2 hash takes tens of milliseconds of a core and 64 MiB of memory: logins queue for it.
_HASHING_AT_ONCE = 2
_WAITING_AT_ONCE = 8


class NoSession(Exception):
    """The token is of no session, or of one that is over."""


class WrongCredentials(Exception):
    """Nobody has this name and this secret."""


@dataclass(frozen=True, slots=True)
class _Failures:
    count: int
    last: float


class Sessions:
    """Sessions of one tenant; the store has them, so that one opened in any worker process works in all.

    A session lives for a fixed time from login. One that was seen is remembered for a minute, never past its end, so
    that a call need not ask the store; a user who was removed is known for no longer than that.
    """

    def __init__(self, store: Store, clock: Clock, lifetime: timedelta, token_length: int) -> None:
        self._store = store
        self._clock = clock
        self._token_length = token_length
        self._lifetime = lifetime
        self._lock = threading.Lock()
        self._known: OrderedDict[bytes, tuple[User, int]] = OrderedDict()

    def open(self, user: User, lifetime: timedelta | None = None) -> str:
        """A new session, of the usual lifetime where none is given; returns its token. The user's others go on."""
        now = int(self._clock().timestamp())
        self._store.purge_sessions(now)
        return self._store.create_session(user.username, now + int((lifetime or self._lifetime).total_seconds()))

    def user(self, token: str | None) -> User:
        """The user of an open session; raises NoSession."""
        if token is None or len(token) > self._token_length:
            raise NoSession
        now = int(self._clock().timestamp())
        key = sha256(token.encode()).digest()
        with self._lock:
            known = self._known.get(key)
        if known is not None and known[1] > now:
            return known[0]
        session = self._store.session(token, now)
        if session is None:
            raise NoSession
        with self._lock:
            self._known[key] = session.user, min(session.expires, now + _CACHED_SECONDS)
            if len(self._known) > _CACHED_SESSIONS:
                self._known.popitem(last=False)
        return session.user


class Logins:
    """Checks names and secrets, and makes each further guess at a name wait longer.

    While one guess at a name waits, others at it are refused unchecked, and so are all that would wait when eight do:
    else guessing in parallel would undo the waiting, and the waiting would hold every thread. `patience` is how many
    failures go unpunished, `longest_delay` the most that the next one waits, with `sleep`.
    """

    def __init__(
        self, store: Store, clock: Clock, sleep: Callable[[float], None], patience: int, longest_delay: timedelta
    ) -> None:
        self._store = store
        self._clock = clock
        self._sleep = sleep
        self._patience = patience
        self._longest_delay = longest_delay.total_seconds()
        self._lock = threading.Lock()
        self._hashing = threading.BoundedSemaphore(_HASHING_AT_ONCE)
        self._failures: OrderedDict[str, _Failures] = OrderedDict()
        self._waiting: set[str] = set()

    def user(self, username: str | None, password: str | None) -> User:
        """The user of that name and password; raises WrongCredentials, the later the more often it was wrong before."""
        return self._checked(self._store.login, f"user {username}", username, password)

    def client(self, client_id: str | None, client_secret: str | None) -> User:
        """The user of that OAuth client; raises WrongCredentials as `user` does."""
        return self._checked(self._store.login_client, f"client {client_id}", client_id, client_secret)

    def _checked(
        self, check: Callable[[str, str], User | None], guessed: str, name: str | None, secret: str | None
    ) -> User:
        if name is None or secret is None:
            raise WrongCredentials
        if delay := self._delay(guessed):
            self._wait(guessed, delay)
        with self._hashing:
            user = check(name, secret)
        if user is None:
            self._failed(guessed)
            raise WrongCredentials
        with self._lock:
            self._failures.pop(guessed, None)
        return user

    def _delay(self, guessed: str) -> float:
        with self._lock:
            failures = self._failures.get(guessed)
        if failures is None or failures.count < self._patience or self._forgiven(failures):
            return 0.0
        return min(self._longest_delay, 0.25 * 2.0 ** min(failures.count - self._patience, 16))

    def _wait(self, guessed: str, delay: float) -> None:
        with self._lock:
            if guessed in self._waiting or len(self._waiting) >= _WAITING_AT_ONCE:
                raise WrongCredentials
            self._waiting.add(guessed)
        try:
            self._sleep(delay)
        finally:
            with self._lock:
                self._waiting.discard(guessed)

    def _failed(self, guessed: str) -> None:
        with self._lock:
            before = self._failures.pop(guessed, None)
            count = 0 if before is None or self._forgiven(before) else before.count
            self._failures[guessed] = _Failures(count + 1, self._clock().timestamp())
            if len(self._failures) > _WATCHED_NAMES:
                self._failures.popitem(last=False)

    def _forgiven(self, failures: _Failures) -> bool:
        return self._clock().timestamp() - failures.last > _FORGIVEN_AFTER.total_seconds()
