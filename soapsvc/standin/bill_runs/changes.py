"""Write the changes of an account by billing and time into its original records; other fields are unchanged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any

from soapsvc.engine.account import Account, Charge, Subscription, UsageRecord, squeeze
from soapsvc.standin.bill_runs.kept import Document, Kept
from soapsvc.tenant.reading import camel

_APART = frozenset({"charges", "attributes", "plans"})
_STATUS_NAMES = frozenset({"rbestatus", "status"})
_BILLED_CHARGES = "billedCharges"


def write_changes(before: Account, after: Account, kept: Kept) -> None:
    """Write the difference between two states of an account into its records."""
    known = {each.subscription_number: each for each in before.subscriptions}
    for each in after.subscriptions:
        former = known[each.subscription_number]
        if each != former and (document := kept.subscriptions.get(each.subscription_number)) is not None:
            _write_subscription(document, former, each)
    if after.usage is not before.usage:
        _write_usage(before.usage, after.usage, kept)


def _write_subscription(document: Document, before: Subscription, after: Subscription) -> None:
    _write(document, before, after)
    places = list(_places(document))
    segments = _by_former(before.charges, after.charges)
    for (charges, index), former, now in zip(
        reversed(places), reversed(before.charges), reversed(segments), strict=True
    ):
        found = charges[index]
        charges[index : index + 1] = [_charge(found, former, each) for each in now]


def _by_former(before: Sequence[Charge], after: Sequence[Charge]) -> list[list[Charge]]:
    """The segments that replace each former one: itself, and the new segments that continue it."""
    known = {charge.id for charge in before}
    found: list[list[Charge]] = []
    for charge in after:
        if charge.id in known:
            found.append([charge])
        else:
            found[-1].append(charge)
    return found


def _places(document: Document) -> Iterator[tuple[list[Any], int]]:
    """The list and the position of each segment of a subscription, in the order of reading."""
    for plan in document.get("ratePlans") or ():
        charges = plan.get("ratePlanCharges") or []
        for index, charge in enumerate(charges):
            segments = charge.get("chargeSegments")
            if segments is None:
                yield charges, index
            else:
                yield from ((segments, position) for position in range(len(segments)))


def _charge(document: Document, before: Charge, after: Charge) -> Document:
    """A segment's record with its changes; a record without an id gets the derived one."""
    changed = {**document, "id": document.get("id") or before.id}
    _write(changed, before, after)
    return changed


def _write(document: Document, before: object, after: object) -> None:
    """Write the fields in which two records differ, also those that the model keeps unread."""
    for each in fields(after):  # type: ignore[arg-type]
        value = getattr(after, each.name)
        if each.name not in _APART and value != getattr(before, each.name):
            document[camel(each.name)] = as_json(value)
    former: Mapping[str, object] = before.attributes  # type: ignore[attr-defined]
    for name, value in after.attributes.items():  # type: ignore[attr-defined]
        if former.get(name) != value:
            document[name] = as_json(value)


def as_json(value: object) -> object:
    """A value of the engine's model as v1 writes it."""
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        told = ((camel(each.name), getattr(value, each.name)) for each in fields(value))
        return {name: as_json(inner) for name, inner in told if inner is not None}
    if isinstance(value, Mapping):
        return {name: as_json(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(inner) for inner in value]
    return value


def _write_usage(before: Sequence[UsageRecord], after: Sequence[UsageRecord], kept: Kept) -> None:
    """Write the statuses of the billed records, found without the names that matching has changed."""
    places = defaultdict(list)
    for usage in kept.usage:
        places[_likeness(usage.record)].append(usage)
    for former, now in zip(before, after, strict=True):
        own = places.get(_likeness(former))
        if not own:
            continue
        usage = own.pop(0)
        if now is former:
            continue
        for name in [name for name in usage.document if squeeze(name) in _STATUS_NAMES] or ["rbeStatus"]:
            usage.document[name] = now.rbe_status
        usage.document.pop(_BILLED_CHARGES, None)
        if now.billed_charges is not None:
            usage.document[_BILLED_CHARGES] = list(now.billed_charges)


def _likeness(record: UsageRecord) -> tuple[object, ...]:
    """The fields of a record that matching with charges does not change."""
    own = (record.start_date, record.end_date, record.quantity, record.uom, record.rbe_status)
    return (*own, record.file_name, record.group_id, record.unique_key, record.sequence)
