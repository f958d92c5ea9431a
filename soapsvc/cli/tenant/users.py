"""`soapsvc users`: who may log in to the tenant of a database. Passwords are typed or piped, never arguments."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import click
from rich.table import Table
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from soapsvc.cli.options.source import opened
from soapsvc.cli.runs.options import database_option
from soapsvc.cli.terminal import console
from soapsvc.clock import system_clock
from soapsvc.tenant import UserEntry, users
from soapsvc.tenant.formats import user_name
from soapsvc.tenant.reading import FieldProblem


class _Name(click.ParamType[str]):
    """A user name or client id that the store can hold."""

    name = "name"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return user_name(value)
        except FieldProblem as problem:
            self.fail(problem.reason, param, ctx)


_NAME = _Name()
_organizations = click.option(
    "--organization", "organizations", multiple=True, metavar="ID", help="One that the user may see; may be repeated."
)


@click.group()
def group() -> None:
    """Say who may log in to the tenant of a database."""


@group.command("list")
@database_option
def list_users(database: str) -> None:
    """Show all users, and how many sessions each has."""
    with _changing(database) as connection:
        found = users.list_users(connection, int(system_clock().timestamp()))
    table = Table("User", "Name", "Email", "Organizations", "OAuth client", "Made by", "Sessions", box=None)
    for each in found:
        user = each.user
        seen = ", ".join(sorted(user.organizations)) or "all"
        made_by = "users" if each.by_hand else "tenant.toml"
        table.add_row(user.username, user.name, user.email, seen, each.client_id or "", made_by, f"{each.sessions}")
    console().print(table)


@group.command()
@click.argument("username", type=_NAME)
@click.option("--name", default="", help="The user's full name.")
@click.option("--email", default="", help="The user's address.")
@_organizations
@click.option("--client-id", type=_NAME, metavar="ID", help="An OAuth client for the user; its secret is asked for.")
@database_option
def add(
    username: str, name: str, email: str, organizations: tuple[str, ...], client_id: str | None, database: str
) -> None:
    """Add the user USERNAME; the password is asked for.

    Without --organization the user may see all of them. Users who are added here stay when a tenant directory is
    imported, unless its tenant.toml has a user of the same name.
    """
    with _changing(database) as connection:
        if users.find_user(connection, username) is not None:
            raise click.ClickException(f"There is a user {username} already; `soapsvc users change` changes it.")
    password = _secret("Password")
    secret = _secret("Client secret") if client_id is not None else None
    with _changing(database) as connection:
        entry = UserEntry(username, password, None, name, email, organizations, client_id, secret)
        users.put_user(connection, entry)
    print(f"{username} may log in")


@group.command()
@click.argument("username")
@click.option("--password", is_flag=True, help="Ask for a new password; the user's sessions end.")
@click.option("--name", help="The user's full name.")
@click.option("--email", help="The user's address.")
@_organizations
@click.option("--all-organizations", is_flag=True, help="Let the user see all organizations.")
@click.option("--client-id", type=_NAME, metavar="ID", help="Another OAuth client; its secret is asked for.")
@click.option("--client-secret", is_flag=True, help="Ask for a new client secret; the user's sessions end.")
@click.option("--no-client", is_flag=True, help="Remove the OAuth client; the user's sessions end.")
@database_option
def change(  # noqa: PLR0913, PLR0917 - one for each option
    username: str,
    password: bool,
    name: str | None,
    email: str | None,
    organizations: tuple[str, ...],
    all_organizations: bool,
    client_id: str | None,
    client_secret: bool,
    no_client: bool,
    database: str,
) -> None:
    """Change the given facts of the user USERNAME; the rest stays.

    What the user may see is another from the next call on, also in sessions that are open.
    """
    if organizations and all_organizations:
        raise click.UsageError("--organization and --all-organizations exclude each other.")
    if no_client and (client_id is not None or client_secret):
        raise click.UsageError("--no-client excludes --client-id and --client-secret.")
    with _changing(database) as connection:
        entry = _known(connection, username)
    if client_secret and client_id is None and entry.client_id is None:
        raise click.UsageError(f"{username} has no OAuth client; --client-id gives one.")
    given: dict[str, Any] = {key: value for key, value in (("name", name), ("email", email)) if value is not None}
    if organizations or all_organizations:
        given["organizations"] = organizations
    if password:
        given |= {"password": _secret("New password"), "password_hash": None}
    if client_id is not None or client_secret:
        secret = _secret("New client secret")
        given |= {"client_id": client_id or entry.client_id, "client_secret": secret, "client_secret_hash": None}
    if no_client:
        given |= {"client_id": None, "client_secret_hash": None}
    with _changing(database) as connection:
        _known(connection, username)
        users.put_user(connection, replace(entry, **given))
    print(f"{username} is changed")


@group.command()
@click.argument("username")
@database_option
def remove(username: str, database: str) -> None:
    """Remove the user USERNAME; the user's sessions end."""
    with _changing(database) as connection:
        _known(connection, username)
        users.remove_user(connection, username)
    print(f"{username} is removed")


@group.command("end-sessions")
@click.argument("username")
@database_option
def end_sessions(username: str, database: str) -> None:
    """End all sessions and tokens of the user USERNAME. The user can log in again."""
    with _changing(database) as connection:
        _known(connection, username)
        ended = users.end_sessions(connection, username)
    print(f"{ended} ended")


@group.command("hash")
def hash_secret() -> None:
    """Print the argon2 hash of a secret, for tenant.toml.

    The secret is asked for; from a pipe it is the next line. The hash is a value of password_hash or
    client_secret_hash. Nothing is stored.
    """
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
