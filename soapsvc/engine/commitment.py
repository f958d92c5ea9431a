"""Minimum commitment: which charges take part, and what is still owed when too little was consumed.

Source: "Minimum Commitment".
"""

from __future__ import annotations

from decimal import Decimal

from soapsvc.engine.attributes import charge_function
from soapsvc.engine.exact import EXACT
from soapsvc.engine.model import Charge

_CREDITING = frozenset({"creditcommitment", "drawdownandcreditcommitment"})


def is_true_up(charge: Charge) -> bool:
    """True for the charge that bills what a commitment was not used for."""
    return charge_function(charge) == "commitmenttrueup"


def credits_commitment(charge: Charge) -> bool:
    """True for usage that counts toward the commitment of its subscription."""
    return charge_function(charge) in _CREDITING


def true_up(commitment: Decimal, consumed: Decimal) -> Decimal:
    """The part of a commitment that credited usage did not reach, in money; 0 when it was reached."""
    return EXACT.subtract(commitment, min(commitment, consumed))
