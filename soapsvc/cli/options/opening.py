"""Open the store of the one tenant that a command works on; an error is a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError

from soapsvc.cli.configuration import place_before
from soapsvc.tenant import ImportRefused, NoDatabase, Store, StoreError, open_tenant
from soapsvc.tenant.database import outage, reason


@contextmanager
def opened(
    tenant: Path | None, database: str | None, *, create: bool = False, otherwise: Callable[[], Store] | None = None
) -> Iterator[Store]:
    """The store of the given source. A missing database is created only with `create`.

    `otherwise` opens a replacement for a missing database. Raises click.UsageError unless exactly one source is given,
    and click.ClickException where it cannot be read.
    """
    store = open_source(tenant, database, create=create, otherwise=otherwise)
    try:
        yield store
    except SQLAlchemyError as error:
        if (why := outage(error)) is None:
            raise
        raise click.ClickException(
            f"the database does not answer: {why}; check its URL and that its server runs"
        ) from error
    finally:
        store.close()


def open_source(
    tenant: Path | None, database: str | None, *, create: bool = False, otherwise: Callable[[], Store] | None = None
) -> Store:
    """As `opened`, for commands that keep the store as long as the process lives."""
    if (tenant is None) == (database is None):
        raise click.UsageError("Give either --tenant or --database.")
    try:
        return open_tenant(tenant) if tenant is not None else Store.open(database or "", create=create)
    except ImportRefused as refused:
        raise click.ClickException(f"{place_before('tenant')}the tenant cannot be read:\n{refused}") from refused
    except NoDatabase as error:
        if otherwise is not None:
            return otherwise()
        raise click.ClickException(f"{place_before('database')}{error}") from error
    except StoreError as error:
        raise click.ClickException(f"{place_before('database')}{error}") from error
    except SQLAlchemyError as error:
        told = f"{place_before('database')}the database cannot be opened"
        raise click.ClickException(f"{told}: {reason(error)}") from error
