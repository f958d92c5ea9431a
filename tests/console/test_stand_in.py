"""A stand-in's clock, faults and journal in the console: seen, changed, and neither disturbed nor barred by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.console.visitor import Visitor
from tests.soap.client import request
from tests.standin.client import START, standing
from tests.standin.conftest import TENANT
from tests.support.tenants import write_tenant

ACCOUNT = {"id": "a" * 32, "accountNumber": "A-1", "name": "First", "currency": "EUR", "billCycleDay": 1}
PAGE = "/console/stand-in"


class Desk:
    """A tester at the console of a stand-in."""

    def __init__(self, folder: Path, token: str | None = None) -> None:
        self.standing = standing(folder, admin_token=token)
        self.visitor = Visitor(self.standing.application)
        self.visitor.post("/console/sign-in", {"username": "tests@example.com", "password": "tests"})

    def does(self, deed: str, **form: str) -> str:
        """Have it done; what the page says then."""
        answer = self.visitor.submit(PAGE, do=deed, **form)
        if answer.status == 303:
            answer = self.visitor.get(answer.headers["location"])
        return answer.said

    @property
    def clock(self) -> str:
        (found,) = self.visitor.get(PAGE).root.xpath("//strong[@class='clock']/@data-now")
        return str(found)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_tenant(tmp_path / "tenant", TENANT, accounts=ACCOUNT)


@pytest.fixture
def desk(folder: Path) -> Iterator[Desk]:
    made = Desk(folder)
    yield made
    made.standing.stand_in.copy.close()


def test_the_navigation_leads_there(desk: Desk) -> None:
    links = desk.visitor.get("/console/accounts").root.xpath("//nav[@aria-label='Main']/a/@href")
    assert links == ["/console/accounts", "/console/runs", PAGE]
    assert "standing still" in desk.visitor.get(PAGE).said


def test_only_a_stand_in_has_the_page(visitor: Visitor) -> None:
    assert visitor.get(PAGE).status == 404
    assert visitor.submit(PAGE, do="reset").status == 404
    assert PAGE not in visitor.get("/console/accounts").root.xpath("//nav/a/@href")


@pytest.mark.parametrize(
    ("deed", "form", "expected"),
    [
        ("set", {"now": "2026-03-01T10:30:00", "frozen": "1"}, "2026-03-01T10:30:00Z"),
        ("set", {"now": "2026-07-01T10:30:00", "frozen": "1"}, "2026-07-01T09:30:00Z"),
        ("advance", {"by": "1", "unit": "months"}, "2026-02-15T09:00:00Z"),
        ("advance", {"by": "-2", "unit": "weeks"}, "2026-01-01T09:00:00Z"),
    ],
)
def test_the_clock_is_moved_by_the_tenants_time_and_the_visitor_stays(
    desk: Desk, deed: str, form: dict[str, str], expected: str
) -> None:
    desk.does(deed, **form)
    assert desk.clock == expected


def test_the_clock_runs_on_request(desk: Desk) -> None:
    assert "running" in desk.does("set")
    assert not desk.standing.stand_in.clock.frozen


@pytest.mark.parametrize(
    ("deed", "form", "told"),
    [
        ("set", {"now": "someday", "frozen": "1"}, "Now is 'someday', not a date or an instant"),
        ("advance", {"by": "1.5", "unit": "days"}, "By must be a whole number"),
        ("advance", {"by": "1", "unit": "moons"}, "By must be a whole number"),
        ("advance", {"by": "999999", "unit": "years"}, "The clock cannot go so far"),
        ("add-fault", {"fault": "{"}, "The fault is not JSON"),
        ("add-fault", {"fault": "[]"}, "The fault is not a JSON object"),
        ("add-fault", {"fault": '{"operatoin": "query"}'}, "did you mean operation?"),
        ("remove-fault", {"id": "fault-9"}, "There is no fault fault-9"),
        ("dance", {}, "does not say what to do"),
    ],
)
def test_an_impossible_change_is_refused_and_changes_nothing(
    desk: Desk, deed: str, form: dict[str, str], told: str
) -> None:
    answer = desk.visitor.submit(PAGE, do=deed, **form)
    assert (answer.status, told in answer.said) == (400, True), answer.said
    assert desk.clock == "2026-01-15T09:00:00Z"


def test_faults_are_added_counted_and_removed_and_never_meet_the_console(desk: Desk) -> None:
    """A fault for all calls would bar the page that takes it away."""
    assert "fault-1" in desk.does("add-fault", fault='{"effect": {"status": 500}}')
    assert desk.standing.rest.request("GET", "/v1/anything", b"", None, "application/json").status == 500
    (row,) = desk.visitor.get(PAGE).rows("//table[@class='faults']/tbody/tr")
    assert row[:4] == ["fault-1", '{"effect": {"status": 500}}', "1", "1"]
    assert "answered as by the service" in desk.does("remove-fault", id="fault-1")
    desk.does("add-fault", fault='{"effect": {"status": 500}}')
    assert "answered as by the service" in desk.does("clear-faults")


def test_the_journal_shows_what_was_asked_and_none_of_the_consoles_own_calls(desk: Desk) -> None:
    soap = desk.standing.soap
    soap.login("tests@example.com", "tests")
    soap.preview(request("<b>nobody</b>".replace("<", "&lt;")))
    page = desk.visitor.get(PAGE)
    rows = page.rows("//table[@class='journal']/tbody/tr")
    assert ["billingPreview" in row[1] or "login" in row[1] for row in rows] == [True, True]
    assert "<b>nobody" not in page.text
    narrowed = desk.visitor.get(PAGE, {"operation": "login"}).rows("//table[@class='journal']/tbody/tr")
    assert len(narrowed) == 1
    assert "Nothing that fits" in desk.does("clear-requests")


def test_a_reset_begins_again_and_the_visitor_stays(desk: Desk) -> None:
    desk.standing.ok("PUT", "/accounts/A-2", {"name": "Second", "currency": "EUR"})
    desk.does("advance", by="1", unit="years")
    assert "2 accounts" in desk.visitor.get(PAGE).said
    assert "1 account." in desk.does("reset")
    assert desk.clock == "2026-01-15T09:00:00Z"
    assert "1 account." in desk.does("reset-first")


def test_powers_behind_a_token_are_not_the_consoles(folder: Path) -> None:
    guarded = Desk(folder, token="only for some")
    answer = guarded.visitor.get(PAGE)
    assert (answer.status, "started with an admin token" in answer.said) == (403, True)
    assert guarded.visitor.submit(PAGE, do="advance", by="1", unit="days").status == 403
    assert guarded.standing.stand_in.clock() == START
    guarded.standing.stand_in.copy.close()


def test_a_form_of_another_site_does_nothing(desk: Desk) -> None:
    answer = desk.visitor.post(PAGE, {"do": "advance", "by": "1", "unit": "days"})
    assert answer.status == 403
    assert desk.clock == "2026-01-15T09:00:00Z"
