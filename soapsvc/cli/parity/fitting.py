"""The work of `soapsvc fit`: find settings that reproduce recordings, print them, and write them on request."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click
from rich import box
from rich.console import Console
from rich.table import Table

from soapsvc.cli.parity.opening import TENANT_FILE, Unreadable, tenant_side, unwritable
from soapsvc.cli.shown.progress import progress_bar
from soapsvc.cli.terminal import console
from soapsvc.engine.account import TaxRate
from soapsvc.parity.fitting import Finding, Fit, Standing, fit, with_findings
from soapsvc.parity.recording import recorded_previews
from soapsvc.parity.trials import Sample, shown
from soapsvc.parity.verification import DataFrom, Unusable, loaded
from soapsvc.parity.verification.verify import Told
from soapsvc.tenant import TenantSettings
from soapsvc.tenant.formats import SettingsRefused, read_toml
from soapsvc.tenant.reading import FieldProblem

_SHOWN = 4


def fit_and_tell(
    recording: Path,
    tenant: Path | None,
    database: str | None,
    data: str,
    processes: int | None,
    form: str,
    *,
    write: bool,
) -> bool:
    """Find the settings that reproduce recordings, and print them; True if all recordings are reproduced."""
    errors = console(stderr=True)
    with tenant_side(tenant, database) as side, progress_bar(errors) as told:
        samples = []
        for each in loaded(recorded_previews(recording), side.store, DataFrom(data), with_rates=False):
            if isinstance(each, Unusable):
                errors.print(f"left out: {each.preview.name}: {each.reason}", soft_wrap=True)
            else:
                samples.append(each.sample)
        found = _fit(samples, side.settings, processes or os.cpu_count() or 1, told)
    if form == "json":
        click.echo(json.dumps(fit_document(found), ensure_ascii=False, indent=1))
    else:
        print_fit(console(), found)
    if write and tenant is not None:
        _write(tenant / TENANT_FILE, found, errors)
    return found.agreeing == len(found.after)


def _fit(samples: list[Sample], settings: TenantSettings, processes: int, told: Told) -> Fit:
    if not samples:
        raise Unreadable("the recording has no preview that could be compared")
    try:
        return fit(samples, settings, processes=processes, told=lambda what, items: told(f"Trying {what}", items, None))
    except FieldProblem as problem:
        raise Unreadable(f"the recording's data cannot be read: {problem}") from problem


def _write(path: Path, found: Fit, errors: Console) -> None:
    """Write the found settings, each with its former value; write nothing without a change."""
    try:
        before = path.read_text(encoding="utf-8-sig") if path.exists() else ""
        text, told = with_findings(before, found)
        if not told:
            errors.print(f"{path} already says what was found.", soft_wrap=True)
            return
        read_toml(text.encode())
        fresh = path.with_name(f".{path.name}.new")
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)
    except SettingsRefused as refused:
        raise Unreadable(f"{path} cannot be written: {refused}") from refused
    except OSError as error:
        raise unwritable(path, error) from error
    for line in told:
        errors.print(f"written: {line}", soft_wrap=True)


def print_fit(out: Console, found: Fit) -> None:
    """Print how many recordings are reproduced, each setting, and whether the sample decides it."""
    before = sum(not loss.items for loss in found.before)
    out.print(f"{found.agreeing:,} of {len(found.after):,} recordings are reproduced; before the fit, {before:,} were.")
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in ("Setting", "Value", "Was", "The sample", "Why"):
        table.add_column(name, overflow="fold")
    for standing in (Standing.CONTRADICTED, Standing.DETERMINED, Standing.UNDETERMINED):
        for each in found.of(standing):
            was = shown(each.was) if each.changed else ""
            said = " (said)" if each.changed and each.said else ""
            table.add_row(each.knob.name, shown(each.value), f"{was}{said}", _standing(each), why(each))
    out.print(table)
    if found.new_rates:
        for rate in found.best.tax_rates:
            out.print(f"tax rate: {_rate(rate)}", soft_wrap=True)
    for account, loss in zip(found.accounts, found.after, strict=True):
        if loss.items:
            out.print(f"not reproduced: {account}: {loss.items} items, {loss.money:f} apart", soft_wrap=True)


def _standing(finding: Finding) -> str:
    if finding.standing is Standing.UNDETERMINED and finding.breaks:
        return "undetermined in part"
    return finding.standing.value


def why(finding: Finding) -> str:
    """The evidence for the value, or the kind of account that would decide it."""
    where = ", ".join(finding.where[:_SHOWN])
    if finding.standing is Standing.CONTRADICTED:
        return f"{where}; the others do not"
    if finding.standing is Standing.DETERMINED:
        others = f"; as good: {', '.join(map(shown, finding.free[:_SHOWN]))}" if finding.free else ""
        shown_by = f"with any other value {finding.breaks:,} items differ, of {where}" if finding.breaks else where
        return f"{shown_by}{others}"
    free = f"as good: {', '.join(map(shown, finding.free[:_SHOWN]))}; " if finding.free else ""
    unless = f"; not {'; not '.join(finding.unless)}" if finding.unless else ""
    return f"{free}would decide: {finding.advice}{unless}"


def _rate(rate: TaxRate) -> str:
    told = {
        name: getattr(rate, name) for name in ("tax_code", "country", "product_rate_plan_charge_id", "charge_number")
    }
    of = ", ".join(f"{name} {value}" for name, value in told.items() if value is not None)
    return f"{rate.percent:f} % {f'of {of}' if of else 'of every charge'}"


def fit_document(found: Fit) -> dict[str, object]:
    """A fit as plain values."""
    return {
        "recordings": len(found.after),
        "reproduced": found.agreeing,
        "reproducedBefore": sum(not loss.items for loss in found.before),
        "settings": [
            {
                "name": each.knob.name,
                "value": shown(each.value),
                "was": shown(each.was),
                "said": each.said,
                "standing": each.standing.value,
                "itemsThatBreakOtherwise": each.breaks,
                "asGood": [shown(value) for value in each.free],
                "accounts": list(each.where),
                "wouldDecide": each.advice,
                "notTogether": list(each.unless),
            }
            for each in found.findings
        ],
        "taxRates": [_rate(rate) for rate in found.best.tax_rates] if found.new_rates else [],
        "notReproduced": [
            {"account": account, "items": loss.items, "money": f"{loss.money:f}"}
            for account, loss in zip(found.accounts, found.after, strict=True)
            if loss.items
        ],
    }
