"""The upstream of a command: URL, credentials, timeouts and retries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from soapsvc.cli.configuration import ARGUMENT, Secret, option_key, place_of

if TYPE_CHECKING:
    from soapsvc.vendor.client import Vendor
    from soapsvc.vendor.credentials import Credentials

Command = TypeVar("Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--upstream", metavar="URL", required=True, help="The vendor's REST host: https://rest.zuora.com."),
    click.option(
        "--credentials",
        "credentials_file",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="A TOML file, readable by nobody else, with client_id and client_secret, or with access_key_id and "
        "secret_access_key. Without it these come from the environment.",
    ),
    click.option("--upstream-client-id", metavar="ID", help="An OAuth client."),
    click.option(
        "--upstream-client-secret",
        cls=Secret,
        metavar="SECRET",
        help="The client's secret. Give it in the environment or a file, never as an argument.",
    ),
    click.option("--upstream-access-key-id", metavar="USER", help="A user, for the older headers."),
    click.option("--upstream-secret-access-key", cls=Secret, metavar="SECRET", help="The password, likewise."),
    click.option("--upstream-entity-id", metavar="ID", help="The entity, in a tenant that has several."),
    click.option("--upstream-entity-name", metavar="NAME", help="The same, by name, with the older headers."),
    click.option(
        "--at-once",
        type=click.IntRange(1, 100),
        default=10,
        show_default=True,
        help="Calls under way at one time; fewer if the service allows fewer.",
    ),
    click.option(
        "--attempts", type=click.IntRange(1, 100), default=8, show_default=True, help="How often to try a call."
    ),
    click.option(
        "--longest-pause",
        type=click.FloatRange(0, 3600),
        default=120,
        show_default=True,
        metavar="SECONDS",
        help="The longest pause between two attempts, unless the service asks for another.",
    ),
    click.option("--plain-http", is_flag=True, help="Allow an upstream without TLS that is not this machine."),
)
_CREDENTIALS = ("client_id", "client_secret", "access_key_id", "secret_access_key", "entity_id", "entity_name")
_SECRETS = ("upstream_client_secret", "upstream_secret_access_key")


def upstream_options(command: Command) -> Command:
    """Give a command the options for its upstream."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def credentials_of(context: click.Context) -> Credentials:
    """The credentials; raises click.UsageError where they are missing, or given as an argument."""
    given = context.params
    for option in context.command.params:
        if option_key(option) in _SECRETS and place_of(context, option) == ARGUMENT:
            name = f"SOAPSVC_{option_key(option).upper()}"
            raise click.UsageError(
                f"A secret cannot be an argument: other users of this machine can see it. Give {name} or {name}_FILE."
            )
    from soapsvc.vendor.credentials import PREFIX, read_credentials
    from soapsvc.vendor.errors import VendorError

    told = {f"{PREFIX}{name.upper()}": value for name in _CREDENTIALS if (value := given[f"upstream_{name}"])}
    try:
        return read_credentials(told, given["credentials_file"])
    except VendorError as error:
        raise click.UsageError(f"{error}.") from error


def vendor_of(context: click.Context) -> Vendor:
    """The upstream of a command with these options; raises click.UsageError for unusable options."""
    from soapsvc.vendor.client import Patience, Vendor
    from soapsvc.vendor.errors import VendorError

    given = context.params
    pause = float(given["longest_pause"])
    patience = Patience(given["attempts"], min(1.0, pause), pause, timedelta(seconds=150))
    try:
        return Vendor(
            given["upstream"],
            credentials_of(context),
            at_once=given["at_once"],
            patience=patience,
            plain_http=given["plain_http"],
        )
    except VendorError as error:
        raise click.UsageError(f"{error}.") from error
