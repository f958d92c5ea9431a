"""Which discounts reduced an item when it was billed, though discounts were added, changed, removed or paused since.

    discount 10 %   |-- segment 1 ------|- - billed to here - - - >|
    discount 20 %                       |-- segment 2 ------------------- takes nothing off what was billed before
    item                                      |== credited ==|

A change of a discount has no effect on billed items. So of the segments of one discount, at most one holds on each day
of a billed item. Source: "How discounts work with prorated credits".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from soapsvc.engine.account import Charge
from soapsvc.engine.discounts.balances import Service
from soapsvc.engine.discounts.scope import Discount, SegmentKey
from soapsvc.engine.schedule import start_of

_DAY = timedelta(1)


class Then(NamedTuple):
    """A discount with the window `[start, end)` in which it reduced the items of a charge segment, when last billed."""

    discount: Discount
    start: date
    end: date

    def covers(self, item: Service) -> bool:
        """True when it covers the item: its start, or for an enhanced discount any of its days."""
        if self.discount.enhanced:
            return self.start < item.end and item.start < self.end
        return self.start <= item.start < self.end

    def is_billed(self, charge_id: str, item: Service) -> bool | None:
        """Whether it was billed with the item, by its records or its charged-through date; None where both are unknown.

        Not every source of data knows when a discount was billed.
        """
        charge = self.discount.charge
        if charge.taken_off is not None:
            return any((each.charge_id, each.service_start) == (charge_id, item.start) for each in charge.taken_off)
        through = charge.charged_through_date
        return None if through is None else item.start < through


def when_billed(scope: Sequence[Discount], charge: Charge, ended: date) -> list[Then]:
    """The discounts of `scope` as they were when the charge segment, which ended on `ended`, was billed.

    They stay in their order, which is the order of application.
    """
    by_number: dict[tuple[str, str], list[Discount]] = {}
    for each in scope:
        if each.start < each.billed_end:
            by_number.setdefault((each.subscription.subscription_number, each.charge.number), []).append(each)
    found: dict[SegmentKey, Then] = {}
    for segments in by_number.values():
        for then in _one_by_one(sorted(segments, key=lambda each: each.start), start_of(charge), ended):
            found[then.discount.key] = then
    return [found[each.key] for each in scope if each.key in found]


def that_reduced(candidates: Sequence[Then], charge_id: str, item: Service, *, surely: bool = False) -> list[Discount]:
    """The candidates that reduced a billed item.

    These are the ones that are known to be billed with it. Only where none is known, and not with `surely`, those of
    which nothing is known are taken instead.
    """
    covering = [(each.discount, each.is_billed(charge_id, item)) for each in candidates if each.covers(item)]
    known = [discount for discount, is_billed in covering if is_billed]
    return known if known or surely else [discount for discount, is_billed in covering if is_billed is None]


def _one_by_one(segments: Sequence[Discount], began: date, ended: date) -> list[Then]:
    """The segments of one discount, oldest first, each in the time in which it was billed with a charge segment.

    The charge segment lasted from `began` to `ended`. A former segment was billed up to its charged-through date; up to
    its end only, if the charge segment began later, and a later segment of the discount was billed.
    """
    existed = [each for each in segments if not _came_with_the_change(each, began, ended)]
    found, day = [], date.min
    for position, each in enumerate(existed):
        through = each.charge.charged_through_date
        end = each.billed_end
        if position + 1 < len(existed):
            later = existed[position + 1 :]
            replaced = each.start < each.end <= began and any(other.charge.charged_through_date for other in later)
            end = each.end if replaced else min(end, through or later[0].start)
        elif through is None:
            end = max(end, segments[-1].billed_end)  # Its followers did not exist when it was billed.
        start, day = max(each.start, day), max(end, day)
        if start < end:
            found.append(_in_window(each, start, end))
    return found


def _came_with_the_change(discount: Discount, began: date, ended: date) -> bool:
    """True for a discount that was never billed, and begins where or after the charge segment ended.

    Then it was added or changed when the charge was, or later. One that ended with the charge, before its start, was
    there before.
    """
    never_billed = discount.charge.charged_through_date is None and not discount.charge.taken_off
    return never_billed and max(ended, began + _DAY) <= discount.start < discount.end


def _in_window(discount: Discount, start: date, end: date) -> Then:
    """The discount in the window. A classic one keeps its own, as balances of stubs depend on its start and end."""
    if discount.enhanced:
        return Then(replace(discount, start=start, end=end), start, end)
    return Then(replace(discount, end=max(end, discount.billed_end)), start, end)
