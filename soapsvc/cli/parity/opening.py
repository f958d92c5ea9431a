"""Read the recording and the tenant of a command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import click

from soapsvc.cli.options.opening import opened
from soapsvc.parity.recording import RecordingProblem
from soapsvc.tenant import Store, TenantSettings
from soapsvc.tenant.formats import SettingsRefused, read_toml

TENANT_FILE = "tenant.toml"


class Unreadable(click.ClickException):
    """A recording or a tenant that cannot be read: exit status 2, which differs from that of a difference."""

    exit_code = 2


class TenantSide(NamedTuple):
    """A tenant: its settings and its accounts, which may be missing where recordings have their own data."""

    store: Store
    settings: TenantSettings


@contextmanager
def tenant_side(tenant: Path | None, database: str | None) -> Iterator[TenantSide]:
    """The tenant of a directory or a database, while the recording is being read. Raises Unreadable for either.

    A directory without accounts is enough, with or without a tenant.toml.
    """
    try:
        with _tenant_side(tenant, database) as side:
            yield side
    except RecordingProblem as problem:
        raise Unreadable(str(problem)) from problem


@contextmanager
def _tenant_side(tenant: Path | None, database: str | None) -> Iterator[TenantSide]:
    if tenant is not None and database is None and not (tenant / "accounts").is_dir():
        settings = _settings(tenant / TENANT_FILE)
        store = Store.temporary()
        try:
            yield TenantSide(store, settings)
        finally:
            store.close()
        return
    with opened(tenant, database) as store:
        yield TenantSide(store, store.settings())


def _settings(path: Path) -> TenantSettings:
    if not path.is_file():
        return TenantSettings()
    try:
        return read_toml(path.read_bytes()).settings
    except SettingsRefused as refused:
        raise Unreadable(f"{path}: {refused}") from refused


def unwritable(path: Path, error: OSError) -> Unreadable:
    """The error of a file that cannot be written."""
    return Unreadable(f"{path} cannot be written: {error.strerror or error}")
