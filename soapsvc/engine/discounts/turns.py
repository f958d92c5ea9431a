"""Which discounts reduce which items, in which turn: items of a subscription, the order in which balances are used.

Sources: "Specify the discount scope", "Reason why some items on an invoice are discounted and some are not".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from soapsvc.engine.account import ChargeType, DiscountLevel
from soapsvc.engine.charges import ChargeRows, RatedRows, Rows
from soapsvc.engine.discounts.balances import Service
from soapsvc.engine.discounts.chain import Target
from soapsvc.engine.discounts.scope import Discount, SegmentKey, balance_rank
from soapsvc.engine.discounts.single_charge import ChargeKey


class Candidates:
    """The discounts of an account, found by what they may reduce."""

    def __init__(self, discounts: Sequence[Discount], single: Mapping[SegmentKey, ChargeKey | None]) -> None:
        """`single` names the one charge of a discount that may reduce no other; see `single_charges`."""
        self._by_subscription = _by_subscription(discounts)
        self._single = single

    def of(self, part: RatedRows) -> list[Discount]:
        """The discounts that may reduce the items of one series, in order of application."""
        charge, rows, subscription = part
        candidates = self._by_subscription.get(subscription.subscription_number, self._by_subscription[None])
        found = [item for item in candidates if item.reduces(rows.charge, charge.type)]
        if self._single:
            key = subscription.subscription_number, charge.number
            found = [item for item in found if self._single.get(item.key, key) == key]
        return found


def _by_subscription(discounts: Sequence[Discount]) -> dict[str | None, list[Discount]]:
    """The discounts that may reduce a subscription's charges, in order of application, by its number.

    Under None are those of the account, which reduce every subscription's.
    """
    found: dict[str | None, list[Discount]] = {
        None: [each for each in discounts if each.level is DiscountLevel.ACCOUNT]
    }
    for discount in discounts:
        if discount.level is not DiscountLevel.ACCOUNT:
            found.setdefault(discount.subscription.subscription_number, list(found[None])).append(discount)
    for candidates in found.values():
        candidates.sort(key=lambda discount: discount.order)
    return found


def in_turn(
    parts: Sequence[RatedRows], scopes: Sequence[Sequence[Discount]], *, as_they_came: bool = False
) -> list[tuple[int, int]]:
    """(part, row) of all that some discount may reduce, in the order in which balances are used if there are any.

    First what is given back, which is there for all that follows; then charge by charge, the items of each by their
    start (or `as_they_came`: by their start, then by charge).
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
    """One item as a discount sees it: its amount and its service period."""
    service = Service(rows.starts[position], rows.ends[position], charge.type is ChargeType.ONE_TIME)
    return Target(rows.amounts[position], rows.exact[position], service)
