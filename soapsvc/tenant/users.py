"""Users and login sessions of the tenant.

Passwords and client secrets are stored as argon2 hashes, session tokens as SHA-256; none can be read back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from typing import Protocol

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, RowMapping, delete, func, insert, select, update

from soapsvc.randomness import random_bytes, random_token
from soapsvc.tenant.formats import UserEntry
from soapsvc.tenant.reading import derived_id
from soapsvc.tenant.tables import SESSIONS, USERS

_HASHER = PasswordHasher()
_QUICK_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
_TOKEN_BYTES = 96
_SALT_BYTES = 16
_NOBODY: Mapping[str, str | None] = {"password_hash": None, "client_id": None, "client_secret_hash": None}


class Owned(Protocol):
    """An object with an organization and perhaps an entity: an account, or its document."""

    @property
    def organization_id(self) -> str | None:
        """The organization; None without one."""

    @property
    def entity_id(self) -> str | None:
        """The entity; None without one."""


@dataclass(frozen=True, slots=True)
class User:
    """A user who may log in. `organizations` empty means all; `id` is stable for a username."""

    id: str
    username: str
    name: str
    email: str
    organizations: frozenset[str]

    def sees(self, organization_id: str | None) -> bool:
        """Whether the user may see records of an organization (None: of no organization)."""
        return not self.organizations or organization_id in self.organizations

    def may_see(self, account: Owned) -> bool:
        """Whether the account is in one of the user's organizations."""
        return self.sees(account.organization_id)


@dataclass(frozen=True, slots=True)
class Session:
    """A login of `user`, valid before `expires` (seconds since 1970)."""

    user: User
    expires: int


@dataclass(frozen=True, slots=True)
class Login:
    """A user, and the hash of the user's secret; None without a secret."""

    user: User
    secret_hash: str | None


@dataclass(frozen=True, slots=True)
class ListedUser:
    """A user in a list. `by_hand`: not made by a tenant.toml; `sessions` is the number of open sessions."""

    user: User
    client_id: str | None
    by_hand: bool
    sessions: int


def replace_users(connection: Connection, entries: Iterable[UserEntry]) -> None:
    """Replace all users, except those made by hand, by `entries`; sessions of removed users end."""
    entries = list(entries)
    names = [entry.username for entry in entries]
    connection.execute(delete(USERS).where(USERS.c.username.not_in(names), USERS.c.by_hand == 0))
    for entry in entries:
        put_user(connection, entry, by_hand=False)
    connection.execute(delete(SESSIONS).where(SESSIONS.c.username.not_in(select(USERS.c.username))))


def hashed(connection: Connection, entries: Iterable[UserEntry]) -> list[UserEntry]:
    """The entries with hashes instead of secrets, so that hashing does not happen inside a transaction.

    A hash of the same secret is kept.
    """
    kept = select(USERS.c.username, USERS.c.password_hash, USERS.c.client_secret_hash)
    with connection.begin():
        old = {name: hashes for name, *hashes in connection.execute(kept)}
    return [_hashed(entry, *old.get(entry.username, (None, None))) for entry in entries]


def quickly_hashed(_connection: Connection, entries: Iterable[UserEntry]) -> list[UserEntry]:
    """Like `hashed`, with the least work: for secrets that protect nothing, such as those of a stand-in."""
    return [
        replace(
            entry,
            password=None,
            password_hash=entry.password_hash or _quick_hash(entry.password),
            client_secret=None,
            client_secret_hash=entry.client_secret_hash or _quick_hash(entry.client_secret),
        )
        for entry in entries
    ]


def _hashed(entry: UserEntry, old_password: str | None, old_secret: str | None) -> UserEntry:
    return replace(
        entry,
        password=None,
        password_hash=entry.password_hash or _hash(entry.password, old_password),
        client_secret=None,
        client_secret_hash=entry.client_secret_hash or _hash(entry.client_secret, old_secret),
    )


def put_user(connection: Connection, entry: UserEntry, *, by_hand: bool = True) -> None:
    """Add or replace one user. A hash of the same secret is kept; a new secret ends the user's sessions."""
    found = select(USERS).where(USERS.c.username == entry.username)
    old = connection.execute(found).mappings().one_or_none() or _NOBODY
    secrets = {
        "password_hash": entry.password_hash or _hash(entry.password, old["password_hash"]),
        "client_id": entry.client_id,
        "client_secret_hash": entry.client_secret_hash or _hash(entry.client_secret, old["client_secret_hash"]),
    }
    connection.execute(delete(USERS).where(USERS.c.username == entry.username))
    connection.execute(
        insert(USERS).values(
            username=entry.username,
            name=entry.name,
            email=entry.email,
            organizations=msgspec.json.encode(sorted(entry.organizations)),
            by_hand=int(by_hand),
            **secrets,
        )
    )
    if any(old[name] != value for name, value in secrets.items()):
        end_sessions(connection, entry.username)


def find_entry(connection: Connection, username: str) -> UserEntry | None:
    """The user of that name as an entry from which the same user can be made again."""
    row = connection.execute(select(USERS).where(USERS.c.username == username)).mappings().one_or_none()
    if row is None:
        return None
    return UserEntry(
        row["username"],
        password_hash=row["password_hash"],
        name=row["name"],
        email=row["email"],
        organizations=tuple(msgspec.json.decode(row["organizations"], type=list[str])),
        client_id=row["client_id"],
        client_secret_hash=row["client_secret_hash"],
    )


def remove_user(connection: Connection, username: str) -> bool:
    """Remove a user and end the user's sessions; False for an unknown name."""
    end_sessions(connection, username)
    return connection.execute(delete(USERS).where(USERS.c.username == username)).rowcount == 1


def list_users(connection: Connection, now: int) -> list[ListedUser]:
    """All users by name, with the sessions that are open at `now` (seconds since 1970)."""
    count = select(SESSIONS.c.username, func.count().label("open")).where(SESSIONS.c.expires > now)
    opened = {row.username: row.open for row in connection.execute(count.group_by(SESSIONS.c.username))}
    rows = connection.execute(select(USERS).order_by(USERS.c.username)).mappings()
    return [
        ListedUser(_user(row), row["client_id"], bool(row["by_hand"]), opened.get(row["username"], 0)) for row in rows
    ]


def find_user(connection: Connection, username: str) -> User | None:
    """The user of that name."""
    row = connection.execute(select(USERS).where(USERS.c.username == username)).mappings().one_or_none()
    return None if row is None else _user(row)


def find_login(connection: Connection, username: str) -> Login | None:
    """The login to check a password of the user of that name."""
    row = connection.execute(select(USERS).where(USERS.c.username == username)).mappings().one_or_none()
    return None if row is None else Login(_user(row), row["password_hash"])


def find_client_login(connection: Connection, client_id: str) -> Login | None:
    """The login to check a secret of the OAuth client of that id."""
    row = connection.execute(select(USERS).where(USERS.c.client_id == client_id)).mappings().one_or_none()
    return None if row is None else Login(_user(row), row["client_secret_hash"])


def fits(login: Login | None, secret: str) -> bool:
    """Whether the secret is right. For an unknown user this takes as long as for a wrong secret."""
    known = login.secret_hash if login is not None else None
    return _verified(known or _decoy_hash(), secret) and known is not None


def create_session(connection: Connection, username: str, expires: int) -> str:
    """Open a session until `expires` (seconds since 1970); returns its token, which is not stored."""
    token = random_token(_TOKEN_BYTES)
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


def renew_session(connection: Connection, token: str, expires: int) -> None:
    """Let the session of that token last until `expires` (seconds since 1970)."""
    this = SESSIONS.c.token_hash == _token_hash(token)
    connection.execute(update(SESSIONS).where(this).values(expires=expires))


def end_session(connection: Connection, token: str) -> None:
    """End the session of that token."""
    connection.execute(delete(SESSIONS).where(SESSIONS.c.token_hash == _token_hash(token)))


def end_sessions(connection: Connection, username: str) -> int:
    """End all sessions of a user; returns how many."""
    return connection.execute(delete(SESSIONS).where(SESSIONS.c.username == username)).rowcount


def purge_sessions(connection: Connection, now: int) -> int:
    """Forget the sessions that ended before `now`; returns how many."""
    return connection.execute(delete(SESSIONS).where(SESSIONS.c.expires <= now)).rowcount


def _user(row: RowMapping) -> User:
    organizations = frozenset(msgspec.json.decode(row["organizations"], type=list[str]))
    return User(derived_id("user", row["username"]), row["username"], row["name"], row["email"], organizations)


def _hash(secret: str | None, old: str | None) -> str | None:
    """The hash of a secret: the old hash, if it is of the same secret."""
    if secret is None:
        return None
    return old if old is not None and _verified(old, secret) else hash_of(secret)


def hash_of(secret: str) -> str:
    """A new argon2 hash of a password or client secret, as tenant.toml takes it."""
    return _HASHER.hash(secret, salt=random_bytes(_SALT_BYTES))


def _quick_hash(secret: str | None) -> str | None:
    return None if secret is None else _QUICK_HASHER.hash(secret, salt=random_bytes(_SALT_BYTES))


def _verified(secret_hash: str, secret: str) -> bool:
    try:
        return _HASHER.verify(secret_hash, secret)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _decoy_hash() -> str:
    """A hash for the password of an unknown user, so that the time of an answer does not show if a name exists."""
    return _HASHER.hash(random_token(32))


def _token_hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
