"""`soapsvc backup`: a copy of an SQLite database while it is in use."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import click

from soapsvc.cli.configuration import SecretUrl
from soapsvc.cli.terminal import counted

_PAGES_AT_ONCE = 2048
"""The pages copied at once; between them others may write, and SQLite then starts the copy again."""


@click.command()
@click.option("--database", cls=SecretUrl, metavar="URL", required=True, help="The SQLite database to copy.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def command(database: str, file: Path) -> None:
    """Copy the SQLite database to the new file FILE, while calls, runs and imports go on.

    The copy holds one moment and is checked. If anything fails, no copy is left. To restore it, stop the service and
    put the copy in the place of the database. It can also be served as it is.
    """
    if file.exists():
        raise click.ClickException(f"{file} exists already, and a backup replaces no file: give another name.")
    from soapsvc.cli.options.opening import opened

    with opened(None, database) as store:
        source = store.path
        if source is None:
            raise click.ClickException(
                "only SQLite databases are copied; use pg_dump for PostgreSQL, as docs/operate/backup.md shows."
            )
        size = _copied(source, file)
    print(f"{file}: {counted(size, 'byte')}")


def _copied(source: Path, file: Path) -> int:
    """Copy under a temporary name, check the copy, flush it to the disk and rename it; returns its size."""
    temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with closing(sqlite3.connect(source)) as read, closing(sqlite3.connect(temporary)) as copy:
            read.backup(copy, pages=_PAGES_AT_ONCE, sleep=0.01)
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a separate log
            (found,) = copy.execute("PRAGMA integrity_check").fetchone()
        if found != "ok":
            raise click.ClickException(
                f"the copy is damaged, and so probably is the database: {found}. No copy was kept"
            )
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        temporary.rename(file)
    except (OSError, sqlite3.Error) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise click.ClickException(f"{file} cannot be written: {why}") from error
    finally:
        temporary.unlink(missing_ok=True)
    return file.stat().st_size
