"""The findings of verify, fit and a shadow in the console: only users who may see all accounts can read them."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from soapsvc.cli import main
from soapsvc.parity.shadowing import DifferingPreview
from soapsvc.parity.shadowing.found import FoundWriter
from soapsvc.server import Options, application
from soapsvc.tenant import Store, UserEntry
from tests.console.conftest import MovableClock
from tests.console.visitor import Visitor
from tests.parity.test_verify import changed_prices, written
from tests.support.captures.recordings import FIXTURES, demo_data, demo_settings, recorded

LIST = "/console/comparisons"
ONE = "/console/comparison"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten accounts, three of them different, as a recording with the reports of verify and fit; the demo agrees."""
    tmp_path = tmp_path_factory.mktemp("compared")
    folder = tmp_path / "comparisons"
    folder.mkdir()
    bare = tmp_path / "bare"
    bare.mkdir()
    changed_prices(folder).rename(folder / "shadow-1.jsonl")
    demo = written(tmp_path / "demo.jsonl", *(recorded(data, demo_settings(), "2026-06-30") for data in demo_data()))
    for name, command, recording, tenant in (
        ("differs.json", "verify", folder / "shadow-1.jsonl", bare),
        ("agrees.json", "verify", demo, FIXTURES),
        ("fit.json", "fit", folder / "shadow-1.jsonl", bare),
    ):
        asked = [command, str(recording), "--tenant", str(tenant), "--format", "json"]
        more = ["--processes", "1"] if command == "fit" else []
        (folder / name).write_text(CliRunner().invoke(main, [*asked, *more]).stdout, encoding="utf-8")
    (folder / "torn.json").write_text('{"agrees": tr')
    (folder / "other.json").write_text('{"agrees": true, "accounts": 7}')
    (folder / "notes.txt").write_text("nothing of ours")
    for age, name in enumerate(
        ("differs.json", "agrees.json", "fit.json", "shadow-1.jsonl", "torn.json", "other.json")
    ):
        os.utime(folder / name, (1_760_000_000 - age, 1_760_000_000 - age))
    return folder


@pytest.fixture
def analyst(store: Store, clock: MovableClock, folder: Path) -> Visitor:
    made = Visitor(application(store, Options(comparisons=folder, run_workers=0), clock))
    made.sign_in()
    return made


def test_all_are_listed_the_newest_first_with_what_they_found(analyst: Visitor) -> None:
    rows = analyst.get(LIST).rows()
    assert [(row[0], row[2]) for row in rows] == [
        ("differs.json", "verification"),
        ("agrees.json", "verification"),
        ("fit.json", "fit"),
        ("shadow-1.jsonl", "recording"),
        ("torn.json", "unknown"),
        ("other.json", "unknown"),
    ]
    found = {row[0]: row[3] for row in rows}
    assert found["differs.json"] == "12 items differ"
    assert found["agrees.json"] == "agrees"
    assert found["fit.json"] == "7 of 10 recordings are reproduced"
    assert "not JSON of soapsvc verify or soapsvc fit" in found["torn.json"]


@pytest.mark.parametrize("name", ["differs.json", "shadow-1.jsonl"])
def test_a_verification_shows_shares_causes_and_each_difference_with_how_it_comes_about(
    analyst: Visitor, name: str
) -> None:
    """31 a month, where ours are 41, 51 and 61, over three months and 16 of 31 days: (10 + 20 + 30) x 3 + 30.96.

    A recording is compared when it is looked at.
    """
    page = analyst.get(ONE, {"name": name})
    assert page.status == 200
    (row,) = page.root.xpath("//tr[@data-currency='USD']/@data-differing")
    assert row == "210.96"
    assert "changed after recording" in page.said
    assert page.root.xpath("//*[@aria-label='accounts that agree: 7 of 10']")
    assert page.root.xpath("//ol[@class='explanation']/li/code")
    links = page.root.xpath("//details//th/a/@href")
    assert any(link.startswith("/console/account?number=A-2") for link in links)


def test_a_verification_without_differences_passes(analyst: Visitor) -> None:
    assert "All agree." in analyst.get(ONE, {"name": "agrees.json"}).said


def test_a_fit_shows_each_setting_and_what_was_not_reproduced(analyst: Visitor) -> None:
    page = analyst.get(ONE, {"name": "fit.json"})
    settings = page.rows("//table[@class='settings']/tbody/tr")
    assert len(settings) > 10
    assert {row[3] for row in settings} <= {"determined", "undetermined", "contradicted"}
    assert "Not reproduced" in page.said


@pytest.mark.parametrize("name", ["torn.json", "other.json"])
def test_an_unreadable_file_is_reported(analyst: Visitor, name: str) -> None:
    assert "not JSON of soapsvc verify" in analyst.get(ONE, {"name": name}).said


@pytest.mark.parametrize("name", ["", "../bare/tenant.toml", "notes.txt", "/etc/passwd", "no.json", "differs.json/"])
def test_nothing_but_the_folders_own_reports_is_read(analyst: Visitor, name: str) -> None:
    assert analyst.get(ONE, {"name": name}).status == 404


def test_a_user_with_limited_rights_sees_no_comparison(analyst: Visitor, store: Store) -> None:
    assert LIST in analyst.get("/console/accounts").root.xpath("//nav/a/@href")
    store.put_user(UserEntry("narrow@example.com", password="demo", organizations=("theirs",)))
    analyst.sign_in("narrow@example.com")
    assert LIST not in analyst.get("/console/accounts").root.xpath("//nav/a/@href")
    assert (analyst.get(LIST).status, analyst.get(ONE, {"name": "agrees.json"}).status) == (404, 404)


def test_the_findings_of_a_shadow_stand_above_its_recordings(store: Store, clock: MovableClock, tmp_path: Path) -> None:
    """Two agreed in one hour, one differed in the next, twice in the same way."""
    at = datetime(2026, 3, 14, 9, 59, tzinfo=UTC)
    preview = DifferingPreview(
        *("id-1", "A-1", "soap", "{}", at, at + timedelta(hours=1), 1, 7, 2, ("amount", "dates"), "USD"),
        *(Decimal("10.50"), Decimal("11.00"), "shadow-1.jsonl"),
    )
    writer = FoundWriter(tmp_path)
    writer.count(at, "soap", "agreed", 2)
    writer.count(at + timedelta(hours=1), "soap", "differed", 2)
    writer.differed(preview, "digest")
    assert writer.again(preview, "digest")
    writer.close()
    visitor = Visitor(application(store, Options(comparisons=tmp_path, run_workers=0), clock))
    visitor.sign_in()
    page = visitor.get(LIST)
    counts = {each.get("data-outcome"): each.get("data-count") for each in page.root.xpath("//strong[@data-outcome]")}
    assert counts == {"agreed": "2", "differed": "2"}
    (row,) = page.rows("//table[@class='differing']/tbody/tr")
    assert row[:7] == ["A-1", "soap", "Mar 14, 2026, 6:59:00 PM", "2", "7", "2", "amount, dates"]
    assert row[7:] == ["USD 10.50", "USD 11.00", "shadow-1.jsonl"]
    assert len(page.root.xpath("//*[@role='img' and contains(@aria-label, 'differed')]")) == 1


def test_a_shadows_incomplete_file_is_reported(store: Store, clock: MovableClock, tmp_path: Path) -> None:
    (tmp_path / "shadow.sqlite").write_bytes(b"torn" * 2000)
    visitor = Visitor(application(store, Options(comparisons=tmp_path, run_workers=0), clock))
    visitor.sign_in()
    assert "shadow.sqlite cannot be read" in visitor.get(LIST).said


def test_without_a_folder_the_page_is_missing_and_an_empty_one_has_a_note(
    visitor: Visitor, store: Store, clock: MovableClock, tmp_path: Path
) -> None:
    assert visitor.get(LIST).status == 404
    empty = Visitor(application(store, Options(comparisons=tmp_path / "not yet", run_workers=0), clock))
    empty.sign_in()
    assert "There is none yet." in empty.get(LIST).said
