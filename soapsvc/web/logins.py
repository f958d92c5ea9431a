"""Log in: check names and secrets, and delay the answers to guesses."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from hashlib import blake2b
from secrets import token_bytes

from soapsvc.clock import Clock
from soapsvc.tenant.formats import LONGEST_NAME
from soapsvc.tenant.store import Store
from soapsvc.tenant.users import Login, User, fits
from soapsvc.web.calls import current_call
from soapsvc.web.guessing import Guesses, GuessLimits, TooManyGuesses

_UNFIT = re.compile("[\x00\ud800-\udfff]")
_REMEMBERED = 4096
# An argon2 hash takes tens of milliseconds of a core and 64 MiB of memory: logins queue for it.
_HASHING_AT_ONCE = 2
_WAITING_AT_ONCE = 4


class WrongCredentials(Exception):
    """No user has this name and this secret."""


class Logins:
    """Checks names and secrets. The answer to a wrong one is delayed, with `sleep`; the answer to a right one is not.

    So a user does not wait for other users' wrong secrets, except after hundreds of guesses (`guessing`): a user who
    shares name and address with the guesser must try again later. A secret that was right in this process before is
    accepted without hashing or counting, as long as the user has it. The process keeps only its digest under a key that
    exists only in this process.

    A delayed answer holds a thread. Only a few may wait at a time; the others are answered at once. A guesser gains
    nothing by that, because the next guess is not checked before this answer was due.
    """

    def __init__(self, store: Store, clock: Clock, sleep: Callable[[float], None], limits: GuessLimits) -> None:
        self._store = store
        self._sleep = sleep
        self._guesses = Guesses(store, clock, limits)
        self._hashing = threading.BoundedSemaphore(_HASHING_AT_ONCE)
        self._waiting = threading.BoundedSemaphore(_WAITING_AT_ONCE)
        self._lock = threading.Lock()
        self._key = token_bytes(32)
        self._right: OrderedDict[bytes, str] = OrderedDict()

    def user(self, username: str | None, password: str | None, address: str) -> User:
        """The user of that name and password, who calls from a network address.

        Raises WrongCredentials, with a delay that grows with the number of wrong guesses, and TooManyGuesses.
        """
        return self._told("user", self._store.login, username, password, address)

    def client(self, client_id: str | None, client_secret: str | None, address: str) -> User:
        """The user of that OAuth client; raises as `user` does."""
        return self._told("client", self._store.client_login, client_id, client_secret, address)

    def _told(
        self, kind: str, find: Callable[[str], Login | None], name: str | None, secret: str | None, address: str
    ) -> User:
        """As `_checked`; the current call records the user or the failure."""
        call = current_call()
        try:
            user = self._checked(kind, find, name, secret, address)
        except WrongCredentials:
            call.login_refused = "wrong"
            raise
        except TooManyGuesses:
            call.login_refused = "too_many"
            raise
        call.user = user.username
        return user

    def _checked(
        self, kind: str, find: Callable[[str], Login | None], name: str | None, secret: str | None, address: str
    ) -> User:
        if name is None or secret is None or len(name) > LONGEST_NAME or _UNFIT.search(name) or _UNFIT.search(secret):
            raise WrongCredentials
        found, digest = find(name), self._digest(kind, name, secret)
        with self._lock:
            known = self._right.get(digest)
        if found is not None and known is not None and known == found.secret_hash:
            return found.user
        guess = self._guesses.begin(f"{kind} {name}", address)
        with self._hashing:
            is_right = fits(found, secret)
        if found is None or found.secret_hash is None or not is_right:
            self._wait(guess.seconds)
            raise WrongCredentials
        self._guesses.right(guess)
        with self._lock:
            self._right[digest] = found.secret_hash
            if len(self._right) > _REMEMBERED:
                self._right.popitem(last=False)
        return found.user

    def _wait(self, seconds: float) -> None:
        if seconds > 0 and self._waiting.acquire(blocking=False):
            try:
                self._sleep(seconds)
            finally:
                self._waiting.release()

    def _digest(self, kind: str, name: str, secret: str) -> bytes:
        return blake2b(f"{kind}\0{name}\0{secret}".encode(), key=self._key, digest_size=32).digest()
