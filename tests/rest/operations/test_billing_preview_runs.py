"""Billing preview runs over REST: made, watched, downloaded, read in pages, canceled."""

from __future__ import annotations

import io
import json
import re
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from soapsvc.resources import fixtures_dir
from soapsvc.runs import Context, RunService
from soapsvc.server import Options, application
from soapsvc.tenant import Store, UserEntry, import_tenant, open_tenant
from tests.rest.client import Reply, Rest
from tests.rest.conftest import DEMO, NOW, MovableClock
from tests.support.runs import ThreadWorkers, table

RUNS = "/v1/billing-preview-runs"
NORTH = "8ad0f00d0000000100000000000000a1"
WAITS = 60
BASE = "http://127.0.0.1:8080"


@dataclass
class Runs:
    """A user's calls to the operations on runs."""

    rest: Rest

    def create(self, **fields: object) -> Reply:
        return self.rest.post(RUNS, {"targetDate": "2027-01-31", **fields})

    def created(self, **fields: object) -> str:
        answer = self.create(**fields).json
        assert answer["success"] is True, answer
        return answer["billingPreviewRunId"]

    def show(self, key: str, version: str | None = None) -> dict[str, object]:
        headers = {"Zuora-Version": version} if version is not None else {}
        return self.rest.get(f"{RUNS}/{key}", headers).json

    def ended(self, **fields: object) -> dict[str, object]:
        """A run that was made and has ended, with its id beside what is shown of it."""
        key = self.created(**fields)
        end = time.monotonic() + WAITS
        while (shown := self.show(key))["status"] in {"Pending", "Processing"}:
            assert time.monotonic() < end, shown
            time.sleep(0.02)
        return {**shown, "id": key}


@pytest.fixture
def own_store() -> Iterator[Store]:
    """A demo tenant for one test, as runs of all batches are in each other's way."""
    opened = open_tenant(fixtures_dir())
    opened.put_user(DEMO)
    yield opened
    opened.close()


@pytest.fixture
def runs(own_store: Store, clock: MovableClock, tmp_path: Path) -> Runs:
    """Runs that are created and never executed."""
    token = own_store.create_session(DEMO.username, int(NOW.timestamp()) + 100_000)
    options = Options(sleep=clock.sleep, results=str(tmp_path / "results"))
    return Runs(Rest(application(own_store, options, clock), token))


@pytest.fixture
def executed(runs: Runs, own_store: Store, clock: MovableClock, tmp_path: Path) -> Iterator[Runs]:
    """Runs that are executed in the background."""
    context = Context(own_store, ThreadWorkers(), str(tmp_path / "results"), clock=clock, part_accounts=4)
    service = RunService(context, poll_seconds=0.02)
    service.start()
    yield runs
    service.stop()


def test_a_run_with_every_field_is_shown_with_every_field(runs: Runs) -> None:
    key = runs.created(
        assumeRenewal="Autorenew",
        batches="Batch1, Batch2",
        chargeTypeToExclude="OneTime,Usage",
        includingDraftItems="true",
        includingEvergreenSubscription=True,
        organizationLabels=[{"organizationName": "North"}],
        storageOption="Csv",
        storeDifference="false",
    )
    assert runs.show(key) == {
        "assumeRenewal": "Autorenew",
        "batches": "Batch1,Batch2",
        "chargeTypeToExclude": "OneTime,Usage",
        "createdById": runs.show(key)["updatedById"],
        "createdDate": "2026-03-15 10:30:00",
        "endDate": None,
        "errorMessage": None,
        "filters": [],
        "includingDraftItems": True,
        "includingEvergreenSubscription": True,
        "organizationLabels": [{"organizationName": "North"}],
        "resultFileUrl": None,
        "runNumber": "BPR-00000001",
        "startDate": None,
        "status": "Pending",
        "storageOption": "Csv",
        "succeededAccounts": 0,
        "success": True,
        "targetDate": "2027-01-31",
        "totalAccounts": 0,
        "updatedById": runs.show(key)["createdById"],
        "updatedDate": "2026-03-15 10:30:00",
    }


def test_a_header_says_which_state_of_the_tenant_the_run_is_of(runs: Runs, own_store: Store) -> None:
    key = runs.created()
    import_tenant(own_store, fixtures_dir())
    said = runs.rest.get(f"{RUNS}/{key}").headers["tenant-state"]
    assert re.fullmatch(r"1; imported=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", said)


def test_the_sample_request_of_the_documentation_is_understood(executed: Runs) -> None:
    compared = executed.ended(storageOption="Database")
    answer = executed.create(
        assumeRenewal="None",
        batches="Batch1, Batch2",
        chargeTypeToExclude="",
        includingDraftItems="false",
        includingEvergreenSubscription="true",
        storageOption="Database",
        storeDifference="true",
        comparedBillingPreviewRunId=compared["id"],
        targetDate="2027-01-10",
    )
    assert list(answer.json) == ["billingPreviewRunId", "success"]


@pytest.mark.parametrize(
    ("version", "field"), [("314.0", "batches"), (None, "batches"), ("313.0", "batch"), ("211", "batch")]
)
def test_older_versions_call_the_batches_batch(runs: Runs, version: str | None, field: str) -> None:
    shown = runs.show(runs.created(batch="Batch3"), version)
    assert shown[field] == "Batch3"
    assert not {"batch", "batches"} - {field} & shown.keys()


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2027-5-1", "2027-05-01"),
        ("2027-05-1", "2027-05-01"),
        ("2027-1-31", "2027-01-31"),
        (" 2027-5-1 ", "2027-05-01"),
    ],
)
def test_the_month_and_the_day_of_a_target_date_may_have_one_digit(runs: Runs, written: str, day: str) -> None:
    assert runs.show(runs.created(targetDate=written))["targetDate"] == day


@pytest.mark.parametrize("written", ["2027-0-1", "2027-13-1", "2027-2-30", "27-5-1", "2027-005-1", "2027-5-1T0"])
def test_a_text_that_is_not_a_target_date_of_a_run(runs: Runs, written: str) -> None:
    ((code, message),) = runs.create(targetDate=written).reasons
    assert (code, "targetDate" in message) == (50000020, True)


def test_a_run_is_found_by_its_number_too(runs: Runs) -> None:
    runs.created()
    assert runs.show("BPR-00000001")["status"] == "Pending"


@pytest.mark.parametrize(
    ("fields", "code", "message"),
    [
        ({"targetDate": None}, 50000022, "'targetDate' is required."),
        ({"targetDate": "soon"}, 50000020, "'targetDate' is 'soon', not a date such as 2024-01-31."),
        ({"targetDate": "2046-03-16"}, 50000020, "is more than 20 years away"),
        ({"assumeRenewal": "Sometimes"}, 50000020, "value should be one of: All, None, Autorenew"),
        ({"batches": "Batch1,Batch0"}, 50000020, "'Batch0', which is not a batch"),
        ({"batches": "B" * 1001}, 50000020, "has more than 1000 characters"),
        ({"chargeTypeToExclude": "Rent"}, 50000020, "value should be one of: OneTime, Recurring, Usage"),
        ({"includingDraftItems": "maybe"}, 50000020, "'includingDraftItems'"),
        ({"storageOption": "Tape"}, 50000020, "value should be one of: Csv, Database, Parquet"),
        ({"storeDifference": True}, 50000030, "storeDifference needs the storageOption Database"),
        ({"comparedBillingPreviewRunId": "x"}, 50000030, "needs storeDifference to be true"),
        ({"filters": [{"filterType": "Batch", "accountId": "x"}]}, 50000020, "filterType"),
        ({"filters": [{"filterType": "Account"}]}, 50000020, "accountId"),
        ({"filters": [{"filterType": "Account", "accountId": "x"}] * 2}, 50000020, "a run can have one"),
        ({"filters": [{"filterType": "Account", "accountId": "x"}]}, 50000040, "Cannot find entity by key: 'x'."),
        ({"organizationLabels": [{}]}, 50000020, "either its organizationId or its organizationName"),
    ],
)
def test_an_invalid_field_is_refused_with_its_reason(
    runs: Runs, fields: dict[str, object], code: int, message: str
) -> None:
    answer = runs.create(**fields)
    assert answer.status == 200
    reasons = answer.reasons
    assert [each[0] for each in reasons] == [code] * len(reasons)
    assert message in reasons[0][1]


def test_a_batch_that_is_under_way_is_locked(runs: Runs) -> None:
    runs.created(batches="Batch1")
    assert runs.create(batches="Batch1").reasons == [
        (50000050, "Run BPR-00000001 is under way for Batch1; a batch has one run at a time.")
    ]
    strict = runs.rest.post(RUNS, {"targetDate": "2027-01-31", "batches": "Batch1"}, {"Prefer": "handling=strict"})
    assert strict.status == 409


def test_an_idempotency_key_makes_one_run(runs: Runs) -> None:
    answers = [runs.rest.post(RUNS, {"targetDate": "2027-01-31"}, {"Idempotency-Key": "k"}).json for _ in range(2)]
    assert answers[0] == answers[1]
    assert "BPR-00000002" not in str(runs.rest.get(f"{RUNS}/BPR-00000002").json.get("runNumber"))


def test_a_run_that_is_not_there_is_not_found(runs: Runs) -> None:
    assert runs.rest.get(f"{RUNS}/none").reasons == [(50000040, "Cannot find entity by key: 'none'.")]


def test_without_a_token_the_answer_has_no_details(runs: Runs) -> None:
    stranger = Rest(runs.rest.application)
    key = runs.created()
    for method, url in (
        ("POST", RUNS),
        ("GET", f"{RUNS}/{key}"),
        ("PUT", f"{RUNS}/{key}/cancel"),
        ("GET", "/v1/files/x"),
    ):
        assert stranger.request(method, url, b"{}", None, "application/json").status == 401


def test_a_run_is_canceled_once(runs: Runs) -> None:
    key = runs.created()
    answer = runs.rest.request("PUT", f"{RUNS}/{key}/cancel", b"", None, None).json
    assert answer == {"billingPreviewRunId": key, "status": "Canceled", "success": True}
    assert runs.show(key)["status"] == "Canceled"
    again = runs.rest.request("PUT", f"{RUNS}/{key}/cancel", b"", None, None)
    assert again.reasons == [(50000030, "Run BPR-00000001 is Canceled; only a run under way can be canceled.")]
    runs.created()


def test_a_completed_run_has_its_counts_and_its_file(executed: Runs) -> None:
    run = executed.ended()
    assert (run["status"], run["totalAccounts"], run["succeededAccounts"]) == ("Completed", 16, 15)
    assert run["startDate"] == run["endDate"] == "2026-03-15 10:30:00"
    url = run["resultFileUrl"]
    assert url.startswith(f"{BASE}/v1/files/")
    file = executed.rest.get(url.removeprefix(BASE))
    assert (file.status, file.headers["content-type"]) == (200, "application/zip")
    assert file.headers["content-disposition"] == 'attachment; filename="BPR-00000001.zip"'
    with zipfile.ZipFile(io.BytesIO(file.body)) as archive:
        assert len(table(archive.read("BPR-00000001.csv"))) > 100
        assert len(table(archive.read("BPR-00000001-failed-accounts.csv"))) == 1


def file_of(executed: Runs) -> tuple[str, bytes]:
    """The path of a result file, and its bytes."""
    path = executed.ended()["resultFileUrl"].removeprefix(BASE)
    return path, executed.rest.get(path).body


@pytest.mark.parametrize(
    ("wanted", "start", "end"),
    [
        ("bytes=0-9", 0, 10),
        ("bytes=10-", 10, None),
        ("bytes=-10", -10, None),
        ("bytes=5-999999999", 5, None),
        (f"bytes=5-{'9' * 5000}", 5, None),
        (f"bytes=-{'9' * 5000}", 0, None),
    ],
)
def test_a_range_of_a_file_is_a_part_of_it(executed: Runs, wanted: str, start: int, end: int | None) -> None:
    path, whole = file_of(executed)
    part = executed.rest.get(path, {"Range": wanted})
    assert part.status == 206
    assert part.body == whole[start:end]
    first = start if start >= 0 else len(whole) + start
    assert part.headers["content-range"] == f"bytes {first}-{first + len(part.body) - 1}/{len(whole)}"
    assert part.headers["content-length"] == str(len(part.body))


@pytest.mark.parametrize("wanted", ["bytes=0-1,3-4", "bytes=-", "bytes=9-3", "lines=1-2", "bytes=x-y"])
def test_a_range_that_says_nothing_gives_the_whole_file(executed: Runs, wanted: str) -> None:
    path, whole = file_of(executed)
    answer = executed.rest.get(path, {"Range": wanted})
    assert (answer.status, answer.body) == (200, whole)


def test_a_range_beyond_the_file_is_not_satisfiable(executed: Runs) -> None:
    path, whole = file_of(executed)
    assert executed.rest.get(path, {"Range": f"bytes={'9' * 5000}-"}).status == 416
    answer = executed.rest.get(path, {"Range": f"bytes={len(whole)}-"})
    assert (answer.status, answer.headers["content-range"]) == (416, f"bytes */{len(whole)}")


def test_a_range_of_another_file_is_not_mixed_with_this_one(executed: Runs) -> None:
    path, whole = file_of(executed)
    tag = executed.rest.get(path).headers["etag"]
    assert executed.rest.get(path, {"Range": "bytes=0-9", "If-Range": tag}).body == whole[:10]
    assert executed.rest.get(path, {"Range": "bytes=0-9", "If-Range": '"old"'}).body == whole


def test_a_zip_is_not_compressed_again(executed: Runs) -> None:
    path, whole = file_of(executed)
    answer = executed.rest.get(path, {"Accept-Encoding": "gzip"})
    assert "content-encoding" not in answer.headers
    assert answer.body == whole


@pytest.mark.parametrize("file_id", ["none", "..%2F..%2Ftenant.sqlite", "%00"])
def test_an_unknown_file_is_not_found(executed: Runs, file_id: str) -> None:
    answer = executed.rest.get(f"/v1/files/{file_id}")
    assert answer.json["success"] is False


def test_results_in_the_database_are_read_in_pages(executed: Runs) -> None:
    run = executed.ended(storageOption="Database")
    assert run["resultFileUrl"] is None
    rows, url = [], f"{RUNS}/{run['id']}/results?pageSize=50"
    while url is not None:
        page = executed.rest.get(url).json
        rows += page["results"]
        url = page.get("nextPage", "").removeprefix(BASE) or None
    assert len(rows) > 100
    ids = [row["invoiceItemId"] for row in rows]
    assert len(set(ids)) == len(ids)
    assert set(rows[0]) >= {"accountId", "invoiceItemChargeAmount", "ratePlanChargeNumber", "legalDocumentItemType"}
    of_one = executed.rest.get(f"{RUNS}/{run['id']}/results?accountId={rows[0]['accountId']}").json["results"]
    assert of_one == [row for row in rows if row["accountId"] == rows[0]["accountId"]]


def test_amounts_are_exact_numbers(executed: Runs) -> None:
    run = executed.ended(storageOption="Database")
    answer = executed.rest.get(f"{RUNS}/{run['id']}/results")
    assert b'"invoiceItemChargeAmount":10,' in answer.body
    amounts = [row["invoiceItemChargeAmount"] for row in json.loads(answer.body, parse_float=str)["results"]]
    assert all(isinstance(amount, int | str) for amount in amounts)


def test_failed_accounts_and_differences_have_pages_too(executed: Runs) -> None:
    first = executed.ended(storageOption="Database")
    second = executed.ended(
        storageOption="Database",
        storeDifference=True,
        comparedBillingPreviewRunId=first["id"],
        chargeTypeToExclude="OneTime",
    )
    (failed,) = executed.rest.get(f"{RUNS}/{second['id']}/failed-accounts").json["results"]
    assert failed["code"] == "MISSING_PRICE"
    changes = executed.rest.get(f"{RUNS}/{second['id']}/differences?differenceType=Removed").json["results"]
    assert changes
    assert {(row["differenceType"], row["invoiceItemChargeType"]) for row in changes} == {("Removed", "OneTime")}


@pytest.mark.parametrize(
    ("query", "message"),
    [("pageSize=0", "pageSize"), ("pageSize=5001", "pageSize"), ("cursor=x", "cursor")],
)
def test_a_page_that_cannot_be_is_refused(executed: Runs, query: str, message: str) -> None:
    run = executed.ended(storageOption="Database")
    answer = executed.rest.get(f"{RUNS}/{run['id']}/results?{query}")
    assert message in answer.reasons[0][1]


def test_a_run_with_a_file_has_no_rows(executed: Runs) -> None:
    run = executed.ended()
    answer = executed.rest.get(f"{RUNS}/{run['id']}/results")
    assert answer.reasons == [
        (
            50000030,
            "Run BPR-00000001 has its results in a file, not in the database: get the file at its resultFileUrl.",
        )
    ]


def test_a_user_of_one_organization_sees_its_runs_alone(executed: Runs, own_store: Store) -> None:
    own_store.put_user(UserEntry("north@example.com", password="north", organizations=(NORTH,)))
    token = own_store.create_session("north@example.com", int(NOW.timestamp()) + 100_000)
    north = Runs(Rest(executed.rest.application, token))
    everybodys = executed.ended()
    assert north.rest.get(f"{RUNS}/{everybodys['id']}").reasons[0][0] == 50000040
    path = everybodys["resultFileUrl"].removeprefix(BASE)
    assert north.rest.get(path).reasons[0][0] == 50000040
    own = north.ended()
    assert own["organizationLabels"] == [{"organizationId": NORTH}]
    assert 0 < own["totalAccounts"] < 16
    assert executed.show(own["id"])["status"] == "Completed"
    assert north.create(organizationLabels=[{"organizationName": "South"}]).reasons[0][0] == 50000010


def test_the_header_of_organizations_narrows_a_run(executed: Runs) -> None:
    narrowed = Runs(Rest(executed.rest.application, executed.rest.token, {"Zuora-Org-Ids": NORTH}))
    assert 0 < narrowed.ended()["totalAccounts"] < 16
