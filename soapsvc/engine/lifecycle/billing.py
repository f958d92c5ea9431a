"""Bill a preview: the account after the preview's documents are posted.

    before   S          charged through                              E
             |-- billed --|
    shown                 |--- item ---|--- item ---|    credit   |-- back --|
    after    |------------- billed ----------------|             charged through goes back to its start

Charged-through dates move to the end of the billed time, or back to the start of the credited time; usage records
become Processed; fixed amounts and prepaid funds record their use. Sources: "RatePlanCharge" (chargedThroughDate,
processedThroughDate), "Usage file format" (RbeStatus), "Discount balance", "Bill prepaid customers".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from soapsvc.engine.account import Account, Charge, ChargeType, TakenOff, squeeze
from soapsvc.engine.charges import AccountContext, account_context
from soapsvc.engine.documents import by_currency
from soapsvc.engine.lifecycle.fixed_amounts import taken_off
from soapsvc.engine.lifecycle.funds import funds_left, with_funds_left
from soapsvc.engine.lifecycle.usage_marks import UsageMarks, marks_of
from soapsvc.engine.result import Block, PreviewRequest, PreviewResult, Series
from soapsvc.engine.schedule import is_in_arrears
from soapsvc.engine.subscription import SubscriptionRows, rate_subscriptions

_DAY = timedelta(1)

SegmentId = tuple[str, str]
"""A charge segment: the number of its subscription, and its own id."""


@dataclass(slots=True)
class _Billed:
    """The items of one segment in a result: end and start of its last item, and start of its first credit."""

    end: date = date.min
    last_start: date = date.min
    given_back_from: date = date.max

    def add(self, series: Series) -> None:
        for position, (start, end) in enumerate(zip(series.starts, series.ends, strict=True)):
            if series.credits is not None and series.credits[position]:
                self.given_back_from = min(self.given_back_from, start)
            else:
                self.end, self.last_start = max((self.end, self.last_start), (end, start))


def bill(account: Account, request: PreviewRequest, result: PreviewResult) -> Account:
    """The account after everything in `result` was billed: the next preview starts after it.

    `result` is the preview of the same account and request, for all its subscriptions. A result with errors bills
    nothing. Dates stay exclusive. Amounts taken off by discounts and the rest of funds are in the preview's currency or
    units. Raises ValueError for a request for some of the subscriptions: their share of common balances and funds is
    unknown.
    """
    if request.subscription_numbers is not None:
        raise ValueError("A bill run bills all subscriptions of an account: select all of them.")
    if result.errors:
        return account
    parts = [_rated(part, request) for part in by_currency(account).accounts.values()]
    windows = {
        (each.subscription.subscription_number, discount.charge.id): discount.end
        for _, rated in parts
        for each in rated
        for discount in each.discounts
    }
    moves, taken = _moves(result, windows), taken_off(account, result)
    marks = marks_of(account, [each for _, rated in parts for each in rated])
    left = {entry: balance for shared, _ in parts for entry, balance in funds_left(shared).items()}
    subscriptions = (
        replace(
            each,
            charges=tuple(
                _after(charge, (each.subscription_number, charge.id), moves, marks, taken) for charge in each.charges
            ),
        )
        for each in account.subscriptions
    )
    return replace(
        account,
        subscriptions=tuple(with_funds_left(each, left) if left else each for each in subscriptions),
        usage=marks.marked(account.usage),
    )


def _rated(account: Account, request: PreviewRequest) -> tuple[AccountContext, list[SubscriptionRows]]:
    """The rows of the preview, rated again: with the usage records that were read, and the rest of the funds."""
    shared = account_context(account, request)
    return shared, rate_subscriptions(shared)


def _moves(result: PreviewResult, windows: Mapping[SegmentId, date]) -> dict[SegmentId, _Billed]:
    """The billed and credited time of each segment, discounts included; a discount's time stops at its own end."""
    found: dict[SegmentId, _Billed] = {}
    for block in (*result.blocks, *result.credit_memo_blocks):
        number = block.series.facts.subscription_number
        found.setdefault((number, block.series.facts.rate_plan_charge_id), _Billed()).add(block.series)
        for discount in block.discounts:
            owner = discount.facts.subscription_number, discount.facts.rate_plan_charge_id
            for start, stop in _reduced(block, discount):
                moved = found.setdefault(owner, _Billed())
                moved.end = max(moved.end, min(stop, max(windows[owner], start + _DAY)))
                moved.last_start = max(moved.last_start, start)
    return found


def _reduced(block: Block, discount: Series) -> Iterator[tuple[date, date]]:
    """The service dates of the items that a discount reduces, without credits."""
    given_back = block.series.credits
    for position, row in enumerate(discount.applied_to or ()):
        if given_back is None or not given_back[row]:
            yield discount.starts[position], discount.ends[position]


def _after(
    charge: Charge,
    key: SegmentId,
    moves: Mapping[SegmentId, _Billed],
    marks: UsageMarks,
    taken: Mapping[SegmentId, tuple[TakenOff, ...]],
) -> Charge:
    """A segment after its items were billed and credited."""
    if (read := marks.segments.get(key)) is not None:
        return read.after(charge)
    charge = replace(charge, taken_off=taken[key]) if key in taken else charge
    moved = moves.get(key)
    if moved is None:
        return charge
    former = charge.charged_through_date or date.min
    kept = min(former, moved.given_back_from)
    through = max(kept, moved.end)
    began = max(moved.last_start, charge.processed_through_date or date.min)
    processed = through if _is_due_at_its_end(charge) else min(began, through)
    return replace(
        charge,
        charged_through_date=through,
        processed_through_date=processed if processed > date.min else None,
    )


def _is_due_at_its_end(charge: Charge) -> bool:
    """Whether the processed-through date equals the charged-through date: in arrears and for one-time charges."""
    return is_in_arrears(charge) or squeeze(charge.type) == squeeze(ChargeType.ONE_TIME)
