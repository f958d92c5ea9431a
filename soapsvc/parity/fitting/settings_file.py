"""Write the result of a fit into a tenant.toml: comments and order are kept; a comment has the former value."""

from __future__ import annotations

from collections.abc import MutableMapping
from decimal import Decimal
from typing import Any

import tomlkit
from tomlkit.toml_document import TOMLDocument

from soapsvc.engine.account import TaxRate
from soapsvc.parity.fitting.findings import Finding
from soapsvc.parity.fitting.fit import Fit
from soapsvc.parity.trials import shown
from soapsvc.tenant.reading import camel

_SELECTORS = ("tax_code", "country", "product_rate_plan_charge_id", "charge_number")


def with_findings(text: str, found: Fit) -> tuple[str, list[str]]:
    """A tenant.toml with the changes of the fit, and a comment line for each with the former value."""
    document = tomlkit.parse(text)
    told = [_write(document, each) for each in found.findings if each.changed]
    if found.new_rates:
        told.append(_write_rates(document, found.best.tax_rates))
    return tomlkit.dumps(document), told


def _write(document: TOMLDocument, finding: Finding) -> str:
    table, key = _place(document, finding)
    said = key in table or finding.said
    before = shown(finding.was)
    if finding.value is None:
        table.pop(key, None)
    else:
        value = _value(finding.value)
        value.comment(f"found by fit; {'was' if said else 'default'} {before}")
        table[key] = value
    was = f"the settings said {before}, which the recordings contradict" if said else f"the default is {before}"
    return f"{finding.knob.name} = {shown(finding.value)}: {was}"


def _place(document: TOMLDocument, finding: Finding) -> tuple[MutableMapping[str, Any], str]:
    """The table and the key of a setting; missing tables are added."""
    knob = finding.knob
    if knob.field == "time_zone":
        return document, knob.field
    if not knob.currency:
        return _table(document, "billing_rules"), camel(knob.field)
    return _table(_table(document, "currencies", is_super=True), knob.currency), knob.field


def _table(parent: MutableMapping[str, Any], name: str, *, is_super: bool = False) -> MutableMapping[str, Any]:
    if name not in parent:
        parent[name] = tomlkit.table(is_super_table=is_super)
    found: MutableMapping[str, Any] = parent[name]
    return found


def _value(value: object) -> Any:
    """A value in TOML; a decimal is written exactly, without a float."""
    if isinstance(value, Decimal):
        return tomlkit.parse(f"value = {value:f}")["value"]
    return tomlkit.item(value if isinstance(value, bool | int) else str(value))


def _write_rates(document: TOMLDocument, rates: tuple[TaxRate, ...]) -> str:
    before = len(document.get("tax_rate", ()))
    written = tomlkit.aot()
    for rate in rates:
        entry = tomlkit.table()
        percent = _value(rate.percent)
        percent.comment("found by fit")
        entry["percent"] = percent
        entry["mode"] = rate.mode
        for name in _SELECTORS:
            if (selector := getattr(rate, name)) is not None:
                entry[name] = selector
        written.append(entry)
    document.pop("tax_rate", None)
    document["tax_rate"] = written
    was = f"the settings had {before}, which the recordings contradict" if before else "the settings had none"
    return f"{len(rates)} tax rates: {was}"
