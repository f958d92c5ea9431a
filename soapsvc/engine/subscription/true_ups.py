"""True-ups of minimum commitments, under the tenant's rule commitmentTrueUp.

    commitment  |=============== 7885 ===============|
    usage       |---------- 7885 as one item --------|-- 503 as another --|      the true-up is an item of 0

A true-up charge bills its price for each of its periods, in arrears, less the amounts of the usage charges of its
subscription whose chargeFunction says that they credit a commitment. Amounts billed before count too; the processed
records give them. Usage that reaches beyond the commitment is two items. Source: "Minimum Commitment", billed invoices.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from soapsvc.engine.account import ZERO, Charge, ChargeType, credits_commitment, is_true_up, parse
from soapsvc.engine.charges import (
    ChargeRows,
    Context,
    Rows,
    billed_usage_rows,
    due_periods_on_grids,
    grids_of,
    recurring_charge_rows,
    usage_rows,
)
from soapsvc.engine.money import EXACT, number_text
from soapsvc.engine.result import Note
from soapsvc.engine.schedule import Segment, Span, placed, start_of
from soapsvc.engine.trace import Step
from soapsvc.engine.usage import drawdown_of

_PLACES = Decimal("0.000000001")
"""The unit to which a divided quantity is rounded: the vendor prints nine decimals."""

Segments = Sequence[Segment]


def true_up(commitment: Decimal, consumed: Decimal) -> Decimal:
    """The part of a commitment that credited usage did not use, in money; 0 when usage reached it."""
    return EXACT.subtract(commitment, min(commitment, consumed))


@dataclass(slots=True)
class _Commitment:
    """The commitment of one period of a true-up charge, and the amount consumed so far."""

    start: date
    end: date
    amount: Decimal
    consumed: Decimal = ZERO
    known: bool = True

    def left(self) -> Decimal:
        return true_up(self.amount, self.consumed)


def settle(
    charges: Sequence[ChargeRows], segments: Sequence[Sequence[Charge]], context: Context
) -> tuple[list[ChargeRows], list[Note]]:
    """The charges with their usage divided at the commitments, and with the remaining amounts of true-ups.

    `segments` are those of all charges of the subscription, each charge's oldest first. A period is left out, with a
    warning, where its usage was billed before and no processed records give the amount.
    """
    known = [[segment for segment in each if segment.effective_start_date is not None] for each in segments]
    places = [placed(each, context.terms, context.shared.account.rules) for each in known if each]
    true_ups = [each for each in places if is_true_up(each[0].charge) and _is(each, ChargeType.RECURRING)]
    crediting = [each for each in places if credits_commitment(each[0].charge) and _is(each, ChargeType.USAGE)]
    found = {each[0].charge.number: _commitments(each, context) for each in true_ups}
    commitments = [commitment for each in found.values() for commitment in each]
    _count_billed(crediting, commitments, context)
    rated = {rows.number: rows for rows in charges}
    for each in crediting:
        number = each[0].charge.number
        # The usage of a charge that the request excludes counts too.
        parts = rated[number].parts if number in rated else usage_rows(each, context).parts
        divided = [_divided(rows, commitments) for rows in parts]
        if number in rated:
            rated[number].parts = divided
    unknown: list[Note] = []
    for number, own in found.items():
        if number in rated:
            unknown += _unknown(rated[number].parts, own, context)
            rated[number].parts = list(_still_owed(rated[number].parts, own))
    return [rows for rows in charges if rows.parts], unknown


def _is(segments: Segments, charge_type: ChargeType) -> bool:
    return parse(ChargeType, segments[0].charge.type, "type") is charge_type


def _commitments(segments: Segments, context: Context) -> list[_Commitment]:
    """The unbilled commitments, up to the period that holds the target date: its usage is divided too."""
    found: list[_Commitment] = []
    open_end = max(_end_of_open_period(segment, context) for segment in segments)
    request = replace(context.shared.request, target_date=open_end)
    wider = replace(context, shared=replace(context.shared, request=request))
    for rows in recurring_charge_rows(segments, wider).parts:
        if rows.credits is None:
            found += map(_Commitment, rows.starts, rows.ends, rows.amounts)
    return found


def _end_of_open_period(segment: Segment, context: Context) -> date:
    target = context.shared.request.target_date
    span = Span(start_of(segment.charge), segment.end.end)
    on_grids = due_periods_on_grids(grids_of(segment.charge, context), span, target, in_arrears=False)
    found = [periods for _, periods in on_grids if periods.starts]  # a grid may have no period that is due
    return max(target, found[-1].piece(len(found[-1]) - 1).period_end) if found else target


def _count_billed(crediting: Sequence[Segments], commitments: Sequence[_Commitment], context: Context) -> None:
    """Counts the usage billed before; a commitment is unknown where the records do not give its amount."""
    for segment in (segment.charge for each in crediting for segment in each):
        through = segment.charged_through_date
        if through is None or through <= start_of(segment):
            continue
        told = context.shared.usage.of_charge(segment, context.subscription, processed=True)
        if (told or segment.usage_is_complete) and drawdown_of(segment) is None:
            rows = billed_usage_rows(segment, through, context)
            for start, amount in zip(rows.starts, rows.amounts, strict=True):
                _count(commitments, start, amount)
            continue
        for commitment in commitments:
            commitment.known &= not (commitment.start < through and start_of(segment) < commitment.end)


def _count(commitments: Sequence[_Commitment], day: date, amount: Decimal) -> None:
    for commitment in commitments:
        if commitment.start <= day < commitment.end:
            commitment.consumed = EXACT.add(commitment.consumed, amount)


def _divided(rows: Rows, commitments: Sequence[_Commitment]) -> Rows:
    """The rows, with each item that crosses a commitment divided in two; adds their amounts to the commitments."""
    cuts = {}
    for position, (start, amount) in enumerate(zip(rows.starts, rows.amounts, strict=True)):
        lefts = (each.left() for each in commitments if each.known and each.start <= start < each.end)
        inside = min((left for left in lefts if ZERO < left < amount), default=None)
        if inside is not None:
            cuts[position] = inside
        _count(commitments, start, amount)
    return _cut(rows, cuts) if cuts else rows


def _cut(rows: Rows, cuts: dict[int, Decimal]) -> Rows:
    places = [position for position in range(len(rows)) for _ in range(1 + (position in cuts))]
    divided = Rows(
        rows.charge,
        rows.facts,
        [rows.starts[position] for position in places],
        [rows.ends[position] for position in places],
        [],
        [],
        [],
        suffixes=None if rows.suffixes is None else [rows.suffixes[position] for position in places],
        steps=None if rows.steps is None else [],
    )
    quantities: list[Decimal] = []
    for position in range(len(rows)):
        for amount, exact, quantity, step in _pieces(rows, position, cuts.get(position)):
            divided.amounts.append(amount)
            divided.exact.append(exact)
            quantities.append(quantity)
            if divided.steps is not None and rows.steps is not None:
                divided.steps.append((*rows.steps[position], *step))
    divided.quantities = quantities
    return divided


def _pieces(
    rows: Rows, position: int, inside: Decimal | None
) -> Iterator[tuple[Decimal, Fraction, Decimal, tuple[Step, ...]]]:
    """Amount, exact amount, quantity and further steps of an item, or of its parts within and beyond a commitment.

    No source says how the units are divided; here they are in proportion to the amounts.
    """
    amount, exact, quantity = rows.amounts[position], rows.exact[position], rows.quantities[position]
    if inside is None:
        yield amount, exact, quantity, ()
        return
    units = (quantity * inside / amount).quantize(_PLACES).normalize()
    for part, value, share, where in (
        (inside, Fraction(inside), units, "within"),
        (EXACT.subtract(amount, inside), exact - Fraction(inside), EXACT.subtract(quantity, units), "beyond"),
    ):
        formula = f"{number_text(part)} of {number_text(amount)} {where} the commitment"
        yield part, value, share, (Step("usage.commitment", "Minimum Commitment", formula, value),)


def _unknown(parts: Sequence[Rows], commitments: Sequence[_Commitment], context: Context) -> Iterator[Note]:
    """A warning for each period of a true-up whose consumed amount is unknown."""
    owing = {(each.start, each.end): each for each in commitments}
    for rows in parts:
        for period in zip(rows.starts, rows.ends, strict=True) if rows.credits is None else ():
            if not owing[period].known:
                number, charge = context.subscription.subscription_number, rows.charge.number
                message = (
                    f"Usage from {period[0]} on was billed before, and no processed usage records tell what it came "
                    f"to: what charge {charge} still bills is not known."
                )
                yield Note("warning", "COMMITMENT_TRUE_UP_LEFT_OUT", message, number, charge)


def _still_owed(parts: Sequence[Rows], commitments: Sequence[_Commitment]) -> Iterator[Rows]:
    """The rows of a true-up charge at the remaining amounts; credits of time billed beyond its end are unchanged."""
    owing = {(each.start, each.end): each for each in commitments}
    for rows in parts:
        if rows.credits is not None:
            yield rows
            continue
        left = _owed(rows, [owing[period] for period in zip(rows.starts, rows.ends, strict=True)])
        if len(left):
            yield left


def _owed(rows: Rows, commitments: Sequence[_Commitment]) -> Rows:
    known = [position for position, each in enumerate(commitments) if each.known]
    owed = [commitments[position].left() for position in known]
    left = Rows(
        rows.charge,
        rows.facts,
        [rows.starts[position] for position in known],
        [rows.ends[position] for position in known],
        owed,
        [Fraction(amount) for amount in owed],
        [rows.quantities[position] for position in known],
    )
    if rows.steps is not None:
        left.steps = [(*rows.steps[position], _step(commitments[position])) for position in known]
    return left


def _step(commitment: _Commitment) -> Step:
    formula = f"{number_text(commitment.amount)} committed - {number_text(commitment.consumed)} of usage credited"
    return Step("usage.true_up", "Minimum Commitment", formula, Fraction(commitment.left()))
