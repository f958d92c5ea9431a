"""Users and login sessions of the tenant.

Passwords and client secrets are kept as argon2 hashes, session tokens as SHA-256; none can be read back from the store.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from secrets import token_urlsafe

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, RowMapping, delete, insert, select

from soapsvc.engine.model import Account
from soapsvc.tenant.fields import derived_id
from soapsvc.tenant.schema import SESSIONS, USERS
from soapsvc.tenant.settings import UserEntry

_HASHER = PasswordHasher()
_TOKEN_BYTES = 96


@dataclass(frozen=True, slots=True)
class User:
    """A user who may log in. `organizations` empty means all; `id` is stable for a username."""

    id: str
    username: str
    name: str
    email: str
    organizations: frozenset[str]

    def may_see(self, account: Account) -> bool:
        """Whether the account is in one of the user's organizations."""
        return not self.organizations or account.organization_id in self.organizations


@dataclass(frozen=True, slots=True)
class Session:
    """A login of `user` that is good until `expires` (seconds since 1970), and not at it."""

    user: User
    expires: int


def replace_users(connection: Connection, entries: Iterable[UserEntry]) -> None:
    """Make `entries` the only users; sessions of users who are gone end."""
    entries = list(entries)
    names = [entry.username for entry in entries]
    connection.execute(delete(USERS).where(USERS.c.username.not_in(names)))
    for entry in entries:
        put_user(connection, entry)
    connection.execute(delete(SESSIONS).where(SESSIONS.c.username.not_in(select(USERS.c.username))))


def put_user(connection: Connection, entry: UserEntry) -> None:
    """Add or replace one user. A hash that still fits is kept as it is."""
    hashes = select(USERS.c.password_hash, USERS.c.client_secret_hash).where(USERS.c.username == entry.username)
    old_password, old_secret = connection.execute(hashes).one_or_none() or (None, None)
    connection.execute(delete(USERS).where(USERS.c.username == entry.username))
    connection.execute(
        insert(USERS).values(
            username=entry.username,
            password_hash=entry.password_hash or _hash(entry.password, old_password),
            name=entry.name,
            email=entry.email,
            organizations=msgspec.json.encode(sorted(entry.organizations)),
            client_id=entry.client_id,
            client_secret_hash=entry.client_secret_hash or _hash(entry.client_secret, old_secret),
        )
    )


def find_user(connection: Connection, username: str) -> User | None:
    """The user of that name."""
    row = connection.execute(select(USERS).where(USERS.c.username == username)).mappings().one_or_none()
    return None if row is None else _user(row)


def login(connection: Connection, username: str, password: str) -> User | None:
    """The user whose name and password these are; an unknown name takes as long as a wrong password."""
    row = connection.execute(select(USERS).where(USERS.c.username == username)).mappings().one_or_none()
    return (
        _user(row) if _fits(row["password_hash"] if row is not None else None, password) and row is not None else None
    )


def login_client(connection: Connection, client_id: str, client_secret: str) -> User | None:
    """The user whose OAuth client these credentials are."""
    row = connection.execute(select(USERS).where(USERS.c.client_id == client_id)).mappings().one_or_none()
    fits = _fits(row["client_secret_hash"] if row is not None else None, client_secret)
    return _user(row) if fits and row is not None else None


def create_session(connection: Connection, username: str, expires: int) -> str:
    """A new session until `expires` (seconds since 1970); returns its token, which is kept nowhere else."""
    token = token_urlsafe(_TOKEN_BYTES)
    connection.execute(insert(SESSIONS).values(token_hash=_token_hash(token), username=username, expires=expires))
    return token


def find_session(connection: Connection, token: str, now: int) -> Session | None:
    """The session of that token, if it is still open at `now` (seconds since 1970)."""
    found = (
        select(USERS, SESSIONS.c.expires)
        .join(SESSIONS, SESSIONS.c.username == USERS.c.username)
        .where(SESSIONS.c.token_hash == _token_hash(token), SESSIONS.c.expires > now)
    )
    row = connection.execute(found).mappings().one_or_none()
    return None if row is None else Session(_user(row), row["expires"])


def purge_sessions(connection: Connection, now: int) -> int:
    """Forget the sessions that ended before `now`; returns how many."""
    return connection.execute(delete(SESSIONS).where(SESSIONS.c.expires <= now)).rowcount


def _user(row: RowMapping) -> User:
    organizations = frozenset(msgspec.json.decode(row["organizations"], type=list[str]))
    return User(derived_id("user", row["username"]), row["username"], row["name"], row["email"], organizations)


def _hash(secret: str | None, old: str | None) -> str | None:
    if secret is None:
        return None
    return old if old is not None and _fits(old, secret) else _HASHER.hash(secret)


def _fits(secret_hash: str | None, secret: str) -> bool:
    try:
        return _HASHER.verify(secret_hash or _decoy_hash(), secret)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _decoy_hash() -> str:
    """What an unknown user's password is compared with, so that names cannot be told by the time that it takes."""
    return _HASHER.hash(token_urlsafe())


def _token_hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
