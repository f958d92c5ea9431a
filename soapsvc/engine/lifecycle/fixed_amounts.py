"""The traces of billing on fixed-amount discounts: which billed items each reduced, and by how much.

    balance of a month   |== 25 ==|     item of 20: 20 taken off     item of 10: 5 taken off, nothing is left

A credit lowers the recorded amount. Source: "Discount balance".
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
    """One discount item: what it takes off the item of a segment; negative for a credit."""

    charge_id: str
    service_start: date
    amount: Decimal


def taken_off(account: Account, result: PreviewResult) -> dict[SegmentId, tuple[TakenOff, ...]]:
    """The items that each fixed amount with a balance has reduced after billing the result, by the discount's segment.

    Discounts are left out that were billed before without a record of the reduced items.
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
    """The discount items by the segment of their discount; on a credit memo, amounts taken off are positive."""
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
    """Lowers the amount taken off the billed item in which a credit starts: the last of its segment up to that day."""
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
