"""The work of `soapsvc import`: import a tenant directory, and print the report."""

from __future__ import annotations

from pathlib import Path
from typing import TypedDict

import click
from rich.console import Console
from rich.progress import DownloadColumn
from rich.table import Table
from sqlalchemy.exc import SQLAlchemyError

from soapsvc.cli.options.opening import opened
from soapsvc.cli.shown.progress import progress_bar
from soapsvc.cli.terminal import console, counted
from soapsvc.clock import system_clock
from soapsvc.runs.execution import purge_states
from soapsvc.tenant import Changes, ImportRefused, ImportReport, Store, import_tenant
from soapsvc.tenant.database import reason


class ImportOptions(TypedDict):
    """The options for the importer."""

    replace: bool
    dry_run: bool
    processes: int


def import_and_tell(folder: Path, url: str, asked: ImportOptions, *, quiet: bool) -> None:
    """Import a tenant directory into the database at a URL; exit with status 1 where it has problems."""
    errors = console(stderr=True)
    dry_run = asked["dry_run"]
    # A dry run creates no database: without one, it compares with an empty temporary one.
    with opened(None, url, create=not dry_run, otherwise=Store.temporary if dry_run else None) as store:
        report = _import(store, folder, asked, errors, shown=errors.is_terminal and not quiet)
    _warn(errors, report)
    if not quiet:
        console().print(_summary(report, dry_run=dry_run))


def _import(store: Store, folder: Path, asked: ImportOptions, errors: Console, *, shown: bool) -> ImportReport:
    try:
        with progress_bar(errors, shown=shown, counted=DownloadColumn()) as told:
            report = import_tenant(store, folder, progress=told, **asked)
        if not asked["dry_run"]:
            purge_states(store, system_clock())
        return report
    except ImportRefused as refused:
        for problem in refused.problems:
            errors.print(str(problem), soft_wrap=True)
        problems = counted(len(refused.problems), "problem")
        errors.print(f"Nothing was imported: {problems}{' and more' if refused.more else ''}.")
        raise SystemExit(1) from refused
    except SQLAlchemyError as error:
        raise click.ClickException(f"nothing was imported: {reason(error)}") from error


def _warn(errors: Console, report: ImportReport) -> None:
    for warning in report.warnings:
        errors.print(f"warning: {warning}", soft_wrap=True)
    if (more := report.warning_count - len(report.warnings)) > 0:
        errors.print(f"warning: {more:,} more of these")


def _summary(report: ImportReport, *, dry_run: bool) -> Table:
    """The records read, and the changes of the tenant; kinds of records without a change are left out."""
    table = Table("to import" if dry_run else "imported", "records", "added", "changed", "removed")
    for column in table.columns[1:]:
        column.justify = "right"
    happened = [kind for kind, changes in report.changes.items() if changes != Changes()]
    for kind in dict.fromkeys([*report.counts, *happened]):
        read = f"{report.counts[kind]:,}" if kind in report.counts else ""
        table.add_row(kind, read, *_cells(report.changes.get(kind)))
    return table


def _cells(changes: Changes | None) -> list[str]:
    """Added, changed and removed; empty for records that are only counted, such as charges of subscriptions."""
    if changes is None:
        return ["", "", ""]
    return [f"{count:,}" for count in (changes.added, changes.changed, changes.removed)]
