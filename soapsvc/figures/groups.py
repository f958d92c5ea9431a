"""Lines grouped by invoice, month, subscription or charge, with sums.

Sums are by currency, never across currencies. Each group has one kind of document, so that its sum is the documents'
own; `Total.net` joins both kinds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from soapsvc.figures.lines import CREDIT_MEMO, Line

_DOCUMENTS = {False: "Invoice", True: "Credit memo"}


class By(StrEnum):
    """The key by which lines are grouped. A line's month is that of the day that bills it."""

    INVOICE = "invoice"
    MONTH = "month"
    SUBSCRIPTION = "subscription"
    CHARGE = "charge"


@dataclass(frozen=True, slots=True)
class Total:
    """Sums of lines of one currency. `amount` is without `tax`. In both, credit memos are subtracted from invoices."""

    currency: str
    items: int
    amount: Decimal
    tax: Decimal

    @property
    def net(self) -> Decimal:
        """The amount with its tax."""
        return self.amount + self.tax


@dataclass(frozen=True, slots=True)
class Group:
    """Lines that belong together, all of one currency. `day` is a document's day, or the first day of a month.

    `title` names the other things that the lines have in common.
    """

    title: str
    day: date | None
    lines: Sequence[Line]
    total: Total


def totals(lines: Iterable[Line]) -> list[Total]:
    """The sums of lines, one for each currency, in the order in which currencies first occur."""
    found: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        found[line.currency].append(line)
    return [total(currency, of) for currency, of in found.items()]


def total(currency: str, lines: Sequence[Line]) -> Total:
    """The sums of lines of one currency."""
    amount = sum((line.sign * line.amount for line in lines), Decimal())
    tax = sum((line.sign * line.tax for line in lines), Decimal())
    return Total(currency, len(lines), amount, tax)


def grouped(lines: Iterable[Line], by: By) -> list[Group]:
    """The groups of lines: documents and months in the order of time, the others in wire order."""
    found: dict[_Key, list[Line]] = defaultdict(list)
    key_of = _KEYS[by]
    for line in lines:
        found[key_of(line)].append(line)
    keys = sorted(found, key=_by_time) if by in {By.INVOICE, By.MONTH} else list(found)
    return [Group(title, day, found[key], total(key[-1], found[key])) for key in keys for day, title, _ in (key,)]


_Key = tuple[date | None, str, str]
"""Day, title, currency."""


def _by_time(key: _Key) -> tuple[date, str, str]:
    day, title, currency = key
    return day or date.min, title, currency


def _invoice(line: Line) -> _Key:
    kind = _DOCUMENTS[line.document == CREDIT_MEMO]
    title = f"Draft {kind.lower()}s" if line.is_draft else kind
    return line.day, f"{title} for {line.group}" if line.group else title, line.currency


def _month(line: Line) -> _Key:
    return line.day.replace(day=1), "", line.currency


def _subscription(line: Line) -> _Key:
    return None, line.subscription_number, line.currency


def _charge(line: Line) -> _Key:
    return None, f"{line.charge_number} {plain_name(line)}".strip(), line.currency


def plain_name(line: Line) -> str:
    """The name of a line's charge without its proration suffix."""
    return line.name.partition(" -- ")[0]


_KEYS: Mapping[By, Callable[[Line], _Key]] = {
    By.INVOICE: _invoice,
    By.MONTH: _month,
    By.SUBSCRIPTION: _subscription,
    By.CHARGE: _charge,
}
