"""The differences between their answer and our preview, item by item, each with its amount of money."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from soapsvc.engine.account import ZERO, Account
from soapsvc.engine.result import PreviewResult
from soapsvc.engine.trace import Trace
from soapsvc.parity.comparison.items import our_items
from soapsvc.parity.comparison.matching import completed, matched
from soapsvc.parity.recording import Answer, Item, Names

MISSING, EXTRA, REFUSED = "missing", "extra", "refused"
FIELDS = {
    "dates": ("start", "end"),
    "amount": ("amount",),
    "tax": ("tax",),
    "quantity": ("quantity",),
    "document": ("document",),
    "name": ("charge_name",),
    "type": ("charge_type",),
    "unit": ("unit",),
    "deliveries": ("deliveries",),
}
"""The kinds of difference between two paired items, and the fields of each kind."""

KINDS = (MISSING, EXTRA, REFUSED, *FIELDS)
"""Every kind of difference: an item that only one side has, success on one side only, or a field that differs."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One item that differs. `kinds` are of KINDS.

    Where only one side refused, both items are None, and `refusal` is the reason.
    """

    kinds: tuple[str, ...]
    theirs: Item | None = None
    ours: Item | None = None
    trace: Trace | None = None
    refusal: str = ""

    @property
    def money(self) -> Decimal:
        """Our amount less theirs, with taxes where theirs has them."""
        with_tax = self.theirs is None or self.theirs.tax is not None
        return _money(self.ours, with_tax=with_tax) - _money(self.theirs, with_tax=with_tax)

    @property
    def item(self) -> Item | None:
        """Their item, or ours where they have none."""
        return self.theirs or self.ours


def _money(item: Item | None, *, with_tax: bool) -> Decimal:
    if item is None:
        return ZERO
    return item.gross if with_tax else item.amount


@dataclass(frozen=True, slots=True)
class Comparison:
    """The comparison of their answer with ours: the number of equal items, the differences, and the sums compared.

    `left_out` counts items of charges for which a partial recording has no data. Money is that of their answer, with
    the taxes that it has.
    """

    equal: int
    differences: tuple[Difference, ...] = ()
    their_money: Decimal = ZERO
    our_money: Decimal = ZERO
    left_out: int = 0
    refused: bool = field(default=False)

    @property
    def agrees(self) -> bool:
        """Whether nothing differs."""
        return not self.differences

    @property
    def items(self) -> int:
        """How many items were compared: pairs, and items on one side only."""
        return self.equal + len(self.differences)


def compare(answer: Answer, result: PreviewResult, names: Names, known: Collection[str] | None = None) -> Comparison:
    """Compare their answer with our preview of the same account and request.

    `known` are the numbers of the charges with data, None where all have data. Two refusals agree; their messages are
    not compared.
    """
    if answer.refusals or result.errors:
        return _refusals(answer, result)
    found = our_items(result, names)
    ours = found.items
    theirs = completed(answer.items, ours)
    kept = theirs if known is None else tuple(item for item in theirs if item.charge_number in known)
    equal, pairs = matched(kept, ours)
    differences = []
    for pair in pairs:
        their = kept[pair.theirs] if pair.theirs is not None else None
        our = ours[pair.ours] if pair.ours is not None else None
        trace = found.traces[pair.ours] if pair.ours is not None else None
        differences.append(Difference(_kinds(their, our), their, our, trace))
    told = all(item.tax is not None for item in kept)
    return Comparison(
        equal,
        tuple(differences),
        sum((_money(item, with_tax=told) for item in kept), ZERO),
        sum((_money(item, with_tax=told) for item in ours), ZERO),
        len(theirs) - len(kept),
    )


def _refusals(answer: Answer, result: PreviewResult) -> Comparison:
    if answer.refusals and result.errors:
        return Comparison(0, refused=True)
    if answer.refusals:
        said = "; ".join(f"{each.code}: {each.message}" for each in answer.refusals)
        return Comparison(0, (Difference((REFUSED,), refusal=f"they refuse the account ({said}), we do not"),))
    said = "; ".join(f"{each.code}: {each.message}" for each in result.errors)
    money = sum((item.gross for item in answer.items), ZERO)
    return Comparison(0, (Difference((REFUSED,), refusal=f"we refuse the account ({said}), they do not"),), money)


def _kinds(theirs: Item | None, ours: Item | None) -> tuple[str, ...]:
    if theirs is None:
        return (EXTRA,)
    if ours is None:
        return (MISSING,)
    return tuple(
        kind
        for kind, names in FIELDS.items()
        if any(getattr(theirs, name) not in (None, getattr(ours, name)) for name in names)
    )


def charge_numbers(account: Account) -> frozenset[str]:
    """The numbers of the charges with data."""
    return frozenset(charge.number for each in account.subscriptions for charge in each.charges)


def total(differences: Sequence[Difference]) -> Decimal:
    """The sum of the absolute amounts of differences."""
    return sum((abs(each.money) for each in differences), ZERO)
