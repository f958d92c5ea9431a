"""Replay discounts on items that earlier invoices billed, so that no balance is used twice.

Sources: "Discount balance"; observed previews: amounts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from soapsvc.engine.charges import RatedRows
from soapsvc.engine.discounts.balances import DiscountBalances
from soapsvc.engine.discounts.chain import Chain, Reduction
from soapsvc.engine.discounts.scope import Candidates, Discount, SegmentKey
from soapsvc.engine.discounts.turns import in_turn, target_of

BilledItem = tuple[SegmentKey, date]
"""An item billed before: its charge segment and its service start."""


class Billed(NamedTuple):
    """The balances of fixed amounts after all earlier invoices, and what was taken off each billed item."""

    balances: DiscountBalances
    reductions: dict[BilledItem, list[Reduction]]


def billed_before(
    discounts: Sequence[Discount], parts: Sequence[RatedRows], candidates: Candidates, chain: Chain
) -> Billed:
    """Replays the discounts on `parts`, the items that were billed before.

    A discount without records is assumed to have reduced the items in the order of their service start, then by charge.
    """
    balances = DiscountBalances()
    for discount in discounts:
        if discount.has_balance:
            balances.remember(discount)
    found: dict[BilledItem, list[Reduction]] = {}
    scopes = [[discount.as_billed() for discount in candidates.of(part)] for part in parts]
    for number, position in in_turn(parts, scopes, as_they_came=True):
        charge, rows, _ = parts[number]
        start = rows.starts[position]
        reduced = [each for each in scopes[number] if start < (each.charge.charged_through_date or start)]
        if reduced and rows.amounts[position] > 0:
            as_taken = balances.of_item(rows.charge.id, start)
            found[id(rows.charge), start] = list(chain.on(reduced, target_of(charge, rows, position), as_taken))
    return Billed(balances, found)
