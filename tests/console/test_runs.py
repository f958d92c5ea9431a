"""Runs from the form to the comparison: started, executed, read, downloaded, compared, and kept from others."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import update

from soapsvc.resources import fixtures_dir
from soapsvc.runs import Context, claim_run, execute_run
from soapsvc.runs.definition import RUNS, Moment, moments_text
from soapsvc.runs.execution import new_owner
from soapsvc.server import Options, application
from soapsvc.tenant import Store, UserEntry, open_tenant
from tests.console.conftest import DEMO, MovableClock
from tests.console.visitor import Page, Visitor
from tests.support.runs import ThreadWorkers


class Office:
    """A visitor, and the process that executes the visitor's runs."""

    def __init__(self, store: Store, results: Path, clock: MovableClock) -> None:
        self.store, self.results = store, str(results)
        self.visitor = Visitor(application(store, Options(results=self.results, run_workers=0), clock))
        self.visitor.sign_in()

    def start(self, **form: str) -> str:
        """Start a run; returns the path of its page."""
        asked = {"target_date": "2026-12-31", "storage": "Database", **form}
        answer = self.visitor.submit("/console/runs", **asked)
        assert answer.status == 303, answer.said
        return answer.headers["location"]

    def finish(self) -> None:
        """Execute what was started."""
        owner, workers = new_owner(), ThreadWorkers()
        context = Context(self.store, workers, self.results)
        run = claim_run(self.store, owner, context.clock(), 60)
        assert run is not None
        execute_run(run, owner, context)
        workers.close()

    def finished(self, **form: str) -> str:
        path = self.start(**form)
        self.finish()
        return path

    def get(self, path: str) -> Page:
        return self.visitor.get(path)


@pytest.fixture
def office(tmp_path: Path, clock: MovableClock) -> Iterator[Office]:
    store = open_tenant(fixtures_dir())
    store.put_user(DEMO)
    yield Office(store, tmp_path / "runs", clock)
    store.close()


def key_of(path: str) -> str:
    return path.rpartition("id=")[2]


def test_a_run_is_made_in_the_form_and_shows_its_sums(office: Office) -> None:
    """Each currency on its own; the account that cannot be rated is named with the reason."""
    path = office.start(assume_renewal="All", evergreen="1", drafts="1")
    waiting = office.get(path)
    assert "Pending" in waiting.said
    assert waiting.root.xpath("//script/@src") == ["/console/static/console.js"]
    progress = office.get(f"/console/run/progress?id={key_of(path)}")
    assert progress.root.xpath("//div[@id='progress']/@data-active") == ["1"]
    office.finish()
    ended = office.get(path)
    assert "Completed: 16 of 16 accounts" in ended.said
    assert "MISSING_PRICE" in ended.said
    assert {each.get("data-currency") for each in ended.root.xpath("//strong[@class='total']")} == {
        "USD",
        "EUR",
        "GBP",
        "JPY",
    }
    assert office.get(f"/console/run/progress?id={key_of(path)}").root.xpath("//@data-active") == ["0"]


@pytest.mark.parametrize("storage", ["Database", "Csv"])
def test_the_workbook_of_a_run_comes_to_its_sums(office: Office, storage: str) -> None:
    path = office.finished(storage=storage, assume_renewal="All")
    page = office.get(path)
    book = load_workbook(io.BytesIO(office.get(f"/console/run/file?id={key_of(path)}&format=xlsx").body))
    head, *rows = book["By account"].iter_rows(values_only=True)
    for currency in ("USD", "EUR", "GBP", "JPY"):
        amounts = [Decimal(str(row[head.index("Amount")])) for row in rows if row[head.index("Currency")] == currency]
        assert sum(amounts) == Decimal(page.total(currency))
    (failed,) = book["Failed accounts"].iter_rows(values_only=True, min_row=2)
    assert failed[1:3] == ("A00001012", "MISSING_PRICE")


def test_the_csv_of_a_run_has_all_columns_and_its_sums(office: Office) -> None:
    path = office.finished(assume_renewal="All")
    answer = office.get(f"/console/run/file?id={key_of(path)}&format=csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    usd = [Decimal(row["Amount"] or 0) for row in rows if row["Currency"] == "USD" and row["Document"] != "Credit memo"]
    back = [Decimal(row["Amount"]) for row in rows if row["Currency"] == "USD" and row["Document"] == "Credit memo"]
    assert sum(usd) - sum(back) == Decimal(office.get(path).total("USD"))
    assert {row["Account Number"] for row in rows if "MISSING_PRICE" in row["Reasons"]} == {"A00001012"}


def test_a_run_shows_accounts_a_second_from_its_start_on_as_bars_and_as_a_table(office: Office) -> None:
    """10 in the first second, none in the next, 5 and one failed in the two after it."""
    path = office.finished()
    assert not office.get(path).root.xpath("//table[@class='speeds']")
    pace = moments_text([Moment(1, 10, 0), Moment(2, 10, 0), Moment(4, 16, 1)])
    with office.store.begin() as connection:
        connection.execute(update(RUNS).values(pace=pace))
    page = office.get(path)
    assert page.rows("//table[@class='speeds']/tbody/tr") == [
        ["0:00", "0:01", "10.0", "0.0"],
        ["0:01", "0:02", "0.0", "0.0"],
        ["0:02", "0:04", "2.5", "0.5"],
    ]
    told = page.root.xpath("//*[contains(@aria-label, 'a second') and @role='img']/@aria-label")
    assert told == [
        "0:00 to 0:01: 10.0 accounts previewed a second",
        "0:02 to 0:04: 2.5 accounts previewed a second",
        "0:02 to 0:04: 0.5 accounts failed a second",
    ]


def test_the_file_of_a_run_is_the_zip_of_its_csv(office: Office) -> None:
    path = office.finished(storage="Csv")
    answer = office.get(f"/console/run/file?id={key_of(path)}")
    assert answer.headers["content-type"] == "application/zip"
    assert zipfile.ZipFile(io.BytesIO(answer.body)).testzip() is None


@pytest.mark.parametrize("storage", ["Database", "Csv"])
def test_two_runs_are_compared_in_sums_by_currency_cause_and_charge(office: Office, storage: str) -> None:
    """A month more: 63 of hall, 13.50 of stands and 80 of the tour reach further, among others."""
    old = office.finished(storage=storage, assume_renewal="All", target_date="2026-11-30", batches="Batch2")
    new = office.finished(storage=storage, assume_renewal="All", batches="Batch2")
    page = office.get(f"/console/compare?old={key_of(old)}&new={key_of(new)}")
    added = Decimal(office.get(new).total("USD")) - Decimal(office.get(old).total("USD"))
    assert Decimal(page.total("USD")) == added
    causes = page.root.xpath("//tr[@data-currency='USD' and @data-name='reaches further']/@data-delta")
    assert [Decimal(each) for each in causes] == [added]
    assert page.root.xpath("//tr[@data-name='C-00001903']/@data-delta") == ["80"]
    book = load_workbook(io.BytesIO(office.get(f"/console/compare/file?old={key_of(old)}&new={key_of(new)}").body))
    head, *rows = book["Changes"].iter_rows(values_only=True)
    at = {name: head.index(name) for name in ("Currency", "Difference")}
    assert sum(Decimal(str(row[at["Difference"]])) for row in rows if row[at["Currency"]] == "USD") == added


def test_a_run_is_like_itself(office: Office) -> None:
    path = office.finished(batches="Batch1")
    assert "Nothing is different." in office.get(f"/console/compare?old={key_of(path)}&new={key_of(path)}").said


def test_a_run_is_canceled(office: Office) -> None:
    path = office.start()
    office.visitor.submit("/console/run/cancel", id=key_of(path))
    assert "Canceled" in office.get(path).said
    again = office.visitor.submit("/console/run/cancel", id=key_of(path))
    assert (again.status, "only a run under way can be canceled" in again.said) == (409, True)


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"target_date": "someday"}, "not a date"),
        ({"target_date": "2090-01-01"}, "more than 20 years away"),
        ({"target_date": "2026-04-01", "batches": "Bogus"}, "not a batch"),
    ],
)
def test_the_form_of_a_run_shows_the_problems_of_a_refused_request(
    office: Office, form: dict[str, str], told: str
) -> None:
    answer = office.visitor.submit("/console/runs", **form)
    assert (answer.status, told in answer.said) == (400, True)


def test_a_second_run_for_the_same_accounts_waits_for_the_first(office: Office) -> None:
    office.start(batches="Batch1")
    answer = office.visitor.submit("/console/runs", target_date="2026-12-31", batches="Batch1")
    assert "a batch has one run at a time" in answer.said


def test_runs_of_others_are_not_there(office: Office) -> None:
    path = office.finished(batches="Batch1")
    office.store.put_user(UserEntry("narrow@example.com", password="demo", organizations=("theirs",)))
    office.visitor.sign_in("narrow@example.com")
    assert "There is no run that you may see." in office.get("/console/runs").said
    for page in (
        path,
        f"/console/run/file?id={key_of(path)}",
        f"/console/compare?old={key_of(path)}&new={key_of(path)}",
    ):
        assert office.get(page).status == 404
    refused = office.visitor.submit("/console/run/cancel", id=key_of(path))
    assert refused.status == 404
