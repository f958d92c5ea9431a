"""What is shared while an account is previewed: by all its charges, and by the charges of one subscription."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from soapsvc.engine.attributes import field_of
from soapsvc.engine.enums import squeeze
from soapsvc.engine.errors import RatingError
from soapsvc.engine.formula_values import FormulaContext
from soapsvc.engine.model import Account, Subscription
from soapsvc.engine.money import Rounding
from soapsvc.engine.prepaid import Fund, FundPool, read_funds
from soapsvc.engine.result import PreviewRequest
from soapsvc.engine.terms import Terms
from soapsvc.engine.usage_records import UsageIndex


@dataclass(slots=True)
class AccountContext:
    """An account, the request, its rounding, the bill cycle day that charges default to, its usage and prepaid funds.

    `has_balances`: some discount is a fixed amount, whose balance billed items may have used. `tables`: the custom
    objects that formulas look up. One per preview: drawing on the funds is remembered.
    """

    account: Account
    request: PreviewRequest
    rounding: Rounding
    bill_cycle_day: int
    usage: UsageIndex
    funds: FundPool
    has_balances: bool
    tables: Mapping[str, Any]

    def of(self, subscription: Subscription, terms: Terms) -> Context:
        """The context of one of the account's subscriptions."""
        return Context(
            self.account,
            self.request,
            self.rounding,
            self.bill_cycle_day,
            self.usage,
            self.funds,
            self.has_balances,
            self.tables,
            subscription,
            terms,
            terms.renewed,
        )


@dataclass(slots=True)
class Context(AccountContext):
    """The account's context with a subscription and its assumed terms; `transient` where a renewal is assumed."""

    subscription: Subscription
    terms: Terms
    transient: bool

    @property
    def current_term(self) -> tuple[date, date]:
        """Start and end (exclusive) of the current term."""
        return self.terms.starts[0], self.terms.current_end

    def formulas(self) -> FormulaContext:
        """What a charge's price formula can look up besides the charge: account, subscription, and custom objects."""
        return FormulaContext({"account": self.account, "subscription": self.subscription}, self.tables)


def account_context(
    account: Account, request: PreviewRequest, rounding: Rounding, bill_cycle_day: int
) -> AccountContext:
    """The context of a preview. Raises RatingError for prepaid funds that cannot be read."""
    funds = [fund for subscription in account.subscriptions for fund in _funds(subscription)] if account.usage else []
    balances = any(
        "fixedamount" in squeeze(charge.model)
        for subscription in account.subscriptions
        for charge in subscription.charges
    )
    tables = field_of(account, "customObjects")
    tables = tables if isinstance(tables, Mapping) else {}
    usage, pool = UsageIndex(account.usage, account.units_of_measure), FundPool(funds)
    return AccountContext(account, request, rounding, bill_cycle_day, usage, pool, balances, tables)


def _funds(subscription: Subscription) -> Iterator[Fund]:
    """The prepaid funds of a subscription and of its charges; an error names where they are."""
    for number, holder in ((None, subscription), *((charge.number, charge) for charge in subscription.charges)):
        try:
            yield from read_funds(holder)
        except RatingError as error:
            raise error.of(subscription.subscription_number, number) from error
