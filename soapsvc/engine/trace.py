"""The explanation of an amount: a structured trace per item, built only for requests with `explain`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a computation: the rule's id, its source (a document's title or an observed rule), and its sum.

    `inputs` are pairs of name and printed value, in the order of the formula. `value` is exact and unrounded.
    """

    rule: str
    source: str
    formula: str
    value: Fraction
    inputs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Trace:
    """All steps of one amount: `unrounded` is exact, `rounded` is what the item shows before a tax split."""

    steps: tuple[Step, ...]
    unrounded: Fraction
    rounded: Decimal
    rounding: str

    def lines(self) -> Iterator[str]:
        """The trace as text, one line per step and one for the rounding."""
        for step in self.steps:
            inputs = ", ".join(f"{name}={value}" for name, value in step.inputs)
            known = f"  [{inputs}]" if inputs else ""
            yield f"{step.rule}: {step.formula} = {decimal_text(step.value)}{known}  ({step.source})"
        yield f"rounding {self.rounding}: {decimal_text(self.unrounded)} -> {self.rounded:f}"


def decimal_text(value: Fraction, digits: int = 12) -> str:
    """An exact number for people: a plain decimal; a longer one is cut after `digits` places, with an ellipsis."""
    scaled, rest = divmod(abs(value.numerator) * 10**digits, value.denominator)
    whole, part = divmod(scaled, 10**digits)
    text = f"{whole}.{part:0{digits}d}".rstrip("0").rstrip(".")
    return f"{'-' if value < 0 else ''}{text}{'…' if rest else ''}"
