"""The inputs of a price formula: constant records and tables, and the moment, which changes with each usage record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from soapsvc.engine.account import ZERO


@dataclass(frozen=True, slots=True)
class FormulaContext:
    """The records and custom objects that formulas can look up.

    `objects` holds account, subscription and charge by lower-case name: records of the model, or mappings by v1 field.
    `tables` holds custom objects by their name, each a list of mappings.
    """

    objects: Mapping[str, object] = field(default_factory=dict)
    tables: Mapping[str, Sequence[Mapping[str, object]]] = field(default_factory=dict)


@dataclass(slots=True)
class Moment:
    """The changing inputs of one evaluation: the usage record, if any, quantities, and the rated day.

    `running` are the units of the period's records before this one.
    """

    quantity: Decimal = ZERO
    usage: Any = None
    units: Fraction | None = None
    running: Fraction = Fraction(0)
    day: date | None = None
