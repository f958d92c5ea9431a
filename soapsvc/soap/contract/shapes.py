"""The shapes of the contract: sets of versions with one WSDL, and the types and dates of each.

Versions differ in the fields that exist (`since` in `complex_types`) and in the one type `DATE_LIKE`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from soapsvc.soap.contract.complex_types import BY_NAME, DATE, DATE_LIKE, DATE_TIME, FIRST, LAST, TYPES, Field, Version
from soapsvc.zoql import catalogue

_LONGEST = len("153.00")
_VERSION = re.compile(r"([1-9]\d{0,2})\.(\d{1,2})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Shape:
    """The contract as it is from version `since` on, until the next shape."""

    since: Version

    @property
    def name(self) -> str:
        """The first version, as it is spelt in URLs and file names."""
        return version_text(self.since)

    @property
    def dates_are_dates(self) -> bool:
        """Whether date-like fields are `date`; else they are `dateTime`."""
        return self.since >= catalogue.DATES_SINCE

    def date_text(self, day: str) -> str:
        """A date-like value of an ISO day: without an offset, so that the day is the same in every client's zone."""
        return day if self.dates_are_dates else f"{day}T00:00:00"

    def fields(self, complex_type: str) -> tuple[Field, ...]:
        """The type's own fields in this shape, in the order of the WSDL."""
        return _fields(self.since, complex_type)

    def names(self, complex_type: str) -> frozenset[str]:
        """The names of the type's own fields in this shape."""
        return _names(self.since, complex_type)

    def primitive(self, field_type: str) -> str:
        """The schema's name for a type that is not complex."""
        if field_type == DATE_LIKE:
            return DATE if self.dates_are_dates else DATE_TIME
        return field_type


@cache
def _fields(since: Version, complex_type: str) -> tuple[Field, ...]:
    return tuple(field for field in BY_NAME[complex_type].fields if field.since <= since < field.until)


@cache
def _names(since: Version, complex_type: str) -> frozenset[str]:
    return frozenset(field.name for field in _fields(since, complex_type))


SHAPES = tuple(
    Shape(since)
    for since in sorted(
        {catalogue.DATES_SINCE, *(field.since for complex_type in TYPES for field in complex_type.fields)}
    )
    # A field that ends is replaced by one that begins.
)
"""Every shape, oldest first; each has its own WSDL."""


def version_text(version: Version) -> str:
    """The version as it is spelt in URLs."""
    return f"{version[0]}.{version[1]}"


def parse_version(text: str) -> Version | None:
    """The version that `text` writes, or None where the contract has no such version."""
    return _parsed_version(text) if len(text) <= _LONGEST else None


@lru_cache(maxsize=1024)
def _parsed_version(text: str) -> Version | None:
    match = _VERSION.fullmatch(text)
    if match is None:
        return None
    version = int(match[1]), int(match[2])
    return version if FIRST <= version <= LAST else None


@lru_cache(maxsize=1024)
def shape_of(version: Version) -> Shape:
    """The shape of a version between FIRST and LAST."""
    return max((shape for shape in SHAPES if shape.since <= version), key=lambda shape: shape.since)
