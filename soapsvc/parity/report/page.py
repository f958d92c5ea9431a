"""A verification as one self-contained HTML page: no script, no other file, no address. It draws its charts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from soapsvc.parity.report.document import verdict_document
from soapsvc.parity.verification import Verdict, by_cause

_TEMPLATE = Path(__file__).parent / "page.html"
_MOST_SHOWN = 200
_WIDE = 420
_TALL = 26


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a chart: its label, its length in the drawing, and the text after it."""

    label: str
    length: float
    told: str
    top: int


def page(verdict: Verdict, title: str) -> str:
    """The page. Every text in it is escaped."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(_TEMPLATE.read_text(encoding="utf-8"))
    return template.render(
        title=title,
        verdict=verdict_document(verdict),
        shares=_shares(verdict),
        causes=_bars([(cause.value, count, f"{count:,}") for cause, count in by_cause(verdict.groups)]),
        most=_MOST_SHOWN,
        wide=_WIDE,
        tall=_TALL,
    )


def _shares(verdict: Verdict) -> list[Bar]:
    """The agreeing share by account, item and money; a full bar is 100 %."""
    shares = [
        (name, rate.agreeing / rate.of if rate.of else 1.0, str(rate))
        for name, rate in (("accounts", verdict.accounts), ("previews", verdict.agreeing), ("items", verdict.items))
    ]
    shares += [(f"money in {each.currency}", each.share, f"{each.share:.4%}") for each in verdict.sums]
    return [Bar(name, share * _WIDE, told, place * _TALL) for place, (name, share, told) in enumerate(shares)]


def _bars(counts: Sequence[tuple[str, int, str]]) -> list[Bar]:
    most: Any = max((count for _, count, _ in counts), default=1)
    return [Bar(name, count / most * _WIDE, told, place * _TALL) for place, (name, count, told) in enumerate(counts)]
