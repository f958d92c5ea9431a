"""The settings of one tenant, read from its `tenant.toml` (`tenant_toml`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from zoneinfo import ZoneInfo

from soapsvc.engine.account import BillingRules, TaxRate, UnitOfMeasure
from soapsvc.tenant.formats.rules import rules_for
from soapsvc.tenant.formats.usage_dates import DateOrder
from soapsvc.tenant.reading import (
    FieldProblem,
)

DEFAULT_TIME_ZONE = "America/Los_Angeles"
"""The default time zone of a tenant: the vendor's own default ("Time zones in the WSDL")."""


class SettingsRefused(ValueError):
    """A tenant.toml that cannot be used; `problems` has the reasons."""

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class UserEntry:
    """A user as written in tenant.toml: `password` and `client_secret` in plain, or as argon2 hashes under `…_hash`."""

    username: str
    password: str | None = None
    password_hash: str | None = None
    name: str = ""
    email: str = ""
    organizations: tuple[str, ...] = ()
    client_id: str | None = None
    client_secret: str | None = None
    client_secret_hash: str | None = None


@dataclass(frozen=True)
class TenantSettings:
    """The settings of the whole tenant.

    `rules` and `currencies` hold only the values in the file, by field of BillingRules; `rules_for` adds the defaults.
    `session_minutes` is how long a login lasts: 15 minutes to 8 hours, as the vendor's tenants choose. Clients that log
    in again by a timer need the longer times. `requests_per_call` is the vendor's limit of one billingPreview.
    `usage_date_order` is the order of dates with slashes in usage files, None where the files decide it.
    """

    time_zone: str = DEFAULT_TIME_ZONE
    usage_date_order: DateOrder | None = None
    tenant_id: str = "1"
    tenant_name: str = ""
    session_minutes: int = 15
    requests_per_call: int = 20
    rules: Mapping[str, object] = field(default_factory=dict)
    currencies: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    tax_rates: tuple[TaxRate, ...] = ()
    units_of_measure: tuple[UnitOfMeasure, ...] = ()

    @cached_property
    def zone(self) -> ZoneInfo:
        """The tenant's time zone."""
        return ZoneInfo(self.time_zone)

    @cached_property
    def _rules_by_currency(self) -> dict[str, BillingRules]:
        return {}

    def rules_for(self, currency: str) -> BillingRules:
        """The billing rules of an account in `currency`."""
        found = self._rules_by_currency.get(currency)
        if found is None:
            found = self._rules_by_currency[currency] = rules_for(currency, self.rules, self.currencies)
        return found


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """The content of one tenant.toml. `stored` is only the settings part, for the store: it has no password."""

    settings: TenantSettings
    users: tuple[UserEntry, ...]
    stored: bytes
