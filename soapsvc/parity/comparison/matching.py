"""Lays their items beside ours by what stays stable: charge, kind and service dates; never by ids, which are made up.

What is equal in all that theirs tells goes together first. Of the rest the items of one charge and one kind go together
whose dates are both the same, then those that start or end together, then those that overlap. Discounts of one charge
on items of the same dates are told apart by their amounts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from soapsvc.parity.recording import Item

_Key = Callable[[Item], Hashable]
_COMPARED = ("tax", "quantity", "charge_name", "charge_type", "unit", "deliveries")
"""What an answer may or may not tell; compared where theirs does."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Their item and ours, by their positions; one of them is None where there is nothing to lay beside the other."""

    theirs: int | None
    ours: int | None


def matched(theirs: Sequence[Item], ours: Sequence[Item]) -> tuple[int, list[Pair]]:
    """How many items are equal, and the pairs that are not, in the order of theirs, then what only ours has."""
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
    """Take what is equal out of both; returns how many."""
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
    """Take the items with the same key out of both, those of like amounts together."""
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
    """Their items with our numbers where an answer lacks or masks them: by the charge's number, its id, or its name.

    A charge's number is that of no other charge of the tenant; a subscription that we do not know by its number is
    therefore the one that has the charge.
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
    """Subscription and charge number by a key, where that has only one."""
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for item in items:
        if name := key(item):
            found[name].add((item.subscription_number, item.charge_number))
    return {name: next(iter(numbers)) for name, numbers in found.items() if len(numbers) == 1}
