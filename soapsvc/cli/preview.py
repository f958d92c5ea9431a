"""`soapsvc preview`: one account's preview in the terminal, as a table or as any of the wire formats."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from datetime import date, datetime
from pathlib import Path
from typing import NoReturn, TypedDict, Unpack

import click

from soapsvc.cli.preview_table import print_table
from soapsvc.cli.source import opened, source_options
from soapsvc.cli.terminal import console
from soapsvc.cli.values import ChargeTypes, Day, Instant, choice
from soapsvc.clock import system_clock
from soapsvc.engine.preview import preview as compute
from soapsvc.engine.result import AssumeRenewal, PreviewRequest, PreviewResult
from soapsvc.randomness import drawn_from, random_hex, seeded
from soapsvc.rest.http import Reason, unknown_key, unratable, v1_body
from soapsvc.rest.previews import BILLING_PREVIEW, Preview, chunks, preview_answer
from soapsvc.runs.definition import Header
from soapsvc.runs.sinks import CsvLines, csv_line, item_columns
from soapsvc.soap import contract
from soapsvc.soap.contract import shape_of
from soapsvc.soap.frame import SoapVersion
from soapsvc.soap.writing import Result
from soapsvc.soap.writing import preview_answer as soap_answer
from soapsvc.wire import instant_text


def _table(result: PreviewResult, explain: bool) -> None:
    print_table(console(), result, explain=explain)


def _json(result: PreviewResult, explain: bool) -> None:
    surface = BILLING_PREVIEW.explained() if explain else BILLING_PREVIEW
    _write(chunks(preview_answer(surface, Preview(result, result.notes if explain else None))))
    _write([b"\n"])


def _soap(result: PreviewResult) -> None:
    answer = Result(result.account_id, result)
    _write(soap_answer(SoapVersion.SOAP11, shape_of(contract.FIRST), [answer]))
    _write([b"\n"])


def _csv(result: PreviewResult) -> None:
    """The file of a run for this account alone."""
    credit_memos = result.invoice_settlement
    account = CsvLines(result, random_hex(), instant_text(result.as_of), credit_memos=credit_memos)
    _write([csv_line(item_columns(Header.DOCUMENTED, credit_memos)).encode()])
    _write("".join(lines).encode() for lines in account)


def _write(pieces: Iterable[bytes]) -> None:
    """Bytes as they are: the wire formats are UTF-8 whatever the terminal's encoding is."""
    for piece in pieces:
        sys.stdout.buffer.write(piece)


_FORMATS: dict[str, Callable[[PreviewResult, bool], None]] = {
    "csv": lambda result, _: _csv(result),
    "json": _json,
    "soap": lambda result, _: _soap(result),
    "table": _table,
}


class _Asked(TypedDict):
    """The options that become the request."""

    target_date: date
    assume_renewal: str
    charge_type_to_exclude: frozenset[str]
    include_evergreen: bool
    include_draft_items: bool
    explain: bool


_EXPLAINED = ("json", "table")
"""The formats that have room for how an amount comes about."""


@click.command()
@source_options
@click.option("--account-id", metavar="ID", help="The account by its id.")
@click.option("--account-number", metavar="NUMBER", help="The account by its number.")
@click.option("--target-date", type=Day(), required=True, metavar="DATE", help="The last day to look at, inclusive.")
@click.option(
    "--assume-renewal", type=choice(AssumeRenewal), default="None", show_default=True, help="What counts as renewed."
)
@click.option("--charge-type-to-exclude", type=ChargeTypes(), default="", metavar="TYPES", help="OneTime,Usage, say.")
@click.option("--include-evergreen", is_flag=True, help="Preview evergreen subscriptions, too.")
@click.option("--include-draft-items", is_flag=True, help="Add the items of existing draft documents.")
@click.option("--explain", is_flag=True, help="Say for each amount how it comes about: table, json.")
@click.option("--as-of", type=Instant(), metavar="INSTANT", help="The instant to preview for.  [default: now]")
@click.option("--seed", metavar="TEXT", help="What made-up ids come from: the same seed and --as-of, the same bytes.")
@click.option("--format", "form", type=choice(_FORMATS), default="table", show_default=True)
def preview(
    tenant: Path | None,
    database: str | None,
    account_id: str | None,
    account_number: str | None,
    form: str,
    as_of: datetime | None,
    seed: str | None,
    **asked: Unpack[_Asked],
) -> None:
    """Preview what an account will be invoiced up to a date.

    Reasons of an empty preview and warnings go to standard error. Ends with 1 where there is no preview.
    """
    if (account_id is None) == (account_number is None):
        raise click.UsageError("Give either --account-id or --account-number.")
    if asked["explain"] and form not in _EXPLAINED:
        raise click.UsageError(f"--explain needs --format {' or '.join(_EXPLAINED)}; {form} has no place for it.")
    with nullcontext() if seed is None else drawn_from(seeded(seed)):
        with opened(tenant, database) as store:
            account = store.account(id=account_id, number=account_number)
            if account is None:
                _fail(form, [unknown_key(account_id or account_number or "")])
            result = compute(account, _request(asked), (as_of or system_clock()).astimezone(store.settings().zone))
        _show(result, form, explain=asked["explain"])


def _show(result: PreviewResult, form: str, *, explain: bool) -> None:
    if result.errors:
        _fail(form, unratable(result.errors))
    for note in result.notes:
        click.echo(f"{note.kind}: {note.code}: {note.message}", err=True)
    _FORMATS[form](result, explain)


def _request(asked: _Asked) -> PreviewRequest:
    return PreviewRequest(
        asked["target_date"],
        AssumeRenewal(asked["assume_renewal"]),
        asked["charge_type_to_exclude"],
        including_evergreen_subscription=asked["include_evergreen"],
        including_draft_items=asked["include_draft_items"],
        explain=asked["explain"],
    )


def _fail(form: str, reasons: list[Reason]) -> NoReturn:
    """Say why there is no preview, in the JSON answer too where one was asked for, and end with 1."""
    if form == "json":
        click.echo(v1_body(tuple(reasons)))
    for reason in reasons:
        click.echo(f"error: {reason.code}: {reason.message}", err=True)
    sys.exit(1)
