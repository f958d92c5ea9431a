"""Tax codes, periods and rates of the vendor's own tax engine as `[[tax_rate]]`, as far as ours can express them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from soapsvc.tenant.reading import Document, day, first, number, optional
from soapsvc.vendor.settings.told import Said, Table, TenantTold

CODES = "/settings/tax-codes"
PERIODS = "/settings/tax-rate-periods"
ENGINES = "/settings/tax-engines"
DATES = "/settings/tax-date-options"
_PLACES = ("state", "county", "city", "postalCode", "taxRegion")
_OWN_ENGINE = "z_tax"
_PERCENT = Decimal(100)


def read_taxes(
    codes: Iterable[Document],
    periods: Sequence[Document],
    rates: Mapping[str, Sequence[Document]],
    today: date,
    told: TenantTold,
) -> None:
    """Add the rates of the periods that apply on `today`; `rates` has those of each period by its id."""
    names = {identity: name for code in codes if (identity := first(code, "id")) and (name := first(code, "name"))}
    left_out = 0
    for period in periods:
        identity = first(period, "id") or ""
        if not _holds(period, today):
            left_out += bool(rates.get(identity))
            continue
        code = names.get(first(period, "taxCodeId") or "")
        for rate in rates.get(identity, ()):
            _read_rate(rate, code, f"{PERIODS}/{identity}/tax-rates", told)
    if left_out:
        told.warnings.append(f"{PERIODS}: {left_out} tax rate periods that are not in force today are left out")


def _read_rate(rate: Document, code: str | None, source: str, told: TenantTold) -> None:
    percent = optional(rate, "taxRate1", number)
    if percent is None:
        return
    places = [name for name in _PLACES if first(rate, name) is not None]
    flat = [name for name in ("taxRateType1", "taxRateType2", "taxRateType3") if first(rate, name) == "FlatFee"]
    further = [name for name in ("taxRate2", "taxRate3") if optional(rate, name, number)]
    if beyond := places + flat + further:
        told.warnings.append(
            f"{source}: a rate of {code or 'no tax code'} is left out, because it has {', '.join(beyond)}"
        )
        return
    table: Table = {"percent": Said((percent * _PERCENT).normalize() + 0, f"{source}: taxRate1")}
    if code is not None:
        table["tax_code"] = Said(code, f"{CODES}: name")
    if (country := first(rate, "country")) is not None:
        table["country"] = Said(country, f"{source}: country")
    told.tax_rates.append(table)


def _holds(period: Document, today: date) -> bool:
    start, end = optional(period, "startDate", day), optional(period, "endDate", day)
    return (start is None or start <= today) and (end is None or today <= end)


def warn_of_engines(engines: Iterable[Document], told: TenantTold) -> None:
    """Warn of tax that another engine computes."""
    for engine in engines:
        kind = first(engine, "type", "engineType", "taxEngineType", "vendor", "name") or "?"
        if kind.lower().replace(" ", "_") != _OWN_ENGINE:
            told.warnings.append(f"{ENGINES}: {kind} computes tax outside the tenant; previews here cannot call it")


def warn_of_dates(options: Iterable[Document], told: TenantTold) -> None:
    """Warn if the rate is taken from a day other than the document's."""
    others = sorted(
        {option for each in options if (option := first(each, "taxDateOption")) not in (None, "DocumentDate")}
    )
    if others:
        told.warnings.append(
            f"{DATES}: {', '.join(others)} decides which tax rate is in force; here one rate applies to all days"
        )
