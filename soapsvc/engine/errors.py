"""The one exception of the engine: data that a rule cannot work with.

`soapsvc.engine.preview` never raises it: it turns the exception into a `BillingDataError` value on the account's
result, and adds the number of the subscription and of the charge.
"""

from __future__ import annotations


class RatingError(Exception):
    """A charge, subscription or usage record cannot be rated: stable `code`, a sentence, and the v1 field at fault."""

    def __init__(self, code: str, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field
        self.subscription_number: str | None = None
        self.charge_number: str | None = None

    def of(self, subscription_number: str, charge_number: str | None) -> RatingError:
        """The error as a value, with the subscription and, unless None, the charge that it concerns."""
        charge = f" charge {charge_number}:" if charge_number else ""
        told = RatingError(self.code, f"Subscription {subscription_number}:{charge} {self.message}", self.field)
        told.subscription_number, told.charge_number = subscription_number, charge_number
        return told
