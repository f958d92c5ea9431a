"""What previews of an account have in common for a recurring charge, whatever they ask for: read once per account.

An account is immutable, so that a plan holds for as long as the account does; it is kept with the account and goes
with it.
"""

from __future__ import annotations

from dataclasses import dataclass

from soapsvc.engine.account import Charge, ChargeType
from soapsvc.engine.charges.item_rows import facts_of
from soapsvc.engine.charges.preview_context import Context
from soapsvc.engine.charges.recurring.price import RecurringPrice, recurring_price
from soapsvc.engine.result import ItemFacts
from soapsvc.engine.schedule import Billing, ProrationRules, billing_of, is_in_arrears, proration_rules


@dataclass(slots=True)
class ChargePlan:
    """The rules, timing and facts of one recurring segment, and its price on the grid that it was last billed on."""

    charge: Charge
    rules: ProrationRules
    in_arrears: bool
    facts: ItemFacts
    _billing: Billing | None = None
    _price: RecurringPrice | None = None

    def billing(self, context: Context) -> Billing:
        """The grid of the current term; see `billing_of`."""
        if self._billing is None:
            self._billing = current_billing(self.charge, context)
        return self._billing

    def price(self, charge: Charge, billing: Billing, context: Context) -> RecurringPrice:
        """How `charge`, the planned one or the same at another price, is priced on a grid; see `recurring_price`."""
        if charge is not self.charge or context.shared.request.explain:
            return recurring_price(charge, billing, self.rules, context)
        if self._price is None or self._price.billing != billing:
            self._price = recurring_price(charge, billing, self.rules, context)
        return self._price


def current_billing(charge: Charge, context: Context) -> Billing:
    """The grid of a charge, anchored in the current term where it is aligned to terms; see `billing_of`."""
    start, end = context.current_term
    return billing_of(charge, context.subscription, context.shared.bill_cycle_day, start, end)


def charge_plan(charge: Charge, context: Context) -> ChargePlan:
    """The plan of a segment. Raises RatingError for what cannot be read."""
    plans = context.shared.account.plans
    key = charge.id, context.transient
    known = plans.get(key)
    # Charges that are split for one preview share their id with the one that they were.
    if isinstance(known, ChargePlan) and known.charge is charge:
        return known
    rules = proration_rules(charge, context.shared.account.rules)
    facts = facts_of(charge, context.subscription, ChargeType.RECURRING, context.transient)
    plan = plans[key] = ChargePlan(charge, rules, is_in_arrears(charge), facts)
    return plan
