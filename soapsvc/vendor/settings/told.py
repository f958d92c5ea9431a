"""The values of a tenant's settings, as they are collected before tenant.toml is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

Value = str | bool | int | Decimal


@dataclass(frozen=True, slots=True)
class Said:
    """One value of tenant.toml, and the vendor's setting that it comes from."""

    value: Value
    source: str


Table = dict[str, Said]


@dataclass(slots=True)
class TenantTold:
    """The values of all settings: the tables of tenant.toml by name, and notes about them.

    `class_order` has the discount classes by priority, from 1. `warnings` name active settings without a counterpart.
    """

    top: Table = field(default_factory=dict)
    tenant: Table = field(default_factory=dict)
    api: Table = field(default_factory=dict)
    rules: Table = field(default_factory=dict)
    currencies: dict[str, Table] = field(default_factory=dict)
    units: list[Table] = field(default_factory=list)
    tax_rates: list[Table] = field(default_factory=list)
    class_order: Mapping[str, int] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
