"""Minimum commitment: what is still owed at the end of a validity period when too little was consumed.

Source: "Minimum Commitment". The vendor's subscription previews leave true-ups out, so previews do not emit them.
"""

from __future__ import annotations

from decimal import Decimal

from soapsvc.engine.attributes import field_of
from soapsvc.engine.enums import squeeze
from soapsvc.engine.exact import EXACT
from soapsvc.engine.model import ZERO, Charge


def is_true_up(charge: Charge) -> bool:
    """True for the charge that bills what a commitment was not used for, which a preview leaves out."""
    return bool(charge.attributes) and squeeze(str(field_of(charge, "chargeFunction") or "")) == "commitmenttrueup"


def true_up(commitment: Decimal, consumed: Decimal) -> Decimal:
    """The part of a commitment that credited usage did not reach, in money; 0 when it was reached."""
    return max(ZERO, EXACT.subtract(commitment, consumed))
