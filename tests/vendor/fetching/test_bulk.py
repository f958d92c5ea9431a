"""A whole tenant by exports: the same previews as by single reads, one moment for all, nothing read twice."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from soapsvc.cli import main
from soapsvc.clock import fixed_clock
from soapsvc.server.wsgi import Options, application
from soapsvc.tenant import Store, import_tenant, open_tenant
from soapsvc.vendor.aqua import JobFailed
from soapsvc.vendor.errors import VendorError
from soapsvc.vendor.fetching import Fetched, Wanted, fetch
from soapsvc.vendor.fetching.bulk.queries import lacking
from tests.support.services.faulty import Faulty
from tests.support.services.serving import served
from tests.vendor.conftest import Application, vendor_over
from tests.vendor.previews import preview_of
from tests.vendor.tenant import CLIENT_ID, CLIENT_SECRET, NOW, SECRETS_OF_PEOPLE, write_source

ROOT = Path(__file__).resolve().parents[3]
TARGET = "2024-09-01"
SAME_IDS_TWICE = {"A00000014"}
"""The sample has the ids of one subscription's charges in another one, too, which no tenant of the vendor's has."""


def bulk(app: Application, folder: Path, **wanted: Any) -> Fetched:
    with vendor_over(app, attempts=30) as vendor:
        return fetch(vendor, folder, Wanted(bulk=True, **wanted), at_once=3, clock=fixed_clock(NOW))


def test_exports_preview_as_the_tenant_itself_does(upstream: Application, source: Path, tmp_path: Path) -> None:
    found = bulk(upstream, tmp_path / "t")
    assert (found.accounts, found.failed) == (12, ())
    assert not (tmp_path / "t" / "accounts").exists()
    assert (tmp_path / "t" / "exports" / "RatePlanCharge.csv").is_file()
    for index in range(1, 13):
        number = f"A{index:08d}"
        assert preview_of(tmp_path / "t", number, TARGET) == preview_of(source, number, TARGET), number


def test_the_demo_tenant_previews_alike_and_what_exports_lack_is_read_singly(tmp_path: Path) -> None:
    source = tmp_path / "source"
    shutil.copytree(ROOT / "fixtures", source)
    with (source / "tenant.toml").open("a") as handle:
        handle.write('\n[[users]]\nusername = "r"\npassword = "p"\n')
        handle.write(f'client_id = "{CLIENT_ID}"\nclient_secret = "{CLIENT_SECRET}"\n')
    store = open_tenant(source)
    app = application(store, Options(as_vendor=True), fixed_clock(NOW))
    found = bulk(app, tmp_path / "t", usage="all")  # of some the demo tells no status
    report = json.loads((tmp_path / "t" / "fetch-report.json").read_text())
    assert 0 < report["read_singly"] < found.accounts == report["accounts"]
    numbers = [row["Account.AccountNumber"] for row in rows(tmp_path / "t" / "exports" / "Account.csv")]
    assert len(numbers) == found.accounts
    unlike = [
        number
        for number in set(numbers) - SAME_IDS_TWICE
        if previewed(tmp_path / "t", number) != previewed(source, number)
    ]
    store.close()
    assert unlike == []


def previewed(folder: Path, number: str) -> list[dict[str, Any]] | None:
    """The items without what only the catalogue tells, which the demo has not whole; None where it is refused."""
    try:
        items = preview_of(folder, number, "2026-06-30")
    except AssertionError:
        return None
    return [{name: value for name, value in item.items() if name != "productName"} for item in items]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_personal_data_are_removed_unless_the_caller_asks_for_them(upstream: Application, tmp_path: Path) -> None:
    bulk(upstream, tmp_path / "t")
    written = b"".join(path.read_bytes() for path in (tmp_path / "t").rglob("*") if path.is_file())
    assert [secret for secret in (*SECRETS_OF_PEOPLE, CLIENT_SECRET) if secret.encode() in written] == []
    bulk(upstream, tmp_path / "named", personal=True)
    assert SECRETS_OF_PEOPLE[0] in (tmp_path / "named" / "exports" / "Account.csv").read_text()


def test_only_the_requested_usage_and_drafts_are_there(upstream: Application, tmp_path: Path) -> None:
    bulk(upstream, tmp_path / "pending")
    bulk(upstream, tmp_path / "all", usage="all", drafts=True)
    bulk(upstream, tmp_path / "none", usage="none")
    assert len(rows(tmp_path / "pending" / "exports" / "Usage.csv")) == 12
    assert len(rows(tmp_path / "all" / "exports" / "Usage.csv")) == 24
    assert not (tmp_path / "none" / "exports" / "Usage.csv").exists()
    assert len(rows(tmp_path / "all" / "exports" / "InvoiceItem.csv")) == 1
    assert not (tmp_path / "pending" / "exports" / "Invoice.csv").exists()


def test_columns_that_the_tenant_does_not_have_are_left_out_and_named(upstream: Application, tmp_path: Path) -> None:
    found = bulk(upstream, tmp_path / "t")
    assert "exports: this tenant has no column RatePlanCharge.ProrationOption; it is left out" in found.warnings
    assert "ProrationOption" not in (tmp_path / "t" / "exports" / "RatePlanCharge.csv").read_text()


@pytest.mark.parametrize(
    ("message", "column"),
    [
        ("invalid field for query: RatePlanCharge.RatingGroup", "RatePlanCharge.RatingGroup"),
        ("There is no field named rateplancharge.ratinggroup.", "RatePlanCharge.RatingGroup"),
        ("There is no field named SoldToContact.Id.", "SoldToContact.Id"),
        ("invalid field for query: RatePlanCharge.Quantity", None),
        ("You have no permission.", None),
    ],
)
def test_the_column_that_a_refusal_is_about(message: str, column: str | None) -> None:
    assert lacking(message, ()) == column


class Changing:
    """The service, whose tenant changes before a call, or whose answers are changed."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.calls: list[str] = []
        self.before: dict[int, Any] = {}
        self.broken: list[str] = []
        self.dies_at = 10_000

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        call = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
        self.calls.append(call)
        if len(self.calls) in self.before:
            self.before[len(self.calls)]()
        if len(self.calls) >= self.dies_at:
            raise KeyboardInterrupt
        pieces = self.application(environ, start)
        try:
            body = b"".join(pieces)
        finally:
            getattr(pieces, "close", lambda: None)()
        if self.broken and environ["PATH_INFO"].startswith("/v1/files/") and self.broken.pop():
            return [body[: len(body) * 2 // 3]]
        return [body]

    def count(self, part: str) -> int:
        return sum(part in call for call in self.calls)


@pytest.fixture
def changing(tmp_path: Path) -> Iterator[tuple[Changing, Store, Path]]:
    folder = write_source(tmp_path / "source", 5)
    store = open_tenant(folder)
    yield Changing(application(store, Options(as_vendor=True), fixed_clock(NOW))), store, folder
    store.close()


def test_all_exports_are_of_one_moment(changing: tuple[Changing, Store, Path], tmp_path: Path) -> None:
    app, store, _ = changing

    def delete_the_last() -> None:
        smaller = write_source(tmp_path / "smaller", 4)
        import_tenant(store, smaller)

    bulk(app, tmp_path / "undisturbed")
    first_status = next(place for place, call in enumerate(app.calls, start=1) if "/jobs/" in call)
    app.calls.clear()
    app.before = {first_status + 3: delete_the_last}
    bulk(app, tmp_path / "disturbed")
    for name in ("Account", "Subscription", "RatePlanCharge", "Usage"):
        one, other = (tmp_path / where / "exports" / f"{name}.csv" for where in ("undisturbed", "disturbed"))
        assert one.read_bytes() == other.read_bytes(), name


def test_a_fetch_that_was_killed_anywhere_asks_for_no_job_and_no_file_twice(
    changing: tuple[Changing, Store, Path], tmp_path: Path
) -> None:
    app, _, _ = changing
    bulk(app, tmp_path / "whole")
    calls, jobs, files = len(app.calls), app.count("POST /v1/batch-query"), app.count("/v1/files/")
    wanted = contents(tmp_path / "whole")
    for place in range(calls - 1, 3, -4):
        app.calls.clear()
        app.dies_at = place
        with pytest.raises(KeyboardInterrupt):
            bulk(app, tmp_path / f"killed at {place}")
        app.dies_at = 10_000
        bulk(app, tmp_path / f"killed at {place}")
        assert contents(tmp_path / f"killed at {place}") == wanted
        assert app.count("POST /v1/batch-query") <= jobs + 1  # the one under way
        assert app.count("/v1/files/") <= files + 1


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".fetch" not in path.parts
    }


def test_a_file_that_was_cut_is_noticed_and_had_again_by_the_same_call(
    changing: tuple[Changing, Store, Path], tmp_path: Path
) -> None:
    app, _, folder = changing
    app.broken = [True]
    with pytest.raises(VendorError):
        bulk(app, tmp_path / "t")
    assert bulk(app, tmp_path / "t").accounts == 5
    assert preview_of(tmp_path / "t", "A00000002", TARGET) == preview_of(folder, "A00000002", TARGET)


def ended(app: Application, folder: Path) -> bool:
    try:
        bulk(app, folder)
    except VendorError:
        return False
    return True


def test_a_bad_day_changes_nothing(upstream: Application, tmp_path: Path) -> None:
    bulk(upstream, tmp_path / "good")
    app = Faulty(upstream, share=0.15, seed=11, kinds=("429", "429 soon", "500", "503 as HTML", "half"))
    attempts = 1
    while not ended(app, tmp_path / "bad"):  # half a file: the same call goes on
        attempts += 1
        assert attempts < 20
    assert sum(app.faults.values()) > 3
    assert contents(tmp_path / "good") == contents(tmp_path / "bad")


def test_a_job_that_ends_in_error_is_named(upstream: Application, tmp_path: Path) -> None:
    def failing(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if "/jobs/" in environ["PATH_INFO"]:
            batches = [{"name": "Usage", "status": "aborted", "message": "too long"}]
            body = json.dumps({"id": "1", "status": "aborted", "batches": batches}).encode()
            start("200 OK", [("Content-Type", "application/json"), ("Content-Length", f"{len(body)}")])
            return [body]
        return upstream(environ, start)

    with pytest.raises(JobFailed, match="the export Usage ended: too long"):
        bulk(failing, tmp_path / "t")


def test_a_fetch_by_single_reads_takes_the_place_of_one_by_exports(upstream: Application, tmp_path: Path) -> None:
    bulk(upstream, tmp_path / "t")
    with vendor_over(upstream) as vendor:
        fetch(vendor, tmp_path / "t", Wanted(), clock=fixed_clock(NOW))
    assert not list((tmp_path / "t" / "exports").iterdir())
    assert len(list((tmp_path / "t" / "accounts").iterdir())) == 12


def test_the_command_fetches_in_bulk_and_takes_no_selection(
    upstream: Application, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setenv("SOAPSVC_UPSTREAM_CLIENT_ID", CLIENT_ID)
    monkeypatch.setenv("SOAPSVC_UPSTREAM_CLIENT_SECRET", CLIENT_SECRET)
    with served(upstream) as url:
        asked = ["fetch", "--upstream", url, "--longest-pause", "0.01", "--bulk", str(tmp_path / "t")]
        refused = CliRunner().invoke(main, [*asked, "--batch", "Batch1"])
        result = CliRunner().invoke(main, asked)
    assert (refused.exit_code, result.exit_code) == (2, 0), result.output
    assert "reads the whole tenant" in refused.output
    assert "12 accounts in" in result.output
