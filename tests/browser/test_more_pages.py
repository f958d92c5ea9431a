"""Pages that only some servers have, in a real Chromium: a stand-in's powers, and comparisons with the vendor."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from click.testing import CliRunner

from soapsvc.cli import main
from soapsvc.parity.recording import RecordingWriter
from soapsvc.parity.shadowing import DifferingPreview
from soapsvc.parity.shadowing.found import FoundWriter
from soapsvc.resources import fixtures_dir
from tests.browser.conftest import BAIT, served
from tests.browser.office import Office, Reports
from tests.parity.test_verify import changed_prices
from tests.support.captures.recordings import FIXTURES, demo_data, demo_settings, recorded


@pytest.fixture(scope="session")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A stand-in of the demo tenant that was asked for something, and has a fault and a call with bait."""
    options = ("--stand-in", "--as-of", "2026-03-15T10:30:00Z")
    with served(fixtures_dir(), tmp_path_factory.mktemp("stand-in"), *options) as url:
        for path in (
            "/v1/accounts/A00001009",
            "/v1/accounts/A0000100",
            "/v1/accounts/%3Cscript%3Ealert(1)%3C/script%3E",
        ):
            asked(url, path)
        yield url


def asked(url: str, path: str) -> None:
    """Call the stand-in without a login: the call is refused, and is in the journal."""
    with suppress(HTTPError), urlopen(f"{url}{path}") as answer:  # noqa: S310 - our own server
        answer.read()


@pytest.fixture(scope="session")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The demo tenant with a verification that agrees, one that does not, a fit, and what a shadow found."""
    root = tmp_path_factory.mktemp("compared")
    folder, bare = root / "comparisons", root / "bare"
    folder.mkdir()
    bare.mkdir()
    changed_prices(folder).rename(folder / "shadow-1.jsonl")
    with RecordingWriter(root / "demo.jsonl") as recording:
        for data in demo_data():
            recording.add(recorded(data, demo_settings(), "2026-06-30"))
    for name, command, what, tenant in (
        ("agrees.json", "verify", root / "demo.jsonl", FIXTURES),
        ("differs.json", "verify", folder / "shadow-1.jsonl", bare),
        ("fit.json", "fit", folder / "shadow-1.jsonl", bare),
    ):
        asked = [command, str(what), "--tenant", str(tenant), "--format", "json"]
        text = CliRunner().invoke(main, asked).stdout
        (folder / name).write_text(text.replace("A-1", f"A-1{BAIT}".replace('"', "'")), encoding="utf-8")
    writer = FoundWriter(folder)
    for hour in range(24):
        at = datetime(2026, 3, 14, hour, tzinfo=UTC)
        writer.count(at, "soap", "agreed", 100 + 10 * hour)
        writer.count(at, "rest", "differed", hour % 3)
    instants = (datetime(2026, 3, 14, 9, 59, tzinfo=UTC), datetime(2026, 3, 14, 22, 1, tzinfo=UTC))
    numbers = (3, 7, 2, ("amount", "dates"), "USD", Decimal("10.50"), Decimal("11.00"), "shadow-1.jsonl")
    writer.differed(DifferingPreview("id-1", f"A-1{BAIT}", "soap", "{}", *instants, *numbers), "digest")
    writer.close()
    with served(fixtures_dir(), root, "--comparisons", str(folder)) as url:
        yield url


PLACES = {
    "stand-in": "/console/stand-in",
    "comparisons": "/console/comparisons",
    "verification": "/console/comparison?name=differs.json",
    "recording": "/console/comparison?name=shadow-1.jsonl",
    "fit": "/console/comparison?name=fit.json",
}


def opened(chromium: Any, name: str, request: pytest.FixtureRequest, reports: Reports, **options: Any) -> Any:
    url = request.getfixturevalue("stand_in" if name == "stand-in" else "compared")
    return Office.open(chromium, url, reports, **options)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PLACES)
def test_axe_finds_nothing_serious_and_bait_stays_text(
    chromium: Any, request: pytest.FixtureRequest, reports: Reports, axe: str, name: str, scheme: str
) -> None:
    with opened(chromium, name, request, reports, color_scheme=scheme) as office:
        office.sign_in()
        office.go(PLACES[name])
        assert office.page.locator("main img, main script").count() == 0
        office.page.evaluate(axe)
        found = office.page.evaluate("axe.run()")["violations"]
    grave = [each for each in found if each["impact"] in {"serious", "critical"}]
    assert [(each["id"], [node["html"] for node in each["nodes"][:3]]) for each in grave] == []
    assert (reports.complaints, reports.elsewhere) == ([], [])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", PLACES)
def test_a_picture_of(
    chromium: Any,
    request: pytest.FixtureRequest,
    reports: Reports,
    tmp_path: Path,
    name: str,
    width: int,
    scheme: str,
) -> None:
    target = Path(os.environ.get("PICTURES", tmp_path)) / f"{name}-{width}-{scheme}.png"
    with opened(chromium, name, request, reports, width=width, color_scheme=scheme) as office:
        office.sign_in()
        office.go(PLACES[name])
        office.page.screenshot(path=target, full_page=True)
        assert office.page.evaluate("document.scrollingElement.scrollWidth") <= width
    assert reports.complaints == []


def test_a_tester_moves_the_clock_adds_a_fault_and_sees_what_met_it(
    chromium: Any, stand_in: str, reports: Reports
) -> None:
    with Office.open(chromium, stand_in, reports) as office:
        office.sign_in()
        page = office.page
        page.click("nav >> text=Stand-in")
        page.wait_for_url("**/console/stand-in")
        before = page.get_attribute(".clock", "data-now")
        page.click("text=Go on")
        page.wait_for_function(f"document.querySelector('.clock').dataset.now !== '{before}'")
        with urlopen(f"{stand_in}/_admin/clock") as answer:  # noqa: S310 - our own server
            assert json.load(answer)["now"] == page.get_attribute(".clock", "data-now") != before
        page.fill("[name=fault]", '{"effect": {"delay": 0.01}}')
        page.click("text=Add the fault")
        page.wait_for_selector("table.faults")
        asked(stand_in, "/v1/accounts/A00001009")
        page.reload()
        assert office.texts("table.journal tbody tr >> nth=0 >> td >> nth=-1") == ["fault-1"]
        page.click("text=Remove all faults")
        page.wait_for_selector("text=answered as by the service")
    assert (reports.complaints, reports.elsewhere) == ([], [])
