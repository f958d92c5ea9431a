"""The store that is served: a tenant directory's, a database's, the demo tenant's, or a stand-in's private copy."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError

from soapsvc.cli.options.opening import open_source
from soapsvc.cli.serving.stand_in import StandInOptions
from soapsvc.clock import fixed_clock, system_clock
from soapsvc.randomness import drawn_from, seeded
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
    copy_of_database,
    demo_copy,
    from_folder,
    private_copy,
)
from soapsvc.tenant import ImportRefused, Store, StoreError
from soapsvc.tenant.database import reason


def served(
    tenant: Path | None, database: str | None, demo: bool, options: Options, stand: StandInOptions
) -> tuple[Store, Options]:
    """The store to serve; a stand-in's is its own, and nothing but that is computed beside calls."""
    if stand["stand_in"]:
        stand_in = _stand_in(stand, tenant, database)
        return stand_in.store, replace(options, stand_in=stand_in, run_workers=0)
    store = open_source(fixtures_dir() if demo else tenant, database)
    for user in DEMO_USERS if demo else ():
        store.put_user(user)
    return store, options


def _stand_in(options: StandInOptions, tenant: Path | None, database: str | None) -> StandIn:
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
