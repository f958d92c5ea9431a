"""`soapsvc users`: who may log in to the tenant of a database. Passwords are typed or piped, never arguments."""

from __future__ import annotations

from typing import Any

import click

from soapsvc.cli.runs.options import database_option


class _Name(click.ParamType[str]):
    """A user name or client id that the store can hold."""

    name = "name"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from soapsvc.tenant.formats import user_name
        from soapsvc.tenant.reading import FieldProblem

        try:
            return user_name(value)
        except FieldProblem as problem:
            self.fail(problem.reason, param, ctx)


_NAME = _Name()
_organizations = click.option(
    "--organization",
    "organizations",
    multiple=True,
    metavar="ID",
    help="An organization that the user may see; may be repeated.",
)


@click.group()
def group() -> None:
    """Add, change, list and remove the users who may log in."""


@group.command("list")
@database_option
def list_users(database: str) -> None:
    """Show all users, and how many sessions each has."""
    from soapsvc.cli.tenant.user_changes import show_users

    show_users(database)


@group.command()
@click.argument("username", type=_NAME)
@click.option("--name", default="", help="The user's full name.")
@click.option("--email", default="", help="The user's address.")
@_organizations
@click.option(
    "--client-id", type=_NAME, metavar="ID", help="An OAuth client for the user; the command asks for its secret."
)
@database_option
def add(
    username: str, name: str, email: str, organizations: tuple[str, ...], client_id: str | None, database: str
) -> None:
    """Add the user USERNAME, and ask for the password.

    Without --organization the user may see all organizations. Users who are added here stay when a tenant directory is
    imported, unless its tenant.toml has a user of the same name.
    """
    from soapsvc.cli.tenant.user_changes import add_user

    add_user(database, username, client_id, name=name, email=email, organizations=organizations)


@group.command()
@click.argument("username")
@click.option("--password", is_flag=True, help="Ask for a new password; the user's sessions end.")
@click.option("--name", help="The user's full name.")
@click.option("--email", help="The user's address.")
@_organizations
@click.option("--all-organizations", is_flag=True, help="Let the user see all organizations.")
@click.option("--client-id", type=_NAME, metavar="ID", help="Another OAuth client; the command asks for its secret.")
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
    """Change the user USERNAME: only what the options give.

    A change of organizations takes effect with the user's next call, also in open sessions.
    """
    if organizations and all_organizations:
        raise click.UsageError("--organization and --all-organizations exclude each other.")
    if no_client and (client_id is not None or client_secret):
        raise click.UsageError("--no-client excludes --client-id and --client-secret.")
    from soapsvc.cli.tenant.user_changes import Change, change_user

    given: Change = {"name": name, "email": email, "client_id": client_id}
    if organizations or all_organizations:
        given["organizations"] = organizations
    change_user(database, username, given, new_password=password, new_secret=client_secret, no_client=no_client)


@group.command()
@click.argument("username")
@database_option
def remove(username: str, database: str) -> None:
    """Remove the user USERNAME; the user's sessions end."""
    from soapsvc.cli.tenant.user_changes import remove_user

    remove_user(database, username)


@group.command("end-sessions")
@click.argument("username")
@database_option
def end_sessions(username: str, database: str) -> None:
    """End all sessions and tokens of the user USERNAME. The user can log in again."""
    from soapsvc.cli.tenant.user_changes import end_sessions_of

    end_sessions_of(database, username)


@group.command("hash")
def hash_secret() -> None:
    """Print the argon2 hash of a secret, for tenant.toml.

    It asks for the secret, or reads it as a line of standard input. Give the hash as password_hash or
    client_secret_hash. Nothing is stored.
    """
    from soapsvc.cli.tenant.user_changes import print_hash

    print_hash()
