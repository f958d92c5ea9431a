"""Write tenant.toml from the vendor's settings: each value with its source. Other values are marked defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Any

import tomlkit
from tomlkit.items import Table as TomlTable

from soapsvc.engine.account import BillingRules
from soapsvc.tenant.reading import camel
from soapsvc.vendor.settings.told import Said, TenantTold

_UNSAID = "the default; no setting gives it"
_NOT_RULES = frozenset({"decimals", "roundingMode", "roundingIncrement"})


def tenant_file(told: TenantTold, upstream: str) -> str:
    """The text of tenant.toml; `upstream` is named at its top."""
    document = tomlkit.document()
    document.add(tomlkit.comment(f"Written by soapsvc fetch from the settings of {upstream}. A comment names"))
    document.add(
        tomlkit.comment("the setting of each value. Lines that begin with # are defaults; no setting gives them.")
    )
    _fill(document, told.top)
    if "time_zone" not in told.top:
        document.add(tomlkit.comment(f'time_zone = "America/Los_Angeles"  # {_UNSAID}'))
    for name, table in (("tenant", told.tenant), ("api", told.api)):
        if table:
            document.add(tomlkit.nl())
            document.add(name, _fill(tomlkit.table(), table))
    document.add(tomlkit.nl())
    document.add("billing_rules", _rules(told.rules))
    if told.currencies:
        currencies = tomlkit.table(is_super_table=True)
        for code in sorted(told.currencies):
            currencies.add(code, _fill(tomlkit.table(), told.currencies[code]))
        document.add(tomlkit.nl())
        document.add("currencies", currencies)
    for name, entries in (("unit_of_measure", told.units), ("tax_rate", told.tax_rates)):
        if entries:
            tables = tomlkit.aot()
            for entry in entries:
                tables.append(_fill(tomlkit.table(), entry))
            document.add(tomlkit.nl())
            document.add(name, tables)
    return tomlkit.dumps(document)


def _rules(said: Mapping[str, Said]) -> TomlTable:
    table = tomlkit.table()
    usual = BillingRules()
    for field in fields(BillingRules):
        name = camel(field.name)
        if (found := said.get(name)) is not None:
            _fill(table, {name: found})
        elif name not in _NOT_RULES:
            default = getattr(usual, field.name)
            table.add(tomlkit.comment(f"{name} = {tomlkit.item(default).as_string()}  # {_UNSAID}"))
    return table


def _fill(table: Any, said: Mapping[str, Said]) -> Any:
    for name, each in said.items():
        value = _number(each.value) if isinstance(each.value, Decimal) else tomlkit.item(each.value)
        value.comment(each.source)
        table.add(name, value)
    return table


def _number(value: Decimal) -> Any:
    """A number with its own digits, never converted to binary floating point."""
    text = f"{value:f}"
    return tomlkit.parse(f"n = {text}").item("n")
