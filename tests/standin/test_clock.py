"""The clock: frozen and running, set and advanced, forwards and backwards; and that everything sees it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from soapsvc.clock import MovableClock
from tests.standin.client import START, Standing, standing

GOLD = {"plan": "Gold", "price": 10, "start": "2026-01-01"}


def test_it_stands_still_where_it_was_started(stand: Standing) -> None:
    told = {"now": "2026-01-15T09:00:00Z", "frozen": True, "today": "2026-01-15", "timeZone": "Europe/Dublin"}
    assert stand.ok("GET", "/clock") == told
    assert stand.ok("GET", "/clock") == told


def test_it_is_set_and_advanced_and_set_back(stand: Standing) -> None:
    assert stand.ok("PUT", "/clock", {"now": "2026-03-01T00:00:00Z"})["now"] == "2026-03-01T00:00:00Z"
    assert stand.ok("POST", "/clock/advance", {"days": 28})["now"] == "2026-03-29T00:00:00Z"
    assert stand.ok("POST", "/clock/advance", {"hours": -1.5})["now"] == "2026-03-28T22:30:00Z"
    assert stand.ok("PUT", "/clock", {"now": "1999-12-31T23:59:59+01:00"})["now"] == "1999-12-31T22:59:59Z"


@pytest.mark.parametrize(
    ("start", "span", "then"),
    [
        ("2026-01-31T09:00:00Z", {"months": 1}, "2026-02-28T09:00:00Z"),
        ("2026-03-31T09:00:00Z", {"months": -1}, "2026-02-28T10:00:00Z"),  # nine UTC is ten in summer time
        ("2024-02-29T09:00:00Z", {"years": 1}, "2025-02-28T09:00:00Z"),
        ("2026-01-31T09:00:00Z", {"months": 1, "days": 1}, "2026-03-01T09:00:00Z"),
        ("2026-10-25T00:00:00+01:00", {"days": 1}, "2026-10-26T00:00:00Z"),  # midnight to midnight, in 25 hours
        ("2026-10-25T00:00:00+01:00", {"hours": 24}, "2026-10-25T23:00:00Z"),
        ("2026-01-01T00:00:00Z", {"weeks": 1, "days": 1, "minutes": 1, "seconds": 1}, "2026-01-09T00:01:01Z"),
    ],
)
def test_months_and_years_go_by_the_calendar(stand: Standing, start: str, span: object, then: str) -> None:
    stand.ok("PUT", "/clock", {"now": start})
    assert stand.ok("POST", "/clock/advance", span)["now"] == then


def test_an_instant_without_an_offset_is_by_the_tenants_clock(stand: Standing) -> None:
    assert stand.ok("PUT", "/clock", {"now": "2026-07-01T09:00:00"})["now"] == "2026-07-01T08:00:00Z"
    assert stand.ok("PUT", "/clock", {"now": "2026-07-01"})["now"] == "2026-06-30T23:00:00Z"


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("PUT", "/clock", {"now": "tomorrow"}, "now"),
        ("PUT", "/clock", {"now": 5}, "now"),
        ("PUT", "/clock", {"now": "1969-12-31"}, "now"),
        ("PUT", "/clock", {"now": "9999-01-01"}, "now"),
        ("PUT", "/clock", {"frozen": "yes"}, "frozen"),
        ("PUT", "/clock", {"time": "2026-01-01"}, "time"),
        ("PUT", "/clock", {}, None),
        ("POST", "/clock/advance", {}, None),
        ("POST", "/clock/advance", {"days": "one"}, "days"),
        ("POST", "/clock/advance", {"days": 1e12}, "days"),
        ("POST", "/clock/advance", {"months": 1.5}, "months"),
        ("POST", "/clock/advance", {"years": 9000}, "years"),
        ("POST", "/clock/advance", {"day": 1}, "day"),
    ],
)
def test_an_invalid_time_is_refused_with_its_field(
    stand: Standing, method: str, path: str, body: object, field: str | None
) -> None:
    status, error = stand.error(method, path, body)
    assert (status, error.get("field")) == (400, field)
    assert stand.ok("GET", "/clock")["now"] == "2026-01-15T09:00:00Z"


def test_a_running_clock_continues_from_the_set_time() -> None:
    real = [datetime(2030, 1, 1, tzinfo=UTC)]
    clock = MovableClock(real=lambda: real[0])
    assert (clock(), clock.frozen) == (real[0], False)
    clock.set(datetime(2026, 1, 1, tzinfo=UTC))
    real[0] += timedelta(seconds=5)
    assert clock() == datetime(2026, 1, 1, 0, 0, 5, tzinfo=UTC)
    clock.set(frozen=True)
    real[0] += timedelta(seconds=5)
    assert clock() == datetime(2026, 1, 1, 0, 0, 5, tzinfo=UTC)
    clock.set(frozen=False)
    real[0] += timedelta(seconds=1)
    assert clock() == datetime(2026, 1, 1, 0, 0, 6, tzinfo=UTC)
    assert clock.advance(timedelta(days=-1)) == datetime(2025, 12, 31, 0, 0, 6, tzinfo=UTC)


def test_a_clock_needs_an_instant_with_a_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        MovableClock(datetime(2026, 1, 1))  # noqa: DTZ001 - what is refused


def test_without_as_of_the_clock_runs_with_the_real_one(folder: Path) -> None:
    stand = standing(folder, as_of=None)
    before = datetime.now(UTC)  # noqa: TID251 - the real clock is what it is compared with
    told = datetime.fromisoformat(stand.ok("GET", "/clock")["now"])
    assert before <= told <= datetime.now(UTC)  # noqa: TID251
    assert stand.ok("GET", "/clock")["frozen"] is False
    stand.ok("PUT", "/clock", {"now": "2001-01-01", "frozen": True})
    stand.ok("POST", "/reset")
    assert datetime.fromisoformat(stand.ok("GET", "/clock")["now"]) >= before


def test_charge_dates_are_by_the_clock(stand: Standing) -> None:
    stand.ok("PUT", "/accounts/A-2", {"subscriptions": [GOLD]})
    stand.ok("PUT", "/clock", {"now": "2026-05-06T07:08:09Z"})
    (item,) = stand.preview("A-2", "2026-01-31")["invoiceItems"]
    assert item["chargeDate"] == "2026-05-06 08:08:09"


def test_sessions_end_by_the_clock_and_are_good_again_when_it_is_set_back(stand: Standing) -> None:
    stand.rest.token = stand.token()
    assert stand.rest.preview(accountNumber="A-1", targetDate="2026-02-01").status == 200
    stand.ok("POST", "/clock/advance", {"minutes": 61})
    assert stand.rest.preview(accountNumber="A-1", targetDate="2026-02-01").status == 401
    stand.ok("PUT", "/clock", {"now": START.isoformat()})
    assert stand.rest.preview(accountNumber="A-1", targetDate="2026-02-01").status == 200


def test_a_soap_session_ends_by_the_clock(stand: Standing) -> None:
    soap = stand.soap
    soap.login("tests@example.com", "tests")
    assert soap.preview().status == 200
    stand.ok("POST", "/clock/advance", {"minutes": 16})
    assert soap.preview().fault[0] == "fns:INVALID_SESSION"


def test_an_idempotency_key_is_forgotten_by_the_clock(stand: Standing) -> None:
    stand.rest.token = stand.token()
    key = {"Idempotency-Key": "k"}

    def answered(target_date: str) -> int:
        return stand.rest.preview(headers=key, accountNumber="A-1", targetDate=target_date).status

    assert answered("2026-02-01") == 200
    assert answered("2026-03-01") == 422
    stand.ok("POST", "/clock/advance", {"hours": 25})
    stand.rest.token = stand.token()
    assert answered("2026-03-01") == 200


def test_runs_are_dated_by_the_clock(stand: Standing) -> None:
    stand.rest.token = stand.token()
    made = stand.rest.post("/v1/billing-preview-runs", {"targetDate": "2026-02-01"}).json
    run = stand.rest.get(f"/v1/billing-preview-runs/{made['billingPreviewRunId']}").json
    assert (run["status"], run["createdDate"], run["endDate"]) == (
        "Completed",
        "2026-01-15 09:00:00",
        "2026-01-15 09:00:00",
    )


def test_results_of_runs_are_purged_when_they_expire_by_the_clock(stand: Standing) -> None:
    stand.rest.token = stand.token()
    made = stand.rest.post("/v1/billing-preview-runs", {"targetDate": "2026-02-01"}).json
    run = f"/v1/billing-preview-runs/{made['billingPreviewRunId']}"
    assert stand.rest.get(run).json["resultFileUrl"] is not None
    stand.ok("POST", "/clock/advance", {"years": 1})
    stand.rest.token = stand.token()
    assert stand.rest.get(run).json["resultFileUrl"] is None


def test_answers_carry_the_date_of_the_clock(stand: Standing) -> None:
    assert stand.rest.get("/healthz").headers["date"] == "Thu, 15 Jan 2026 09:00:00 GMT"
