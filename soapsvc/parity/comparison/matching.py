"""Pair their items with ours by stable fields: charge, kind and service dates; never by ids, which are made up.

Items that are equal in all fields of theirs are paired first. Then, within one charge and kind, items with the same
dates, items with the same start or end, and items that overlap. Discounts of one charge on items of the same dates are
distinguished by their amounts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from soapsvc.parity.recording import Item

_Key = Callable[[Item], Hashable]
_COMPARED = ("tax", "quantity", "charge_name", "charge_type", "unit", "deliveries")
"""Fields that an answer may lack; they are compared where theirs has them."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Their item and ours, by position; one of them is None for an item without a partner."""

    theirs: int | None
    ours: int | None


def matched(theirs: Sequence[Item], ours: Sequence[Item]) -> tuple[int, list[Pair]]:
    """The number of equal items, and the pairs that differ, in the order of theirs, then items that only ours has."""
    left, right = dict(enumerate(theirs)), dict(enumerate(ours))
    equal = _take_equal(left, right)
    pairs: list[Pair] = []
    for key in (_whole, _document_aside, _started, _ended):
        if not (left and right):
            break
        pairs += _take(left, right, key)
    if left and right:
        pairs += _take_overlapping(left, right)
    pairs += [Pair(position, None) for position in left]
    pairs.sort(key=lambda pair: pair.theirs if pair.theirs is not None else len(theirs))
    return equal, pairs + [Pair(None, position) for position in right]


def _take_equal(left: dict[int, Item], right: dict[int, Item]) -> int:
    """Remove equal items from both; returns their number."""
    told = {name for name in _COMPARED if all(getattr(item, name) is not None for item in left.values())}
    some = [name for name in _COMPARED if name not in told and any(getattr(i, name) is not None for i in left.values())]
    names = [name for name in _COMPARED if name in told]
    places: dict[Hashable, list[int]] = defaultdict(list)
    for position, item in right.items():
        places[_exact(item, names)].append(position)
    equal = 0
    for position, item in list(left.items()):
        candidates = places.get(_exact(item, names), [])
        for place in candidates:
            if all(getattr(item, name) in (None, getattr(right[place], name)) for name in some):
                candidates.remove(place)
                del left[position], right[place]
                equal += 1
                break
    return equal


def _exact(item: Item, names: Sequence[str]) -> Hashable:
    return (*_whole(item), item.amount, *(getattr(item, name) for name in names))


def _charge(item: Item) -> tuple[str, str, str]:
    return item.subscription_number, item.charge_number, item.processing_type


def _whole(item: Item) -> tuple[Hashable, ...]:
    return item.document, *_charge(item), item.start, item.end


def _document_aside(item: Item) -> Hashable:
    return *_charge(item), item.start, item.end


def _started(item: Item) -> Hashable:
    return *_charge(item), item.start


def _ended(item: Item) -> Hashable:
    return *_charge(item), item.end


def _take(left: dict[int, Item], right: dict[int, Item], key: _Key) -> list[Pair]:
    """Remove the items with the same key from both as pairs, those with near amounts together."""
    groups = _grouped(right, key)
    taken = [
        pair
        for name, places in _grouped(left, key).items()
        for pair in zip(_by_amount(places, left), _by_amount(groups.get(name, []), right), strict=False)
    ]
    return _taken(taken, left, right)


def _taken(places: Iterable[tuple[int, int]], left: dict[int, Item], right: dict[int, Item]) -> list[Pair]:
    pairs = []
    for their, our in places:
        del left[their], right[our]
        pairs.append(Pair(their, our))
    return pairs


def _take_overlapping(left: dict[int, Item], right: dict[int, Item]) -> list[Pair]:
    taken = []
    ours = _grouped(right, _charge)
    for name, places in _grouped(left, _charge).items():
        for their in places:
            item = left[their]
            fits = (place for place in ours.get(name, []) if _overlap(item, right[place]))
            if (our := next(fits, None)) is not None:
                taken.append((their, our))
                ours[name].remove(our)
    return _taken(taken, left, right)


def _overlap(one: Item, other: Item) -> bool:
    return one.start < other.end and other.start < one.end


def _grouped(items: dict[int, Item], key: _Key) -> dict[Hashable, list[int]]:
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for position, item in items.items():
        groups[key(item)].append(position)
    return groups


def _by_amount(places: Iterable[int], items: dict[int, Item]) -> list[int]:
    def amount(place: int) -> tuple[Decimal, Decimal]:
        return items[place].amount, items[place].tax or Decimal()

    return sorted(places, key=amount)


def completed(theirs: Sequence[Item], ours: Sequence[Item]) -> tuple[Item, ...]:
    """Their items with our numbers where an answer lacks or masks them, found by the charge's number, id or name.

    A charge's number is unique in the tenant, so an unknown subscription number means the subscription that has the
    charge.
    """
    known_subscriptions = {item.subscription_number for item in ours}
    if all(item.charge_number and item.subscription_number in known_subscriptions for item in theirs):
        return tuple(theirs)
    by_number = _only(ours, lambda item: item.charge_number)
    by_id, by_name = _only(ours, lambda item: item.charge_id), _only(ours, lambda item: item.charge_name or "")
    found = []
    for item in theirs:
        known = by_number.get(item.charge_number) or by_id.get(item.charge_id)
        if known is None and not item.charge_number:
            known = by_name.get(item.charge_name or "")
        if known is None or (item.charge_number and item.subscription_number in known_subscriptions):
            found.append(item)
        else:
            found.append(replace(item, subscription_number=known[0], charge_number=known[1]))
    return tuple(found)


def _only(items: Iterable[Item], key: Callable[[Item], str]) -> dict[str, tuple[str, str]]:
    """Subscription and charge number by a key, for keys of only one charge."""
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for item in items:
        if name := key(item):
            found[name].add((item.subscription_number, item.charge_number))
    return {name: next(iter(numbers)) for name, numbers in found.items() if len(numbers) == 1}
