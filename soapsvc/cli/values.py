"""Values of options that several commands read."""

from __future__ import annotations

from datetime import date

import click

from soapsvc.engine.enums import ChargeType


class Day(click.ParamType[date]):
    """A calendar date."""

    name = "date"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the date that `value` spells."""
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is not a date such as 2024-01-31", param, ctx)


class ChargeTypes(click.ParamType[frozenset[str]]):
    """Charge types, separated by commas."""

    name = "types"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> frozenset[str]:
        """Return the set of charge types that `value` lists."""
        types = frozenset(part for name in str(value).split(",") if (part := name.strip()))
        if unknown := types.difference(ChargeType):
            known = ", ".join(ChargeType)
            self.fail(f"{', '.join(sorted(unknown))} is no charge type; they are {known}", param, ctx)
        return types
