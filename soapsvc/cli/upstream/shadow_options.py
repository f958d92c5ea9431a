"""The options that make a server a shadow of an upstream, and show a shadow's findings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

import click

from soapsvc.cli.configuration import Misconfigured, named

if TYPE_CHECKING:
    from soapsvc.server.shadow import ShadowPlace

Command = TypeVar("Command", bound=Callable[..., Any])


class ShadowOptions(TypedDict):
    """Their values."""

    shadow: str | None
    shadow_differences: Path
    plain_http: bool
    comparisons: Path | None


_OPTIONS = (
    click.option(
        "--shadow",
        metavar="URL",
        help="Pass every call to the vendor's service at URL, return its answer, and compare its previews with ours.",
    ),
    click.option(
        "--shadow-differences",
        type=click.Path(path_type=Path, file_okay=False),
        default=Path("shadow-differences"),
        show_default=True,
        metavar="DIR",
        help="The folder for previews that differ. Each process writes its own file.",
    ),
    click.option("--plain-http", is_flag=True, help="Allow an upstream without TLS that is not this machine."),
    click.option(
        "--comparisons",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="DIR",
        help="A folder that the console shows: JSON of `soapsvc verify` and `soapsvc fit`, and recordings.",
    ),
)


def shadow_options(command: Command) -> Command:
    """Give a command these options."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def shadow_of(given: ShadowOptions, *, stand_in: bool) -> ShadowPlace | None:
    """The upstream to shadow; None without one. Raises Misconfigured for unusable options."""
    if given["shadow"] is None:
        return None
    if stand_in:
        raise Misconfigured("--shadow and --stand-in exclude each other: give one of them.")
    from soapsvc.server.shadow import ShadowPlace
    from soapsvc.vendor.client import checked
    from soapsvc.vendor.errors import VendorError

    try:
        url = checked(given["shadow"], plain_http=given["plain_http"])
    except VendorError as error:
        raise Misconfigured(f"{named('shadow')}: {error}.") from error
    return ShadowPlace(url, given["shadow_differences"], given["plain_http"])
