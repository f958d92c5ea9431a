"""The work of `soapsvc users`: show, add, change and remove users, and prompt for secrets."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypedDict

import click
from rich.table import Table
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from soapsvc.cli.options.opening import opened
from soapsvc.cli.terminal import console
from soapsvc.clock import system_clock
from soapsvc.tenant import UserEntry, users


class Change(TypedDict, total=False):
    """The new values of a user; values that are None or missing are unchanged."""

    name: str | None
    email: str | None
    client_id: str | None
    organizations: tuple[str, ...]


def show_users(database: str) -> None:
    """Print a table of all users."""
    with _changing(database) as connection:
        found = users.list_users(connection, int(system_clock().timestamp()))
    table = Table("User", "Name", "Email", "Organizations", "OAuth client", "Made by", "Sessions", box=None)
    for each in found:
        user = each.user
        seen = ", ".join(sorted(user.organizations)) or "all"
        made_by = "users" if each.by_hand else "tenant.toml"
        table.add_row(user.username, user.name, user.email, seen, each.client_id or "", made_by, f"{each.sessions}")
    console().print(table)


def add_user(
    database: str, username: str, client_id: str | None, *, name: str, email: str, organizations: tuple[str, ...]
) -> None:
    """Add a user, and prompt for the secrets. Raises click.ClickException where the name exists."""
    with _changing(database) as connection:
        if users.find_user(connection, username) is not None:
            raise click.ClickException(f"The user {username} exists already; change it with `soapsvc users change`.")
    password = _secret("Password")
    secret = _secret("Client secret") if client_id is not None else None
    with _changing(database) as connection:
        entry = UserEntry(username, password, None, name, email, organizations, client_id, secret)
        users.put_user(connection, entry)
    print(f"{username} may log in")


def change_user(
    database: str, username: str, change: Change, *, new_password: bool, new_secret: bool, no_client: bool
) -> None:
    """Change a user, and prompt for new secrets. Raises click.ClickException for an unknown user."""
    client_id = change.get("client_id")
    with _changing(database) as connection:
        entry = _known(connection, username)
    if new_secret and client_id is None and entry.client_id is None:
        raise click.UsageError(f"{username} has no OAuth client; give it one with --client-id.")
    given: dict[str, Any] = {key: value for key, value in change.items() if value is not None and key != "client_id"}
    if new_password:
        given |= {"password": _secret("New password"), "password_hash": None}
    if client_id is not None or new_secret:
        secret = _secret("New client secret")
        given |= {"client_id": client_id or entry.client_id, "client_secret": secret, "client_secret_hash": None}
    if no_client:
        given |= {"client_id": None, "client_secret_hash": None}
    with _changing(database) as connection:
        _known(connection, username)
        users.put_user(connection, replace(entry, **given))
    print(f"{username} is changed")


def remove_user(database: str, username: str) -> None:
    """Remove a user and end the user's sessions. Raises click.ClickException for an unknown name."""
    with _changing(database) as connection:
        _known(connection, username)
        users.remove_user(connection, username)
    print(f"{username} is removed")


def end_sessions_of(database: str, username: str) -> None:
    """End all sessions of a user, and print their number. Raises click.ClickException for an unknown name."""
    with _changing(database) as connection:
        _known(connection, username)
        ended = users.end_sessions(connection, username)
    print(f"{ended} ended")


def print_hash() -> None:
    """Prompt for a secret, and print its hash."""
    print(users.hash_of(_secret("Secret")))


@contextmanager
def _changing(database: str) -> Iterator[Connection]:
    """A transaction on the tenant's users."""
    with opened(None, database) as store:
        try:
            with store.begin() as connection:
                yield connection
        except IntegrityError as error:
            raise click.ClickException("Another user has this OAuth client id; nothing was changed.") from error


def _known(connection: Connection, username: str) -> UserEntry:
    entry = users.find_entry(connection, username)
    if entry is None:
        raise click.ClickException(f"There is no user {username}; `soapsvc users list` shows all.")
    return entry


def _secret(prompt: str) -> str:
    """A secret, typed twice unseen; from a pipe, its next line."""
    if sys.stdin.isatty():
        typed: str = click.prompt(prompt, hide_input=True, confirmation_prompt=True)
        return typed
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise click.ClickException(f"{prompt}: a line with it is expected on standard input.")
    return line
