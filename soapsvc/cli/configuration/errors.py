"""What is wrong with a setting, told in one line."""

from __future__ import annotations

import click


class Misconfigured(click.ClickException):
    """A setting cannot be used. The message begins with its name as it was given, and says what to do.

    Unlike click's own errors of usage it is one line: whoever reads it in the log of a service has not typed a command.
    """

    exit_code = 2
