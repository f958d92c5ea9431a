"""An account's page: its preview equals that of the engine, in each grouping, and each amount is explained."""

from __future__ import annotations

import io
import json
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from soapsvc.cli import main
from soapsvc.resources import fixtures_dir
from soapsvc.server import Options, application
from soapsvc.tenant import UserEntry, open_tenant
from tests.console.conftest import MovableClock
from tests.console.visitor import Page, Visitor
from tests.support.documents import account, charge, subscription
from tests.support.tenants import write_tenant

CHOIR = {"number": "A00001009", "target_date": "2026-12-31", "assume_renewal": "All"}
SAME = ("--account-number", "A00001009", "--target-date", "2026-12-31", "--assume-renewal", "All")
AS_OF = ("--as-of", "2026-03-15T10:30:00+08:00")


def terminal(*arguments: str) -> str:
    done = CliRunner().invoke(main, ["preview", "--tenant", str(fixtures_dir()), *AS_OF, *arguments])
    assert done.exit_code == 0, done.stderr
    return done.stdout


def sums(page: Page) -> dict[str, Decimal]:
    """The sum of each group, by its title."""
    return {
        " ".join(row.xpath("string(th)").split()): Decimal(row.get("data-sum"))
        for row in page.root.xpath("//tr[@class='group']")
    }


def test_the_preview_is_that_of_the_terminal(visitor: Visitor) -> None:
    page = visitor.get("/console/account", CHOIR)
    items = json.loads(
        terminal(
            "--account-number",
            "A00001009",
            "--target-date",
            "2026-12-31",
            "--assume-renewal",
            "All",
            "--format",
            "json",
        ),
        parse_float=Decimal,
    )["invoiceItems"]
    assert page.status == 200
    assert Decimal(page.total("USD")) == sum(Decimal(item["chargeAmount"]) for item in items) == Decimal("1864.50")
    assert len(page.root.xpath("//table[@class='items']//td[7]/a | //table[@class='items']//td/a")) == len(items)


@pytest.mark.parametrize("by", ["invoice", "month", "subscription", "charge"])
def test_the_groups_add_up_to_the_whole(visitor: Visitor, by: str) -> None:
    page = visitor.get("/console/account", {**CHOIR, "by": by})
    assert sum(sums(page).values()) == Decimal("1864.50")
    assert len(sums(page)) == {"invoice": 10, "month": 10, "subscription": 2, "charge": 3}[by]


def test_grouped_by_subscription_each_has_its_total(visitor: Visitor) -> None:
    """12 x 80 of the tour; (3 x 60 + 9 x 63) + (3 x 12 + 9 x 13.5) of hall and stands."""
    found = {
        title.split()[0]: amount
        for title, amount in sums(visitor.get("/console/account", {**CHOIR, "by": "subscription"})).items()
    }
    assert found == {"A-S00001011": Decimal("904.50"), "A-S00001012": Decimal("960.00")}


def test_each_amount_leads_to_the_explanation_that_the_terminal_gives(visitor: Visitor) -> None:
    explained = terminal(*SAME, "--explain")
    blocks = explained[explained.index("\nC-") + 1 :].split("\nC-")
    page = visitor.get("/console/account", CHOIR)
    links = page.root.xpath("//table[@class='items']//td/a/@href")
    by_number = {int(link.rpartition("n=")[2]): link for link in links}
    for number in (1, 4, 13, 36):
        item = visitor.get(by_number[number])
        told = [code.text_content() for code in item.root.xpath("//ol[@class='explanation']//code")]
        head, *lines = blocks[number - 1].splitlines()
        assert told == [line.strip() for line in lines]
        assert head.removeprefix("C-").split()[0] in item.said


def test_the_first_period_says_why_it_starts_there(visitor: Visitor) -> None:
    item = visitor.get("/console/account/item", {**CHOIR, "n": 1})
    assert "billed through 2026-01-09 (chargedThroughDate 2026-01-10), so it starts on the next day" in item.said


def test_the_bars_stand_for_the_numbers_of_the_table(visitor: Visitor) -> None:
    for stack in ("product", "subscription", "type"):
        page = visitor.get("/console/account", {**CHOIR, "stack": stack})
        bars: dict[str, Decimal] = defaultdict(Decimal)
        for label in page.root.xpath("//*[contains(@class, 'bars-chart')]//*[@class='bar']/@aria-label"):
            bars[label.partition(",")[0]] += Decimal(label.rpartition("USD\u00a0")[2].replace(",", ""))
        table = {row[0]: Decimal(row[-1].replace(",", "")) for row in page.rows("//table[@class='numbers']/tbody/tr")}
        assert bars == table
        assert sum(table.values()) == Decimal("1864.50")


def test_the_time_line_has_terms_renewals_segments_and_what_is_billed(visitor: Visitor) -> None:
    page = visitor.get("/console/account", CHOIR)
    marks = page.root.xpath("//*[contains(@class, 'timeline')]//*[@tabindex='0']/@aria-label")
    assert "A-S00001011, termed term: Apr 10, 2025 to Apr 9, 2026" in marks
    assert "A-S00001011, renewal assumed: Apr 10, 2026 to Apr 9, 2027" in marks
    assert "C-00001901: Apr 10, 2025 to Apr 9, 2026, billed through Jan 9, 2026" in marks


def test_an_empty_preview_has_its_reasons(visitor: Visitor) -> None:
    page = visitor.get("/console/account", {"number": "A00001011"})
    assert "Nothing will be billed." in page.said
    assert "NO_SUBSCRIPTIONS" in page.said


def test_data_that_cannot_be_rated_are_an_error(visitor: Visitor) -> None:
    page = visitor.get("/console/account", {"number": "A00001012"})
    assert (page.status, "MISSING_PRICE" in page.said or "price" in page.said) == (200, True)


def test_drafts_evergreen_and_excluded_types_are_options(visitor: Visitor) -> None:
    evergreen = {"number": "A00001005", "target_date": "2026-03-31"}
    assert visitor.get("/console/account", evergreen).root.xpath("//strong[@class='total']") == []
    assert visitor.get("/console/account", {**evergreen, "evergreen": "1"}).total("USD") == "211.2"
    drafts = visitor.get("/console/account", {**CHOIR, "drafts": "1"})
    assert any("Draft" in title for title in sums(drafts))
    without = visitor.get("/console/account", {**CHOIR, "exclude": "Recurring"})
    assert "Nothing will be billed." in without.said


def test_the_next_invoices_end_the_preview(visitor: Visitor) -> None:
    page = visitor.get("/console/account", {"number": "A00001009", "assume_renewal": "All", "next_invoices": "2"})
    assert len(sums(page)) == 2
    last = page.root.xpath("//table[@class='items']//td/a/@href")[-1]
    assert "C-00001903 Summer tour" in visitor.get(last).said, "its own page looks as far ahead"


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("target_date", "soon", "Target date is not a date"),
        ("target_date", "2150-01-01", "more than 20 years"),
        ("as_of", "1066-10-14", "As of is not between"),
        ("next_invoices", "0", "must be 1 to 100"),
        ("next_invoices", "-3", "must be 1 to 100"),
    ],
)
def test_a_wrong_value_is_named(visitor: Visitor, name: str, value: str, told: str) -> None:
    page = visitor.get("/console/account", {"number": "A00001009", name: value})
    assert page.status == 400
    assert told in page.said


@pytest.mark.parametrize("n", ["", "0", "99999999999", "x", "-1"])
def test_a_missing_item_is_reported(visitor: Visitor, n: str) -> None:
    assert visitor.get("/console/account/item", {**CHOIR, "n": n}).status == 404


@pytest.mark.parametrize(
    ("language", "amount", "day"), [("de-DE", "1.864,50", "31.12.2026"), ("fr", "1\u202f864,50", "31 déc. 2026")]
)
def test_days_and_money_are_written_as_the_reader_writes_them(
    visitor: Visitor, language: str, amount: str, day: str
) -> None:
    visitor.language = language
    page = visitor.get("/console/account", CHOIR)
    assert f"USD\u00a0{amount}" in page.text
    assert day in page.text


@pytest.mark.parametrize("language", ["", "xx-YY", "*", ";q=", "a" * 500, "en;q=x", "../../etc"])
def test_a_page_is_written_for_any_language_of_a_browser(visitor: Visitor, language: str) -> None:
    visitor.language = language
    assert visitor.get("/console/account", CHOIR).status == 200


def test_the_workbook_has_the_same_sum(visitor: Visitor) -> None:
    answer = visitor.get("/console/account/file", {**CHOIR, "format": "xlsx"})
    assert answer.headers["content-disposition"].endswith("A00001009-2026-12-31.xlsx")
    sheet = load_workbook(io.BytesIO(answer.body))["Items"]
    head, *rows = sheet.iter_rows(values_only=True)
    assert sum(Decimal(str(row[head.index("Amount")])) for row in rows) == Decimal("1864.50")


BAIT = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7}}"


def test_tenant_data_are_escaped_on_every_page(tmp_path: Path, clock: MovableClock) -> None:
    sold = subscription(charge(name=BAIT, description=BAIT, productName=BAIT, uom=BAIT), number=f"S {BAIT}")
    write_tenant(tmp_path, accounts=account(name=BAIT, number=f"A {BAIT}", batch=BAIT), subscriptions=sold)
    store = open_tenant(tmp_path)
    store.put_user(UserEntry("demo@example.com", password="demo"))
    visitor = Visitor(application(store, Options(results=str(tmp_path / "runs"), run_workers=0), clock))
    visitor.sign_in()
    asked = {"number": f"A {BAIT}", "by": "charge"}
    pages = [visitor.get("/console/accounts", {"q": BAIT}), visitor.get("/console/account", asked)]
    pages.append(visitor.get("/console/account/item", {**asked, "n": 1}))
    for page in pages:
        assert page.status == 200
        assert page.root.xpath("//script | //img | //@onerror") == []
        assert "49" not in page.root.xpath("string(//h1)")
        assert "<script>alert(1)</script>" in page.said
    store.close()
