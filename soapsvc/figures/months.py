"""Future billing by month, stacked: the data of a chart and of its table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from soapsvc.engine.schedule import add_months
from soapsvc.figures.lines import Line

MOST_STACKS = 8
"""The most parts of a bar that a reader can distinguish; smaller ones are one more part, `others`."""
OTHERS = "others"


class Stack(StrEnum):
    """The grouping of a bar's parts."""

    PRODUCT = "product"
    SUBSCRIPTION = "subscription"
    TYPE = "type"


_STACK_OF: Mapping[Stack, Callable[[Line], str]] = {
    Stack.PRODUCT: lambda line: line.product or "no product",
    Stack.SUBSCRIPTION: lambda line: line.subscription_number,
    Stack.TYPE: lambda line: line.kind,
}


@dataclass(frozen=True, slots=True)
class Months:
    """Amounts of one currency, without tax, less credit memos: for each name in `stacks` one per month."""

    currency: str
    months: Sequence[date]
    stacks: Mapping[str, Sequence[Decimal]]

    def sums(self) -> list[Decimal]:
        """The sum of each month."""
        return [sum(amounts, Decimal()) for amounts in zip(*self.stacks.values(), strict=True)]


def by_month(lines: Iterable[Line], stack: Stack) -> list[Months]:
    """For each currency all months from the first to the last that bills something."""
    currencies: dict[str, dict[str, dict[date, Decimal]]] = {}
    for line in lines:
        amounts = currencies.setdefault(line.currency, {}).setdefault(_STACK_OF[stack](line), defaultdict(Decimal))
        amounts[line.day.replace(day=1)] += line.sign * line.amount
    return [_months(currency, stacks) for currency, stacks in currencies.items()]


def _months(currency: str, stacks: Mapping[str, Mapping[date, Decimal]]) -> Months:
    known = sorted({month for amounts in stacks.values() for month in amounts})
    months = [known[0]]
    while months[-1] < known[-1]:
        months.append(add_months(months[-1], 1))
    largest = sorted(stacks, key=lambda name: sum(map(abs, stacks[name].values())), reverse=True)
    kept = set(largest if len(largest) <= MOST_STACKS else largest[: MOST_STACKS - 1])
    named = {name: stacks[name] for name in stacks if name in kept}
    rows = {name: [amounts.get(month, Decimal()) for month in months] for name, amounts in named.items()}
    if rest := [amounts for name, amounts in stacks.items() if name not in kept]:
        rows[OTHERS] = [sum((amounts.get(month, Decimal()) for amounts in rest), Decimal()) for month in months]
    return Months(currency, months, rows)
