"""The prepaid funds of a subscription that are not listed: those that its prepayment charges make.

    prepayment of 120 h, valid for a quarter      Jan 1          Apr 1          Jul 1
                                                    |-- 120 h -----|-- 120 h -----|
    usage                                           .  100 h .     .  130 h .
    billed                                               -             10 h

Real exports have no list of funds, but the fields of every prepayment give them: `prepaidOperationType` topup,
`prepaidTotalQuantity` units of `prepaidUom` in each `validityPeriodType`. Processed usage records are drawn from them
first, as they were billed. Sources: "Prepayment charge", "Bill prepaid customers", billed invoices.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import partial
from itertools import count, pairwise

from soapsvc.engine.account import (
    BillingPeriod,
    Charge,
    ChargeType,
    decimal_at,
    field_of,
    is_prepayment,
    parse,
    parse_or,
    squeeze,
)
from soapsvc.engine.charges import Context, billed_usage_rows
from soapsvc.engine.errors import RatingError
from soapsvc.engine.result import Note
from soapsvc.engine.schedule import FOREVER, add_months, charge_end, period_months, start_of, trigger_date
from soapsvc.engine.usage import Fund, FundPool, drawdown_of, pays_money, read_funds, span_of
from soapsvc.engine.usage import uncovered_units as draw_units

Segments = Sequence[Charge]


def with_funds(charges: Sequence[Segments], context: Context) -> tuple[Context, list[Note]]:
    """The context with the funds that the subscription's prepayments make, less the draws of billed usage.

    `charges` are the segments of each charge, oldest first. Funds in a unit that the subscription or one of its charges
    lists (`prepaidBalanceFunds`) are as listed. Where a balance is unknown, a note says so. Raises RatingError for
    wrong fields of a prepayment or a drawdown.
    """
    drawing = [known for each in charges if (known := _drawing(each))] if context.shared.account.usage else ()
    if not drawing:
        return context, []
    listed = {
        fund.uom for holder in (context.subscription, *context.subscription.charges) for fund in read_funds(holder)
    }
    notes: list[Note] = []
    made: list[Fund] = []
    for each in charges:
        if is_prepayment(each[0]):
            funds, unknown = _funds(each, context)
            made += [fund for fund in funds if fund.uom not in listed]
            notes += unknown
    derived = FundPool(made)
    for each in drawing:
        notes += _draw_billed(each, derived, context)
    context = replace(context, funds=FundPool([*context.funds.funds, *made]))
    for each in drawing:
        drawdown = context.funds.drawdown_of(each[0])
        if drawdown is not None and not context.funds.has(drawdown.uom):
            unit = drawdown.uom or "money"
            notes.append(
                _warning(each[0], context, f"no prepaid fund in {unit} is known, so its usage is billed in full")
            )
    return context, notes


def _drawing(segments: Segments) -> Segments:
    """The segments of a usage charge that draw on funds."""
    if parse(ChargeType, segments[0].type, "type") is not ChargeType.USAGE:
        return ()
    return [each for each in segments if each.effective_start_date is not None and drawdown_of(each) is not None]


def _warning(charge: Charge, context: Context, text: str) -> Note:
    number = context.subscription.subscription_number
    return Note("warning", "PREPAID_BALANCE_UNKNOWN", f"Charge {charge.number}: {text}.", number, charge.number)


def _funds(segments: Segments, context: Context) -> tuple[list[Fund], list[Note]]:
    """A fund for each validity period that begins on or before the target date, and notes on unknown balances."""
    known = [each for each in segments if each.effective_start_date is not None]
    funds: list[Fund] = []
    notes: list[Note] = []
    if not known:
        return funds, notes
    uom = None if pays_money(known[-1]) else field_of(known[-1], "prepaidUom")
    if squeeze(str(field_of(known[-1], "isRollover") or "")) == "true":
        text = "it is assumed that unused units lapse with their validity period and do not roll over"
        notes.append(_warning(known[-1], context, text))
    for start, end in _validity_periods(known, context):
        holder = next(each for each in reversed(known) if start_of(each) < end)
        units = _units(holder)
        if units is None:
            text = "it has no prepaidTotalQuantity, so the prepaid quantity is unknown"
            return funds, [*notes, _warning(holder, context, text)]
        funds.append(Fund(start, end, Fraction(units), None if uom is None else str(uom)))
    return funds, notes


def _units(charge: Charge) -> Decimal | None:
    """The units, or the money, that a prepayment prepays for one validity period."""
    total = decimal_at(charge, "prepaidTotalQuantity")
    if total is not None:
        return total
    if pays_money(charge) and (committed := decimal_at(charge, "prepaidCommittedAmount")) is not None:
        return committed
    each = decimal_at(charge, "prepaidQuantity")
    return None if each is None else each * (Decimal(1) if charge.quantity is None else charge.quantity)


def _validity_periods(segments: Segments, context: Context) -> Iterator[tuple[date, date]]:
    """The validity periods from the prepayment's start on; by default its terms. The last one ends with the charge."""
    first, terms = trigger_date(segments[0]), context.terms
    validity = parse_or(
        BillingPeriod, segments[0].validity_period, "validityPeriodType", BillingPeriod.SUBSCRIPTION_TERM
    )
    recurs = parse(ChargeType, segments[0].type, "type") is ChargeType.RECURRING
    last = charge_end(segments[-1], terms, context.shared.account.rules).end if recurs else FOREVER
    if validity is BillingPeriod.SUBSCRIPTION_TERM:
        bounds = list(zip(terms.starts, (*terms.starts[1:], terms.end), strict=True))
        found: Iterator[tuple[date, date]] = ((max(start, first), end) for start, end in bounds if end > first)
    else:
        months = period_months(validity, segments[0].specific_billing_period)
        if not months:
            message = "validityPeriodType must be a number of whole months, or the subscription's term."
            raise RatingError("INVALID_VALIDITY_PERIOD", message, "validityPeriodType")
        found = pairwise(map(partial(add_months, first), count(0, months)))
    for start, end in found:
        if start >= last or start > context.shared.request.target_date:
            return
        yield start, min(end, last)
        if not recurs:
            return


def _draw_billed(segments: Segments, funds: FundPool, context: Context) -> Iterator[Note]:
    """Draws the billed usage of a charge: the units of its processed records, or their amount in money.

    A warning says where billed periods have no records.
    """
    for segment in segments:
        drawdown = funds.drawdown_of(segment)
        through, start = segment.charged_through_date, start_of(segment)
        if drawdown is None or not funds.has(drawdown.uom):
            continue
        records = context.shared.usage.of_charge(segment, context.subscription, processed=True)
        span = span_of(records, start, segment.effective_end_date or FOREVER)
        if not span:
            untold = start if through is None or segment.usage_is_complete else through
            if untold > start and funds.serves(drawdown.uom, start, untold):
                text = f"it was billed to {through}, but no processed usage record shows what it drew until then"
                yield _warning(
                    segment,
                    context,
                    f"{text}; it is assumed that the funds are unused. Import the processed usage records",
                )
            continue
        if drawdown.uom is not None:
            draw_units(funds, drawdown, (records[position] for position in span))
        elif through is not None:
            rows = billed_usage_rows(segment, through, context)
            for period_start, period_end, amount in zip(rows.starts, rows.ends, rows.exact, strict=True):
                funds.draw(period_start, period_end, amount, None)
