"""Currencies, units of measure, discount classes, and single settings of a tenant: zone, names, sessions."""

from __future__ import annotations

from decimal import Decimal

from soapsvc.tenant.reading import Document, each, first, flag, mapping, number, optional, whole
from soapsvc.vendor.settings.told import Said, Table, TenantTold

PROFILE = "/settings/entity-profile-info"
SECURITY = "/settings/security-policies"
CURRENCIES = "/settings/currencies"
UNITS = "/settings/units-of-measure"
DISCOUNTS = "/settings/discount-settings"
SUBSCRIPTIONS = "/settings/subscription-settings"
_MODES = {"Up": "UP", "Down": "DOWN", "HalfUp": "HALF_UP"}
_LONGEST_SESSION = 480
_MOST_DECIMALS = 9


def read_profile(document: Document, told: TenantTold) -> None:
    """Read the tenant's time zone, id and name."""
    if (zone := first(document, "timeZone")) is not None:
        told.top["time_zone"] = Said(zone, f"{PROFILE}: timeZone")
    for ours, theirs in (("id", "tenantId"), ("name", "tenantName")):
        value = document.get(theirs)
        if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
            told.tenant[ours] = Said(f"{value}", f"{PROFILE}: {theirs}")


def read_security(document: Document, told: TenantTold) -> None:
    """Read how long a session lasts."""
    if (minutes := optional(document, "sessionTimeout", whole)) is not None and minutes >= 1:
        told.api["session_minutes"] = Said(min(minutes, _LONGEST_SESSION), f"{SECURITY}: sessionTimeout")


def read_currencies(document: Document, told: TenantTold) -> None:
    """Read how each active currency is rounded."""
    for entry in optional(document, "currencies", each(mapping)) or ():
        code = first(entry, "currencyCode")
        if code is None or optional(entry, "active", flag) is False:
            continue
        table: Table = {}
        if (mode := _MODES.get(first(entry, "roundingMode") or "")) is not None:
            table["rounding_mode"] = Said(mode, f"{CURRENCIES}: roundingMode")
        step = optional(entry, "roundingIncrement", number)
        if step is not None and step > 0 and not _is_smallest_unit(step):
            table["rounding_increment"] = Said(step, f"{CURRENCIES}: roundingIncrement")
        if table:
            told.currencies[code] = table
        for name in ("defaultIncrementForInclusiveTax", "incrementForInvoiceTotal"):
            if entry.get(name) not in (None, "", 0):
                told.warnings.append(f"{CURRENCIES}: {name} of {code} is {entry[name]}, which is not supported here")


def _is_smallest_unit(step: Decimal) -> bool:
    """Whether an increment is a power of ten below one: amounts are rounded to such increments by default."""
    return step.normalize().as_tuple().digits == (1,) and step < 1


def read_units(document: Document, told: TenantTold) -> None:
    """Read the active units of measure."""
    for entry in optional(document, "unitsOfMeasure", each(mapping)) or ():
        name, decimals = first(entry, "name"), optional(entry, "precision", whole)
        if name is None or decimals is None or optional(entry, "active", flag) is False:
            continue
        mode = _MODES.get(first(entry, "roundingMode") or "", "UP")
        told.units.append(
            {
                "name": Said(name, f"{UNITS}: name"),
                "decimals": Said(min(decimals, _MOST_DECIMALS), f"{UNITS}: precision"),
                "rounding_mode": Said(mode, f"{UNITS}: roundingMode"),
            }
        )


def read_discounts(document: Document, told: TenantTold) -> None:
    """Read the order of the discount classes."""
    told.class_order = {
        name: priority
        for entry in optional(document, "discounts", each(mapping)) or ()
        if (name := first(entry, "name")) is not None
        and (priority := optional(entry, "priority", whole)) is not None
        and optional(entry, "active", flag) is not False
    }


def read_subscription_settings(document: Document, told: TenantTold) -> None:
    """Warn if renewals change prices by a default of the tenant."""
    option = first(document, "priceChangeOption")
    if option not in (None, "NoChange"):
        told.warnings.append(
            f"{SUBSCRIPTIONS}: priceChangeOption is {option}: charges that follow the tenant's default change their "
            "price at renewal. Previews here use the option of each charge only"
        )
