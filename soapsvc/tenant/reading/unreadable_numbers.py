"""Find the number in a JSON text that is too large to read, with its place, which the decoder does not give."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation

import msgspec

from soapsvc.tenant.reading.problems import FieldProblem

_LONGEST_QUOTE = 40


class _Number(str):
    """A number, as it is written, that cannot be read."""

    __slots__ = ()


def beyond(raw: msgspec.Raw | bytes) -> FieldProblem:
    """The problem of the first number in `raw` that cannot be read. The text after it need not be JSON.

    `raw` must not be nested too deeply.
    """
    try:
        document = json.loads(bytes(raw), parse_int=_unless_readable, parse_float=_unless_readable)
        found = next(_numbers(document, ""), None)
    except UnicodeDecodeError:
        return FieldProblem("", "is not UTF-8 text")
    except ValueError as error:
        return FieldProblem("", f"is not JSON ({error})")
    if found is None:
        return FieldProblem("", "has a number that is too large or too small for an amount or quantity")
    path, number = found
    shown = number if len(number) <= _LONGEST_QUOTE else f"{number[:_LONGEST_QUOTE]}…"
    return FieldProblem(path, f"is {shown}, too large or too small for an amount or quantity")


def _numbers(value: object, path: str) -> Iterator[tuple[str, _Number]]:
    """The unreadable numbers with their paths. For the other numbers of a text, no object is made."""
    if isinstance(value, _Number):
        yield path, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if isinstance(inner, _HOLDERS):
                yield from _numbers(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            if isinstance(inner, _HOLDERS):
                yield from _numbers(inner, f"{path}[{index}]")


_HOLDERS = (_Number, dict, list)


def _unless_readable(number: str) -> _Number | None:
    try:
        Decimal(number)
    except InvalidOperation:
        return _Number(number)
    too_long = number.lstrip("-").isdigit() and len(number) > sys.int_info.default_max_str_digits
    return _Number(number) if too_long else None
