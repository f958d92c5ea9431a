"""The data that the charges of an account, and of one subscription, share during one preview."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from soapsvc.engine.account import Account, Charge, ChargeType, DiscountLevel, Subscription, field_of, squeeze
from soapsvc.engine.errors import RatingError
from soapsvc.engine.money import Rounding, rounding_of
from soapsvc.engine.pricing import FormulaContext
from soapsvc.engine.result import PreviewRequest
from soapsvc.engine.schedule import FOREVER, Terms
from soapsvc.engine.usage import Fund, FundPool, UsageIndex, read_funds


@dataclass(slots=True)
class AccountContext:
    """An account and its request, with rounding, default bill cycle day of the charges, usage and prepaid funds.

    `has_balances`: some discount is a fixed amount, whose balance billed items may have used. `unrecorded`: the numbers
    of subscriptions with such a discount that was billed and does not record what it took off; None for one of the
    account. `tables`: the custom objects that formulas look up. Each preview makes its own, because drawing on the
    funds changes it.
    """

    account: Account
    request: PreviewRequest
    rounding: Rounding
    bill_cycle_day: int
    usage: UsageIndex
    funds: FundPool
    has_balances: bool
    unrecorded: frozenset[str | None]
    tables: Mapping[str, Any]

    def of(self, subscription: Subscription, terms: Terms) -> Context:
        """The context of one of the account's subscriptions."""
        return Context(self, subscription, terms, terms.renewed, self.funds)

    def may_share_a_balance(self, subscription_number: str) -> bool:
        """Whether only a subscription's billed items tell how much of a fixed amount's balance they used."""
        return not self.unrecorded.isdisjoint((subscription_number, None))


@dataclass(slots=True)
class Context:
    """A subscription with its assumed terms, in the context of its account; `transient` when a renewal is assumed.

    `funds` are those of the account and of the subscription's own prepayments.
    """

    shared: AccountContext
    subscription: Subscription
    terms: Terms
    transient: bool
    funds: FundPool

    @property
    def current_term(self) -> tuple[date, date]:
        """Start and end (exclusive) of the current term."""
        return self.terms.starts[0], self.terms.current_end

    def formulas(self) -> FormulaContext:
        """The objects for lookups of a price formula, besides the charge: account, subscription, custom objects."""
        objects = {"account": self.shared.account, "subscription": self.subscription}
        return FormulaContext(objects, self.shared.tables)


class _AccountFacts(NamedTuple):
    """The facts that all previews of an account share: the first preview makes them, and the account keeps them."""

    rounding: Rounding
    bill_cycle_day: int
    usage: UsageIndex
    has_balances: bool
    unrecorded: frozenset[str | None]
    tables: Mapping[str, Any]


def account_context(account: Account, request: PreviewRequest) -> AccountContext:
    """The context of a preview. Raises RatingError for prepaid funds or rounding rules that cannot be read."""
    facts = account.rating_cache.facts
    if not isinstance(facts, _AccountFacts):
        facts = account.rating_cache.facts = _account_facts(account)
    funds = list(_listed_funds(account)) if account.usage else []
    return AccountContext(
        account,
        request,
        facts.rounding,
        facts.bill_cycle_day,
        facts.usage,
        FundPool(funds),
        facts.has_balances,
        facts.unrecorded,
        facts.tables,
    )


def _account_facts(account: Account) -> _AccountFacts:
    tables = field_of(account, "customObjects")
    has_balances = any(
        _is_fixed_amount(charge) for subscription in account.subscriptions for charge in subscription.charges
    )
    return _AccountFacts(
        rounding_of(account.rules),
        account.bill_cycle_day or auto_set_bill_cycle_day(account),
        UsageIndex(account.usage, account.units_of_measure, account.subscriptions),
        has_balances,
        frozenset(_unrecorded(account)) if has_balances else frozenset(),
        tables if isinstance(tables, Mapping) else {},
    )


def _is_fixed_amount(charge: Charge) -> bool:
    return "fixedamount" in squeeze(charge.model)


def _unrecorded(account: Account) -> Iterator[str | None]:
    """The subscriptions whose billed items alone tell what is left of a balance; see `AccountContext.unrecorded`."""
    for subscription in account.subscriptions:
        for charge in subscription.charges:
            was_billed = charge.charged_through_date is not None and charge.taken_off is None
            if was_billed and _is_fixed_amount(charge) and not charge.apply_to_billing_period_partially:
                of_account = squeeze(charge.discount_level or "") == squeeze(DiscountLevel.ACCOUNT)
                yield None if of_account else subscription.subscription_number


def auto_set_bill_cycle_day(account: Account) -> int:
    """The auto-set bill cycle day: the day of the month on which the account's first recurring charge starts, else 0.

    Discount charges do not count, as they have no items of their own. Source: "Billing periods customization: Auto-Set
    Option".
    """
    starts = [
        charge.original_effective_start_date or charge.effective_start_date or FOREVER
        for subscription in account.subscriptions
        for charge in subscription.charges
        if squeeze(charge.type) == squeeze(ChargeType.RECURRING) and "discount" not in squeeze(charge.model)
    ]
    first = min(starts, default=FOREVER)
    return first.day if first < FOREVER else 0


def _listed_funds(account: Account) -> Iterator[Fund]:
    """The prepaid funds that subscriptions list, by their numbers: the order of the data has no meaning."""
    for subscription in sorted(account.subscriptions, key=lambda each: each.subscription_number):
        yield from _funds(subscription)


def _funds(subscription: Subscription) -> Iterator[Fund]:
    """The prepaid funds of a subscription, and of its charges by their numbers and segments.

    An error names the subscription or charge that lists them.
    """
    charges = sorted(subscription.charges, key=lambda charge: (charge.number, charge.segment or 1))
    for number, holder in ((None, subscription), *((charge.number, charge) for charge in charges)):
        try:
            yield from read_funds(holder)
        except RatingError as error:
            raise error.of(subscription.subscription_number, number) from error
