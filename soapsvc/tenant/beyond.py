"""Finds the number in a JSON text that is beyond what can be read: with its place, which the reader did not tell."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation

import msgspec

from soapsvc.tenant.problems import FieldProblem

_LONGEST_QUOTE = 40


class _Number(str):
    """A number as it is written."""

    __slots__ = ()


def beyond(raw: msgspec.Raw | bytes) -> FieldProblem:
    """The problem of the first number in `raw` that is no number of ours; `raw` is JSON but for that."""
    for path, number in _numbers(json.loads(bytes(raw), parse_int=_Number, parse_float=_Number), ""):
        if not _can_be_read(number):
            shown = number if len(number) <= _LONGEST_QUOTE else f"{number[:_LONGEST_QUOTE]}…"
            return FieldProblem(path, f"is {shown}, beyond any amount or quantity")
    return FieldProblem("", "has a number that is beyond any amount or quantity")


def _numbers(value: object, path: str) -> Iterator[tuple[str, _Number]]:
    if isinstance(value, _Number):
        yield path, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _numbers(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _numbers(inner, f"{path}[{index}]")


def _can_be_read(number: _Number) -> bool:
    try:
        Decimal(number)
    except InvalidOperation:
        return False
    return not number.lstrip("-").isdigit() or len(number) <= sys.int_info.default_max_str_digits
