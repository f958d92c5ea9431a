"""The calls that every real client makes, and the findings that it must report.

A driver is a program `DRIVER BASE_URL VERSION`. It reads the WSDL of that version, logs in, continues at the ServerUrl
that it got, asks who it is, previews the accounts MONTHLY and UNKNOWN in one call, calls with a bad session,
logs in with a wrong password, and prints its findings as one JSON object with the keys of `EXPECTED`. `typed` is
the name of the detail class that it got for the bad session, empty if the client has no typed faults.

The target date is Jul 1, 2014. Through 68.0 it is a dateTime: midnight without an offset, or, from suds and where the
library knows only instants (Axis, gSOAP), the last hour of July in Pacific Time, which is Aug 1 as written.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tests.soap.sample_tenant import PASSWORD, UNKNOWN, USER

EXPECTED: dict[str, Any] = {
    "username": USER,
    "tenant": "Sample & Sons",
    "success": True,
    "size": 4,
    "amounts": ["10", "-5", "10", "-5"],
    "starts": ["2014-06-01", "2014-06-01", "2014-07-01", "2014-07-01"],
    "ends": ["2014-06-30", "2014-06-30", "2014-07-31", "2014-07-31"],
    "names": ["Tea", "Half off", "Tea", "Half off"],
    "product": 'Tea & "Biscuits" <Ltd>',
    "applied": [False, True, False, True],
    "error": ["INVALID_VALUE", f"The account id {UNKNOWN} is invalid.", "AccountId"],
    "session_fault": "INVALID_SESSION",
    "login_fault": "INVALID_VALUE",
}

CREDENTIALS = {"ZUORA_USER": USER, "ZUORA_PASSWORD": PASSWORD}


def differences(printed: str, user: str = USER) -> list[str]:
    """The differences between a driver's output and the findings expected for a user; empty if there are none."""
    try:
        seen = json.loads(printed)
    except ValueError:
        return [f"printed no JSON: {printed.strip()[:200]!r}"]
    expected = EXPECTED | {"username": user}
    return [
        f"{key} is {seen.get(key)!r}, not {wanted!r}"
        for key, wanted in expected.items()
        if _plain(key, seen) != _plain(key, expected)
    ]


def _plain(key: str, seen: Mapping[str, Any]) -> object:
    """A value without the differences between languages in printing numbers, dates and booleans."""
    value = seen.get(key)
    if value is None:
        return None
    if key == "amounts":
        return [Decimal(str(amount)) for amount in value]
    if key in {"starts", "ends"}:
        return [str(day)[:10] for day in value]
    if key in {"size", "success"}:
        return str(value).lower()
    if key.endswith("_fault"):
        return str(value).rpartition(":")[2]
    return value
