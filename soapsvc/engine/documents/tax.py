"""The split of tax-inclusive amounts into net and tax. Tax-exclusive charges show no tax in a preview.

Sources: "Rounding rule for inclusive tax mode"; observed previews: amounts (24.99 at 20 % is 20.83 + 4.16).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from soapsvc.engine.account import Account, Charge, TaxMode, TaxRate, parse, parse_or
from soapsvc.engine.money import Rounding, exact

_NONE = Fraction(0)


class TaxInclusiveRounding(StrEnum):
    """Which of net and tax is rounded; the other is the rest of the gross amount."""

    NET_AMOUNT = "NetAmount"
    TAX_AMOUNT = "TaxAmount"


def inclusive_rate(charge: Charge, account: Account) -> Fraction:
    """The tax rate contained in a charge's price, as a fraction (0.2 for 20 %); 0 where the price contains none.

    A rate on the charge itself wins. Without it, the configured rate counts whose selectors all match and which has
    most of them; of equal rates, the first. A rate that does not name the charge skips charges whose own tax mode is
    exclusive. Raises RatingError BAD_NUMBER, or UNKNOWN_VALUE for a tax mode.
    """
    if charge.tax_rate is None and not account.tax_rates:
        return _NONE
    mode = _tax_mode(charge, account)
    if charge.tax_rate is not None:
        return _NONE if mode is TaxMode.EXCLUSIVE else exact(charge.tax_rate, "taxRate")
    best = max(
        (rate for rate in account.tax_rates if _matches(rate, charge, account)),
        key=_selectors,
        default=None,
    )
    if best is None or best.mode != "TaxInclusive":
        return _NONE
    named = best.charge_number is not None or best.product_rate_plan_charge_id is not None
    if mode is TaxMode.EXCLUSIVE and not named:
        return _NONE
    return exact(best.percent, "tax_rate.percent") / 100


def _tax_mode(charge: Charge, account: Account) -> TaxMode:
    """The tax mode of a charge, from the charge or the catalogue; where both are blank, an inclusive rate applies."""
    entry = account.catalog.get(charge.product_rate_plan_charge_id or "")
    written = charge.tax_mode or (entry.tax_mode if entry else None)
    mode: TaxMode = parse_or(TaxMode, written, "taxMode", TaxMode.INCLUSIVE)
    return mode


def _selectors(rate: TaxRate) -> int:
    return sum(
        selector is not None
        for selector in (rate.charge_number, rate.product_rate_plan_charge_id, rate.tax_code, rate.country)
    )


def _matches(rate: TaxRate, charge: Charge, account: Account) -> bool:
    entry = account.catalog.get(charge.product_rate_plan_charge_id or "")
    tax_code = charge.tax_code or (entry.tax_code if entry else None)
    return all(
        selector is None or selector == value
        for selector, value in (
            (rate.charge_number, charge.number),
            (rate.product_rate_plan_charge_id, charge.product_rate_plan_charge_id),
            (rate.tax_code, tax_code),
            (rate.country, account.country),
        )
    )


def split(
    amounts: Sequence[Decimal], rate: Fraction, rounding: Rounding, rule: str
) -> tuple[list[Decimal], list[Decimal]]:
    """Net amounts and taxes of gross `amounts`; each pair sums to its gross amount exactly.

    `rule` is the tenant's taxInclusiveRounding: the net is rounded and the tax is the rest, or the other way round.
    """
    part = parse(TaxInclusiveRounding, rule, "billing_rules.taxInclusiveRounding")
    known: dict[Decimal, tuple[Decimal, Decimal]] = {}
    nets, taxes = [], []
    for gross in amounts:
        pair = known.get(gross)
        if pair is None:
            if part is TaxInclusiveRounding.NET_AMOUNT:
                net = rounding(Fraction(gross) / (1 + rate))
            else:
                net = gross - rounding(Fraction(gross) * rate / (1 + rate))
            pair = known[gross] = net, gross - net
        nets.append(pair[0])
        taxes.append(pair[1])
    return nets, taxes
