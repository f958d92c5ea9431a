"""Users and login sessions of the tenant.

Passwords and client secrets are kept as argon2 hashes, session tokens as SHA-256; none can be read back from the store.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, RowMapping, delete, insert, select

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


def replace_users(connection: Connection, entries: Iterable[UserEntry]) -> None:
    """Make `entries` the only users; sessions of users who are gone end. Hashes that still fit are kept as they are."""
    old = {row["username"]: row for row in connection.execute(select(USERS)).mappings()}
    rows = [_row(entry, old.get(entry.username)) for entry in entries]
    connection.execute(delete(USERS))
    if rows:
        connection.execute(insert(USERS), rows)
    connection.execute(delete(SESSIONS).where(SESSIONS.c.username.not_in(select(USERS.c.username))))


def put_user(connection: Connection, entry: UserEntry) -> None:
    """Add or replace one user."""
    old = connection.execute(select(USERS).where(USERS.c.username == entry.username)).mappings().one_or_none()
    row = _row(entry, old)
    connection.execute(delete(USERS).where(USERS.c.username == entry.username))
    connection.execute(insert(USERS), row)


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


def session_user(connection: Connection, token: str, now: int) -> User | None:
    """The user of a session that is still open at `now` (seconds since 1970)."""
    found = (
        select(USERS)
        .join(SESSIONS, SESSIONS.c.username == USERS.c.username)
        .where(SESSIONS.c.token_hash == _token_hash(token), SESSIONS.c.expires > now)
    )
    row = connection.execute(found).mappings().one_or_none()
    return None if row is None else _user(row)


def purge_sessions(connection: Connection, now: int) -> int:
    """Forget the sessions that ended before `now`; returns how many."""
    return connection.execute(delete(SESSIONS).where(SESSIONS.c.expires <= now)).rowcount


def _user(row: RowMapping) -> User:
    organizations = frozenset(msgspec.json.decode(row["organizations"], type=list[str]))
    return User(derived_id("user", row["username"]), row["username"], row["name"], row["email"], organizations)


def _row(entry: UserEntry, old: Mapping[str, Any] | None) -> dict[str, object]:
    return {
        "username": entry.username,
        "password_hash": entry.password_hash or _hash(entry.password or "", old and old["password_hash"]),
        "name": entry.name,
        "email": entry.email,
        "organizations": msgspec.json.encode(sorted(entry.organizations)),
        "client_id": entry.client_id,
        "client_secret_hash": entry.client_secret_hash
        or (_hash(entry.client_secret, old and old["client_secret_hash"]) if entry.client_secret is not None else None),
    }


def _hash(secret: str, old: str | None) -> str:
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
