"""Discounts on rated items: percentages that compound or stack, fixed amounts with a balance, partial periods, credits.

Balances are used up in the order of charges, not in the order of the result's items. Sources: "Process discounts",
"Discount balance", "Reason why some items on an invoice are discounted and some are not", "Enhanced discount use
cases"; observed previews: amounts.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from soapsvc.engine.account import Subscription
from soapsvc.engine.charges import AccountContext, ChargeRows, RatedRows, Rows
from soapsvc.engine.discounts.billed import Billed, Earlier, billed_before
from soapsvc.engine.discounts.chain import Chain, Reduction
from soapsvc.engine.discounts.credited import CreditedDiscounts
from soapsvc.engine.discounts.explained import trace_of
from soapsvc.engine.discounts.scope import Candidates, Discount, SegmentKey
from soapsvc.engine.discounts.single_charge import single_charges
from soapsvc.engine.discounts.turns import in_turn, target_of
from soapsvc.engine.result import Note
from soapsvc.engine.trace import Trace


@dataclass(slots=True)
class DiscountRows:
    """The items of one discount on one series; `applied_to` holds positions in that series, ascending."""

    discount: Discount
    applied_to: list[int] = field(default_factory=list)
    starts: list[date] = field(default_factory=list)
    ends: list[date] = field(default_factory=list)
    amounts: list[Decimal] = field(default_factory=list)
    traces: list[Trace] = field(default_factory=list)


def discount_rows(
    discounts: Sequence[Discount],
    rated: Sequence[RatedRows],
    earlier: Earlier,
    subscriptions: Sequence[Subscription],
    shared: AccountContext,
) -> tuple[Sequence[Sequence[DiscountRows]], Sequence[Note]]:
    """The discount items on each of the rated rows, and warnings.

    `subscriptions` and `rated` are those of the whole account, whichever the request chooses; `earlier` has the items
    of earlier invoices, which have used up balances.
    """
    if not discounts:
        return [()] * len(rated), ()
    single, notes = single_charges(discounts, subscriptions)
    candidates = Candidates(discounts, single)
    chain = Chain(shared.account.rules, shared.rounding)
    recalled = candidates
    if earlier.discounts:
        former, _ = single_charges(earlier.discounts, subscriptions)
        recalled = Candidates([*discounts, *earlier.discounts], {**single, **former})
    billed = billed_before(discounts, earlier, candidates, recalled, chain)
    scopes = [candidates.of(part) for part in rated]
    return _Discounter(shared, chain, billed).items(rated, scopes), notes


class _Discounter:
    """The discount items of an account. Items use up the balances that `billed` holds."""

    def __init__(self, shared: AccountContext, chain: Chain, billed: Billed) -> None:
        self._explain = shared.request.explain
        self._rounding = shared.rounding
        self._chain = chain
        self._balances = billed.balances
        self._credited = CreditedDiscounts(shared.account.rules, shared.rounding, chain, billed)

    def items(self, parts: Sequence[RatedRows], scopes: list[list[Discount]]) -> list[list[DiscountRows]]:
        """The discount items on each part: one `DiscountRows` per discount that has any, in order of application.

        `scopes` are the discounts that may reduce each part. Credits are added to the balances first; then items use
        the balances up, charge by charge (`balance_rank`).
        """
        found = [{discount.key: DiscountRows(discount) for discount in scope} for scope in scopes]
        by_item: list[list[Discount]] = []
        for (charge, rows, _), scope, own in zip(parts, scopes, found, strict=True):
            at_once = rows.credits is None and not any(each.fixed or each.enhanced for each in scope)
            if scope and at_once:
                self._percentages(charge, rows, scope, own)
            by_item.append([] if at_once else scope)
        for number, position in in_turn(parts, by_item):
            self._reduce(parts[number], position, by_item[number], found[number])
        return [[rows for rows in each.values() if rows.applied_to] for each in found]

    def _percentages(
        self, charge: ChargeRows, rows: Rows, scope: Sequence[Discount], found: dict[SegmentKey, DiscountRows]
    ) -> None:
        """Adds classic percentages on the items of a charge, oldest first; equal neighbours are reduced at once."""
        windows = [(bisect_left(rows.starts, each.start), bisect_left(rows.starts, each.end)) for each in scope]
        for start, stop in _alike(rows, {border for window in windows for border in window}):
            target = target_of(charge, rows, start)
            active = [each for each, (opens, closes) in zip(scope, windows, strict=True) if opens <= start < closes]
            if target.amount <= 0 or not active:
                continue
            alike, starts, ends = range(start, stop), rows.starts[start:stop], rows.ends[start:stop]
            for each in self._chain.reductions(active, target, self._balances):
                self._add(found, alike, starts, ends, each, credit=False)

    def _reduce(
        self, part: RatedRows, position: int, scope: Sequence[Discount], found: dict[SegmentKey, DiscountRows]
    ) -> None:
        """Adds the discounts on one item to `found`.

        The credit of a negative item is positive, but no discount reduces it: none was taken off when it was billed.
        """
        charge, rows, _ = part
        basis = rows.credits[position] if rows.credits is not None else None
        if basis is not None:
            credited = self._credited.on(scope, charge, rows, position, basis) if basis.billed > 0 else ()
            for each in credited:
                self._add(found, [position], [each.service.start], [each.service.end], each, credit=True)
        elif rows.amounts[position] > 0:
            for each in self._chain.on(scope, target_of(charge, rows, position), self._balances):
                self._add(found, [position], [each.service.start], [each.service.end], each, credit=False)

    def _add(
        self,
        found: dict[SegmentKey, DiscountRows],
        positions: Sequence[int],
        starts: Sequence[date],
        ends: Sequence[date],
        reduction: Reduction,
        *,
        credit: bool,
    ) -> None:
        """Adds discount items that take the same amount off each item at `positions`, or credit it with `credit`."""
        amount = reduction.amount if credit else -reduction.amount
        if not amount:
            return
        rows = found[reduction.discount.key]
        rows.applied_to += positions
        rows.starts += starts
        rows.ends += ends
        rows.amounts += [amount] * len(positions)
        if self._explain:
            trace = trace_of(reduction, amount, credit, self._credited.method, str(self._rounding))
            rows.traces += [trace] * len(positions)


def _alike(rows: Rows, borders: set[int]) -> Iterator[tuple[int, int]]:
    """(first, stop) of each run of neighbouring rows with equal amounts; no run crosses a border."""
    first = 0
    for position in range(1, len(rows)):
        if (
            rows.amounts[position] is not rows.amounts[first]
            or rows.exact[position] is not rows.exact[first]
            or position in borders
        ):
            yield first, position
            first = position
    yield first, len(rows)
