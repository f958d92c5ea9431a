"""Billing rules that record which of them a preview reads: other rules cannot change it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Generic, TypeVar

from soapsvc.engine.account import Account, BillingRules, CurrencyTerms
from soapsvc.tenant.formats import TenantSettings

Value = TypeVar("Value")
Reads = Mapping[tuple[str, str], object]
"""The value of each rule that was read, by currency and field."""


class _WatchedRules:
    """Replaces BillingRules for the engine, which only reads its attributes."""

    __slots__ = ("_currency", "_rules", "_seen")

    def __init__(self, rules: BillingRules, currency: str, seen: dict[tuple[str, str], object]) -> None:
        self._rules = rules
        self._currency = currency
        self._seen = seen

    def __getattr__(self, name: str) -> object:
        value = getattr(self._rules, name)
        self._seen[self._currency, name] = value
        return value


def watched(account: Account, currency: str, settings: TenantSettings) -> tuple[Account, dict[tuple[str, str], object]]:
    """The account billed under `settings`, in its main `currency`, and the record of the rules that get read.

    Its rules are taken from `settings`; tax rates and other values are unchanged.
    """
    seen: dict[tuple[str, str], object] = {}

    def rules(currency: str) -> BillingRules:
        return _WatchedRules(settings.rules_for(currency), currency, seen)  # type: ignore[return-value]

    terms = {other: CurrencyTerms(rules(other), known.catalog) for other, known in account.currency_terms.items()}
    return replace(account, rules=rules(currency), currency_terms=terms), seen


class Remembered(Generic[Value]):
    """Results cached by the values of the rules that were read."""

    def __init__(self) -> None:
        self._by_keys: dict[tuple[tuple[str, str], ...], dict[tuple[object, ...], Value]] = {}

    def get(self, settings: TenantSettings) -> Value | None:
        """The result for settings with the same values of the rules that were read."""
        for keys, found in self._by_keys.items():
            values = tuple(getattr(settings.rules_for(currency), name) for currency, name in keys)
            if (known := found.get(values)) is not None:
                return known
        return None

    def put(self, reads: Reads, value: Value) -> None:
        """Store a result with the rules that were read."""
        keys = tuple(sorted(reads))
        self._by_keys.setdefault(keys, {})[tuple(reads[key] for key in keys)] = value
