"""Hooks for Schemathesis on the REST API: dates within the horizon, and accounts that exist."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import schemathesis
from hypothesis import strategies as st

ACCOUNTS = ("A00001001", "A00001004", "A00001009", "A00001010", "A00001012", "A00000014")
KEYS = {
    "/v1/accounts/": ACCOUNTS,
    "/v1/subscriptions/accounts/": ACCOUNTS,
    "/v1/usage/accounts/": ACCOUNTS,
    "/v1/subscriptions/": ("A-S00000019", "A-S00001008", "A-S00001012"),
    "/v1/rateplan/": ("8ad0f00d5eed00b401680c4cb42000b4",),
}
"""The kind of record that the `key` of a path names."""

QUERIES = (
    "select Id, AccountNumber from Account",
    "select Id, Name, TermStartDate from Subscription where Status = 'Active'",
    "select Id, ChargeNumber, Price from RatePlanCharge where ChargeNumber like 'C-%'",
)

_SECONDS = 10 * 365 * 24 * 3600
_AS_OF = st.integers(0, _SECONDS).map(lambda passed: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=passed))

schemathesis.openapi.format("date", st.dates(date(2000, 1, 1), date(2044, 12, 31)).map(str))
schemathesis.openapi.format("date-time", _AS_OF.map(datetime.isoformat))


@schemathesis.hook
def map_case(_context: schemathesis.HookContext, case: schemathesis.Case) -> schemathesis.Case:
    """Two of three valid keys become keys of the demo tenant's records: a random key is never found.

    A read of specific segments also gets the day that it needs, and a query gets a valid text.
    """
    keys = next((keys for path, keys in KEYS.items() if case.operation.path.startswith(path)), ())
    for holder, name, known in (
        (case.body, "accountNumber", ACCOUNTS),
        (case.path_parameters, "account_id", ACCOUNTS),
        (case.path_parameters, "key", keys),
    ):
        key = holder.get(name) if isinstance(holder, dict) else None
        if known and isinstance(key, str) and 1 <= len(key) <= 255 and len(key) % 3:
            holder[name] = known[len(key) % len(known)]
    if case.operation.path == "/v1/action/query" and isinstance(case.body, dict):
        text = case.body.get("queryString")
        if isinstance(text, str) and 1 <= len(text) <= 10_000:
            case.body["queryString"] = QUERIES[len(text) % len(QUERIES)]
    if isinstance(case.query, dict) and case.query.get("charge-detail") == "specific-segment":
        case.query["as-of-date"] = case.query.get("as-of-date") or "2026-01-31"
    return case
