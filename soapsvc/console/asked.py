"""The preview that a page shows: all options of a request, read from the page's address and written into links."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import TypeVar

from soapsvc.console.frame import Visit, not_found
from soapsvc.engine.account import Account, ChargeType
from soapsvc.engine.preview import preview
from soapsvc.engine.result import AssumeRenewal, PreviewRequest, PreviewResult
from soapsvc.engine.schedule import add_months
from soapsvc.figures.groups import By
from soapsvc.figures.lines import Line, preview_lines
from soapsvc.figures.months import Stack
from soapsvc.figures.upcoming import MOST_YEARS, latest_target, next_invoices
from soapsvc.tenant.store import visible_account

Member = TypeVar("Member", bound=StrEnum)

_MONTHS = 12
_FIRST, _LAST = date(1970, 1, 1), date(2200, 1, 1)
_MOST_INVOICES = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """The query of a page. `problems` name invalid values, which have their defaults instead.

    `as_of` is the day that counts as today; it decides what is already due. Empty `subscriptions` means all.
    """

    account_id: str
    target_date: date
    as_of: date
    assume_renewal: AssumeRenewal
    exclude: tuple[str, ...]
    evergreen: bool
    drafts: bool
    subscriptions: tuple[str, ...]
    next_invoices: int | None
    by: By
    stack: Stack
    problems: tuple[str, ...] = ()

    def query(self, **other: object) -> dict[str, object]:
        """The query of a page with the same values, except for those that are given."""
        return {
            "id": self.account_id,
            "target_date": self.target_date,
            "as_of": self.as_of,
            "assume_renewal": self.assume_renewal,
            "exclude": list(self.exclude),
            "evergreen": "1" if self.evergreen else "",
            "drafts": "1" if self.drafts else "",
            "subscription": list(self.subscriptions),
            "next_invoices": self.next_invoices,
            "by": self.by,
            "stack": self.stack,
            **other,
        }

    def request(self, *, explain: bool) -> PreviewRequest:
        """The engine's request."""
        return PreviewRequest(
            self.target_date,
            self.assume_renewal,
            frozenset(self.exclude),
            self.evergreen,
            self.drafts,
            explain,
            frozenset(self.subscriptions) if self.subscriptions else None,
        )


@dataclass(frozen=True, slots=True)
class Previewed:
    """An account, its preview, and the preview's lines; with errors there are no lines."""

    account: Account
    result: PreviewResult
    lines: list[Line]


def read_asked(visit: Visit, account: Account) -> Asked:
    """The query in the page's address, for an account."""
    problems: list[str] = []
    as_of = _day(visit, "as_of", visit.today, problems)
    count = visit.first("next_invoices")
    if count and not (count.isascii() and count.isdigit() and len(count) < 4 and 0 < int(count) <= _MOST_INVOICES):
        problems.append(f"The number of invoices must be 1 to {_MOST_INVOICES}.")
        count = ""
    latest = latest_target(visit.today)
    usual = min(latest, latest_target(as_of) if count else add_months(as_of, _MONTHS))
    target = _day(visit, "target_date", usual, problems)
    if target > latest:
        problems.append(f"The target date is more than {MOST_YEARS} years away.")
        target = usual
    return Asked(
        account.id,
        target,
        as_of,
        _one(AssumeRenewal, visit.first("assume_renewal"), AssumeRenewal.NONE),
        tuple(name for name in ChargeType if name in visit.query.get("exclude", ())),
        bool(visit.first("evergreen")),
        bool(visit.first("drafts")),
        tuple(dict.fromkeys(each for each in visit.query.get("subscription", ()) if each)),
        int(count) if count else None,
        _one(By, visit.first("by"), By.INVOICE),
        _one(Stack, visit.first("stack"), Stack.PRODUCT),
        tuple(problems),
    )


def read_account(visit: Visit) -> Account:
    """The account that the page's address names by id or number. Raises Refused if the visitor sees no such account."""
    key = visit.first("id") or visit.first("number")
    if not key or "\0" in key:
        raise not_found("account at this address")
    named = {"id": key} if visit.first("id") else {"number": key}
    account = visible_account(visit.store, visit.who, **named)
    if account is None or not visit.who.may_see(account):
        raise not_found("such account")
    return account


def previewed(visit: Visit, account: Account, asked: Asked, *, explain: bool = False) -> Previewed:
    """The requested preview."""
    as_of = visit.now if asked.as_of == visit.today else datetime.combine(asked.as_of, time(), visit.now.tzinfo)
    request = asked.request(explain=explain)
    if asked.next_invoices is not None:
        result = next_invoices(account, request, as_of, asked.next_invoices).result
    else:
        result = preview(account, request, as_of)
    return Previewed(account, result, [] if result.errors else preview_lines(account, result))


def _day(visit: Visit, name: str, usual: date, problems: list[str]) -> date:
    if not (text := visit.first(name)):
        return usual
    try:
        found = date.fromisoformat(text)
    except ValueError:
        problems.append(f"{name.replace('_', ' ').capitalize()} is not a date such as 2026-01-31.")
        return usual
    if not _FIRST <= found <= _LAST:
        problems.append(f"{name.replace('_', ' ').capitalize()} is not between {_FIRST} and {_LAST}.")
        return usual
    return found


def _one(kind: type[Member], text: str, usual: Member) -> Member:
    return next((member for member in kind if member.value == text), usual)


def choices() -> Mapping[str, object]:
    """The choices of a form's options."""
    return {"renewals": list(AssumeRenewal), "types": list(ChargeType), "groupings": list(By), "stacks": list(Stack)}
