"""The tax rates in their answers: net and tax of an item leave a narrow range for the rate in its price.

    net 20.83, tax 4.16: the price is 24.99, the rate between 19.94 % and 20.00 %, which is 20 %

As few rates as possible are used: one for all, one for each tax code or country, one for each product charge, or one
for each charge. Within a range, the rate with the fewest digits is used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from soapsvc.engine.account import Account, BillingRules, Charge, TaxMode, TaxRate, parse_or
from soapsvc.engine.money import RoundingMode
from soapsvc.parity.recording import Item

_SELECTORS: tuple[tuple[str, ...], ...] = (
    (),
    ("tax_code",),
    ("country",),
    ("tax_code", "country"),
    ("product_rate_plan_charge_id",),
    ("charge_number",),
)
_MOST_DIGITS = 6
_ALMOST = Fraction(999_999, 1_000_000)
_ANY = Fraction(10)
"""A rate above all taxes: 1000 %."""


@dataclass(frozen=True, slots=True)
class _Range:
    """The rates, as fractions, that some items allow; 0 where they show no tax."""

    low: Fraction
    high: Fraction

    def both(self, other: _Range) -> _Range:
        return _Range(max(self.low, other.low), min(self.high, other.high))

    @property
    def is_empty(self) -> bool:
        return self.low > self.high


@dataclass(frozen=True, slots=True)
class _Taxed:
    """A charge with the values by which a rate can select it, and the range of its rate."""

    selectors: Mapping[str, str | None]
    range: _Range


@dataclass(frozen=True, slots=True)
class Slack:
    """The limits of an item's exact net: from `below` under the shown net to `above` over it."""

    below: Fraction
    above: Fraction


def slack_of(rules: BillingRules | None, places: int = 2) -> Slack:
    """The limits under these rules; without rules, one unit of the last of `places` in both directions."""
    if rules is None:
        unit = Fraction(1, 10**places)
        return Slack(unit, unit)
    unit = Fraction(rules.rounding_increment or Fraction(1, 10**rules.decimals))
    if rules.rounding_mode == RoundingMode.HALF_UP:
        return Slack(unit / 2, unit / 2)
    raises_net = (rules.rounding_mode == RoundingMode.UP) == (rules.tax_inclusive_rounding == "NetAmount")
    almost = unit * _ALMOST  # the other end is that of the next unit
    return Slack(almost, Fraction(0)) if raises_net else Slack(Fraction(0), almost)


def tax_rates_of(samples: Iterable[tuple[Account, Sequence[Item], Slack]]) -> tuple[TaxRate, ...]:
    """The rates in the items of some accounts; empty where no item has a tax."""
    taxed = [found for account, items, slack in samples for found in _taxed(account, items, slack)]
    if not any(each.range.low for each in taxed):
        return ()
    for selectors in _SELECTORS:
        if (rates := _by(selectors, taxed)) is not None:
            return tuple(rates)
    return tuple(_rates_of_charges(taxed))


def _taxed(account: Account, items: Sequence[Item], slack: Slack) -> Iterator[_Taxed]:
    charges = {charge.number: charge for each in account.subscriptions for charge in each.charges}
    ranges: dict[str, _Range] = {}
    for item in items:
        charged = items[item.applied_to] if item.applied_to is not None else item
        if item.processing_type == "Discount" and item.applied_to is None:
            continue  # taxed as the discounted charge, which this answer does not name
        if charged.charge_number in charges and (found := _range(item, slack)) is not None:
            known = ranges.get(charged.charge_number)
            ranges[charged.charge_number] = found if known is None else known.both(found)
    for number, found in ranges.items():
        if not _is_exclusive(charges[number], account):
            yield _Taxed(_selectors(charges[number], account), found)


def _range(item: Item, slack: Slack) -> _Range | None:
    """The range of rates that an item allows; None where it gives no limit."""
    if item.tax is None or not item.gross:
        return None
    gross, net = abs(Fraction(item.gross)), abs(Fraction(item.amount))
    low = max(gross / (net + slack.above) - 1, Fraction(0)) if net + slack.above else Fraction(0)
    least = net - slack.below
    return _Range(low, gross / least - 1 if least > 0 else _ANY)


def _is_exclusive(charge: Charge, account: Account) -> bool:
    entry = account.catalog.get(charge.product_rate_plan_charge_id or "")
    written = charge.tax_mode or (entry.tax_mode if entry else None)
    return parse_or(TaxMode, written, "taxMode", TaxMode.INCLUSIVE) is TaxMode.EXCLUSIVE


def _selectors(charge: Charge, account: Account) -> Mapping[str, str | None]:
    entry = account.catalog.get(charge.product_rate_plan_charge_id or "")
    return {
        "tax_code": charge.tax_code or (entry.tax_code if entry else None),
        "country": account.country,
        "product_rate_plan_charge_id": charge.product_rate_plan_charge_id,
        "charge_number": charge.number,
    }


def _by(selectors: Sequence[str], taxed: Sequence[_Taxed]) -> list[TaxRate] | None:
    """A rate for each group of charges with the same selectors; None where the charges of one do not agree."""
    groups: dict[tuple[str | None, ...], _Range] = {}
    for each in taxed:
        key = tuple(each.selectors[name] for name in selectors)
        known = groups.get(key)
        groups[key] = each.range if known is None else known.both(each.range)
    # A charge without a tax code has no rate by tax code: such a group must show no tax.
    if any(found.is_empty or (found.low and None in key) for key, found in groups.items()):
        return None
    return [
        TaxRate(simplest(found), **dict(zip(selectors, key, strict=True)))  # type: ignore[arg-type]
        for key, found in sorted(groups.items(), key=lambda entry: tuple(map(str, entry[0])))
        if found.low
    ]


def _rates_of_charges(taxed: Sequence[_Taxed]) -> Iterator[TaxRate]:
    """A rate for each charge whose own items agree; the others contradict each other."""
    for each in taxed:
        if each.range.low and not each.range.is_empty:
            yield TaxRate(simplest(each.range), charge_number=each.selectors["charge_number"])


def simplest(found: _Range) -> Decimal:
    """The rate in percent with the fewest digits in a range; among several, the middle one."""
    low, high = found.low * 100, found.high * 100
    for digits in range(_MOST_DIGITS + 1):
        scale = 10**digits
        first, last = -((-low * scale) // 1), (high * scale) // 1
        if first <= last:
            middle = (low + high) / 2 * scale
            return Decimal(min(max(round(middle), int(first)), int(last))).scaleb(-digits)
    return Decimal(round((low + high) / 2 * 10**_MOST_DIGITS)).scaleb(-_MOST_DIGITS)
