"""Values of options that several commands read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime

import click

from soapsvc.cli.options.words import CHARGE_TYPES


class Day(click.ParamType[date]):
    """A calendar date."""

    name = "date"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the date in `value`."""
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is not a date such as 2024-01-31", param, ctx)


class Instant(click.ParamType[datetime]):
    """An instant with an offset; one without, or a date alone, is in UTC."""

    name = "instant"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return the instant in `value`."""
        try:
            found = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is not an instant such as 2024-01-31T09:00:00Z", param, ctx)
        return found if found.utcoffset() is not None else found.replace(tzinfo=UTC)


class ChargeTypes(click.ParamType[frozenset[str]]):
    """Charge types, separated by commas."""

    name = "types"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> frozenset[str]:
        """Return the set of charge types that `value` lists."""
        known = {each.lower(): each for each in CHARGE_TYPES}
        named = {part for name in str(value).split(",") if (part := name.strip())}
        if unknown := [name for name in sorted(named) if name.lower() not in known]:
            self.fail(
                f"{', '.join(unknown)} is not a charge type; charge types are {', '.join(CHARGE_TYPES)}", param, ctx
            )
        return frozenset(known[name.lower()] for name in named)


def choice(values: Iterable[str]) -> click.Choice[str]:
    """One of these words, in any case; every option that takes one of a few words is of this type."""
    return click.Choice([str(value) for value in values], case_sensitive=False)
