"""Minimum commitment: what is still owed at the end of a validity period when too little was consumed.

Source: "Minimum Commitment". The vendor's subscription previews leave true-ups out, and so do these unless the tenant's
rule commitmentTrueUp is on: then a true-up charge bills its price for each of its periods, in arrears, less what the
usage charges of its subscription bill in it whose chargeFunction says that they credit a commitment.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from soapsvc.engine.attributes import charge_function
from soapsvc.engine.enums import ChargeType
from soapsvc.engine.exact import EXACT, number_text
from soapsvc.engine.model import ZERO, Charge, Subscription
from soapsvc.engine.result import Note
from soapsvc.engine.rows import ChargeRows, Rows
from soapsvc.engine.trace import Step

_CREDITING = frozenset({"creditcommitment", "drawdownandcreditcommitment"})


def is_true_up(charge: Charge) -> bool:
    """True for the charge that bills what a commitment was not used for."""
    return charge_function(charge) == "commitmenttrueup"


def true_up(commitment: Decimal, consumed: Decimal) -> Decimal:
    """The part of a commitment that credited usage did not reach, in money; 0 when it was reached."""
    return max(ZERO, EXACT.subtract(commitment, consumed))


def settle(charges: Sequence[ChargeRows], subscription: Subscription, notes: list[Note]) -> list[ChargeRows]:
    """The charges with what true-ups still bill: of each period its commitment, less the usage credited to it.

    A period has no item where the commitment was reached, and none, with a warning in `notes`, where usage of it was
    billed before: what that came to is not known.
    """
    usage = [rows for charge in charges if charge.type is ChargeType.USAGE for rows in charge.parts]
    usage = [rows for rows in usage if _credits(rows.charge)]
    billed = [each.charged_through_date for each in subscription.charges if _credits(each)]
    through = max((day for day in billed if day is not None), default=None)
    settled = []
    for charge in charges:
        if is_true_up(charge.parts[0].charge):
            owing = _Owing(usage, through, subscription.subscription_number, notes)
            parts = (rows if rows.credits is not None else owing.of(rows) for rows in charge.parts)
            charge.parts = [rows for rows in parts if len(rows)]
        if charge.parts:
            settled.append(charge)
    return settled


class _Owing:
    """What a true-up charge still bills, by its periods."""

    def __init__(self, usage: Sequence[Rows], through: date | None, number: str, notes: list[Note]) -> None:
        self._usage = usage
        self._through = through
        self._number = number
        self._notes = notes

    def of(self, rows: Rows) -> Rows:
        """The rows that are still owed, at what is owed."""
        owed = dict(self._owed(rows))
        left = Rows(
            rows.charge,
            rows.facts,
            [rows.starts[position] for position in owed],
            [rows.ends[position] for position in owed],
            list(owed.values()),
            [Fraction(amount) for amount in owed.values()],
            [rows.quantities[position] for position in owed],
        )
        if rows.steps is not None:
            left.steps = [(*rows.steps[position], _step(rows, position, owed[position])) for position in owed]
        return left

    def _owed(self, rows: Rows) -> Iterator[tuple[int, Decimal]]:
        charge = rows.charge.number
        for position, (start, end) in enumerate(zip(rows.starts, rows.ends, strict=True)):
            if self._through is not None and self._through > start:
                message = f"Usage from {start} on was billed before: what charge {charge} still bills is not known."
                self._notes.append(Note("warning", "COMMITMENT_TRUE_UP_LEFT_OUT", message, self._number, charge))
                continue
            owed = true_up(rows.amounts[position], self._consumed(start, end))
            if owed:
                yield position, owed
            else:
                message = f"The commitment of charge {charge} from {start} on was reached."
                self._notes.append(Note("reason", "COMMITMENT_REACHED", message, self._number, charge))

    def _consumed(self, start: date, end: date) -> Decimal:
        """What usage that credits the commitment bills in a period: the items that begin in it."""
        amounts = (
            amount
            for rows in self._usage
            for begins, amount in zip(rows.starts, rows.amounts, strict=True)
            if start <= begins < end
        )
        return sum(amounts, ZERO)


def _step(rows: Rows, position: int, owed: Decimal) -> Step:
    commitment = rows.amounts[position]
    formula = f"{number_text(commitment)} committed - {number_text(commitment - owed)} of usage credited"
    return Step("usage.true_up", "Minimum Commitment", formula, Fraction(owed))


def _credits(charge: Charge) -> bool:
    return charge_function(charge) in _CREDITING
