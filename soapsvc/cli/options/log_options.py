"""The options `--log-format` and `--log-level` of long-running commands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from soapsvc.cli.options.values import choice
from soapsvc.cli.options.words import LOG_FORMS, LOG_LEVELS

Command = TypeVar("Command", bound=Callable[..., Any])


def log_options(command: Command) -> Command:
    """Give a command the options; it hands them to `soapsvc.logs.set_up`."""
    command = click.option(
        "--log-level",
        type=choice(LOG_LEVELS),
        default="info",
        show_default=True,
        help="The least that is logged. debug adds reasons and warnings of previews, and health checks.",
    )(command)
    return click.option(
        "--log-format",
        type=choice(LOG_FORMS),
        default="text",
        show_default=True,
        help="Lines of the log as readable text, or each as a JSON object.",
    )(command)
