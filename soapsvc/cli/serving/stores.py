"""The store that is served: a tenant directory's, a database's, the demo tenant's, or a stand-in's private copy."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError

from soapsvc.cli.options.opening import open_source
from soapsvc.cli.serving.stand_in import StandInOptions
from soapsvc.resources import fixtures_dir
from soapsvc.server.wsgi import Options
from soapsvc.standin import (
    DEMO_USERS,
    SEED,
    NotPrivate,
    Parity,
    Refused,
    Settings,
    SignIn,
    StandIn,
    started,
)
from soapsvc.tenant import ImportRefused, Store, StoreError
from soapsvc.tenant.database import reason


def served(
    tenant: Path | None, database: str | None, demo: bool, options: Options, stand: StandInOptions
) -> tuple[Store, Options]:
    """The store to serve. A stand-in has its own private copy, and computes nothing outside calls."""
    if stand["stand_in"]:
        stand_in = _stand_in(stand, tenant, database)
        return stand_in.store, replace(options, stand_in=stand_in, run_workers=0)
    store = open_source(fixtures_dir() if demo else tenant, database)
    for user in DEMO_USERS if demo else ():
        store.put_user(user)
    return store, options


def _stand_in(options: StandInOptions, tenant: Path | None, database: str | None) -> StandIn:
    """A stand-in with these options. Raises click.ClickException where the tenant cannot be copied."""
    sign_in = SignIn(options["sign_in"]) if options["sign_in"] is not None else None
    settings = Settings(
        options["as_of"], options["seed"] or SEED, options["admin_token"], sign_in, Parity(options["limits"])
    )
    try:
        return started(tenant, database, settings)
    except ImportRefused as refused:
        raise click.ClickException(f"the tenant cannot be read:\n{refused}") from refused
    except (StoreError, NotPrivate, Refused) as error:
        raise click.ClickException(str(error)) from error
    except SQLAlchemyError as error:
        raise click.ClickException(f"the database cannot be opened: {reason(error)}") from error
