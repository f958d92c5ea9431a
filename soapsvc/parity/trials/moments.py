"""The instants in an account's data whose day depends on the time zone: usage with an offset of its own."""

from __future__ import annotations

from datetime import datetime

from soapsvc.parity.recording import AccountData
from soapsvc.tenant.formats import usage_facts


def moments_of(data: AccountData) -> tuple[datetime, ...]:
    """The instants of usage, each once; times without an offset are the same in every zone and left out."""
    found = set()
    for document in data.usage:
        facts = usage_facts(document)
        for name in ("start", "end"):
            if (moment := _moment(facts.get(name))) is not None:
                found.add(moment)
    return tuple(sorted(found))


def _moment(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
