"""`soapsvc fetch`: read a live tenant into a tenant directory."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console

from soapsvc.cli.options.values import choice
from soapsvc.cli.shown.progress import progress_bar
from soapsvc.cli.terminal import console, counted
from soapsvc.cli.upstream.options import upstream_options, vendor_of
from soapsvc.cli.upstream.selection import check_selection, selection_of, selection_options
from soapsvc.vendor.errors import VendorError
from soapsvc.vendor.fetching import Fetched, FolderUnwritable, JournalRefused, Wanted, fetch, last_fetch
from soapsvc.vendor.fetching.accounts import ALL, NONE, PENDING

_LAST = "last"
_MOST_SHOWN = 20


class Since(click.ParamType[str]):
    """An instant, or the word `last`."""

    name = "instant"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return what `value` spells, checked."""
        if value != _LAST:
            try:
                datetime.fromisoformat(str(value))
            except ValueError:
                self.fail(f"{value!r} is neither {_LAST} nor an instant such as 2024-07-09T12:00:00Z", param, ctx)
        return str(value)


@click.command("fetch")
@upstream_options
@selection_options
@click.option("--since", type=Since(), help="Only what changed since this instant, or since the last fetch into DIR.")
@click.option(
    "--usage",
    type=choice((PENDING, ALL, NONE)),
    default=PENDING,
    show_default=True,
    help="Usage records: those not billed yet, all (prepaid funds need them), or none.",
)
@click.option("--drafts", is_flag=True, help="Read draft invoices and credit memos, too.")
@click.option("--keep-personal", is_flag=True, help="Keep names, addresses and e-mails, which billing does not need.")
@click.option(
    "--bulk", is_flag=True, help="Read the whole tenant by exports of one moment (AQuA): for hundreds of thousands."
)
@click.option("--restart", is_flag=True, help="Forget a fetch into DIR that is not finished.")
@click.option("--quiet", is_flag=True, help="Print nothing but problems.")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.pass_context
def command(  # noqa: PLR0913, PLR0917 - one for each option
    context: click.Context,
    /,
    since: str | None,
    usage: str,
    drafts: bool,
    keep_personal: bool,
    restart: bool,
    bulk: bool,
    quiet: bool,
    folder: Path,
    **_others: object,
) -> None:
    """Read a live tenant into the tenant directory DIR, for `import`, `serve` and `preview`.

    Run again after any interruption, it goes on where it was. Accounts that fail do not stop the others: they are
    listed, the exit code is 1, and the same command tries them again. Nothing is changed in the tenant.
    """
    check_selection(context)
    errors = console(stderr=True)
    try:
        selection = selection_of(context, _instant(since, folder))
        if bulk and not selection.is_whole:
            raise click.UsageError("--bulk reads the whole tenant: leave --accounts, --batch, --query, --since away.")
        wanted = Wanted(selection, usage, drafts=drafts, personal=keep_personal, restart=restart, bulk=bulk)
        with vendor_of(context) as vendor, progress_bar(errors, shown=not quiet) as told:
            found = fetch(vendor, folder, wanted, at_once=context.params["at_once"], progress=told)
    except KeyboardInterrupt as interrupt:
        errors.print("Stopped. The same command goes on where this one was.")
        raise SystemExit(130) from interrupt
    except (VendorError, JournalRefused, FolderUnwritable) as error:
        raise click.ClickException(f"{error}") from error
    _report(errors, found, folder, quiet=quiet)
    if found.failed:
        raise SystemExit(1)


def _instant(since: str | None, folder: Path) -> datetime | None:
    """The instant of `--since`; one without a zone is in UTC."""
    if since is None:
        return None
    if since == _LAST:
        last = last_fetch(folder)
        if last is None:
            raise click.UsageError(f"No fetch into {folder} has ended yet; --since takes an instant then.")
        return last
    instant = datetime.fromisoformat(since)
    return instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)


def _report(errors: Console, found: Fetched, folder: Path, *, quiet: bool) -> None:
    for warning in found.warnings:
        errors.print(f"warning: {warning}", soft_wrap=True)
    for outcome in found.failed[:_MOST_SHOWN]:
        errors.print(f"account {outcome.key}: {outcome.note}", soft_wrap=True)
    if len(found.failed) > _MOST_SHOWN:
        errors.print("… and more; fetch-report.json has all")
    if not quiet:
        gone = f", {len(found.gone):,} deleted meanwhile" if found.gone else ""
        failed = f", {len(found.failed):,} failed" if found.failed else ""
        console().print(f"{counted(found.accounts, 'account')} in {folder}{gone}{failed}")
