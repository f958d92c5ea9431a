"""Why `soapsvc preview` has no preview to show: REST's reasons, and its answer where JSON is requested."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import NoReturn

import click

from soapsvc.engine.result import BillingDataError
from soapsvc.rest.http import Reason, unknown_key, unratable, v1_body


def fail_unknown(form: str, key: str) -> NoReturn:
    """Say that there is no account of this id or number, and exit with status 1."""
    _fail(form, [unknown_key(key)])


def fail_unratable(form: str, errors: Iterable[BillingDataError]) -> NoReturn:
    """Say what is wrong with the account's data, and exit with status 1."""
    _fail(form, unratable(errors))


def _fail(form: str, reasons: list[Reason]) -> NoReturn:
    if form == "json":
        click.echo(v1_body(tuple(reasons)))
    for reason in reasons:
        click.echo(f"error: {reason.code}: {reason.message}", err=True)
    sys.exit(1)
