"""Which segments of charges a read of a subscription shows: `charge-detail`, from exports of either form.

Today is 15 March 2026 where the tenant is. The charge C-1 has three segments, C-2 one that is over, C-3 one that
starts and ends today, and C-4 one that has no end:

    2026      Jan 1          Mar 1          Apr 1          2027
    C-1       |--- 1: 10 ----|--- 2: 20 ----|--- 3: 30 ----|
    C-2       |--- 1 --------|
    C-3                         | Mar 15
    C-4                             |--- from Mar 20 on -------…
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from soapsvc.server import Options, application
from soapsvc.tenant import Store, UserEntry, open_tenant
from tests.rest.client import Rest
from tests.rest.conftest import NOW, MovableClock
from tests.support.documents import account, subscription
from tests.support.tenants import write_tenant

URL = "/v1/subscriptions/{}?charge-detail={}"
TODAY, ZONE = "2026-03-15", 'time_zone = "Asia/Shanghai"'


def segment(number: int, start: str, end: str | None, price: object) -> dict[str, Any]:
    """The fields of a segment, with a custom field."""
    return {
        "id": f"{start}-{price}",
        "segment": number,
        "effectiveStartDate": start,
        "effectiveEndDate": end,
        "price": price,
        "Rank__c": f"r{number}",
    }


def constant(number: str) -> dict[str, Any]:
    """The fields that all segments of a charge share."""
    return {
        "number": number,
        "name": f"Charge {number}",
        "type": "Recurring",
        "model": "FlatFee",
        "billingPeriod": "Month",
    }


SEGMENTS = {
    "C-1": [
        segment(1, "2026-01-01", "2026-03-01", 10),
        segment(2, "2026-03-01", "2026-04-01", 20),
        segment(3, "2026-04-01", "2027-01-01", 30),
    ],
    "C-2": [segment(1, "2026-01-01", "2026-03-01", 40)],
    "C-3": [segment(1, TODAY, TODAY, 50)],
    "C-4": [segment(1, "2026-03-20", None, 60)],
}
PLANS = {"Plan A": ("C-1", "C-2"), "Plan B": ("C-2x",), "Plan C": ("C-3", "C-4")}
"""C-2x is a charge as C-2, alone in its rate plan."""
SEGMENTS["C-2x"] = SEGMENTS["C-2"]


def all_segments() -> dict[str, Any]:
    """The subscription as `charge-detail=all-segments` exports it."""
    plans = [
        {
            "id": name,
            "ratePlanName": name,
            "ratePlanCharges": [{**constant(each), "chargeSegments": SEGMENTS[each]} for each in charges],
        }
        for name, charges in PLANS.items()
    ]
    return copy.deepcopy({**subscription(number="A-S1", notes=None), "ratePlans": plans})


def last_segments() -> dict[str, Any]:
    """The subscription as it is exported without `charge-detail`."""
    found = {**all_segments(), "id": "s2", "subscriptionNumber": "A-S2"}
    for plan in found["ratePlans"]:
        plan["ratePlanCharges"] = [{**constant(each), **SEGMENTS[each][-1]} for each in PLANS[plan["id"]]]
    return found


def entry_by_segment() -> dict[str, Any]:
    """The subscription as some exports have it: an entry of the rate plan for each segment."""
    found = {**all_segments(), "id": "s3", "subscriptionNumber": "A-S3"}
    for plan in found["ratePlans"]:
        plan["ratePlanCharges"] = [{**constant(each), **own} for each in PLANS[plan["id"]] for own in SEGMENTS[each]]
    return found


@pytest.fixture(scope="module")
def rest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rest]:
    folder: Path = tmp_path_factory.mktemp("segments")
    subscriptions = [
        all_segments(),
        last_segments(),
        entry_by_segment(),
        {"subscriptionNumber": "A-S4", "ratePlans": None},
    ]
    store: Store = open_tenant(write_tenant(folder, ZONE, accounts=account(), subscriptions=subscriptions))
    store.put_user(UserEntry("reader", password_hash="never used"))
    token = store.create_session("reader", int((NOW + timedelta(days=1)).timestamp()))
    yield Rest(application(store, Options(), MovableClock(NOW)), token)
    store.close()


def read(rest: Rest, key: str, detail: str) -> dict[str, Any]:
    answer = rest.get(URL.format(key, detail)).json
    assert answer.pop("success") is True
    return answer


def shown(answer: dict[str, Any]) -> dict[str, dict[str, list[int]]]:
    """The prices of the segments that are shown, by rate plan and charge, however they are shown."""
    return {
        plan["id"]: {
            charge["number"]: [own["price"] for own in charge.get("chargeSegments", [charge])]
            for charge in plan["ratePlanCharges"]
        }
        for plan in answer["ratePlans"]
    }


LAST = {"Plan A": {"C-1": [30], "C-2": [40]}, "Plan B": {"C-2x": [40]}, "Plan C": {"C-3": [50], "C-4": [60]}}
CURRENT = {"Plan A": {"C-1": [20]}, "Plan B": {}, "Plan C": {"C-3": [50]}}
ALL = {"Plan A": {"C-1": [10, 20, 30], "C-2": [40]}, "Plan B": {"C-2x": [40]}, "Plan C": {"C-3": [50], "C-4": [60]}}
CASES = [
    ("last-segment", LAST),
    ("", LAST),
    ("current-segment", CURRENT),
    ("all-segments", ALL),
    ("specific-segment&as-of-date=2026-03-15", CURRENT),
    (
        "specific-segment&as-of-date=2026-02-28",
        {"Plan A": {"C-1": [10], "C-2": [40]}, "Plan B": {"C-2x": [40]}, "Plan C": {}},
    ),
    ("specific-segment&as-of-date=2026-03-01", {"Plan A": {"C-1": [20]}, "Plan B": {}, "Plan C": {}}),
    ("specific-segment&as-of-date=2030-01-01", {"Plan A": {}, "Plan B": {}, "Plan C": {"C-4": [60]}}),
    ("specific-segment&as-of-date=2025-12-31", {"Plan A": {}, "Plan B": {}, "Plan C": {}}),
    ("current-segment&exclude-rate-plans-with-no-charges=true", {name: CURRENT[name] for name in ("Plan A", "Plan C")}),
    ("all-segments&exclude-rate-plans-with-no-charges=true", ALL),
    ("last-segment&as-of-date=2026-02-28", LAST),
]


@pytest.mark.parametrize("key", ["A-S1", "A-S3"])
@pytest.mark.parametrize(("detail", "expected"), CASES, ids=[detail or "nothing" for detail, _ in CASES])
def test_the_requested_segments(rest: Rest, key: str, detail: str, expected: dict[str, Any]) -> None:
    """From `chargeSegments`, and from an entry for each segment."""
    assert shown(read(rest, key, detail)) == expected


@pytest.mark.parametrize(
    ("detail", "expected"),
    [
        ("last-segment", LAST),
        ("all-segments", LAST),
        ("current-segment", {"Plan A": {}, "Plan B": {}, "Plan C": {"C-3": [50]}}),
        ("specific-segment&as-of-date=2026-04-01", {"Plan A": {"C-1": [30]}, "Plan B": {}, "Plan C": {"C-4": [60]}}),
    ],
)
def test_an_export_of_last_segments_has_no_others_to_show(rest: Rest, detail: str, expected: dict[str, Any]) -> None:
    assert shown(read(rest, "A-S2", detail)) == expected


def test_an_exported_document_is_answered_unchanged(rest: Rest) -> None:
    assert read(rest, "A-S1", "all-segments") == all_segments()
    assert read(rest, "A-S2", "last-segment") == last_segments()
    assert read(rest, "A-S4", "current-segment") == {"subscriptionNumber": "A-S4", "ratePlans": None}


def test_each_form_is_made_from_the_other_field_for_field(rest: Rest) -> None:
    """A field of the charge on the charge, any other in the segment."""
    plan = all_segments()["ratePlans"][0]
    found = read(rest, "A-S3", "all-segments")["ratePlans"][0]
    assert found == plan
    last = read(rest, "A-S1", "last-segment")["ratePlans"][0]
    assert last["ratePlanCharges"] == last_segments()["ratePlans"][0]["ratePlanCharges"]


def test_a_list_shows_the_same_segments(rest: Rest) -> None:
    for detail, expected in CASES:
        page = rest.get(f"/v1/subscriptions/accounts/A-1?charge-detail={detail}").json["subscriptions"]
        by_number = {each["subscriptionNumber"]: each for each in page}
        assert shown(by_number["A-S1"]) == expected


@pytest.mark.parametrize(
    ("detail", "code", "message"),
    [
        ("specific-segment", 50000023, "'as-of-date' is required for specific-segment."),
        ("specific-segment&as-of-date=soon", 50000027, "'as-of-date' is 'soon', not a date such as 2024-01-31."),
        (
            "first-segment",
            50000027,
            "'charge-detail' value should be one of: last-segment, current-segment, all-segments, specific-segment.",
        ),
        ("all-segments&exclude-rate-plans-with-no-charges=1", 50000027, "is '1', not true or false."),
    ],
)
def test_invalid_options_of_a_read_are_refused(rest: Rest, detail: str, code: int, message: str) -> None:
    ((told, reason),) = rest.get(URL.format("A-S1", detail)).reasons
    assert (told, reason.endswith(message)) == (code, True), reason


def test_subscriptions_that_an_account_is_only_invoiced_for_are_not_listed(rest: Rest) -> None:
    reply = rest.get("/v1/subscriptions/accounts/A-1?ownerType=invoiceOwner")
    assert reply.reasons == [(50000027, "'ownerType' value should be one of: subscriptionOwner.")]
