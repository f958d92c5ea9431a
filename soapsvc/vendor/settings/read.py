"""Reads all settings that affect previews; a setting that cannot be read is a warning."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from soapsvc.tenant.reading import Document, FieldProblem, each, first, mapping, optional
from soapsvc.vendor.client import Query
from soapsvc.vendor.errors import BadAnswer, Refused
from soapsvc.vendor.paging import Ask
from soapsvc.vendor.settings import lists, rules, taxes
from soapsvc.vendor.settings.told import Said, TenantTold

CREDIT_MEMOS = "/v1/credit-memos"
_RATES_A_PAGE = 100
_MOST_PAGES = 1000
_SINGLE: Mapping[str, Callable[[Document, TenantTold], None]] = {
    lists.PROFILE: lists.read_profile,
    rules.PATH: rules.read_rules,
    lists.CURRENCIES: lists.read_currencies,
    lists.UNITS: lists.read_units,
    lists.DISCOUNTS: lists.read_discounts,
    lists.SECURITY: lists.read_security,
    lists.SUBSCRIPTIONS: lists.read_subscription_settings,
}


def read_settings(ask: Ask, today: date) -> TenantTold:
    """The values of the tenant's settings. Raises VendorError if the service does not answer at all."""
    told = TenantTold()
    for path, read in _SINGLE.items():
        if (document := _asked(ask, path, told)) is not None:
            _understood(path, told, lambda read=read, document=document: read(document, told))  # type: ignore[misc]
    _understood(taxes.PERIODS, told, lambda: _read_taxes(ask, today, told))
    _settle(ask, told)
    return told


def _understood(path: str, told: TenantTold, read: Callable[[], None]) -> None:
    try:
        read()
    except FieldProblem as problem:
        told.warnings.append(f"{path}: {problem}; the rest of the list is not read")


def _asked(ask: Ask, path: str, told: TenantTold, query: Query = ()) -> Document | None:
    """The answer; None if this user may not read it, or the tenant does not have it."""
    try:
        return ask.get(path, query)
    except Refused as refused:
        told.warnings.append(f"{path} cannot be read ({refused}); its settings keep their defaults")
        return None


def _read_taxes(ask: Ask, today: date, told: TenantTold) -> None:
    engines = _list(_asked(ask, taxes.ENGINES, told), "taxEngines")
    taxes.warn_of_engines(engines, told)
    taxes.warn_of_dates(_list(_asked(ask, taxes.DATES, told), "taxDateSettings"), told)
    codes = _list(_asked(ask, taxes.CODES, told), "taxCodes")
    periods = _list(_asked(ask, taxes.PERIODS, told), "taxRatePeriods") if codes else ()
    rates = {identity: _rates(ask, identity, told) for each in periods if (identity := first(each, "id")) is not None}
    taxes.read_taxes(codes, periods, rates, today, told)


def _rates(ask: Ask, period: str, told: TenantTold) -> tuple[Document, ...]:
    """The rates of a period, page by page: a page that is not full is the last."""
    path = f"{taxes.PERIODS}/{period}/tax-rates"
    found: list[Document] = []
    for page in range(1, _MOST_PAGES + 1):
        answer = _asked(ask, path, told, [("page", f"{page}"), ("size", f"{_RATES_A_PAGE}")])
        rates = _list(answer, "taxRates")
        found += rates
        if len(rates) < _RATES_A_PAGE:
            return tuple(found)
    raise BadAnswer(f"{path} has more than {_MOST_PAGES} pages")


def _list(document: Document | None, key: str) -> tuple[Document, ...]:
    """The objects under a key of an answer."""
    return (optional(document, key, each(mapping)) or ()) if document is not None else ()


def _settle(ask: Ask, told: TenantTold) -> None:
    """Infer Invoice Settlement, which is not among the settings: only tenants with it have credit memos."""
    try:
        ask.get(CREDIT_MEMOS, [("pageSize", "1")])
    except Refused:
        return
    told.rules["invoiceSettlement"] = Said(
        True, f"inferred, because credit memos can be read (GET {CREDIT_MEMOS}); no setting says it"
    )
