"""What a price formula reads: records and tables that stay, and the moment that changes from record to record."""

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
    """What formulas look up.

    `objects` holds account, subscription and charge by lower-case name: records of the model, or mappings by v1 field.
    `tables` holds custom objects by their name, each a list of mappings.
    """

    objects: Mapping[str, object] = field(default_factory=dict)
    tables: Mapping[str, Sequence[Mapping[str, object]]] = field(default_factory=dict)


@dataclass(slots=True)
class Moment:
    """What changes from one evaluation to the next: the usage record, if any, quantities, and the day that is rated.

    `running` are the units of the period's records before this one.
    """

    quantity: Decimal = ZERO
    usage: Any = None
    units: Fraction | None = None
    running: Fraction = Fraction(0)
    day: date | None = None
