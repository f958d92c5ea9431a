"""Under Invoice Settlement: which items go to the invoice and which to a credit memo; on a memo signs are reversed.

Sources: "Rules for generating invoices and credit memos", "Billing Rules - Billing Document".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from soapsvc.engine.account import ZERO, Account, CreditMemoRule, parse
from soapsvc.engine.documents.document_groups import document_groups
from soapsvc.engine.result import Block, Series


def divided(blocks: Sequence[Block], account: Account) -> tuple[list[Block], list[Block]]:
    """(invoice blocks, credit memo blocks); without Invoice Settlement everything stays on the invoice.

    A document is the account's, or that of subscriptions that are invoiced separately (`document_groups`). Totals
    include tax. Raises RatingError for an unknown rule.
    """
    rules = account.rules
    if not rules.invoice_settlement:
        return list(blocks), []
    rule = parse(CreditMemoRule, rules.credit_memo_rule, "billing_rules.creditMemoRule")
    groups = document_groups(account)
    documents: dict[str, list[int]] = {}
    for position, block in enumerate(blocks):
        documents.setdefault(groups[block.series.facts.subscription_number], []).append(position)
    to_memo: dict[int, list[int]] = {}
    for positions in documents.values():
        to_memo |= _document_rows(positions, blocks, rule)
    invoice, memo = [], []
    for position, block in enumerate(blocks):
        chosen = set(to_memo.get(position, ()))
        kept = [row for row in range(len(block.series)) if row not in chosen]
        invoice += [block.subset(kept)] if kept else []
        memo += [_flipped(block.subset(sorted(chosen)))] if chosen else []
    return invoice, memo


def _document_rows(positions: Sequence[int], blocks: Sequence[Block], rule: CreditMemoRule) -> dict[int, list[int]]:
    """The rows of each block that go to the memo, for the blocks of one document."""
    sums = {position: _row_sums(blocks[position]) for position in positions}
    whole = {position: list(range(len(blocks[position].series))) for position in positions}
    if rule in (CreditMemoRule.ALL_NEGATIVE, CreditMemoRule.ALL_NEGATIVE_AND_ZERO):
        zero = rule is CreditMemoRule.ALL_NEGATIVE_AND_ZERO
        return {
            position: [
                row
                for row, total in enumerate(totals)
                if total < 0 or (zero and _is_zero_credit(blocks[position], row, total))
            ]
            for position, totals in sums.items()
        }
    if sum((sum(totals, ZERO) for totals in sums.values()), ZERO) >= 0:
        return {}
    if rule is CreditMemoRule.NET_NEGATIVE_NO_GROUPING:
        return whole
    groups: dict[str, Decimal] = {}
    for position, totals in sums.items():
        number = blocks[position].series.facts.charge_number
        groups[number] = groups.get(number, ZERO) + sum(totals, ZERO)
    return {
        position: rows for position, rows in whole.items() if groups[blocks[position].series.facts.charge_number] < 0
    }


def _is_zero_credit(block: Block, row: int, total: Decimal) -> bool:
    """True for a credit of zero."""
    return total == 0 and block.series.credits is not None and block.series.credits[row]


def _row_sums(block: Block) -> list[Decimal]:
    """The sum of each charge item with its tax and its discounts."""
    sums = list(block.series.gross())
    for discount in block.discounts:
        for row, amount in zip(discount.applied_to or (), discount.gross(), strict=True):
            sums[row] += amount
    return sums


def _flipped(block: Block) -> Block:
    return Block(_negated(block.series), tuple(_negated(discount) for discount in block.discounts))


def _negated(series: Series) -> Series:
    taxes = None if series.taxes is None else [-tax for tax in series.taxes]
    return replace(series, amounts=[-amount for amount in series.amounts], taxes=taxes)
