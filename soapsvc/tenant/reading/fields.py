"""Reads single values of the vendor's JSON, exactly, and maps v1 objects to the engine's dataclasses.

Numbers come as JSON numbers or strings and never pass through a float; booleans also as "true" and "false"; dates
also as dateTimes, cut to the date. Absent, null and empty string mean the same: the dataclass's default.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, fields
from datetime import date
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from types import UnionType
from typing import Any, Generic, TypeVar, get_args, get_type_hints

import msgspec

from soapsvc.tenant.reading.nesting import is_too_deep
from soapsvc.tenant.reading.problems import FieldProblem
from soapsvc.tenant.reading.unreadable_numbers import beyond

Reader = Callable[[object], Any]
Document = Mapping[str, object]
T = TypeVar("T")
S = TypeVar("S")

_JSON = msgspec.json.Decoder(float_hook=Decimal)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
_DATE = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s?(?:Z|[+-]\d{2}:?\d{2})?|Z|[+-]\d{2}:\d{2})?"
)
_UNFIT = re.compile("[\x00\ud800-\udfff]")
_LARGEST_EXPONENT = 40
_LARGEST_WHOLE = 2**31 - 1
_LONGEST_QUOTE = 40


def parse_json(raw: msgspec.Raw | bytes) -> object:
    """The value of a JSON text; fractional numbers are exact Decimals.

    Raises FieldProblem for anything that is not JSON in UTF-8 or is nested too deeply, and for a number with thousands
    of digits or with an exponent that no Decimal has, wherever in the text it is.
    """
    if is_too_deep(bytes(raw)):
        raise FieldProblem("", "is nested too deeply")
    try:
        return _JSON.decode(raw)
    except UnicodeDecodeError as error:
        raise FieldProblem("", "is not UTF-8 text") from error
    except (msgspec.ValidationError, ArithmeticError) as error:
        raise beyond(raw) from error
    except msgspec.DecodeError as error:
        raise FieldProblem("", f"is not JSON ({error})") from error


def text(value: object) -> str:
    """A string, unchanged. Characters that databases or XML cannot hold are refused."""
    if not isinstance(value, str):
        raise FieldProblem("", f"is {kind(value)}, not a text")
    if _UNFIT.search(value):
        raise FieldProblem("", "contains a NUL or half a surrogate pair")
    return value


def number(value: object) -> Decimal:
    """An exact decimal from a JSON number or a string; infinities, NaN and absurd exponents are refused."""
    if isinstance(value, str) and _NUMBER.fullmatch(stripped := value.strip()):
        value = Decimal(stripped)
    elif isinstance(value, int) and not isinstance(value, bool):
        value = Decimal(value)
    if not isinstance(value, Decimal) or not value.is_finite():
        raise FieldProblem("", f"is {kind(value)}, not a number")
    if value.adjusted() > _LARGEST_EXPONENT or int(value.as_tuple().exponent) < -_LARGEST_EXPONENT:
        raise FieldProblem("", f"is {kind(value)}, too large or too small for an amount or quantity")
    return value


def whole(value: object) -> int:
    """A whole number of at most 32 bits, as columns of databases have; 3, "3" and 3.0 are the same."""
    exact = number(value)
    if exact != exact.to_integral_value():
        raise FieldProblem("", f"is {exact}, not a whole number")
    if abs(exact) > _LARGEST_WHOLE:
        raise FieldProblem("", f"is {kind(value)}, too large for a count")
    return int(exact)


def flag(value: object) -> bool:
    """A boolean, also as a string."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in {"true", "false"}:
        return value.strip().lower() == "true"
    raise FieldProblem("", f"is {kind(value)}, not true or false")


def day(value: object) -> date:
    """A calendar date; of a dateTime the date as written, whatever its offset."""
    if isinstance(value, str) and (match := _DATE.fullmatch(value.strip())):
        try:
            return date.fromisoformat(match[1])
        except ValueError as error:
            raise FieldProblem("", f"is {value!r}, which is not a date of the calendar") from error
    raise FieldProblem("", f"is {kind(value)}, not a date such as 2024-01-31")


def mapping(value: object) -> Document:
    """A JSON object."""
    if isinstance(value, Mapping):
        return value
    raise FieldProblem("", f"is {kind(value)}, not an object")


def kind(value: object) -> str:
    """The type of a value, in words for a message."""
    match value:
        case None:
            return "null"
        case bool() | int() | Decimal():
            return _short(f"{value}".lower())
        case str():
            return repr(_short(value))
        case Mapping():
            return "an object"
        case _:
            return "a list"


def _short(written: str) -> str:
    return written if len(written) <= _LONGEST_QUOTE else f"{written[:_LONGEST_QUOTE]}…"


def each(read: Callable[[object], T]) -> Callable[[object], tuple[T, ...]]:
    """A reader of lists, from a reader of elements."""

    def read_all(value: object) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise FieldProblem("", f"is {kind(value)}, not a list")
        return tuple(at(f"[{index}]", read, element) for index, element in enumerate(value))

    return read_all


def at(path: str, read: Callable[[S], T], value: S) -> T:
    """Read a value; a problem gets its place."""
    try:
        return read(value)
    except FieldProblem as problem:
        raise problem.under(path) from problem.__cause__


def optional(document: Document, key: str, read: Callable[[object], T]) -> T | None:
    """Read `key` of a document; None where it is absent, null or an empty string."""
    value = document.get(key)
    return None if value is None or value == "" else at(key, read, value)


def first(document: Document, *keys: str) -> str | None:
    """The text under the first of `keys` that holds one."""
    for key in keys:
        if (value := optional(document, key, text)) is not None:
            return value
    return None


@dataclass(frozen=True, slots=True)
class AccountRef:
    """How a record names an account: by `<field>Id`, by `<field>Number`, by both, or not at all."""

    id: str | None = None
    number: str | None = None
    field: str = "account"

    def __bool__(self) -> bool:
        return self.id is not None or self.number is not None


def account_ref(document: Document, field: str = "account") -> AccountRef:
    """The account that a document names under `<field>Id` and `<field>Number`."""
    return AccountRef(first(document, f"{field}Id"), first(document, f"{field}Number"), field)


def derived_id(*parts: str) -> str:
    """A stable id for an object without one: 32 hex digits, the same for the same `parts`.

    The vendor's ids have their creation time in digits 17 to 28; in derived ids these are zero, so they give no order.
    """
    digest = sha256("\x1f".join(parts).encode()).hexdigest()
    return f"{digest[:16]}{'0' * 12}{digest[16:20]}"


@lru_cache(maxsize=1024)
def camel(name: str) -> str:
    """The v1 spelling of a snake_case field name."""
    head, *tail = name.split("_")
    return head + "".join(word.capitalize() for word in tail)


_READERS: Mapping[object, Reader] = {str: text, Decimal: number, int: whole, bool: flag, date: day}


class Shape(Generic[T]):
    """The reader of a v1 object into a dataclass: one reader for each field, chosen by the field's type.

    `spellings` maps further v1 keys to field names; `readers` gives readers for fields whose types are no plain values.
    """

    def __init__(
        self,
        target: type[T],
        spellings: Mapping[str, str] | None = None,
        readers: Mapping[str, Reader] | None = None,
    ) -> None:
        self._target = target
        hints = get_type_hints(target)
        by_field = {name: reader for name, hint in hints.items() if (reader := _reader_of(hint)) is not None}
        by_field.update(readers or {})
        self._keys: dict[str, tuple[str, Reader]] = {camel(name): (name, read) for name, read in by_field.items()}
        for key, name in (spellings or {}).items():
            self._keys[key] = (name, by_field[name])
        self._spelling = {name: key for key, (name, _) in reversed(self._keys.items())}
        self._required = tuple(f.name for f in fields(target) if _is_required(f))  # type: ignore[arg-type]

    def read(self, document: Document, known: Mapping[str, object] | None = None) -> T:
        """The dataclass of a v1 object, without unknown keys; `known` supplies fields that the object may lack."""
        values, _ = self.split(document)
        return self.build({**(known or {}), **values})

    def split(self, document: Document) -> tuple[dict[str, object], dict[str, object]]:
        """The values of the fields in `document`, and the keys that are not fields; without nulls and empty strings."""
        values: dict[str, object] = {}
        others: dict[str, object] = {}
        for key, value in document.items():
            if value is None or value == "":
                continue
            target = self._keys.get(key)
            if target is None:
                others[key] = value
                continue
            try:
                values[target[0]] = target[1](value)
            except FieldProblem as problem:
                raise problem.under(key) from problem.__cause__
        return values, others

    def build(self, values: Mapping[str, object]) -> T:
        """The dataclass with these field values; raises FieldProblem where a required one is missing."""
        for name in self._required:
            if name not in values:
                raise FieldProblem(self._spelling.get(name, camel(name)), "is missing")
        return self._target(**values)


def _reader_of(hint: object) -> Reader | None:
    if isinstance(hint, UnionType):
        (hint, *others) = (option for option in get_args(hint) if option is not type(None))
        if others:
            return None
    return _READERS.get(hint)


def _is_required(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING
