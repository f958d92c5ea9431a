"""Replay discounts on items that earlier invoices billed, so that no balance is used twice.

Sources: "Discount balance"; observed previews: amounts.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import date
from typing import NamedTuple

from soapsvc.engine.charges import RatedRows
from soapsvc.engine.discounts.balances import DiscountBalances
from soapsvc.engine.discounts.chain import Chain, Reduction
from soapsvc.engine.discounts.scope import Candidates, Discount, SegmentKey
from soapsvc.engine.discounts.turns import in_turn, target_of
from soapsvc.engine.discounts.when_billed import that_reduced, when_billed
from soapsvc.engine.schedule import FOREVER

BilledItem = tuple[SegmentKey, date]
"""An item billed before: its charge segment and its service start."""


class Earlier(NamedTuple):
    """The items of earlier invoices, whatever the request leaves out of the answer.

    `left_out` are the numbers of subscriptions that it leaves out; their `discounts` reduced only items of these.
    """

    items: Sequence[RatedRows]
    discounts: Sequence[Discount]
    left_out: Set[str]


class Billed(NamedTuple):
    """The balances of fixed amounts after all earlier invoices, and what was taken off each billed item."""

    balances: DiscountBalances
    reductions: dict[BilledItem, list[Reduction]]


def billed_before(
    discounts: Sequence[Discount], earlier: Earlier, candidates: Candidates, recalled: Candidates, chain: Chain
) -> Billed:
    """Replays the discounts on the items that were billed before: `recalled` on those of subscriptions left out.

    What a request leaves out has used its part of a balance all the same ("Discount balance"). A discount without
    records is assumed to have reduced the items in the order of their service start, then by charge.
    """
    balances = DiscountBalances()
    for discount in discounts:
        if discount.has_balance:
            balances.remember(discount)
    found: dict[BilledItem, list[Reduction]] = {}
    parts = earlier.items
    scopes = [
        (recalled if part.subscription.subscription_number in earlier.left_out else candidates).of(part)
        for part in parts
    ]
    then = [
        when_billed(scope, part.rows.charge, part.rows.charge.effective_end_date or FOREVER)
        for scope, part in zip(scopes, parts, strict=True)
    ]
    for number, position in in_turn(parts, scopes, as_they_came=True):
        charge, rows, _ = parts[number]
        start = rows.starts[position]
        target = target_of(charge, rows, position)
        reduced = that_reduced(then[number], rows.charge.id, target.service, surely=True)
        if reduced and target.amount > 0:
            as_taken = balances.of_item(rows.charge.id, start)
            found[id(rows.charge), start] = list(chain.on(reduced, target, as_taken))
    return Billed(balances, found)
