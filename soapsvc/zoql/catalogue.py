"""The fields of objects, in the order of the published contract, and the source of each value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo

from soapsvc.zoql.types import STRING, Value, given, read

Version = tuple[int, int]
"""A version of the contract: `61.0` as (61, 0)."""

FIRST: Version = (61, 0)
LAST: Version = (153, 0)
DATES_SINCE: Version = (69, 0)
"""Calendar days are dates from this version on; before it, they are midnights."""
NEVER: Version = (999, 0)

Facts = Mapping[str, object]
Record = Mapping[str, Facts]
"""The source of one record: the parts of documents that it is read from, by name."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an object, in the versions from `since` on and before `until`.

    `source` names the part of the record and the keys of the value (`charge.price`; `usage.status|rbeStatus` is the
    first of the two that is given). A field without a source is in no export. `made` converts that value to the SOAP
    API's spelling. `found`: `terms` has the value, so an equality is looked up; otherwise records are read one by one.
    A field that cannot be `queried` has a type that comparisons and lists of fields cannot contain.
    """

    name: str
    type: str = STRING
    source: str = ""
    made: Callable[[object], object] | None = None
    found: bool = False
    since: Version = FIRST
    until: Version = NEVER
    queried: bool = True

    def in_version(self, version: Version) -> bool:
        """Whether the contract has the field in that version."""
        return self.since <= version < self.until

    def reader(self, zone: tzinfo) -> Callable[[Record], Value | None]:
        """A function that reads the field's value in a record; dates without an offset are in that zone."""
        part, _, keys = self.source.partition(".")
        names, kind, made = tuple(keys.split("|")), self.type, self.made

        def value(record: Record) -> Value | None:
            raw = given(record[part], names)
            return read(kind, made(raw) if made is not None and raw is not None else raw, zone)

        return value if part else lambda _record: None


@dataclass(frozen=True, slots=True)
class ZObject:
    """An object that can be queried. Its first field is its Id, which every object has."""

    name: str
    fields: tuple[Field, ...]
    note: str = ""

    def own_fields(self, version: Version) -> tuple[Field, ...]:
        """The fields of the contract's type, in its order: all but the Id, which belongs to the base type."""
        return tuple(field for field in self.fields[1:] if field.in_version(version))

    def field(self, name: str, version: Version) -> Field | None:
        """The field of that name, in any case, that can be queried in that version."""
        wanted = name.lower()
        for field in self.fields:
            if field.name.lower() == wanted and field.in_version(version) and field.queried:
                return field
        return None
