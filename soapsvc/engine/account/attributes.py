"""Read v1 fields that the model keeps unread: custom fields, charge model configuration, nested extensions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date
from decimal import Decimal
from functools import lru_cache

from soapsvc.engine.account.charge import Charge
from soapsvc.engine.account.enums import squeeze
from soapsvc.engine.account.model import Account, Subscription, UsageRecord
from soapsvc.engine.errors import RatingError

_NUMBER = re.compile(r"[+-]?(\d{1,100}(\.\d{0,100})?|\.\d{1,100})")


def field_of(record: object, name: str) -> object:
    """The value of a v1 field of a record or of a mapping; None when blank.

    Names are compared without case and separators. Custom and further fields (`fields` of a usage record, `attributes`
    of other records) win over the fields of the model.
    """
    own_fields = _OWN_FIELDS.get(type(record))
    if own_fields is None:
        found = _entry(record, name) if isinstance(record, Mapping) else None
    else:
        further = getattr(record, "fields", None) or getattr(record, "attributes", None)
        found = _entry(further, name) if further else None
        if found is None and (own := own_fields.get(squeeze(name))):
            found = getattr(record, own)
    return None if found == "" else found


def _entry(entries: Mapping[str, object], name: str) -> object:
    if name in entries:
        return entries[name]
    key = _keys(tuple(entries)).get(squeeze(name))
    return None if key is None else entries[key]


@lru_cache(maxsize=1024)
def _keys(names: tuple[str, ...]) -> Mapping[str, str]:
    """The first name of each spelling. It is cached: records of one kind mostly have the same names."""
    return {squeeze(name): name for name in reversed(names)}


_OWN_FIELDS: Mapping[type, Mapping[str, str]] = {
    kind: {squeeze(own.name): own.name for own in fields(kind) if own.init}
    for kind in (Account, Subscription, Charge, UsageRecord)
}


def model_configuration(charge: Charge, key: str) -> str | None:
    """An entry of the charge's `chargeModelConfiguration`: an object, or the catalogue's list of keys and values."""
    configuration = field_of(charge, "chargeModelConfiguration")
    if not isinstance(configuration, Mapping):
        return None
    items = field_of(configuration, "configurationItem")
    if isinstance(items, Sequence):
        pairs = [(field_of(item, "key"), field_of(item, "value")) for item in items]
        found = next((value for name, value in pairs if isinstance(name, str) and squeeze(name) == squeeze(key)), None)
    else:
        found = field_of(configuration, key)
    return None if found is None else str(found)


def is_number(value: object) -> bool:
    """Whether the value is a finite number, or a text that writes one in plain digits."""
    if isinstance(value, str):
        return _NUMBER.fullmatch(value.strip()) is not None
    return (isinstance(value, int) and not isinstance(value, bool)) or (
        isinstance(value, Decimal) and value.is_finite()
    )


def decimal_of(value: object, field: str) -> Decimal:
    """The number that a value holds. Raises RatingError BAD_NUMBER, naming `field`, when the value is not a number."""
    if not is_number(value):
        raise RatingError("BAD_NUMBER", f"{field} is {value!r}, which is not a number.", field)
    return value if isinstance(value, Decimal) else Decimal(str(value).strip())


def decimal_at(record: object, name: str, path: str = "") -> Decimal | None:
    """The number in a field of a record, None when blank. Raises RatingError BAD_NUMBER naming `path` and the field."""
    value = field_of(record, name)
    return None if value is None else decimal_of(value, f"{path}{name}")


def date_of(value: object, field: str) -> date:
    """The day that a value holds. Raises RatingError BAD_DATE, naming `field`, when the value is not a date."""
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError as error:
        raise RatingError("BAD_DATE", f"{field} is {value!r}, which is not a date.", field) from error


def mappings_at(record: object, name: str) -> Sequence[Mapping[str, object]]:
    """The list of objects in a field of a record, empty when blank. Raises RatingError BAD_VALUE for anything else."""
    found = field_of(record, name)
    if found is None:
        return ()
    if (
        isinstance(found, str)
        or not isinstance(found, Sequence)
        or not all(isinstance(item, Mapping) for item in found)
    ):
        raise RatingError("BAD_VALUE", f"{name} must be a list of objects.", name)
    return found
