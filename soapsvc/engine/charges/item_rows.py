"""The items of one charge segment while they are computed: gross, before discounts, tax and credit memo rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from soapsvc.engine.account import BillingRules, Charge, ChargeType, Subscription
from soapsvc.engine.charges.preview_context import Context
from soapsvc.engine.money import Rounding
from soapsvc.engine.pricing import RatingWarning
from soapsvc.engine.result import ItemFacts, Note
from soapsvc.engine.trace import Step, Trace

_SPELLED = {member: member.value for member in ChargeType}
"""The spellings. This table is faster than reading the member's value, which happens once per charge."""
SUFFIX_PRORATION = " -- Proration"
SUFFIX_PRORATION_CREDIT = " -- Proration Credit"
SUFFIX_CREDIT = " -- Credit"
SUFFIX_OVERAGE = " -- Overage"
_WITHOUT_CREDIT = {SUFFIX_PRORATION_CREDIT: SUFFIX_PRORATION, SUFFIX_CREDIT: ""}


@dataclass(frozen=True, slots=True)
class CreditBasis:
    """The basis of a credit item: the gross amounts, billed and kept, of the billed period that began at `start`.

    `given_exact` is the exact credit: billed less kept, or under CreditPeriod the price of the credited time.
    """

    start: date
    billed: Decimal
    kept: Decimal
    billed_exact: Fraction
    kept_exact: Fraction
    given_exact: Fraction

    @property
    def share(self) -> Fraction:
        """The credited share of the billed amount, 0 to 1."""
        return self.given_exact / self.billed_exact


@dataclass(slots=True)
class Rows:
    """Columns of equal length. `amounts` are rounded and gross; `exact` holds the same amounts unrounded.

    `suffixes`, `deliveries`, `steps` and `credits` are None where no row needs them; within `credits`, None marks a row
    that is not a credit. `due` is the day on which all rows are due together; None where each row has its own day.
    """

    charge: Charge
    facts: ItemFacts
    starts: Sequence[date]
    ends: Sequence[date]
    amounts: list[Decimal]
    exact: list[Fraction]
    quantities: Sequence[Decimal]
    suffixes: list[str] | None = None
    deliveries: list[int] | None = None
    steps: list[tuple[Step, ...]] | None = None
    credits: list[CreditBasis | None] | None = None
    due: date | None = None

    def __len__(self) -> int:
        return len(self.starts)

    def names(self, rules: BillingRules) -> list[str] | None:
        """The charge names with proration suffixes, or None when they are all the plain name.

        Where the tenant has switched off suffixes for credits, a partial credit is named as a proration, and a full
        credit has the plain name ("Strings translation for Proration, Prepayment, Overage, and Credit").
        """
        if not rules.proration_suffixes or self.suffixes is None or not any(self.suffixes):
            return None
        suffixes = self.suffixes
        if not rules.use_system_default_suffix_for_credit_items:
            suffixes = [_WITHOUT_CREDIT.get(suffix, suffix) for suffix in suffixes]
        return [self.facts.charge_name + suffix for suffix in suffixes]

    def credit_flags(self) -> list[bool] | None:
        """Which rows are credits; None when there are none."""
        if self.suffixes is None or not any(self.suffixes):
            return None
        return [suffix in (SUFFIX_CREDIT, SUFFIX_PRORATION_CREDIT) for suffix in self.suffixes]

    def traces(self, rounding: Rounding) -> list[Trace] | None:
        """One trace per row if steps were requested."""
        if self.steps is None:
            return None
        how = str(rounding)
        rows = zip(self.steps, self.exact, self.amounts, strict=True)
        return [Trace(steps, exact, amount, how) for steps, exact, amount in rows]


def facts_of(
    charge: Charge, subscription: Subscription, charge_type: ChargeType, transient: bool, processing: str = "Charge"
) -> ItemFacts:
    """The facts that all items of a charge share."""
    return ItemFacts(
        subscription.id,
        subscription.subscription_number,
        charge.original_charge_id or charge.id,
        charge.id,
        charge.number,
        charge.name or "",
        charge.description or "",
        _SPELLED[charge_type],
        processing,
        charge.product_name or "",
        charge.product_sku or "",
        charge.uom or "",
        transient,
    )


@dataclass(slots=True)
class ChargeRows:
    """All rows of one charge number, in the order of its items: segment by segment, credits before due items."""

    number: str
    type: ChargeType
    created: int
    parts: list[Rows] = field(default_factory=list)


class RatedRows(NamedTuple):
    """Rows with their charge and its subscription: the input of discounts and documents."""

    charge: ChargeRows
    rows: Rows
    subscription: Subscription


class UsageRead(NamedTuple):
    """The periods of a usage segment whose records were rated: due ones, oldest first, and billed ones with late usage.

    `is_open`: the last due period has not ended; it was rated on demand up to the target date. Periods without an item
    are listed too: prepaid funds cover them, nothing was used, or a smoothing window has not ended.
    """

    charge: Charge
    due: Sequence[tuple[date, date]]
    late: Sequence[tuple[date, date]]
    is_open: bool


class RatedItems(NamedTuple):
    """The rows of a charge, one `Rows` per segment and price, and notes on what rating approximated or left out.

    `usage` lists the usage periods whose records were read for them.
    """

    parts: list[Rows]
    notes: list[Note]
    usage: Sequence[UsageRead] = ()


def warnings_of(charge: Charge, warnings: Iterable[RatingWarning], context: Context) -> Iterator[Note]:
    """The warnings about approximations, each kind once."""
    number = context.subscription.subscription_number
    for code, message in dict.fromkeys(map(tuple, warnings)):
        text = f"Charge {charge.number} of subscription {number}: {message}"
        yield Note("warning", code, text, number, charge.number)
