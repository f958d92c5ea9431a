"""Bars, drawn by pygal for a page.

pygal uses an inline style sheet, and inline script for its tooltips. The page's policy forbids both, so both are
removed. Keyboard and pointer can reach each bar instead: while a bar has the focus or the pointer, its text is shown in
a line above the bars.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pygal
from lxml import etree
from markupsafe import Markup

# pygal adds a finder for maps to Python's import system, of a kind that Python 3.12 removed: each later import would
# warn about it.
sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__module__ != "pygal"]

_WIDTH, _HEIGHT = 960, 320
_TOP = 30
_MOST_UPRIGHT = 8
_NOT_OURS = ("style", "script", "defs", "title", "desc")
_KEPT_CLASSES = frozenset({"background", "bar", "bars", "guide", "guides", "line", "axis", "major", "x", "y", "graph"})


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, or one part of a stacked bar: its height, and the text that describes it."""

    value: Decimal
    text: str


def bars(
    label: str, columns: Sequence[str], stacks: Mapping[str, Sequence[Bar]], *, axis: Any, whole: float | None = None
) -> Markup:
    """An SVG element with a bar for each column, stacked from the parts in `stacks`; `axis` writes the axis numbers.

    The axis ends at the highest bar, or at `whole`, such as 100 for percents. Floating point is used only for heights
    on the screen.
    """
    is_crowded = len(columns) > _MOST_UPRIGHT
    chart = pygal.StackedBar(
        js=(),
        width=_WIDTH,
        height=_HEIGHT,
        margin_top=_TOP,
        show_legend=False,
        x_label_rotation=30 * is_crowded,
        range=None if whole is None else (0, whole),
    )
    chart.value_formatter = axis
    chart.x_labels = columns
    for name, parts in stacks.items():
        chart.add(name, [{"value": float(part.value), "label": part.text} for part in parts])
    root = chart.render_tree()
    for element in list(root.iter(etree.Comment)):
        element.getparent().remove(element)
    _reachable(root)
    _plain(root)
    root.attrib.clear()
    root.set("viewBox", f"0 0 {_WIDTH} {_HEIGHT}")
    root.set("class", f"chart bars-chart{' crowded' if is_crowded else ''}")
    root.set("role", "group")
    root.set("aria-label", label)
    return Markup(etree.tostring(root, encoding="unicode"))  # noqa: S704 - lxml escapes what it writes


def _reachable(root: Any) -> None:
    """Make each bar reachable by the tab key, and give it its text as a name and as a line that is shown."""
    for bar in root.iter("{*}g"):
        if bar.get("class") != "bar":
            continue
        text = next((each.text or "" for each in bar.iter("{*}desc") if each.get("class") == "label"), "")
        shape = next(bar.iter("{*}rect"), None)
        for child in list(bar):
            bar.remove(child)
        if shape is None or not float(shape.get("height", "0")):
            continue
        bar.set("tabindex", "0")
        bar.set("role", "img")
        bar.set("aria-label", text)
        shape.attrib.update({"class": "shape"})
        bar.append(shape)
        told = etree.SubElement(bar, f"{{{root.nsmap[None]}}}text")
        told.set("class", "told")
        told.set("x", "0")
        told.set("y", "-12")
        told.text = text


def _plain(root: Any) -> None:
    """Remove parts that need inline style or script, and pygal's notes about itself."""
    for element in list(root.iter()):
        name = etree.QName(element).localname if isinstance(element.tag, str) else ""
        empty = name == "g" and element.get("class") in {
            "titles",
            "plot overlay",
            "plot text-overlay",
            "plot tooltip-overlay",
        }
        if name in _NOT_OURS or empty:
            parent = element.getparent()
            if parent is not None:
                parent.remove(element)
            continue
        for attribute in ("style", "id"):
            element.attrib.pop(attribute, None)
