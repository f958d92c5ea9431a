"""Items as JSON text, many at once: the constant part of a charge is rendered once, an item costs one substitution.

A layout lists an item's keys in wire order, with the source of each value: the charge's facts, or a column that
varies by item. Columns that are constant for a series are rendered with the facts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from operator import attrgetter

import msgspec

from soapsvc.engine.account import ONE, DraftItem
from soapsvc.engine.documents import draft_series
from soapsvc.engine.result import Block, ItemFacts, Series
from soapsvc.engine.trace import Trace
from soapsvc.engine.trace import decimal_text as fraction_text
from soapsvc.wire import ThrowAwayIds, decimal_text, decimal_texts, first_day, fresh_ids, last_day

_USUAL_COLUMNS = 4
"""Id, start, end and amount: the columns that vary among the items of a plain recurring charge."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Answer:
    """The values that the items of one answer share: the charge date in the answer's form, and temporary ids."""

    charge_date: str
    throw_away_ids: ThrowAwayIds = field(default_factory=ThrowAwayIds)

    def shown_id(self, facts: ItemFacts, own: str) -> str:
        """The id itself, or one made up where a renewal was assumed."""
        return self.throw_away_ids[own] if facts.transient else own


@dataclass(frozen=True, slots=True)
class SeriesRows:
    """The items of one series: `ids` as text within quotes, `applied_to` as JSON values, empty where there are none."""

    series: Series
    ids: Sequence[str]
    applied_to: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a charge's items; a single text where it is the same for all items."""

    values: Callable[[SeriesRows], str | Iterable[str]]
    in_quotes: bool = False


Constant = Callable[[Answer, ItemFacts], str]
"""A text that is the same for all items of a charge."""
Layout = Sequence[tuple[str, Column | Constant]]
"""An item's keys in wire order."""


@lru_cache(maxsize=4096)
def quoted(text: str) -> str:
    """A JSON string."""
    return msgspec.json.encode(text).decode()


def quoted_or_null(text: str | None) -> str:
    """A JSON string, or null where there is no text."""
    return quoted(text) if text else "null"


def fact(name: str) -> Constant:
    """The field `name` of a charge's facts, as a JSON string."""
    read = attrgetter(name)
    return lambda _, facts: quoted(read(facts))


def own_id(name: str) -> Constant:
    """The id `name` of a charge's facts, as a JSON string; one made up where a renewal was assumed."""
    read = attrgetter(name)
    return lambda answer, facts: quoted(answer.shown_id(facts, read(facts)))


def block_items(layout: Layout, block: Block, answer: Answer) -> Iterable[str]:
    """The items of a charge as JSON objects, each followed by those of the discounts on it."""
    ids = fresh_ids(len(block.series))
    charges = _items(layout, SeriesRows(block.series, ids), answer)
    if not block.discounts:
        return charges
    items = [[charge] for charge in charges]
    for discount in block.discounts:
        reduced = discount.applied_to or ()
        rows = SeriesRows(discount, fresh_ids(len(discount)), [f'"{ids[index]}"' for index in reduced])
        for index, reduction in zip(reduced, _items(layout, rows, answer), strict=True):
            items[index].append(reduction)
    return (item for group in items for item in group)


def draft_item(layout: Layout, draft: DraftItem, answer: Answer) -> str:
    """An item of an existing draft document as a JSON object, under its own id."""
    series = draft_series(draft)
    rows = SeriesRows(series, [quoted(draft.id)[1:-1]], [quoted_or_null(draft.applied_to_item_id)])
    (item,) = _items(layout, rows, answer)
    return item


def _items(layout: Layout, rows: SeriesRows, answer: Answer) -> Iterable[str]:
    """The items of one series as JSON objects."""
    texts = ["{"]
    columns: list[Iterable[str]] = []
    for position, (key, source) in enumerate(layout):
        texts[-1] += f'{"," if position else ""}"{key}":'
        if not isinstance(source, Column):
            texts[-1] += source(answer, rows.series.facts)
            continue
        values = source.values(rows)
        quote = '"' if source.in_quotes else ""
        if isinstance(values, str):
            texts[-1] += f"{quote}{values}{quote}"
        else:
            texts[-1] += quote
            columns.append(values)
            texts.append(quote)
    texts[-1] += "}"
    return _substituted(texts, columns)


def _substituted(texts: Sequence[str], columns: Sequence[Iterable[str]]) -> Iterable[str]:
    """The rows: each joins the fixed texts with its values of the columns."""
    if len(columns) == _USUAL_COLUMNS:  # an f-string is twice as fast as `%`
        head, after_first, after_second, after_third, tail = texts
        return [
            f"{head}{first}{after_first}{second}{after_second}{third}{after_third}{fourth}{tail}"
            for first, second, third, fourth in zip(*columns, strict=True)
        ]
    template = "%s".join(text.replace("%", "%%") for text in texts)
    return map(template.__mod__, zip(*columns, strict=True))


def _totals(rows: SeriesRows) -> Iterable[str]:
    return decimal_texts(rows.series.gross())


def _quantities(rows: SeriesRows) -> str | Iterable[str]:
    quantities = rows.series.quantities
    first = quantities[0] if quantities else ONE
    return decimal_text(first) if quantities.count(first) == len(quantities) else decimal_texts(quantities)


def _names(rows: SeriesRows) -> str | Iterable[str]:
    names = rows.series.names
    return quoted(rows.series.facts.charge_name) if names is None else map(quoted, names)


def _explanation(trace: Trace) -> str:
    """A trace as JSON; exact values are texts, cut with an ellipsis where they have no last digit."""
    steps = [
        {
            "rule": step.rule,
            "source": step.source,
            "inputs": dict(step.inputs),
            "formula": step.formula,
            "value": fraction_text(step.value),
        }
        for step in trace.steps
    ]
    explanation = {
        "steps": steps,
        "unrounded": fraction_text(trace.unrounded),
        "rounding": trace.rounding,
        "rounded": f"{trace.rounded:f}",
        "lines": list(trace.lines()),
    }
    return msgspec.json.encode(explanation).decode()


ID = Column(lambda rows: rows.ids, in_quotes=True)
START = Column(lambda rows: map(first_day, rows.series.starts), in_quotes=True)
END = Column(lambda rows: map(last_day, rows.series.ends), in_quotes=True)
AMOUNT = Column(lambda rows: decimal_texts(rows.series.amounts))
TAX = Column(lambda rows: "0" if rows.series.taxes is None else decimal_texts(rows.series.taxes))
TOTAL = Column(_totals)
"""Amount and tax together, as credit memo items show it."""
QUANTITY = Column(_quantities)
NAME = Column(_names)
DELIVERIES = Column(lambda rows: "0" if rows.series.deliveries is None else map(str, rows.series.deliveries))
APPLIED_TO = Column(lambda rows: rows.applied_to or "null")
EXPLANATION = Column(lambda rows: "null" if rows.series.traces is None else map(_explanation, rows.series.traces))
