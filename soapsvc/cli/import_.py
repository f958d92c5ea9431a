"""`soapsvc import`: read a tenant directory into a database, once and for all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from sqlalchemy.exc import SQLAlchemyError

from soapsvc.cli.source import opened
from soapsvc.cli.terminal import console, counted
from soapsvc.tenant import ImportRefused, ImportReport, Store, import_tenant
from soapsvc.tenant import Progress as Told
from soapsvc.tenant.outage import reason


@click.command("import")
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--database", "url", metavar="URL", required=True, help="Such as sqlite:///tenant.sqlite.")
@click.option("--quiet", is_flag=True, help="Print nothing but problems.")
def command(folder: Path, url: str, quiet: bool) -> None:
    """Import the tenant directory DIR into a database, whole or not at all.

    Importing again replaces what has the same id; nothing is ever there twice.
    """
    errors = console(stderr=True)
    with opened(None, url, create=True) as store:
        report = _import(store, folder, errors, shown=errors.is_terminal and not quiet)
    _warn(errors, report)
    if not quiet:
        console().print(_summary(report))


def _import(store: Store, folder: Path, errors: Console, *, shown: bool) -> ImportReport:
    try:
        with _progress(errors, shown=shown) as told:
            return import_tenant(store, folder, progress=told)
    except ImportRefused as refused:
        for problem in refused.problems:
            errors.print(str(problem), soft_wrap=True)
        problems = counted(len(refused.problems), "problem")
        errors.print(f"Nothing was imported: {problems}{' and more' if refused.more else ''}.")
        raise SystemExit(1) from refused
    except SQLAlchemyError as error:
        raise click.ClickException(f"nothing was imported: {reason(error)}") from error


@contextmanager
def _progress(errors: Console, *, shown: bool) -> Iterator[Told | None]:
    """A progress bar over the bytes of all files, where there is a terminal to see it."""
    if not shown:
        yield None
        return
    columns = (TextColumn("{task.description:>13}", markup=False), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors, transient=True) as progress:
        task = progress.add_task("", total=None)
        yield lambda folder, done, total: progress.update(task, description=folder, completed=done, total=total)


def _warn(errors: Console, report: ImportReport) -> None:
    for warning in report.warnings:
        errors.print(f"warning: {warning}", soft_wrap=True)
    if (more := report.warning_count - len(report.warnings)) > 0:
        errors.print(f"warning: {more:,} more of these")


def _summary(report: ImportReport) -> Table:
    table = Table("imported", "records")
    table.columns[1].justify = "right"
    for kind, count in report.counts.items():
        table.add_row(kind, f"{count:,}")
    return table
