"""`soapsvc serve --stand-in`: its options, and the private copy that it works on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any, TypedDict, TypeVar

import click
from sqlalchemy.exc import SQLAlchemyError

from soapsvc.cli.configuration import Secret
from soapsvc.cli.options.values import Instant, choice
from soapsvc.clock import fixed_clock, system_clock
from soapsvc.randomness import drawn_from, seeded
from soapsvc.standin import (
    SEED,
    NotPrivate,
    Parity,
    Refused,
    Settings,
    SignIn,
    StandIn,
    copy_of_database,
    demo_copy,
    from_folder,
    private_copy,
)
from soapsvc.tenant import ImportRefused, StoreError
from soapsvc.tenant.database import reason

_SIGN_IN = "strict: users and secrets of the tenant; lax: any.  [default: lax where the tenant has no users]"
_LIMITS = "The vendor's limits of requests in a call, at once and in a span of time, or none."

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
        click.option("--as-of", type=Instant(), help="Where the stand-in's clock stands still.  [default: it runs]"),
        click.option(
            "--seed", metavar="TEXT", help="What the stand-in's ids come from: same seed and calls, same bytes."
        ),
        click.option(
            "--admin-token", cls=Secret, metavar="TEXT", help="What callers of /_admin must show; needed off loopback."
        ),
        click.option("--sign-in", type=choice(SignIn), help=_SIGN_IN),
        click.option("--limits", type=choice(Parity), default=Parity.VENDOR.value, show_default=True, help=_LIMITS),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def check_options(options: StandInOptions, host: str, workers: int | None) -> None:
    """Raise click.UsageError where options do not go together."""
    if not options["stand_in"]:
        given = {"as-of": options["as_of"], "seed": options["seed"], "admin-token": options["admin_token"]}
        given |= {"sign-in": options["sign_in"], "limits": None if options["limits"] == Parity.VENDOR else "none"}
        for name, value in given.items():
            if value is not None:
                raise click.UsageError(f"--{name} needs --stand-in.")
        return
    if workers not in {None, 1}:
        raise click.UsageError("--stand-in has one worker process, which has its clock and its faults: no --workers.")
    if options["admin_token"] is None and not _is_loopback(host):
        raise click.UsageError(
            f"--stand-in on {host} can be reached by others, and whoever reaches /_admin may do anything to it: "
            "give it an --admin-token (or SOAPSVC_ADMIN_TOKEN)."
        )
    if options["admin_token"] == "":
        raise click.UsageError("--admin-token is empty.")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def open_stand_in(options: StandInOptions, tenant: Path | None, database: str | None) -> StandIn:
    """A stand-in on a copy of the tenant directory, of the database, or of the demo where neither is given."""
    seed = options["seed"] or SEED
    clock = fixed_clock(options["as_of"]) if options["as_of"] is not None else system_clock
    try:
        with drawn_from(seeded(seed)):
            if database is not None:
                copy = copy_of_database(database)
            elif tenant is not None:
                copy = private_copy(from_folder(tenant, clock))
            else:
                copy = demo_copy()
    except ImportRefused as refused:
        raise click.ClickException(f"the tenant cannot be read:\n{refused}") from refused
    except (StoreError, NotPrivate, Refused) as error:
        raise click.ClickException(str(error)) from error
    except SQLAlchemyError as error:
        raise click.ClickException(f"the database cannot be opened: {reason(error)}") from error
    sign_in = SignIn(options["sign_in"]) if options["sign_in"] is not None else None
    return StandIn(copy, Settings(options["as_of"], seed, options["admin_token"], sign_in, Parity(options["limits"])))
