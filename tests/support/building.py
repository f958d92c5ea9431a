"""Accounts in a few words, and previews as short lists of lines, so that tests of billing read as documents.

`recurring(30, "2024-01-16")` is a monthly charge of 30 in advance from that day on. Other values are usual ones:
bill cycle day 1, one termed subscription from the first charge's start for a year, the tenant's rules at their
defaults, and never past the end of the term.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from soapsvc.engine.account import Account, BillingRules, Charge, Subscription, UsageRecord
from soapsvc.engine.preview import preview
from soapsvc.engine.result import AssumeRenewal, InvoiceItem, PreviewRequest, PreviewResult
from soapsvc.engine.schedule import add_months

AS_OF = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
EVERY_TYPE = "ONETIMERECURRINGUSAGE"

Billable = Account | Subscription | Charge | Sequence[Charge]

_FIELDS = {field.name: str(field.type) for kind in (Charge, Subscription, BillingRules) for field in fields(kind)}
"""The types of all fields that a test may give, as written in the source."""


def recurring(price: object, start: str | date, until: str | date | None = None, **fields: Any) -> Charge:
    """A monthly flat fee in advance on the account's bill cycle day; `until` is its exclusive effective end date."""
    usual = {
        "number": "C-1",
        "type": "Recurring",
        "model": "FlatFee",
        "billing_period": "Month",
        "billing_day": "DefaultFromCustomer",
        "billing_period_alignment": "AlignToCharge",
        "billing_timing": "IN_ADVANCE",
        "list_price_base": "Per_Billing_Period",
        "end_date_condition": "Subscription_End",
        "rate_plan_id": "plan",
    }
    return _charge(usual, start, until, {"price": price, **fields})


def one_time(price: object, start: str | date, **fields: Any) -> Charge:
    """A one-time flat fee on `start`."""
    usual = {
        "number": "C-O",
        "type": "OneTime",
        "model": "FlatFee",
        "end_date_condition": "One_Time",
        "rate_plan_id": "plan",
    }
    return _charge(usual, start, _day(start) + timedelta(1), {"price": price, **fields})


def metered(price: object, start: str | date, until: str | date | None = None, **fields: Any) -> Charge:
    """A usage charge per unit of `Each`, monthly on the account's bill cycle day."""
    usual = {"number": "C-U", "type": "Usage", "model": "PerUnit", "uom": "Each", "billing_timing": None}
    return recurring(price, start, until, **{**usual, **fields})


def used(start: str, quantity: object, **fields: Any) -> UsageRecord:
    """A usage record of `Each` on a day."""
    return UsageRecord(_day(start), Decimal(str(quantity)), **{"uom": "Each", **fields})


def percent_off(percentage: object, start: str | date, until: str | date | None = None, **fields: Any) -> Charge:
    """A percentage discount on everything in its rate plan."""
    usual = {"number": "C-D1", "model": "DiscountPercentage", "discount_percentage": percentage}
    return _discount(usual, start, until, fields)


def amount_off(amount: object, start: str | date, until: str | date | None = None, **fields: Any) -> Charge:
    """A discount of a fixed amount per month on everything in its rate plan."""
    usual = {"number": "C-D1", "model": "DiscountFixedAmount", "discount_amount": amount}
    return _discount(usual, start, until, fields)


def _discount(usual: dict[str, Any], start: str | date, until: str | date | None, fields: dict[str, Any]) -> Charge:
    common = {
        "type": "Recurring",
        "billing_period": "Month",
        "billing_day": "DefaultFromCustomer",
        "discount_level": "rateplan",
        "apply_discount_to": EVERY_TYPE,
        "rate_plan_id": "plan",
    }
    return _charge({**common, **usual}, start, until, fields)


def _charge(usual: dict[str, Any], start: str | date, until: str | date | None, fields: dict[str, Any]) -> Charge:
    values = _typed({**usual, **fields})
    values.setdefault("id", f"{values['number']}-{values.get('segment', 1)}")
    return Charge(effective_start_date=_day(start), effective_end_date=_maybe_day(until), **values)


def segments(*parts: Charge) -> tuple[Charge, ...]:
    """The parts as the segments of one charge: each ends where the next starts, and all have the first one's start."""
    found = []
    for position, part in enumerate(parts):
        following = parts[position + 1].effective_start_date if position + 1 < len(parts) else part.effective_end_date
        found.append(
            replace(
                part,
                id=f"{part.number}-{position + 1}",
                segment=position + 1,
                effective_end_date=part.effective_end_date or following,
                original_effective_start_date=parts[0].effective_start_date,
            )
        )
    return tuple(found)


def subscription(
    *charges: Charge, start: str | date | None = None, end: str | date | None = None, **fields: Any
) -> Subscription:
    """A termed, active subscription of `charges`; its current term `[start, end)` is a year from the first charge.

    Charges without an end get the term's.
    """
    starts = [charge.effective_start_date for charge in charges if charge.effective_start_date]
    begins = _maybe_day(start) or min(starts)
    values = _typed({"subscription_number": "A-S1", "renewal_term": 12, "renewal_term_period_type": "Month", **fields})
    values.setdefault("id", f"id-{values['subscription_number']}")
    values.setdefault("subscription_start_date", begins)
    values.setdefault("term_start_date", begins)
    values.setdefault("contract_effective_date", values["subscription_start_date"])
    if values.get("term_type") != "EVERGREEN":
        values.setdefault("term_end_date", _maybe_day(end) or add_months(values["term_start_date"], 12))
    ends = values.get("term_end_date")
    return Subscription(
        charges=tuple(
            charge if charge.effective_end_date else replace(charge, effective_end_date=ends) for charge in charges
        ),
        **values,
    )


def evergreen(*charges: Charge, **fields: Any) -> Subscription:
    """An evergreen, active subscription of `charges`."""
    return subscription(*charges, term_type="EVERGREEN", **fields)


def account(*parts: Charge | Subscription, rules: dict[str, Any] | None = None, **fields: Any) -> Account:
    """An account of subscriptions, or of one with the charges, under `rules` (fields of BillingRules)."""
    loose = [part for part in parts if isinstance(part, Charge)]
    subscriptions = [part for part in parts if isinstance(part, Subscription)]
    if loose:
        subscriptions.append(subscription(*loose))
    usual = {"invoice_past_end_of_term_auto_renew_on": False}
    values = {"id": "account-1", "account_number": "A-1", "currency": "USD", **fields}
    return Account(
        subscriptions=tuple(subscriptions), rules=BillingRules(**_typed({**usual, **(rules or {})})), **values
    )


def answer(
    what: Billable,
    target: str | date,
    *,
    rules: dict[str, Any] | None = None,
    bill_cycle_day: int = 1,
    renew: str = "None",
    **request: Any,
) -> PreviewResult:
    """The preview up to `target` of an account, or of one that is built from a subscription or charges."""
    if not isinstance(what, Account):
        parts = (what,) if isinstance(what, Subscription | Charge) else tuple(what)
        what = account(*parts, rules=rules, bill_cycle_day=bill_cycle_day)
    return preview(what, PreviewRequest(_day(target), AssumeRenewal(renew), **request), AS_OF)


def billed(what: Billable, target: str | date, **options: Any) -> list[str]:
    """The items as lines `first day … last day amount`, in the order of the answer. Options are those of `answer`."""
    return [line(item) for item in sound(answer(what, target, **options)).items()]


def statement(what: Billable, target: str | date, **options: Any) -> list[str]:
    """Like `billed`, but each line starts with the number of the charge."""
    return [numbered(item) for item in sound(answer(what, target, **options)).items()]


def sound(result: PreviewResult) -> PreviewResult:
    """The result, which must be without errors."""
    assert not result.errors, [error.message for error in result.errors]
    return result


def line(item: InvoiceItem) -> str:
    """`2024-01-16…2024-01-31 16.00`: service dates as on the wire, both inclusive, and the amount without tax."""
    last = item.service_end - timedelta(1)
    days = (
        f"{item.service_start}"
        if last == item.service_start and item.facts.charge_type == "OneTime"
        else f"{item.service_start}…{last}"
    )
    return f"{days} {item.amount:f}"


def numbered(item: InvoiceItem) -> str:
    """`C-1 2024-01-16…2024-01-31 16.00`."""
    return f"{item.facts.charge_number} {line(item)}"


def _typed(values: dict[str, Any]) -> dict[str, Any]:
    return {name: _value(name, value) for name, value in values.items()}


def _value(name: str, value: object) -> object:
    """Dates and decimals may be given as text, decimals also as whole numbers."""
    if _FIELDS[name].startswith("date") and isinstance(value, str):
        return _day(value)
    if _FIELDS[name].startswith("Decimal") and isinstance(value, str | int):
        return Decimal(value)
    return value


def _day(value: str | date) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _maybe_day(value: str | date | None) -> date | None:
    return None if value is None else _day(value)
