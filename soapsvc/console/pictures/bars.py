"""Bars, drawn by pygal and made part of a page.

pygal styles with an inline style sheet and moves with inline script, which the page's policy forbids, and its tooltips
need that script. So both are taken out, and each bar becomes what keyboard and pointer can reach: it has the text that
it stands for, shown in a line above the bars while it has the focus or the pointer.
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

# pygal adds a finder for maps to Python's import system, of a kind that Python 3.12 no longer has: each import after it
# would be met with a warning.
sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__module__ != "pygal"]

_WIDTH, _HEIGHT = 960, 320
_TOP = 30
_MOST_UPRIGHT = 8
_NOT_OURS = ("style", "script", "defs", "title", "desc")
_KEPT_CLASSES = frozenset({"background", "bar", "bars", "guide", "guides", "line", "axis", "major", "x", "y", "graph"})


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, or one part of it: its height, and the text that it stands for."""

    value: Decimal
    text: str


def bars(
    label: str, columns: Sequence[str], stacks: Mapping[str, Sequence[Bar]], *, axis: Any, whole: float | None = None
) -> Markup:
    """An SVG element with a bar for each column, stacked of what `stacks` names; `axis` writes the numbers beside it.

    The axis ends where the highest bar does, or at the `whole`, such as 100 of percents.
    Heights on the screen are all that floating point is used for.
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
    """Give each bar a place in the order of the tab key, its text as its name, and a line that shows it."""
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
