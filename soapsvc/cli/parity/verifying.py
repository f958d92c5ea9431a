"""The work of `soapsvc verify`: compare recorded previews with ours, and print every difference."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import timedelta
from itertools import islice
from pathlib import Path

import click
from rich import box
from rich.console import Console
from rich.table import Table

from soapsvc.cli.parity.opening import tenant_side, unwritable
from soapsvc.cli.shown.progress import progress_bar
from soapsvc.cli.terminal import console, counted
from soapsvc.parity.comparison import Difference
from soapsvc.parity.recording import Item, recorded_previews
from soapsvc.parity.report import page, verdict_document
from soapsvc.parity.verification import DataFrom, Group, Verdict, loaded, verify

_SHOWN = 5


def verify_and_tell(
    recording: Path,
    tenant: Path | None,
    database: str | None,
    report: Path | None,
    allow: frozenset[str],
    data: str,
    form: str,
) -> bool:
    """Compare recorded previews with ours, and print the result; True if all agree except for allowed differences."""
    errors = console(stderr=True)
    with tenant_side(tenant, database) as side, progress_bar(errors) as told:
        samples = loaded(recorded_previews(recording), side.store, DataFrom(data))
        verdict = verify(samples, side.settings, allow, told)
    if report is not None:
        _write(report, page(verdict, f"Verification of {recording.name}"))
    if form == "json":
        click.echo(json.dumps(verdict_document(verdict), ensure_ascii=False, indent=1))
    else:
        print_verdict(console(), verdict)
    return verdict.passes


def _write(report: Path, text: str) -> None:
    try:
        report.write_text(text, encoding="utf-8")
    except OSError as error:
        raise unwritable(report, error) from error


def print_verdict(out: Console, verdict: Verdict) -> None:
    """Print the agreeing shares, and the differences by cause, the largest amounts first."""
    out.print(_summary(verdict))
    for group in verdict.groups:
        out.print(_heading(group), soft_wrap=True)
        for each in islice(group.differences, _SHOWN):
            for line in _lines(each.difference):
                out.print(f"  {line}", soft_wrap=True)
        if (more := len(group.differences) - _SHOWN) > 0:
            out.print(f"  and {more:,} more", soft_wrap=True)
    for unusable in verdict.unusable:
        out.print(f"not compared: {unusable.preview.name}: {unusable.reason}", soft_wrap=True)
    if not verdict.previews:
        out.print("Nothing was compared.")


def _summary(verdict: Verdict) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_header=False, padding=(0, 1, 0, 0))
    table.add_row("accounts that agree", str(verdict.accounts))
    table.add_row("previews that agree", str(verdict.agreeing))
    table.add_row("items that agree", str(verdict.items))
    for each in verdict.sums:
        told = f"theirs {each.theirs:f}, ours {each.ours:f}, {each.differing:f} apart"
        table.add_row(f"money in {each.currency} that agrees", f"{each.share:.4%} ({told})")
    if verdict.left_out:
        table.add_row("items left out", f"{verdict.left_out:,}: the recordings have no data of their charges")
    if verdict.allowed:
        table.add_row(
            "differences that count", f"{verdict.counting:,}; allowed are {', '.join(sorted(verdict.allowed))}"
        )
    return table


def _heading(group: Group) -> str:
    why = f": {group.why}" if group.why else ""
    named = ", ".join(group.accounts[:_SHOWN])
    more = f" and {len(group.accounts) - _SHOWN} more" if len(group.accounts) > _SHOWN else ""
    apart = f"{group.money:f} {group.currency} apart (net {group.net:f})"
    return f"{group.cause.value}{why}\n  {counted(len(group.differences), 'item')}, {apart}, of {named}{more}"


def _lines(difference: Difference) -> Iterable[str]:
    """Their line, our line, and the explanation of ours."""
    if difference.refusal:
        yield difference.refusal
        return
    item = difference.item
    kinds = ", ".join(difference.kinds)
    yield f"{item.charge_number if item else ''} ({kinds}), {difference.money:+f}"
    yield f"  theirs: {_line(difference.theirs)}"
    yield f"  ours:   {_line(difference.ours)}"
    if difference.trace is not None:
        yield from (f"          {line}" for line in difference.trace.lines())


def _line(item: Item | None) -> str:
    if item is None:
        return "no such item"
    parts = [f"{item.start}…{item.end - timedelta(1)}", f"{item.amount:f}"]
    parts += [f"tax {item.tax:f}"] if item.tax else []
    parts += [f"quantity {item.quantity:f}"] if item.quantity is not None else []
    return ", ".join([*parts, *([item.charge_name] if item.charge_name else [])])
