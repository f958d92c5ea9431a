"""Discounts on rated items: percentages that compound or stack, fixed amounts with a balance, partial periods, credits.

Balances are used up in the order of charges, not of the answer. Sources: "Process discounts", "Discount balance",
"Reason why some items on an invoice are discounted and some are not", "Enhanced discount use cases", "How discounts
work with prorated credits", "Credit for prorated discounts", "Cancel regular charges and percentage discounts in billed
periods"; observed previews: amounts.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from soapsvc.engine.account import ChargeType, DiscountLevel, Subscription, parse
from soapsvc.engine.charges import AccountContext, ChargeRows, CreditBasis, CreditMethod, RatedRows, Rows
from soapsvc.engine.discounts.balances import DiscountBalances, Service, overlap_share
from soapsvc.engine.discounts.chain import Chain, Reduction, Target
from soapsvc.engine.discounts.scope import Discount, SegmentKey, balance_rank
from soapsvc.engine.discounts.single_charge import ChargeKey, single_charges
from soapsvc.engine.result import Note
from soapsvc.engine.trace import Step, Trace, decimal_text


@dataclass(slots=True)
class DiscountRows:
    """The items of one discount on one series; `applied_to` holds positions in that series, ascending."""

    discount: Discount
    applied_to: list[int] = field(default_factory=list)
    starts: list[date] = field(default_factory=list)
    ends: list[date] = field(default_factory=list)
    amounts: list[Decimal] = field(default_factory=list)
    traces: list[Trace] = field(default_factory=list)


BilledItem = tuple[SegmentKey, date]
"""An item billed before: its charge segment and its service start."""


def discount_rows(
    discounts: Sequence[Discount],
    rated: Sequence[RatedRows],
    earlier_items: Sequence[RatedRows],
    subscriptions: Sequence[Subscription],
    shared: AccountContext,
) -> tuple[Sequence[Sequence[DiscountRows]], Sequence[Note]]:
    """The discount items on each of the rated rows, and warnings.

    `subscriptions` and `rated` are those of the whole account, whichever were asked for; `earlier_items` are what was
    billed before and has used up balances.
    """
    if not discounts:
        return [()] * len(rated), ()
    single, notes = single_charges(discounts, subscriptions)
    discounter = _Discounter(discounts, shared, single)
    discounter.remember(earlier_items)
    return discounter.apply(rated), notes


class _Discounter:
    """Applies the discounts of an account to its charge items.

    It knows what fixed amounts have left: first `remember` all that was billed before, then `apply`, once.
    """

    def __init__(
        self, discounts: Sequence[Discount], shared: AccountContext, single: Mapping[SegmentKey, ChargeKey | None]
    ) -> None:
        """`single` names the one charge of a discount that may reduce no other; see `single_charges`."""
        rules, rounding = shared.account.rules, shared.rounding
        self._all = discounts
        self._candidates = _by_subscription(discounts)
        self._rounding = rounding
        self._explain = shared.request.explain
        self._single = single
        self._prorates_amounts = rules.credit_prorated_fixed_discount
        self._method = parse(CreditMethod, rules.credit_method, "billing_rules.creditMethod")
        self._chain = Chain(rules, rounding)
        self._balances = DiscountBalances()
        self._taken_when_billed: dict[BilledItem, list[Reduction]] = {}

    def remember(self, parts: Sequence[RatedRows]) -> None:
        """Notes what was taken off items billed before, so that no balance is given twice.

        A discount that does not know it is taken to have reduced each period when that came: by service start, then as
        `apply` does.
        """
        for discount in self._all:
            if discount.has_balance:
                self._balances.remember(discount)
        scopes = [[discount.as_billed() for discount in self._scope(*part)] for part in parts]
        for number, position in _in_turn(parts, scopes, as_they_came=True):
            charge, rows, _ = parts[number]
            start = rows.starts[position]
            reduced = [each for each in scopes[number] if start < (each.charge.charged_through_date or start)]
            if reduced and rows.amounts[position] > 0:
                balances = self._balances.of_item(rows.charge.id, start)
                reductions = list(self._chain.on(reduced, _target(charge, rows, position), balances))
                self._taken_when_billed[id(rows.charge), start] = reductions

    def apply(self, parts: Sequence[RatedRows]) -> list[list[DiscountRows]]:
        """The discount items on each part: one `DiscountRows` per discount that has any, in order of application.

        What is given back is in the balances first; then items use them up, charge by charge (`balance_rank`).
        """
        scopes = [self._scope(*part) for part in parts]
        found = [{discount.key: DiscountRows(discount) for discount in scope} for scope in scopes]
        for number, ((charge, rows, _), scope) in enumerate(zip(parts, scopes, strict=True)):
            if scope and rows.credits is None and not any(each.fixed or each.enhanced for each in scope):
                self._percentages(charge, rows, scope, found[number])
                scopes[number] = []
        for number, position in _in_turn(parts, scopes):
            self._reduce(parts[number], position, scopes[number], found[number])
        return [[rows for rows in each.values() if rows.applied_to] for each in found]

    def _percentages(
        self, charge: ChargeRows, rows: Rows, scope: Sequence[Discount], found: dict[SegmentKey, DiscountRows]
    ) -> None:
        """Adds classic percentages on the items of a charge, oldest first: those that are alike are reduced at once."""
        windows = [(bisect_left(rows.starts, each.start), bisect_left(rows.starts, each.end)) for each in scope]
        for start, stop in _alike(rows, {border for window in windows for border in window}):
            target = _target(charge, rows, start)
            active = [each for each, (opens, closes) in zip(scope, windows, strict=True) if opens <= start < closes]
            if target.amount <= 0 or not active:
                continue
            alike, starts, ends = range(start, stop), rows.starts[start:stop], rows.ends[start:stop]
            for each in self._chain.reductions(active, target, self._balances):
                self._add(found, alike, starts, ends, each, credit=False)

    def _reduce(
        self, part: RatedRows, position: int, scope: Sequence[Discount], found: dict[SegmentKey, DiscountRows]
    ) -> None:
        """Adds the discounts on one item to `found`."""
        charge, rows, _ = part
        basis = rows.credits[position] if rows.credits is not None else None
        if basis is not None and basis.billed > 0:
            for each in self._credited(scope, charge, rows, position, basis):
                self._add(found, [position], [each.service.start], [each.service.end], each, credit=True)
        elif rows.amounts[position] > 0:
            for each in self._chain.on(scope, _target(charge, rows, position), self._balances):
                self._add(found, [position], [each.service.start], [each.service.end], each, credit=False)

    def _scope(self, charge: ChargeRows, rows: Rows, subscription: Subscription) -> list[Discount]:
        candidates = self._candidates.get(subscription.subscription_number, self._candidates[None])
        found = [item for item in candidates if item.reduces(rows.charge, charge.type)]
        if self._single:
            key = subscription.subscription_number, charge.number
            found = [item for item in found if self._single.get(item.key, key) == key]
        return found

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
        """Adds what takes the same off each of the items at `positions`, or where `credit` says so gives it back."""
        amount = reduction.amount if credit else -reduction.amount
        if not amount:
            return
        rows = found[reduction.discount.key]
        rows.applied_to += positions
        rows.starts += starts
        rows.ends += ends
        rows.amounts += [amount] * len(positions)
        if self._explain:
            rule = _rule(reduction.discount, credit, self._method)
            rows.traces += [_trace(reduction, amount, rule, str(self._rounding))] * len(positions)

    def _credited(
        self, scope: Sequence[Discount], charge: ChargeRows, rows: Rows, position: int, basis: CreditBasis
    ) -> Iterator[Reduction]:
        """What comes back of the discounts on a billed item."""
        start, end = rows.starts[position], rows.ends[position]
        given_back, kept = Service(start, end), {}
        then = [discount.as_billed() for discount in scope]
        if start > basis.start:
            target = Target(basis.kept, basis.kept_exact, Service(basis.start, start))
            kept = {reduction.discount.key: reduction for reduction in self._chain.on(then, target, DiscountBalances())}
        known = self._taken_when_billed.get((id(rows.charge), basis.start))
        whole = Service(basis.start, end, charge.type is ChargeType.ONE_TIME)
        as_taken = DiscountBalances().of_item(rows.charge.id, basis.start)
        taken = known or self._chain.on(then, Target(basis.billed, basis.billed_exact, whole), as_taken)
        for reduction in taken:
            value = self._returned(reduction, kept.get(reduction.discount.key), basis, given_back)
            amount = self._rounding(value)
            if reduction.discount.has_balance and known:
                self._balances.give_back(reduction.discount, basis.start, amount)
            elif reduction.discount.has_balance:
                self._balances.consume(reduction.discount, basis.start, reduction.amount - amount)
            yield Reduction(reduction.discount, amount, value, reduction.base, given_back)

    def _returned(self, taken: Reduction, kept: Reduction | None, basis: CreditBasis, given_back: Service) -> Fraction:
        """What comes back of one discount: its share of the time, or what it does not take off the part kept."""
        discount = taken.discount
        if discount.has_balance and self._prorates_amounts:
            return Fraction(taken.amount) * basis.share
        exactly = self._chain.unrounded and not discount.fixed
        amount = taken.exact if exactly else Fraction(taken.amount)
        if self._method is CreditMethod.CREDIT_PERIOD and not discount.fixed:
            return amount * _share_given(taken, basis, given_back)
        left = Fraction(0) if kept is None else kept.exact if exactly else Fraction(kept.amount)
        return max(amount - left, Fraction(0))


def _share_given(taken: Reduction, basis: CreditBasis, given_back: Service) -> Fraction:
    """The share of a discount's own time that is given back: that of its item, or of what the two had in common."""
    window = taken.service
    if window.start == basis.start and window.end == given_back.end:
        return basis.share
    start = max(window.start, given_back.start)
    if start >= window.end:
        return Fraction(0)
    return overlap_share(taken.discount, window, Service(start, window.end))


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


def _in_turn(
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


def _alike(rows: Rows, borders: set[int]) -> Iterator[tuple[int, int]]:
    """(first, stop) of neighbouring rows whose amounts are the same; a border keeps neighbours apart."""
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


def _target(charge: ChargeRows, rows: Rows, position: int) -> Target:
    service = Service(rows.starts[position], rows.ends[position], charge.type is ChargeType.ONE_TIME)
    return Target(rows.amounts[position], rows.exact[position], service)


def _rule(discount: Discount, credit: bool, method: CreditMethod) -> tuple[str, str, str]:
    """Name, source and formula of what a discount takes off, or gives back."""
    if credit and method is CreditMethod.CREDIT_PERIOD and not discount.fixed:
        source = "Cancel regular charges and percentage discounts in billed periods"
        return "discount.credit", source, "what was taken off when billed x the share of the time given back"
    if credit:
        formula = "what was taken off when billed - what is taken off the part kept"
        return "discount.credit", "How discounts work with prorated credits", formula
    if discount.has_balance:
        return "discount.fixed", "Discount balance", "- what the open period's balance and the item allow"
    if discount.fixed:
        formula = "- the part of each period's amount that the item covers"
        return "discount.fixed", "Enhanced discount use cases", formula
    return "discount.percentage", "Process discounts", "- base x percentage / 100"


def _trace(reduction: Reduction, amount: Decimal, rule: tuple[str, str, str], rounding: str) -> Trace:
    """How `amount`, below zero where it is taken off, came about."""
    charge, value = reduction.discount.charge, -reduction.exact if amount < 0 else reduction.exact
    name, number = (
        ("discountAmount", charge.discount_amount)
        if reduction.discount.fixed
        else ("discountPercentage", charge.discount_percentage)
    )
    inputs = (("base", decimal_text(reduction.base)), (name, f"{number:f}"))
    return Trace((Step(*rule, value, inputs),), value, amount, rounding)
