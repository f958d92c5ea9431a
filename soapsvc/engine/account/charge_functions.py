"""The further functions of charges besides billing: prepayments, and charges that take part in a minimum commitment.

Sources: "Prepayment charge", "Minimum Commitment".
"""

from __future__ import annotations

from soapsvc.engine.account.attributes import field_of
from soapsvc.engine.account.charge import Charge
from soapsvc.engine.account.enums import squeeze

_CREDITING = frozenset({"creditcommitment", "drawdownandcreditcommitment"})


def charge_function(charge: Charge) -> str:
    """The further function of a charge, such as `drawdown` or `commitmenttrueup`: squeezed; empty if blank."""
    return squeeze(str(field_of(charge, "chargeFunction") or "")) if charge.attributes else ""


def is_true_up(charge: Charge) -> bool:
    """True for a true-up: the charge that bills the unused part of a commitment."""
    return charge_function(charge) == "commitmenttrueup"


def credits_commitment(charge: Charge) -> bool:
    """True for a usage charge that counts toward the commitment of its subscription."""
    return charge_function(charge) in _CREDITING


def is_prepayment(charge: Charge) -> bool:
    """True for a charge that pays for units up front: it is never prorated."""
    if not charge.attributes:
        return False
    function = charge_function(charge)
    return function == "prepayment" or squeeze(str(field_of(charge, "prepaidOperationType") or "")) == "topup"
