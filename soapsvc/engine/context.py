"""What the charges of one subscription share in one preview."""

from __future__ import annotations

from dataclasses import dataclass

from soapsvc.engine.model import Account, Subscription
from soapsvc.engine.money import Rounding
from soapsvc.engine.result import PreviewRequest
from soapsvc.engine.terms import Terms


@dataclass(frozen=True, slots=True)
class Context:
    """A subscription's account, request, terms, rounding, and the bill cycle day that its charges default to."""

    account: Account
    subscription: Subscription
    request: PreviewRequest
    terms: Terms
    rounding: Rounding
    bill_cycle_day: int

    @property
    def transient(self) -> bool:
        """True when a renewal is assumed."""
        return self.terms.renewed
