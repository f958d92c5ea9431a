"""An analyst's day in a real Chromium: found, read, explained, run, compared; by keyboard, on a phone, no script."""

from __future__ import annotations

import io
import subprocess
import sys
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from soapsvc.resources import fixtures_dir
from tests.browser.office import CHOIR, Office, Reports

ASKED = {"accountNumber": "A00001009", "targetDate": "2027-11-30", "assumeRenewal": "All"}
AS_OF = {"asOf": "2026-03-15"}


def by_month(office: Office) -> dict[str, Decimal]:
    """The amounts of each month from the API."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for invoice in office.api(**ASKED, **AS_OF, groupBy="invoice")["invoices"]:
        sums[invoice["invoiceDate"][:7]] += Decimal(invoice["amount"])
    return dict(sums)


def test_signing_in_and_out(office: Office) -> None:
    assert "demo@example.com" in office.page.inner_text("header")
    office.page.click("text=Sign out")
    office.page.wait_for_url("**/console/sign-in")
    office.go("/console/accounts")
    assert "/console/sign-in" in office.page.url


def test_a_wrong_password_gets_its_own_error(office: Office, reports: Reports) -> None:
    reports.expected.append("403")
    office.page.click("text=Sign out")
    office.page.fill("[name=username]", "nobody@example.com")
    office.page.fill("[name=password]", "wrong")
    office.page.click("button.main")
    assert office.texts("[role=alert]") == ["The user name or the password is wrong."]


def test_searching_leads_to_an_account(office: Office) -> None:
    office.page.fill("[name=q]", "choir tidewater")
    office.page.keyboard.press("Enter")
    office.page.click("text=A00001009")
    assert office.texts("h1") == ["Tidewater Choir A00001009"]


@pytest.mark.parametrize("by", ["invoice", "month", "subscription", "charge"])
def test_each_grouping_has_the_sum_of_the_api(office: Office, by: str) -> None:
    office.go(f"/console/account?{CHOIR}")
    office.page.select_option("[name=by]", by)
    office.page.click("text=Preview")
    office.page.wait_for_url(f"**by={by}**")
    groups = [Decimal(each.get_attribute("data-sum")) for each in office.page.locator("tr.group").all()]
    whole = sum(Decimal(item["chargeAmount"]) for item in office.api(**ASKED)["invoiceItems"])
    assert sum(groups) == office.total("USD") == whole


def test_the_explanation_of_an_amount_is_that_of_the_terminal(office: Office) -> None:
    command = (sys.executable, "-c", "from soapsvc.cli import main; main()", "preview", "--tenant", str(fixtures_dir()))
    asked = ("--account-number", "A00001009", "--target-date", "2027-11-30", "--assume-renewal", "All", "--explain")
    done = subprocess.run([*command, *asked], capture_output=True, check=True, encoding="utf-8")
    lines = done.stdout[done.stdout.index("C-00001902 Music stands, 2026-04-10") :].splitlines()
    expected = [line.strip() for line in lines[1 : next(n for n, line in enumerate(lines) if n and line[0] != " ")]]
    office.go(f"/console/account?{CHOIR}")
    row = office.page.locator("table.items tr", has_text="Music stands").filter(has_text="10 Apr 2026")
    row.first.locator("td a").click()
    assert office.page.locator("ol.explanation code").all_text_contents() == expected
    assert "A00001009 Tidewater Choir" in office.said


@pytest.mark.parametrize("stack", ["product", "subscription", "type"])
def test_bars_and_table_have_the_numbers_of_the_api(office: Office, stack: str) -> None:
    office.go(f"/console/account?{CHOIR}&stack={stack}")
    rows = office.page.locator("table.numbers tr[data-month]").all()
    table = {row.get_attribute("data-month")[:7]: Decimal(row.get_attribute("data-sum")) for row in rows}
    assert table == by_month(office)
    labels = [each.get_attribute("aria-label") for each in office.page.locator(".bars-chart .bar").all()]
    drawn = sum(Decimal(label.rpartition("\u00a0")[2].replace(",", "")) for label in labels)
    assert drawn == sum(table.values())


def test_focus_and_pointer_show_what_a_bar_stands_for(office: Office) -> None:
    office.go(f"/console/account?{CHOIR}")
    bar = office.page.locator(".bars-chart .bar").first
    told = bar.locator(".told")
    assert not told.is_visible()
    bar.focus()
    assert told.is_visible()
    assert told.text_content() == bar.get_attribute("aria-label")
    bar.evaluate("each => each.blur()")
    bar.locator(".shape").hover()
    assert told.is_visible()
    mark = office.page.locator(".timeline .renewal").first
    mark.focus()
    assert "renewal assumed: 10 Apr 2026" in mark.locator(".told").text_content()


def start_run(office: Office, target: str) -> None:
    office.go("/console/runs")
    office.page.fill("[name=target_date]", target)
    office.page.select_option("[name=assume_renewal]", "All")
    office.page.click("text=Start a run")
    office.page.wait_for_url("**/console/run?id=*")
    office.page.wait_for_selector("text=Completed", timeout=120_000)


def test_runs_from_the_start_over_the_download_to_the_comparison(office: Office) -> None:
    start_run(office, "2026-11-30")
    first = office.total("USD")
    start_run(office, "2026-12-31")
    second = office.total("USD")
    with office.page.expect_download() as download:
        office.page.click(".downloads >> text=workbook")
    book = load_workbook(io.BytesIO(Path(download.value.path()).read_bytes()))
    head, *rows = book["By account"].iter_rows(values_only=True)
    amounts = [Decimal(str(row[head.index("Amount")])) for row in rows if row[head.index("Currency")] == "USD"]
    assert sum(amounts) == second
    office.go("/console/runs")
    office.page.click("form[action='/console/compare'] button")
    assert office.total("USD") == second - first
    bars = office.page.locator(".bars-chart .bar").all()
    assert any("reaches further: USD" in bar.get_attribute("aria-label") for bar in bars)


def test_an_account_of_others_is_not_there(office: Office, reports: Reports) -> None:
    reports.expected.append("404")
    office.page.click("text=Sign out")
    office.sign_in("narrow@example.com")
    assert "No account that you may see fits." in office.said
    office.go(f"/console/account?{CHOIR}")
    assert "There is no such account that you may see." in office.said


def test_a_session_that_ended_elsewhere_leads_to_sign_in_and_back_to_the_page(office: Office) -> None:
    office.go(f"/console/account?{CHOIR}")
    there = office.page.url
    other = office.page.context.new_page()
    other.goto(f"{office.url}/console/runs")
    other.click("text=Sign out")
    other.wait_for_url("**/console/sign-in*")
    other.close()
    kept = [{"name": "soapsvc_console", "value": "gone", "url": f"{office.url}/console"}]
    office.page.context.add_cookies(kept)
    office.page.reload()
    assert office.texts("[role=alert]") == ["Your session is over. Sign in again."]
    office.page.fill("[name=username]", "demo@example.com")
    office.page.fill("[name=password]", "demo")
    office.page.click("button.main")
    office.page.wait_for_url(there)


FOCUSED = "document.activeElement.getAttribute('href') || document.activeElement.className?.baseVal"
PAGES = [
    "/console/accounts",
    "/console/accounts?q=nothing+like+it",
    f"/console/account?{CHOIR}&by=month",
    "/console/account?number=A00001004&by=charge",
    "/console/account?number=A00001010&drafts=1",
    "/console/account?number=A00001011",
    "/console/account?number=A00001012",
    f"/console/account/item?{CHOIR}&n=4",
    "/console/runs",
]


@pytest.mark.parametrize("path", PAGES)
def test_bait_stays_text(chromium: Any, baited: str, reports: Reports, path: str) -> None:
    with Office.open(chromium, baited, reports) as office:
        office.sign_in()
        office.go(path)
        assert office.page.locator("main img, main script").count() == 0
        if "account" in path and "nothing" not in path:
            assert "<script>alert(1)</script>" in office.page.content() or "&lt;script&gt;" in office.page.content()
    assert reports.complaints == []
    assert reports.elsewhere == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", [*PAGES, "/console/sign-in", "run", "compare"])
def test_axe_finds_nothing_serious(
    chromium: Any, demo: str, reports: Reports, axe: str, path: str, scheme: str, runs: tuple[str, str]
) -> None:
    places = {"run": f"/console/run?id={runs[1]}", "compare": f"/console/compare?old={runs[0]}&new={runs[1]}"}
    with Office.open(chromium, demo, reports, color_scheme=scheme) as office:
        office.sign_in()
        office.go(places.get(path, path))
        office.page.evaluate(axe)
        found = office.page.evaluate("axe.run()")["violations"]
    grave = [each for each in found if each["impact"] in {"serious", "critical"}]
    told = [(each["id"], [node["html"] for node in each["nodes"][:3]]) for each in grave]
    assert told == []


@pytest.fixture(scope="session")
def runs(chromium: Any, demo: str) -> tuple[str, str]:
    """Two runs that have ended; their ids."""
    ids = []
    with Office.open(chromium, demo, Reports()) as office:
        office.sign_in()
        for target in ("2026-10-31", "2026-12-31"):
            start_run(office, target)
            ids.append(office.page.url.rpartition("id=")[2])
    return ids[0], ids[1]


def test_the_keyboard_reaches_everything_in_reading_order(office: Office) -> None:
    """The skip link comes first and works; then the navigation, the form, and every amount."""
    office.go(f"/console/account?{CHOIR}&exclude=Usage&next_invoices=1")
    page = office.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "target_date"
    reached = set()
    for _ in range(200):
        page.keyboard.press("Tab")
        reached.add(page.evaluate(FOCUSED))
    amounts = {each.get_attribute("href") for each in page.locator("table.items td a").all()}
    assert amounts <= reached
    assert {"bar", "bar renewal", "bar billed"} <= reached


@pytest.mark.parametrize("path", PAGES)
def test_a_phone_shows_pages_without_scrolling_sideways(chromium: Any, demo: str, reports: Reports, path: str) -> None:
    with Office.open(chromium, demo, reports, width=390) as office:
        office.sign_in()
        office.go(path)
        assert office.page.evaluate("document.scrollingElement.scrollWidth") <= 390


def test_pages_can_be_read_without_script(chromium: Any, demo: str, reports: Reports, runs: tuple[str, str]) -> None:
    with Office.open(chromium, demo, reports, java_script_enabled=False) as office:
        office.sign_in()
        office.page.click("text=A00001009")
        office.page.click("table.items td a >> nth=0")
        assert office.page.locator("ol.explanation li").count() > 0
        office.go(f"/console/compare?old={runs[0]}&new={runs[1]}")
        assert "reaches further" in office.said
    assert reports.complaints == []


def test_a_print_has_the_numbers_and_not_the_forms(office: Office) -> None:
    office.go(f"/console/account?{CHOIR}")
    office.page.emulate_media(media="print")
    assert not office.page.locator(".options").is_visible()
    assert office.page.locator("table.items").is_visible()
