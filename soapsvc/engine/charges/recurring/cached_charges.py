"""The facts of a recurring charge that are the same in every preview of its account: read once per account.

They are kept with the account (`RatingCache`).
"""

from __future__ import annotations

from dataclasses import dataclass

from soapsvc.engine.account import Charge, ChargeType
from soapsvc.engine.charges.item_rows import facts_of
from soapsvc.engine.charges.preview_context import Context
from soapsvc.engine.charges.recurring.price import RecurringPrice, recurring_price
from soapsvc.engine.result import ItemFacts
from soapsvc.engine.schedule import BillingGrid, ProrationRules, billing_grid_of, is_in_arrears, proration_rules


@dataclass(slots=True)
class CachedCharge:
    """The rules, timing and facts of one recurring segment, and its price on the grid that was used last."""

    charge: Charge
    rules: ProrationRules
    in_arrears: bool
    facts: ItemFacts
    _billing: BillingGrid | None = None
    _price: RecurringPrice | None = None

    def billing_grid(self, context: Context) -> BillingGrid:
        """The grid of the current term; see `billing_grid_of`."""
        if self._billing is None:
            self._billing = current_grid(self.charge, context)
        return self._billing

    def price(self, charge: Charge, billing_grid: BillingGrid, context: Context) -> RecurringPrice:
        """The price on a grid of `charge`, the kept one or the same at another price; see `recurring_price`."""
        if charge is not self.charge or context.shared.request.explain:
            return recurring_price(charge, billing_grid, self.rules, context)
        if self._price is None or self._price.billing_grid != billing_grid:
            self._price = recurring_price(charge, billing_grid, self.rules, context)
        return self._price


def current_grid(charge: Charge, context: Context) -> BillingGrid:
    """The grid of a charge, anchored in the current term where it is aligned to terms; see `billing_grid_of`."""
    start, end = context.current_term
    return billing_grid_of(charge, context.subscription, context.shared.bill_cycle_day, start, end)


def cached_charge(charge: Charge, context: Context) -> CachedCharge:
    """The cached facts of a segment, read on first use. Raises RatingError for a field that cannot be read."""
    kept = context.shared.account.rating_cache.charges
    key = charge.id, context.transient
    known = kept.get(key)
    # The parts of a charge that is split for one preview share its id.
    if isinstance(known, CachedCharge) and known.charge is charge:
        return known
    rules = proration_rules(charge, context.shared.account.rules)
    facts = facts_of(charge, context.subscription, ChargeType.RECURRING, context.transient)
    cached = kept[key] = CachedCharge(charge, rules, is_in_arrears(charge), facts)
    return cached
