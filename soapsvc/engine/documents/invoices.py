"""The invoices that would hold a preview's items if a bill run were made every day.

A period in advance is billed on its first day, one in arrears and all usage on the day after its last ("Billing
timing"); an item that is overdue goes on the next invoice, today's. A discount goes with the item that it reduces. A
subscription that is invoiced separately has invoices of its own, and so has each invoice group and each currency.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from soapsvc.engine.account import ZERO, Account
from soapsvc.engine.documents.document_groups import document_groups
from soapsvc.engine.result import Block, PreviewResult
from soapsvc.engine.schedule import is_in_arrears


@dataclass(frozen=True, slots=True)
class UpcomingInvoice:
    """One upcoming invoice or credit memo: `group` is empty for the account's own, else the group that it is for.

    `amount` is without tax, in `currency`.
    """

    day: date
    group: str
    blocks: tuple[Block, ...]
    amount: Decimal
    tax_amount: Decimal
    currency: str = ""


@dataclass(frozen=True, slots=True)
class BilledDocument:
    """An invoice or a credit memo of one bill run.

    `group` is empty for the account's own, else the group that it is for. `amount` is without tax, in `currency`; a
    memo's amount has the memo's sign.
    """

    kind: Literal["invoice", "creditMemo"]
    group: str
    currency: str
    blocks: tuple[Block, ...]
    amount: Decimal
    tax_amount: Decimal


def billed_documents(account: Account, result: PreviewResult) -> list[BilledDocument]:
    """The documents on which one bill run puts a preview's items: invoices first, by group, then currency."""
    groups = document_groups(account)
    found: dict[tuple[bool, str, str], list[Block]] = {}
    for is_memo, blocks in ((False, result.blocks), (True, result.credit_memo_blocks)):
        for block in blocks:
            number = block.series.facts.subscription_number
            found.setdefault((is_memo, groups.get(number, ""), result.currency_of(number)), []).append(block)
    return [
        BilledDocument("creditMemo" if is_memo else "invoice", group, currency, tuple(parts), *_totals(parts))
        for (is_memo, group, currency), parts in sorted(found.items(), key=lambda document: document[0])
    ]


def upcoming_invoices(account: Account, result: PreviewResult) -> list[UpcomingInvoice]:
    """The invoices of a preview's invoice items, by day, then group, then currency."""
    return _documents(account, result, result.blocks)


def upcoming_credit_memos(account: Account, result: PreviewResult) -> list[UpcomingInvoice]:
    """The credit memos of a preview's credit memo items, by day, then group, then currency."""
    return _documents(account, result, result.credit_memo_blocks)


def billed_on(
    account: Account, result: PreviewResult, blocks: Sequence[Block]
) -> Iterator[tuple[Block, str, Sequence[date]]]:
    """Each block with the group of its documents (empty for the account's own), and the day that bills each item.

    The days are those of the block's charge items; a discount goes with the item that it reduces.
    """
    today = result.as_of.date()
    in_arrears = _segments_in_arrears(account)
    groups = document_groups(account)
    for block in blocks:
        facts = block.series.facts
        days = _days(block, facts.rate_plan_charge_id in in_arrears)
        yield block, groups.get(facts.subscription_number, ""), [max(day, today) for day in days]


def _documents(account: Account, result: PreviewResult, blocks: Sequence[Block]) -> list[UpcomingInvoice]:
    documents: dict[tuple[date, str, str], list[Block]] = {}
    for block, group, days in billed_on(account, result, blocks):
        currency = result.currency_of(block.series.facts.subscription_number)
        for day, part in _by_day(block, days):
            documents.setdefault((day, group, currency), []).append(part)
    return [
        UpcomingInvoice(day, group, tuple(parts), *_totals(parts), currency)
        for (day, group, currency), parts in sorted(documents.items(), key=lambda document: document[0])
    ]


def _segments_in_arrears(account: Account) -> set[str]:
    """The ids of the charge segments whose periods are billed after their end."""
    return {charge.id for each in account.subscriptions for charge in each.charges if is_in_arrears(charge)}


def _days(block: Block, in_arrears: bool) -> Sequence[date]:
    """The day on which each item is due; the credits of several periods are due on the same day."""
    series = block.series
    if series.due is not None:
        return [series.due] * len(series)
    return series.ends if in_arrears else series.starts


def _by_day(block: Block, days: Sequence[date]) -> Iterator[tuple[date, Block]]:
    """The block divided by day: one part for each run of neighbouring rows with the same day."""
    first = 0
    for index in range(1, len(days) + 1):
        if index == len(days) or days[index] != days[first]:
            yield days[first], block.subset(range(first, index))
            first = index


def _totals(blocks: Sequence[Block]) -> tuple[Decimal, Decimal]:
    series = [each for block in blocks for each in (block.series, *block.discounts)]
    amount = sum((amount for each in series for amount in each.amounts), ZERO)
    return amount, sum((tax for each in series for tax in each.taxes or ()), ZERO)
