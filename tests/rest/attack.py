"""How Schemathesis attacks the REST surfaces: dates within the horizon, and accounts that there are."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import schemathesis
from hypothesis import strategies as st

ACCOUNTS = ("A00001001", "A00001004", "A00001009", "A00001010", "A00001012", "A00000014")
_SECONDS = 10 * 365 * 24 * 3600
_AS_OF = st.integers(0, _SECONDS).map(lambda passed: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=passed))

schemathesis.openapi.format("date", st.dates(date(2000, 1, 1), date(2044, 12, 31)).map(str))
schemathesis.openapi.format("date-time", _AS_OF.map(datetime.isoformat))


@schemathesis.hook
def map_case(_context: schemathesis.HookContext, case: schemathesis.Case) -> schemathesis.Case:
    """Two of three valid keys become those of an account of the demo tenant: a random one is never found."""
    for holder, name in ((case.body, "accountNumber"), (case.path_parameters, "account_id")):
        key = holder.get(name) if isinstance(holder, dict) else None
        if isinstance(key, str) and 1 <= len(key) <= 255 and len(key) % 3:
            holder[name] = ACCOUNTS[len(key) % len(ACCOUNTS)]
    return case
