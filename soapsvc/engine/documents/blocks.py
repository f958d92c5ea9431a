"""Turn rated rows into blocks: a series with its discounts, and tax within prices split off.

The order of a document's items is that of `rated`: subscriptions by number, then `charge_order` in the room
`subscription`; a discount item follows the item that it reduces.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from soapsvc.engine.account import ONE
from soapsvc.engine.charges import AccountContext, RatedRows
from soapsvc.engine.discounts import DiscountRows
from soapsvc.engine.documents.tax import inclusive_rate, split
from soapsvc.engine.errors import RatingError
from soapsvc.engine.result import Block, Series


def block_of(rated: RatedRows, discounts: Sequence[DiscountRows], shared: AccountContext) -> Block:
    """The rows as a series with the series of their discounts. Raises RatingError for an unknown tax rate."""
    rows = rated.rows
    try:
        rate = inclusive_rate(rows.charge, shared.account)
    except RatingError as error:
        raise error.of(rated.subscription.subscription_number, rows.charge.number) from error
    series = Series(
        rows.facts,
        rows.starts,
        rows.ends,
        rows.amounts,
        rows.quantities,
        names=rows.names(shared.account.rules),
        deliveries=rows.deliveries,
        credits=rows.credit_flags(),
        traces=rows.traces(shared.rounding),
        due=rows.due,
    )
    reductions = [_discount_series(each) for each in discounts]
    if rate:
        series, *reductions = [_net(each, rate, shared) for each in (series, *reductions)]
    return Block(series, tuple(reductions))


def _discount_series(rows: DiscountRows) -> Series:
    return Series(
        rows.discount.facts,
        rows.starts,
        rows.ends,
        rows.amounts,
        [ONE] * len(rows.amounts),
        applied_to=rows.applied_to,
        traces=rows.traces or None,
    )


def _net(series: Series, rate: Fraction, shared: AccountContext) -> Series:
    nets, taxes = split(series.amounts, rate, shared.rounding, shared.account.rules.tax_inclusive_rounding)
    return replace(series, amounts=nets, taxes=taxes)
