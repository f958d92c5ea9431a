"""What a time zone decides in an account's data: on which day usage falls that has an offset of its own."""

from __future__ import annotations

from datetime import datetime

from soapsvc.parity.recording import AccountData
from soapsvc.tenant.formats import usage_facts


def moments_of(data: AccountData) -> tuple[datetime, ...]:
    """The instants of usage, each once; starts and ends without an offset are of any zone and not among them."""
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
