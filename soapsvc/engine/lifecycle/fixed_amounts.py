"""What billing notes on fixed-amount discounts: which billed item each was used for, and how much of it.

    balance of a month   |== 25 ==|     item of 20: 20 taken off     item of 10: 5 taken off, nothing is left

A credit that gives some of it back leaves the rest. Source: "Discount balance".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from soapsvc.engine.account import ZERO, Account, Charge, ChargeModel, TakenOff, parse
from soapsvc.engine.money import EXACT
from soapsvc.engine.result import Block, PreviewResult

SegmentId = tuple[str, str]


class _Use(NamedTuple):
    """One discount item: what it takes off, or below zero gives back of, the item of a segment."""

    charge_id: str
    service_start: date
    amount: Decimal


def taken_off(account: Account, result: PreviewResult) -> dict[SegmentId, tuple[TakenOff, ...]]:
    """What each fixed amount with a balance was used for once the result is billed, by its segment.

    Left out are those that were billed before and do not know for what.
    """
    uses = _uses(result)
    found = {}
    for each in account.subscriptions:
        for charge in each.charges:
            key = each.subscription_number, charge.id
            if key in uses and _has_balance(charge) and not _is_unknown(charge):
                found[key] = _with_uses(charge.taken_off or (), uses[key])
    return found


def _has_balance(charge: Charge) -> bool:
    fixed = parse(ChargeModel, charge.model, "model") is ChargeModel.DISCOUNT_FIXED_AMOUNT
    return fixed and not charge.apply_to_billing_period_partially


def _is_unknown(charge: Charge) -> bool:
    return charge.taken_off is None and charge.charged_through_date is not None


def _uses(result: PreviewResult) -> dict[SegmentId, list[_Use]]:
    """The discount items by the segment of their discount; a credit memo shows what is taken off as positive."""
    found: dict[SegmentId, list[_Use]] = {}
    for sign, blocks in ((-1, result.blocks), (1, result.credit_memo_blocks)):
        for block in blocks:
            for owner, use in _of_block(block, sign):
                found.setdefault(owner, []).append(use)
    return found


def _of_block(block: Block, sign: int) -> Iterator[tuple[SegmentId, _Use]]:
    reduced = block.series
    for discount in block.discounts:
        owner = discount.facts.subscription_number, discount.facts.rate_plan_charge_id
        for row, amount in zip(discount.applied_to or (), discount.gross(), strict=True):
            yield owner, _Use(reduced.facts.rate_plan_charge_id, reduced.starts[row], amount * sign)


def _with_uses(known: Sequence[TakenOff], uses: Sequence[_Use]) -> tuple[TakenOff, ...]:
    found = list(known)
    for use in uses:
        if use.amount > 0:
            found.append(TakenOff(*use))
        else:
            _give_back(found, use)
    return tuple(sorted(found, key=lambda each: each.service_start))


def _give_back(found: list[TakenOff], use: _Use) -> None:
    """Lowers what was taken off the billed item in which a credit starts: the last of its segment until then."""
    places = [
        place
        for place, each in enumerate(found)
        if each.charge_id == use.charge_id and each.service_start <= use.service_start
    ]
    if not places:
        return
    place = max(places, key=lambda place: found[place].service_start)
    left = EXACT.add(found[place].amount, use.amount)
    found[place : place + 1] = [replace(found[place], amount=left)] if left > ZERO else []
