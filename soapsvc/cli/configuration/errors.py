"""The error of a wrong setting, in one line."""

from __future__ import annotations

import click


class Misconfigured(click.ClickException):
    """A setting cannot be used. The message begins with its name as given, and says what to do.

    Unlike click's own usage errors it is one line, because an operator reads it in the log of a service.
    """

    exit_code = 2
