"""Discounts on rated items: percentages that compound or stack, fixed amounts with a balance, partial periods, credits.

An item's discounts form a chain: each takes its share of what the ones before it left (or of the whole, when
stacked), is rounded, and never takes more than is left. Sources: "Process discounts", "Stacked discounts", "Discount
balance", "Enhanced discount use cases", "How discounts work with prorated credits", "Credit for prorated discounts";
observed previews: amounts.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from soapsvc.engine.coupons import Coupons, Service, enhanced_window, overlap_share
from soapsvc.engine.discount_scope import Discount
from soapsvc.engine.enums import ChargeType, squeeze
from soapsvc.engine.errors import RatingError
from soapsvc.engine.exact import exact
from soapsvc.engine.model import ZERO, BillingRules, Subscription
from soapsvc.engine.money import Rounding
from soapsvc.engine.rows import ChargeRows, CreditBasis, Rows
from soapsvc.engine.trace import Step, Trace, decimal_text

_HUNDRED = 100


@dataclass(slots=True)
class DiscountRows:
    """The items of one discount on one series; `applied_to` holds positions in that series, ascending."""

    discount: Discount
    applied_to: list[int] = field(default_factory=list)
    starts: list[date] = field(default_factory=list)
    ends: list[date] = field(default_factory=list)
    amounts: list[Decimal] = field(default_factory=list)
    traces: list[Trace] = field(default_factory=list)


class _Target(NamedTuple):
    """An amount to be discounted: gross and rounded, exact, with its service."""

    amount: Decimal
    exact: Fraction
    service: Service


class _Cut(NamedTuple):
    """What one discount takes off a target: positive, rounded; exact before rounding; the service of its item."""

    discount: Discount
    amount: Decimal
    exact: Fraction
    base: Fraction
    service: Service


Part = tuple[ChargeRows, Rows, Subscription]
"""Rows to be discounted, of a charge of a subscription."""


class Discounter:
    """Applies the discounts of an account to its charge items.

    It remembers what fixed amounts have left: first `remember` all that was billed before, then `apply`, once.
    """

    def __init__(self, discounts: Sequence[Discount], rules: BillingRules, rounding: Rounding, explain: bool) -> None:
        self._candidates = _by_subscription(discounts)
        self._rules = rules
        self._rounding = rounding
        self._explain = explain
        self._coupons = Coupons()
        self._billed: dict[tuple[int, date], list[_Cut]] = {}
        self._follow_classes = squeeze(rules.stacked_discount_class) == "follow"
        self._unrounded = squeeze(rules.percent_discount_base) == "unrounded"

    def remember(self, parts: Sequence[Part]) -> None:
        """Notes what was taken off items billed before, in turn as `apply` does, so that no balance is given twice."""
        scopes = [[discount.as_billed() for discount in self._scope(*part)] for part in parts]
        for number, position in _in_turn(parts, scopes):
            charge, rows, _ = parts[number]
            start = rows.starts[position]
            reduced = [each for each in scopes[number] if start < (each.charge.charged_through_date or start)]
            if reduced and rows.amounts[position] > 0:
                cuts = list(self._chain(reduced, _target(charge, rows, position), self._coupons))
                self._billed[id(rows.charge), start] = cuts

    def apply(self, parts: Sequence[Part]) -> list[list[DiscountRows]]:
        """The discount items on each part: one `DiscountRows` per discount that has any, in order of application.

        Balances are used by items in the order of their service starts, as if each period were billed when it comes,
        then in the order of `parts`.
        """
        scopes = [self._scope(*part) for part in parts]
        found = [{id(discount.charge): DiscountRows(discount) for discount in scope} for scope in scopes]
        for number, ((charge, rows, _), scope) in enumerate(zip(parts, scopes, strict=True)):
            if scope and rows.credits is None and not any(each.fixed or each.enhanced for each in scope):
                self._percentages(charge, rows, scope, found[number])
                scopes[number] = []
        for number, position in _in_turn(parts, scopes):
            self._reduce(parts[number], position, scopes[number], found[number])
        return [[rows for rows in each.values() if rows.applied_to] for each in found]

    def _percentages(
        self, charge: ChargeRows, rows: Rows, scope: Sequence[Discount], found: dict[int, DiscountRows]
    ) -> None:
        """Adds classic percentages on the items of a charge, oldest first: those that are alike are reduced at once."""
        windows = [(bisect_left(rows.starts, each.start), bisect_left(rows.starts, each.end)) for each in scope]
        for start, stop in _alike(rows, {border for window in windows for border in window}):
            target = _target(charge, rows, start)
            active = [each for each, (opens, closes) in zip(scope, windows, strict=True) if opens <= start < closes]
            if target.amount <= 0 or not active:
                continue
            for cut in self._cuts(active, target, self._coupons):
                self._add(found, range(start, stop), rows.starts[start:stop], rows.ends[start:stop], cut, "")

    def _reduce(self, part: Part, position: int, scope: Sequence[Discount], found: dict[int, DiscountRows]) -> None:
        """Adds the discounts on one item to `found`."""
        charge, rows, _ = part
        basis = rows.credits[position] if rows.credits is not None else None
        if basis is not None and basis.billed > 0:
            for cut in self._credited(scope, charge, rows, position, basis):
                self._add(found, [position], [cut.service.start], [cut.service.end], cut, "given back")
        elif rows.amounts[position] > 0:
            for cut in self._chain(scope, _target(charge, rows, position), self._coupons):
                self._add(found, [position], [cut.service.start], [cut.service.end], cut, "")

    def _scope(self, charge: ChargeRows, rows: Rows, subscription: Subscription) -> list[Discount]:
        candidates = self._candidates.get(id(subscription), self._candidates[None])
        return [item for item in candidates if item.reduces(rows.charge, charge.type)]

    def _add(
        self,
        found: dict[int, DiscountRows],
        positions: Sequence[int],
        starts: Sequence[date],
        ends: Sequence[date],
        cut: _Cut,
        credit: str,
    ) -> None:
        """Adds what takes the same off each of the items at `positions`, or where `credit` says so gives it back."""
        amount = cut.amount if credit else -cut.amount
        if not amount:
            return
        rows = found[id(cut.discount.charge)]
        rows.applied_to += positions
        rows.starts += starts
        rows.ends += ends
        rows.amounts += [amount] * len(positions)
        if self._explain:
            rows.traces += [_trace(cut, amount, credit, str(self._rounding))] * len(positions)

    def _chain(self, scope: Sequence[Discount], target: _Target, coupons: Coupons) -> Iterator[_Cut]:
        """What each discount takes off the target, one after the other."""
        return self._cuts([item for item in scope if _covers(item, target.service)], target, coupons)

    def _cuts(self, active: Sequence[Discount], target: _Target, coupons: Coupons) -> Iterator[_Cut]:
        if self._follow_classes:
            for _, members in groupby(active, key=lambda discount: discount.discount_class):
                cuts = list(self._class_cuts(list(members), target, coupons))
                yield from cuts
                target = _less(target, cuts)
            return
        left = target
        for position, discount in enumerate(active):
            base = target if discount.stacked else left
            cut = self._cut(discount, base, left, coupons)
            yield cut
            if position + 1 < len(active):
                left = _less(left, [cut])

    def _class_cuts(self, members: list[Discount], target: _Target, coupons: Coupons) -> Iterator[_Cut]:
        """Inside a class: stacked percentages on what the class found, then the others, then fixed amounts."""
        left = target
        for discount in sorted(members, key=lambda discount: (discount.fixed, not discount.stacked)):
            base = target if discount.stacked and not discount.fixed else left
            cut = self._cut(discount, base, left, coupons)
            yield cut
            left = _less(left, [cut])

    def _cut(self, discount: Discount, base: _Target, left: _Target, coupons: Coupons) -> _Cut:
        try:
            return self._taken(discount, base, left, coupons)
        except RatingError as error:
            raise error.of(discount.subscription.subscription_number, discount.charge.number) from error

    def _taken(self, discount: Discount, base: _Target, left: _Target, coupons: Coupons) -> _Cut:
        """What a discount takes off `base`, at most what is `left`."""
        gross = Fraction(base.amount)
        whole = base.exact if self._unrounded and not discount.fixed else gross
        window = enhanced_window(discount, base.service)
        if discount.fixed:
            taken = coupons.available(discount, base.service)
        else:
            taken = whole * share_of(discount)
            if window != base.service:
                taken *= overlap_share(discount, base.service, window)
        amount = min(self._rounding(taken), left.amount)
        if discount.fixed:
            coupons.consume(discount, base.service, amount)
        rest = max(left.exact, gross if left is base else Fraction(left.amount))
        return _Cut(discount, amount, min(taken, rest), whole, window)

    def _credited(
        self, scope: Sequence[Discount], charge: ChargeRows, rows: Rows, position: int, basis: CreditBasis
    ) -> Iterator[_Cut]:
        """What discounts took off a billed item, less what they take off the part of it that is kept."""
        start, end = rows.starts[position], rows.ends[position]
        given_back, kept = Service(start, end), {}
        then = [discount.as_billed() for discount in scope]
        if start > basis.start:
            target = _Target(basis.kept, basis.kept_exact, Service(basis.start, start))
            kept = {id(cut.discount.charge): cut for cut in self._chain(then, target, Coupons())}
        known = self._billed.get((id(rows.charge), basis.start))
        once = charge.type is ChargeType.ONE_TIME
        whole = _Target(basis.billed, basis.billed_exact, Service(basis.start, end, once))
        for billed in known or self._chain(then, whole, Coupons()):
            value = self._credit(billed, kept.get(id(billed.discount.charge)), basis)
            amount = self._rounding(value)
            if billed.discount.fixed and known:
                item = given_back if billed.discount.enhanced else whole.service
                self._coupons.give_back(billed.discount, item, amount)
            elif billed.discount.fixed:
                item = Service(basis.start, start) if billed.discount.enhanced else whole.service
                self._coupons.consume(billed.discount, item, billed.amount - amount)
            yield _Cut(billed.discount, amount, value, billed.base, given_back)

    def _credit(self, billed: _Cut, kept: _Cut | None, basis: CreditBasis) -> Fraction:
        classic_amount = billed.discount.fixed and not billed.discount.enhanced
        if classic_amount and self._rules.credit_prorated_fixed_discount:
            return Fraction(billed.amount) * basis.share
        if self._unrounded and not billed.discount.fixed:
            return max(billed.exact - (kept.exact if kept else 0), Fraction(0))
        return Fraction(max(billed.amount - (kept.amount if kept else 0), ZERO))


def _by_subscription(discounts: Sequence[Discount]) -> dict[int | None, list[Discount]]:
    """The discounts that may reduce a subscription's charges, in order of application, by the subscription's identity.

    Under None are those of the account, which reduce every subscription's.
    """
    found: dict[int | None, list[Discount]] = {None: [each for each in discounts if each.level == "account"]}
    for discount in discounts:
        if discount.level != "account":
            found.setdefault(id(discount.subscription), list(found[None])).append(discount)
    for candidates in found.values():
        candidates.sort(key=lambda discount: discount.order)
    return found


def _in_turn(parts: Sequence[Part], scopes: Sequence[Sequence[Discount]]) -> list[tuple[int, int]]:
    """(part, row) of all that some discount may reduce; by service start if any discount has balances.

    The credits of a segment come together, when it has ended: what they give back is there for what follows.
    """
    order = []
    for number, ((_, rows, _), scope) in enumerate(zip(parts, scopes, strict=True)):
        if scope:
            starts = rows.starts if rows.credits is None else [rows.starts[0]] * len(rows)
            order += [(start, number, position) for position, start in enumerate(starts)]
    if any(discount.fixed for scope in scopes for discount in scope):
        order.sort()
    return [(number, position) for _, number, position in order]


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


def _target(charge: ChargeRows, rows: Rows, position: int) -> _Target:
    service = Service(rows.starts[position], rows.ends[position], charge.type is ChargeType.ONE_TIME)
    return _Target(rows.amounts[position], rows.exact[position], service)


def _less(target: _Target, cuts: Sequence[_Cut]) -> _Target:
    """The target after discounts. What is taken off a rounded amount may exceed the exact one, which ends at 0."""
    amount = target.amount - sum((cut.amount for cut in cuts), ZERO)
    exact_amount = target.exact - sum((cut.exact for cut in cuts), Fraction(0))
    return _Target(amount, max(exact_amount, Fraction(0)), target.service)


def _covers(discount: Discount, item: Service) -> bool:
    if discount.enhanced:
        return discount.start < item.end and item.start < discount.end
    return discount.start <= item.start < discount.end


def share_of(discount: Discount) -> Fraction:
    """The discount's percentage as a share: 0.1 for 10 %. Raises RatingError MISSING_VALUE without one."""
    value = discount.charge.discount_percentage
    if value is None:
        raise RatingError("MISSING_VALUE", "A percentage discount needs discountPercentage.", "discountPercentage")
    return _hundredth(value)


@lru_cache(maxsize=1024)
def _hundredth(percentage: Decimal) -> Fraction:
    return exact(percentage, "discountPercentage") / _HUNDRED


def _trace(cut: _Cut, amount: Decimal, credit: str, rounding: str) -> Trace:
    charge, value = cut.discount.charge, cut.exact if credit else -cut.exact
    if credit:
        source = "How discounts work with prorated credits"
        rule, formula = "discount.credit", "what was taken off when billed - what is taken off the part kept"
    elif cut.discount.fixed:
        source = "Discount balance"
        rule, formula = "discount.fixed", "- what the open period's balance and the item allow"
    else:
        source = "Process discounts"
        rule, formula = "discount.percentage", "- base x percentage / 100"
    name, number = (
        ("discountAmount", charge.discount_amount)
        if cut.discount.fixed
        else ("discountPercentage", charge.discount_percentage)
    )
    inputs = (("base", decimal_text(cut.base)), (name, f"{number:f}"))
    return Trace((Step(rule, source, formula, value, inputs),), value, amount, rounding)
