"""The settings that can be tried, and their values: a knob for each rule, rounding and time zone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from functools import reduce
from math import gcd
from typing import get_type_hints

from soapsvc.engine.account import BillingRules
from soapsvc.parity.recording import Item
from soapsvc.parity.trials.watched import Reads
from soapsvc.parity.trials.zones import Zones
from soapsvc.tenant.formats import DEFAULT_TIME_ZONE, RULE_VALUES, TenantSettings
from soapsvc.tenant.reading import camel

_ROUNDING = ("decimals", "rounding_mode", "rounding_increment")
_ALIASES = frozenset({"AllNegativeAndZero"})
_INCREMENTS = tuple(map(Decimal, ("0.05", "0.1", "0.2", "0.25", "0.5", "1", "5", "10", "50", "100")))
_MOST_DECIMALS = 9


@dataclass(frozen=True, slots=True)
class Knob:
    """One setting and the values to try. `currency` is that of a rounding; "" for a rule or the time zone."""

    field: str
    values: tuple[object, ...]
    currency: str = ""

    @property
    def name(self) -> str:
        """Its name in tenant.toml."""
        if self.field == "time_zone":
            return self.field
        return f"currencies.{self.currency}.{self.field}" if self.currency else camel(self.field)

    def value(self, settings: TenantSettings) -> object:
        """Its value under these settings."""
        if self.field == "time_zone":
            return settings.time_zone
        value: object = getattr(settings.rules_for(self.currency), self.field)
        return value

    def set(self, settings: TenantSettings, value: object) -> TenantSettings:
        """The settings with this value."""
        if self.field == "time_zone":
            return replace(settings, time_zone=str(value))
        if not self.currency:
            return replace(settings, rules={**settings.rules, self.field: value})
        own = {**settings.currencies.get(self.currency, {}), self.field: value}
        return replace(settings, currencies={**settings.currencies, self.currency: own})

    def is_said(self, settings: TenantSettings) -> bool:
        """Whether the settings contain it; else the default holds."""
        if self.field == "time_zone":
            return settings.time_zone != DEFAULT_TIME_ZONE
        return self.field in settings.rules or self.field in settings.currencies.get(self.currency, {})

    def is_read(self, reads: Iterable[tuple[str, str]]) -> bool:
        """Whether this setting is among the rules that a preview read."""
        return any(self.field == name and self.currency in ("", currency) for currency, name in reads)

    def others(self, settings: TenantSettings) -> Iterator[object]:
        """The other values."""
        own = self.value(settings)
        return (value for value in self.values if value != own)


@dataclass(frozen=True, slots=True)
class Switch:
    """A knob at another value."""

    knob: Knob
    value: object

    def apply(self, settings: TenantSettings) -> TenantSettings:
        """The settings with this switch."""
        return self.knob.set(settings, self.value)

    def __str__(self) -> str:
        return f"{self.knob.name} = {shown(self.value)}"


def shown(value: object) -> str:
    """A value in the form of tenant.toml."""
    if value is None:
        return "none"
    return str(value).lower() if isinstance(value, bool) else str(value)


def rule_knobs() -> Iterator[Knob]:
    """A knob for each billing rule except rounding."""
    hints = get_type_hints(BillingRules)
    for rule in fields(BillingRules):
        if rule.name in _ROUNDING:
            continue
        values: Sequence[object] = (True, False) if hints[rule.name] is bool else RULE_VALUES[rule.name]
        yield Knob(rule.name, tuple(dict.fromkeys(v for v in values if v not in _ALIASES)))


def rounding_knobs(items: Mapping[str, Sequence[Item]], settings: TenantSettings) -> Iterator[Knob]:
    """The roundings of each currency that are possible for these items, by the decimals and increments of amounts."""
    for currency, found in sorted(items.items()):
        rules = settings.rules_for(currency)
        yield Knob("rounding_mode", RULE_VALUES["rounding_mode"], currency)
        amounts = [amount for item in found for amount in (item.gross, item.amount) if amount]
        places = max((_places(amount) for amount in amounts), default=rules.decimals)
        yield Knob("decimals", tuple(dict.fromkeys((rules.decimals, places))), currency)
        steps = tuple(step for step in _INCREMENTS if found and _is_step(step, [item.gross for item in found]))
        yield Knob("rounding_increment", tuple(dict.fromkeys((rules.rounding_increment, None, *steps))), currency)


def _places(amount: Decimal) -> int:
    """The decimal places that an amount needs."""
    return min(max(0, -int(amount.normalize().as_tuple().exponent)), _MOST_DECIMALS)


def _is_step(step: Decimal, amounts: Sequence[Decimal]) -> bool:
    """Whether all amounts are multiples of a step, and not of a larger step that is tried too."""
    scale = 10**_MOST_DECIMALS
    common = reduce(gcd, (int(abs(amount) * scale) for amount in amounts), 0)
    return common > 0 and common % int(step * scale) == 0


def zone_knob(zones: Zones, settings: TenantSettings) -> Knob:
    """The time zones with different results in the sample."""
    return Knob("time_zone", tuple(dict.fromkeys((settings.time_zone, *zones.distinct))))


def read_by(reads: Iterable[Reads]) -> set[tuple[str, str]]:
    """All rules that some previews read."""
    return {key for each in reads for key in each}
