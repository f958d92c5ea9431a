"""Renders the package's templates: every value is escaped, and an unknown name is an error."""

from __future__ import annotations

from collections.abc import Mapping

from jinja2 import Environment, PackageLoader, StrictUndefined

from soapsvc.web.once import once
from soapsvc.wire import decimal_text


@once
def _environment() -> Environment:
    found = Environment(
        loader=PackageLoader("soapsvc.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["plain"] = decimal_text
    return found


def render(template: str, values: Mapping[str, object]) -> str:
    """The text of a page."""
    return _environment().get_template(template).render(values)
