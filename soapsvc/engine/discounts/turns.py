"""The order in which discounted items use up balances.

Sources: "Specify the discount scope", "Reason why some items on an invoice are discounted and some are not".
"""

from __future__ import annotations

from collections.abc import Sequence

from soapsvc.engine.account import ChargeType
from soapsvc.engine.charges import ChargeRows, RatedRows, Rows
from soapsvc.engine.discounts.balances import Service
from soapsvc.engine.discounts.chain import Target
from soapsvc.engine.discounts.scope import Discount, balance_rank


def in_turn(
    parts: Sequence[RatedRows], scopes: Sequence[Sequence[Discount]], *, as_they_came: bool = False
) -> list[tuple[int, int]]:
    """(part, row) of all items that some discount may reduce, in the order in which they use balances.

    Credits come first, as they restore balances for the items that follow; then charge by charge, the items of each by
    their start (with `as_they_came`: by their start, then by charge).
    """
    found = [number for number, scope in enumerate(scopes) if scope]
    if not any(discount.has_balance for number in found for discount in scopes[number]):
        return [(number, position) for number in found for position in range(len(parts[number][1]))]
    order = []
    for number in found:
        rows = parts[number][1]
        rank = balance_rank(rows.charge)
        for position, start in enumerate(rows.starts):
            place = (start, rank) if as_they_came else (rank, start)
            order.append((rows.credits is None, place, number, position))
    order.sort()
    return [(number, position) for *_, number, position in order]


def target_of(charge: ChargeRows, rows: Rows, position: int) -> Target:
    """One item as the target of a discount: its amount and its service period."""
    service = Service(rows.starts[position], rows.ends[position], charge.type is ChargeType.ONE_TIME)
    return Target(rows.amounts[position], rows.exact[position], service)
