"""Read the fields of a request, from the body and (extensions) from the query, and collect all problems."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from difflib import get_close_matches
from typing import TypeVar

from soapsvc.rest.http.errors import Category, Reason, Refused
from soapsvc.tenant.reading import FieldProblem, Reader, each, kind, optional, text, whole

T = TypeVar("T")

_MOST_UNKNOWN = 20
_LONGEST_NAME = 64


class Fields:
    """The fields of one request. Absent, null and empty mean the same; the body wins over the query.

    `check` raises Refused with every problem.
    """

    def __init__(self, document: Mapping[str, object], query: Mapping[str, Sequence[str]] | None = None) -> None:
        self._query = {name: ",".join(values) for name, values in (query or {}).items()}
        self._document = document
        self._known: set[str] = set()
        self._reasons: list[Reason] = []

    def get(self, name: str, read: Callable[[object], T]) -> T | None:
        """The value of a field; None where it is absent or wrong."""
        self._known.add(name)
        values = [self._read(source, name, read) for source in (self._document, self._query)]
        return next((value for value in values if value is not None), None)

    def _read(self, source: Mapping[str, object], name: str, read: Callable[[object], T]) -> T | None:
        try:
            return optional(source, name, read)
        except FieldProblem as problem:
            category = Category.QUERY_PARAMETER if source is self._query else Category.INVALID_VALUE
            self.refuse(name, f"'{problem.path}' {problem.reason}.", category)
            return None

    def required(self, name: str, read: Callable[[object], T]) -> T | None:
        """The value of a field that must be there; None where it is absent or wrong."""
        self.require(name)
        return self.get(name, read)

    def require(self, name: str) -> None:
        """Add a problem if a field is missing."""
        if not self.has(name):
            self.refuse(name, f"'{name}' is required.", Category.MISSING_FIELD)

    def has(self, name: str) -> bool:
        """Whether a field has a value, valid or not."""
        return self._document.get(name) not in (None, "") or bool(self._query.get(name))

    def refuse(self, name: str, message: str, category: Category = Category.INVALID_VALUE) -> None:
        """Add a problem about a field."""
        self._reasons.append(Reason(category, message, name))

    def unknown(self) -> list[Reason]:
        """A reason for each unknown field of the body, with the nearest known name.

        Only the first unknown fields are listed, because the search for near names takes time.
        """
        strange = [name for name in self._document if name not in self._known]
        found = [_unknown(name, self._known) for name in strange[:_MOST_UNKNOWN]]
        if (more := len(strange) - len(found)) > 0:
            found.append(Reason(Category.UNKNOWN_FIELD, f"{more} more fields are not known."))
        return found

    def check(self, *, strict: bool) -> None:
        """Raise Refused if there is any problem; with `strict`, unknown fields count too."""
        reasons = [*self._reasons, *(self.unknown() if strict else ())]
        if reasons:
            raise Refused(*reasons)


def _unknown(name: str, known: Collection[str]) -> Reason:
    nearest = get_close_matches(name, known, n=1) if len(name) <= _LONGEST_NAME else []
    meant = f"; the nearest known name is '{nearest[0]}'" if nearest else ""
    shown = name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…"
    return Reason(Category.UNKNOWN_FIELD, f"'{shown}' is not known{meant}.", shown)


def one_of(values: Mapping[str, T]) -> Callable[[object], T]:
    """A reader of one of the names in `values`; its refusal has the vendor's words."""

    def read(value: object) -> T:
        name = text(value)
        if name not in values:
            raise FieldProblem("", f"value should be one of: {', '.join(values)}")
        return values[name]

    return read


def several_of(values: Mapping[str, T]) -> Callable[[object], frozenset[T]]:
    """A reader of any of the names in `values`, with commas between them, or as a list."""
    read = one_of(values)
    return lambda value: frozenset(read(name) for name in names(value))


def names(value: object) -> list[str]:
    """Texts with commas between them, or as a list; empty ones left out."""
    parts = each(text)(value) if isinstance(value, list) else text(value).split(",")
    return [part.strip() for part in parts if part.strip()]


def at_most(most: int, read: Callable[[object], Sequence[T]]) -> Callable[[object], Sequence[T]]:
    """The reader `read`, with a limit on the number of entries."""

    def read_some(value: object) -> Sequence[T]:
        found = read(value)
        if len(found) > most:
            raise FieldProblem("", f"has {len(found)} entries; at most {most} are allowed")
        return found

    return read_some


def text_up_to(length: int) -> Reader:
    """A reader of texts of at most `length` characters."""

    def read(value: object) -> str:
        found = text(value)
        if len(found) > length:
            raise FieldProblem("", f"has more than {length} characters")
        return found

    return read


def count_up_to(most: int) -> Reader:
    """A reader of whole numbers from 1 to `most`."""

    def read(value: object) -> int:
        count = whole(value)
        if not 1 <= count <= most:
            raise FieldProblem("", f"is {kind(value)}; it must be 1 to {most}")
        return count

    return read
