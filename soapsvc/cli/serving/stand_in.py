"""`soapsvc serve --stand-in`: its options, and which of them go together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from ipaddress import ip_address
from typing import Any, TypedDict, TypeVar

import click

from soapsvc.cli.configuration import Secret
from soapsvc.cli.options.values import Instant, choice
from soapsvc.cli.options.words import LIMITS, SIGN_IN

_STRICT = "strict: only the tenant's users and secrets; lax: any.  [default: lax if the tenant has no users]"
_NO_LIMITS = "The vendor's limits (requests in a call, calls at once, calls in a span of time), or none."

Command = TypeVar("Command", bound=Callable[..., Any])


class StandInOptions(TypedDict):
    """The options of `stand_in_options`."""

    stand_in: bool
    as_of: datetime | None
    seed: str | None
    admin_token: str | None
    sign_in: str | None
    limits: str


def stand_in_options(command: Command) -> Command:
    """Give a command the options of a stand-in."""
    options = [
        click.option(
            "--stand-in",
            is_flag=True,
            help="Be a stand-in for tests, on a private copy, with an admin plane at /_admin.",
        ),
        click.option(
            "--as-of",
            type=Instant(),
            help="The instant at which the stand-in's clock stands still.  [default: it runs]",
        ),
        click.option(
            "--seed",
            metavar="TEXT",
            help="The source of the stand-in's ids. The same seed and calls give the same bytes.",
        ),
        click.option(
            "--admin-token",
            cls=Secret,
            metavar="TEXT",
            help="A token that callers of /_admin must send; required unless --host is a loopback address.",
        ),
        click.option("--sign-in", type=choice(SIGN_IN), help=_STRICT),
        click.option("--limits", type=choice(LIMITS), default=LIMITS[0], show_default=True, help=_NO_LIMITS),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def check_options(options: StandInOptions, host: str, workers: int | None) -> None:
    """Raise click.UsageError where options do not go together."""
    if not options["stand_in"]:
        given = {"as-of": options["as_of"], "seed": options["seed"], "admin-token": options["admin_token"]}
        given |= {"sign-in": options["sign_in"], "limits": None if options["limits"] == LIMITS[0] else "none"}
        for name, value in given.items():
            if value is not None:
                raise click.UsageError(f"--{name} needs --stand-in.")
        return
    if workers not in {None, 1}:
        raise click.UsageError("--stand-in runs in one process, which holds its clock and faults: leave --workers out.")
    if options["admin_token"] is None and not _is_loopback(host):
        raise click.UsageError(
            f"--stand-in on {host} can be reached from other machines, and everyone who reaches /_admin can change it: "
            "give it an --admin-token (or SOAPSVC_ADMIN_TOKEN)."
        )
    if options["admin_token"] == "":
        raise click.UsageError("--admin-token is empty: give it a text, or leave it out.")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
