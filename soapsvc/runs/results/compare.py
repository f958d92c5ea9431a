"""The differences between two previews of one account: items Added, Removed and Changed.

Items are matched on fields that stay the same from run to run: document, subscription number, charge number, processing
type, first day of service, and for a discount the charge that it reduces. Made-up ids, and ids of what exists only by
an assumed renewal, are never compared. The names of the types are ours; the vendor does not document them.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from soapsvc.runs.definition import ITEM_FIELDS
from soapsvc.runs.results.text_rows import Row

_AT = {name: position for position, name in enumerate(ITEM_FIELDS)}
_KEY = (
    "account_id",
    "legal_document_item_type",
    "subscription_number",
    "rate_plan_charge_number",
    "invoice_item_processing_type",
    "invoice_item_service_start_date",
    "credit_memo_item_service_start_date",
)
_TRANSIENT = (
    "rate_plan_charge_id",
    "subscription_id",
    "invoice_item_id",
    "credit_memo_item_id",
    "applied_to_invoice_item_id",
    "invoice_item_charge_date",
)
_KEY_POSITIONS = tuple(_AT[name] for name in _KEY)
_COMPARED = tuple((name, _AT[name]) for name in ITEM_FIELDS if name not in {*_KEY, *_TRANSIENT})

_Key = tuple[str | None, ...]


class DifferenceType(StrEnum):
    """How an item differs from the compared run."""

    ADDED = "Added"
    REMOVED = "Removed"
    CHANGED = "Changed"


@dataclass(frozen=True, slots=True)
class Difference:
    """An item that differs: its new values, or its former ones where it is Removed.

    `compared` has former values by field.
    """

    type: DifferenceType
    row: Row
    compared: dict[str, str | None]


def differences(old: Sequence[Row], new: Sequence[Row]) -> Iterator[Difference]:
    """The differences between the rows of one account; those of `new` in their order, then the Removed ones."""
    before, after = _keyed(old), _keyed(new)
    same = Counter((key, _content(row)) for key, row in before) & Counter((key, _content(row)) for key, row in after)
    unmatched: dict[_Key, deque[Row]] = defaultdict(deque)
    for key, row in _without(before, same.copy()):
        unmatched[key].append(row)
    for key, row in _without(after, same.copy()):
        if (rows := unmatched.get(key)) is None or not rows:
            yield Difference(DifferenceType.ADDED, row, {})
        else:
            was = rows.popleft()
            compared = {name: was[position] for name, position in _COMPARED if was[position] != row[position]}
            yield Difference(DifferenceType.CHANGED, row, compared)
    for rows in unmatched.values():
        for row in rows:
            yield Difference(DifferenceType.REMOVED, row, {})


def _keyed(rows: Sequence[Row]) -> list[tuple[_Key, Row]]:
    charges = {}
    for row in rows:
        charges[row[_AT["invoice_item_id"]] or row[_AT["credit_memo_item_id"]]] = row[_AT["rate_plan_charge_number"]]
    applied_to = _AT["applied_to_invoice_item_id"]
    return [
        (
            (
                *(row[position] for position in _KEY_POSITIONS),
                charges.get(row[applied_to]) if row[applied_to] else None,
            ),
            row,
        )
        for row in rows
    ]


def _content(row: Row) -> Row:
    return tuple(row[position] for _, position in _COMPARED)


def _without(keyed: Sequence[tuple[_Key, Row]], same: Counter[tuple[_Key, Row]]) -> Iterator[tuple[_Key, Row]]:
    """The rows without an equal on the other side; `same` counts the equal rows of each, and is used up."""
    for key, row in keyed:
        identity = (key, _content(row))
        if same[identity]:
            same[identity] -= 1
        else:
            yield key, row
