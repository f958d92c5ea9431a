"""`soapsvc preview`: options, formats, and what goes to standard error."""

from __future__ import annotations

import csv
import io
import json
import re
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from lxml import etree
from openpyxl import load_workbook

from soapsvc.cli import main
from soapsvc.resources import fixtures_dir
from soapsvc.runs.definition import Header
from soapsvc.runs.sinks import item_columns
from soapsvc.tenant import Store, import_tenant
from tests.support.documents import account, charge, subscription
from tests.support.tenants import write_tenant

METERING = "402892154627d9a2014627e1b0b60114"
SAMPLE = ("--account-id", METERING, "--target-date", "2014-06-01", "--charge-type-to-exclude", "OneTime,Recurring")
ACCOUNT = ("--account-id", "a", "--target-date", "2026-01-01")
ACCOUNT_NUMBER = ("--account-number", "A-1")
NUMBER = "{http://object.api.zuora.com/}ChargeNumber"


def preview(*arguments: str, tenant: Path | None = None) -> Result:
    return CliRunner().invoke(main, ["preview", "--tenant", str(tenant or fixtures_dir()), *arguments])


def test_json_is_the_body_of_the_rest_answer() -> None:
    done = preview(*SAMPLE, "--format", "json")
    assert done.exit_code == 0, done.stderr
    answer = json.loads(done.stdout)
    assert list(answer) == ["accountId", "invoiceItems", "success"]
    assert [(item["chargeNumber"], item["chargeAmount"], item["quantity"]) for item in answer["invoiceItems"]] == [
        ("C-00000060", 0, 10),
        ("C-00000063", 10, 5),
    ]


@pytest.mark.parametrize("form", ["json", "soap", "csv", "table"])
@pytest.mark.parametrize("subject", [SAMPLE, ("--account-number", "none", "--target-date", "2026-01-01")])
def test_the_same_seed_and_instant_give_the_same_bytes(form: str, subject: tuple[str, ...]) -> None:
    def told(*instant: str) -> bytes:
        return preview(*subject, "--format", form, *instant).stdout_bytes

    fixed = ("--as-of", "2026-01-15T12:00:00Z", "--seed", "s")
    assert told(*fixed) == told(*fixed)
    if form in {"json", "soap", "csv"} and subject is SAMPLE:
        assert len({told(*fixed), told(*fixed[:2], "--seed", "t"), told("--as-of", "2026-01-16", "--seed", "s")}) == 3


def test_json_explained() -> None:
    answer = json.loads(preview(*SAMPLE, "--format", "json", "--explain").stdout)
    assert answer["invoiceItems"][1]["explanation"]["lines"][0].startswith("pricing.per_unit: 5 x 2 = 10")
    assert {note["code"] for note in answer["notes"]} == {"CHARGE_TYPE_EXCLUDED"}


def test_the_table_has_items_and_totals() -> None:
    lines = [line.split() for line in preview(*SAMPLE).stdout.splitlines()]
    assert lines[0] == ["Invoice", "items", "of", "account", "A00000014,", "in", "USD"]
    assert ["A-S00000021", "C-00000063", "Readings", "Usage", "2014-05-23", "2014-05-31", "5", "10.00", "0"] in lines
    assert ["2", "items", "10.00", "0"] in lines


def test_there_is_a_table_for_each_currency(tmp_path: Path) -> None:
    """Yen are rounded as yen are: tenant.toml names no currency."""
    sold = [
        subscription(charge(f"C-{currency}", price=price, chargeModel="FlatFee"), number=currency, currency=currency)
        for currency, price in (("AUD", "300"), ("JPY", "1000.4"), ("USD", "500"))
    ]
    write_tenant(tmp_path, accounts=account(currency="USD"), subscriptions=sold)
    done = preview("--account-number", "A-1", "--target-date", "2026-01-01", tenant=tmp_path)
    assert done.exit_code == 0, done.stderr
    titles = [line.strip() for line in done.stdout.splitlines() if line.startswith("Invoice items")]
    assert titles == [f"Invoice items of account A-1, in {currency}" for currency in ("USD", "AUD", "JPY")]
    totals = [line.split() for line in done.stdout.splitlines() if line.strip().startswith("1 item")]
    assert totals == [["1", "item", "500.00", "0"], ["1", "item", "300.00", "0"], ["1", "item", "1000", "0"]]
    assert "several currencies" in done.stderr


def test_the_table_explained_says_inputs_rule_formula_and_unrounded_value() -> None:
    output = preview("--account-id", METERING, "--target-date", "2014-06-01", "--explain").stdout
    explained = output[output.index("C-00000061 Gateway rental -- Proration, 2014-05-23 to 2014-05-31: 8.71") :]
    stub = explained[: explained.index("\nC-")]
    assert re.search(r"proration\S*: \S.* = 0\.290322580645…  \[.*\]  \(.+\)", stub)
    assert re.search(r"rounding HALF_UP to 2 decimals: 8\.709677419354… -> 8\.71", stub)


def test_tax_is_explained_together_with_the_rounded_amount() -> None:
    output = preview("--account-number", "A00001010", "--target-date", "2026-12-31", "--explain").stdout
    assert re.search(r"  tax \d+\.\d\d, split off the rounded amount", output)


def test_csv_has_the_columns_of_a_run() -> None:
    rows = list(csv.reader(io.StringIO(preview(*SAMPLE, "--format", "csv").stdout)))
    assert tuple(rows[0]) == item_columns(Header.DOCUMENTED, credit_memos=False)
    named = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    assert [(row["Invoice Item: ChargeNumber"], row["Invoice Item: Charge Amount"]) for row in named] == [
        ("C-00000060", "0"),
        ("C-00000063", "10"),
    ]


def test_soap_is_the_answer_of_the_soap_call() -> None:
    root = etree.fromstring(preview(*SAMPLE, "--format", "soap").stdout.strip().encode())
    assert [node.text for node in root.iter(NUMBER)] == ["C-00000060", "C-00000063"]
    assert root.findtext(".//{http://api.zuora.com/}Size") == "2"


@pytest.mark.parametrize("form", ["table", "json", "csv", "soap"])
def test_reasons_go_to_standard_error(form: str) -> None:
    done = preview("--account-number", "A00001011", "--target-date", "2026-06-01", "--format", form)
    assert done.exit_code == 0
    assert done.stderr == "reason: NO_SUBSCRIPTIONS: Account A00001011 has no subscriptions.\n"
    assert "NO_SUBSCRIPTIONS" not in done.stdout


@pytest.mark.parametrize(
    ("more", "count"),
    [
        ((), 0),
        (("--include-evergreen",), 3),
    ],
)
def test_evergreen_subscriptions(more: tuple[str, ...], count: int) -> None:
    done = preview("--account-number", "A00001005", "--target-date", "2026-04-01", "--format", "json", *more)
    items = json.loads(done.stdout)["invoiceItems"]
    assert (len(items) >= count) if count else items == []


def test_renewals_and_drafts() -> None:
    fields = ("--account-number", "A00001009", "--format", "json", "--target-date")
    counts = [
        len(json.loads(preview(*fields, "2029-01-01", "--assume-renewal", renewal).stdout)["invoiceItems"])
        for renewal in ("None", "Autorenew", "All")
    ]
    assert counts[0] < counts[1] <= counts[2]
    assert json.loads(preview(*fields, "2014-01-01").stdout)["invoiceItems"] == []
    assert len(json.loads(preview(*fields, "2014-01-01", "--include-draft-items").stdout)["invoiceItems"]) == 1


def test_credit_memo_items_have_a_table_of_their_own(tmp_path: Path) -> None:
    account = {"id": "a", "accountNumber": "A1", "currency": "EUR"}
    draft = {
        "creditMemos": [
            {
                "id": "m",
                "accountId": "a",
                "items": [
                    {
                        "id": "i",
                        "amount": "7.50",
                        "serviceStartDate": "2026-01-01",
                        "serviceEndDate": "2026-01-31",
                        "subscriptionNumber": "A-S1",
                    }
                ],
            }
        ]
    }
    toml = "[billing_rules]\ninvoiceSettlement = true"
    tenant = write_tenant(tmp_path / "tenant", toml, accounts=account, drafts=draft)
    done = preview(*ACCOUNT, "--include-draft-items", tenant=tenant)
    memo = done.stdout[done.stdout.index("Credit memo items of account A1, in EUR") :]
    assert "7.50" in memo


def test_a_database_instead_of_a_directory(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'tenant.sqlite'}"
    store = Store.open(url)
    import_tenant(store, fixtures_dir())
    store.close()
    from_database = CliRunner().invoke(main, ["preview", "--database", url, *SAMPLE])
    assert from_database.stdout == preview(*SAMPLE).stdout


class TestErrors:
    def test_an_unknown_key(self) -> None:
        done = preview("--account-number", "A-none", "--target-date", "2026-01-01")
        assert (done.exit_code, done.stdout) == (1, "")
        assert done.stderr == "error: 50000040: Cannot find entity by key: 'A-none'.\n"

    def test_an_account_that_cannot_be_rated(self) -> None:
        done = preview("--account-number", "A00001012", "--target-date", "2026-06-01", "--format", "json")
        assert done.exit_code == 1
        assert json.loads(done.stdout)["success"] is False
        assert done.stderr.startswith("error: 50000030: MISSING_PRICE")

    @pytest.mark.parametrize(
        ("arguments", "complaint"),
        [
            (("--target-date", "2026-01-01"), "Give either --account-id or --account-number."),
            (("--account-id", "a", "--account-number", "b", "--target-date", "2026-01-01"), "Give either --account-id"),
            (("--account-id", "a"), "Missing option '--target-date'"),
            (("--account-id", "a", "--target-date", "soon"), "'soon' is not a date such as 2024-01-31"),
            ((*ACCOUNT, "--assume-renewal", "x"), "is not one of"),
            (
                (*ACCOUNT, "--charge-type-to-exclude", "x"),
                "x is not a charge type",
            ),
            ((*ACCOUNT, "--format", "xml"), "is not one of"),
            (
                (*ACCOUNT, "--database", "sqlite://"),
                "Give either --tenant or",
            ),
        ],
    )
    def test_wrong_options(self, arguments: tuple[str, ...], complaint: str) -> None:
        done = preview(*arguments)
        assert done.exit_code == 2
        assert complaint in done.stderr

    def test_a_tenant_that_cannot_be_read(self, tmp_path: Path) -> None:
        tenant = write_tenant(tmp_path / "tenant", accounts={"accounts.json": "{"})
        done = preview(*ACCOUNT, tenant=tenant)
        assert done.exit_code == 1
        assert "accounts/accounts.json" in done.stderr

    def test_a_database_that_cannot_be_opened(self) -> None:
        command = [
            "preview",
            "--database",
            "sqlite:////nowhere/at/all",
            "--account-id",
            "a",
            "--target-date",
            "2026-01-01",
        ]
        done = CliRunner().invoke(main, command)
        assert done.exit_code == 1
        assert "the database cannot be opened" in done.stderr


def test_amounts_are_shown_with_all_their_decimals() -> None:
    items = json.loads(
        preview("--account-number", "A00001013", "--target-date", "2026-12-31", "--format", "json").stdout,
        parse_float=Decimal,
    )["invoiceItems"]
    assert items
    assert all(item["chargeAmount"] == int(item["chargeAmount"]) for item in items), "yen have no decimals"


@pytest.mark.parametrize(
    ("written", "meant"), [("all", "All"), ("ALL", "All"), ("autoRenew", "Autorenew"), ("none", "None")]
)
def test_words_are_taken_in_any_case_as_run_takes_them(written: str, meant: str) -> None:
    def previewed(renewal: str, form: str) -> list[tuple[object, object]]:
        dated = ("--account-number", "A00001009", "--target-date", "2029-01-01", "--assume-renewal", renewal)
        items = json.loads(preview(*dated, "--format", form).stdout)["invoiceItems"]
        return [(item["serviceStartDate"], item["chargeAmount"]) for item in items]

    assert previewed(written, "JSON") == previewed(meant, "json")


def test_charge_types_are_taken_in_any_case() -> None:
    dated = ("--account-id", METERING, "--target-date", "2014-06-01")
    written = preview(*dated, "--charge-type-to-exclude", "onetime,RECURRING")
    assert written.stdout.splitlines() == preview(*SAMPLE).stdout.splitlines()


@pytest.mark.parametrize("form", ["csv", "soap"])
def test_an_explanation_is_refused_where_the_format_has_no_place_for_it(form: str) -> None:
    done = preview(*SAMPLE, "--explain", "--format", form)
    assert done.exit_code == 2
    assert f"--explain needs --format json or table or xlsx; {form} cannot show it." in done.stderr


def test_one_item_is_one_item() -> None:
    dated = ("--account-number", "A00000015", "--target-date", "2014-06-01")
    done = preview(*dated, "--charge-type-to-exclude", "OneTime,Recurring")
    lines = [line.split() for line in done.stdout.splitlines()]
    assert [line[:2] for line in lines if line[1:2] == ["item"]] == [["1", "item"]]


CHOIR = ("--account-number", "A00001009", "--assume-renewal", "All", "--as-of", "2026-03-15T10:30:00+08:00")


def table_rows(output: str) -> list[list[str]]:
    """The rows of all tables, split at two blanks or more."""
    return [re.split(r" {2,}", line.strip()) for line in output.splitlines() if line.strip()]


@pytest.mark.parametrize(
    ("by", "groups"),
    [
        ("invoice", {"2026-03-15 Invoice": "456.00", "2026-04-10 Invoice": "156.50", "2026-05-10 Invoice": "156.50"}),
        ("month", {"2026-03": "456.00", "2026-04": "156.50", "2026-05": "156.50"}),
        ("subscription", {"A-S00001011": "369.00", "A-S00001012": "400.00"}),
        ("charge", {"C-00001901 Rehearsal hall": "306.00", "C-00001902 Music stands": "63.00"}),
    ],
)
def test_items_are_grouped_each_group_with_its_sum(by: str, groups: dict[str, str]) -> None:
    """3 x (60 + 12 + 80) are due already, 63 + 13.50 + 80 in each month after the renewal."""
    rows = table_rows(preview(*CHOIR, "--target-date", "2026-05-31", "--by", by).stdout)
    sums = {row[0]: row[2] for row in rows if len(row) == 4 and row[1].endswith("items")}
    assert groups.items() <= sums.items()
    assert ["15 items", "769.00", "0"] in rows


def test_the_chart_has_a_bar_for_each_month() -> None:
    rows = table_rows(preview(*CHOIR, "--target-date", "2026-05-31", "--chart").stdout)
    assert [row[0].split()[:2] if len(row) == 1 else row[:1] for row in rows[1:]] == [
        ["2026-03", "456.00"],
        ["2026-04", "156.50"],
        ["2026-05", "156.50"],
    ]


def test_the_next_invoices_need_no_target_date() -> None:
    rows = table_rows(preview(*CHOIR, "--next-invoices", "2", "--by", "invoice").stdout)
    assert [row[0] for row in rows if "Invoice" in row[0] and row[0][0].isdigit()] == [
        "2026-03-15 Invoice",
        "2026-04-10 Invoice",
    ]
    answer = json.loads(preview(*CHOIR, "--next-invoices", "2", "--format", "json").stdout)
    assert [each["amount"] for each in answer["invoices"]] == [456, 156.5]


def test_an_explanation_says_why_the_first_period_starts_there() -> None:
    explained = preview(*CHOIR, "--target-date", "2026-05-31", "--explain").stdout
    billed = "first period: billed through 2026-01-09 (chargedThroughDate 2026-01-10)"
    told = f"{billed}, so it starts on the next day, 2026-01-10"
    assert explained.count(told) == 3


def test_all_columns_of_the_csv_say_what_the_vendors_leave_out() -> None:
    done = preview(*CHOIR, "--target-date", "2026-05-31", "--format", "csv", "--columns", "all")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert {row["Account Number"] for row in rows} == {"A00001009"}
    named = {(row["Account Name"], row["Currency"], row["Product"]) for row in rows}
    assert ("Tidewater Choir", "USD", "Hall") in named
    assert sum(Decimal(row["Amount"]) for row in rows) == Decimal("769.00")


def test_the_workbook_has_real_dates_and_numbers_and_no_formula(tmp_path: Path) -> None:
    """A text that begins like a formula stays a text; dates sort, amounts add up, heads stay visible."""
    sold = subscription(charge(name='=HYPERLINK("http://evil.example")', price="10.10"), number="@SUM(A1)")
    write_tenant(tmp_path, accounts=account(name="+1", currency="USD"), subscriptions=sold)
    done = preview(*ACCOUNT_NUMBER, "--target-date", "2026-03-01", "--format", "xlsx", tenant=tmp_path)
    assert done.exit_code == 0, done.stderr
    book = load_workbook(io.BytesIO(done.stdout_bytes))
    assert book.sheetnames == ["Items", "By month", "By account", "Explanations", "Notes"]
    sheet = book["Items"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:W4")
    head, *rows = sheet.iter_rows()
    at = {cell.value: number for number, cell in enumerate(head)}
    starts = [row[at["Service Start"]].value.date().isoformat() for row in rows]
    assert starts == ["2026-01-01", "2026-02-01", "2026-03-01"]
    assert [row[at["Amount"]].value for row in rows] == [10.1] * 3
    assert {cell.data_type for row in rows for cell in row} <= {"s", "n", "d"}
    assert rows[0][at["Charge Name"]].value == '=HYPERLINK("http://evil.example")'
    explained = [row[5].value for row in book["Explanations"].iter_rows(min_row=2)]
    assert explained[0].startswith("pricing.flat_fee: price = 10.1")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--by", "month", "--format", "json", "--target-date", "2026-05-31"), "--by and --chart need --format table"),
        (("--columns", "all", "--target-date", "2026-05-31"), "--columns all needs --format csv"),
        ((), "Missing option '--target-date': give it, or --next-invoices."),
    ],
)
def test_options_that_do_not_go_together_are_refused(options: tuple[str, ...], told: str) -> None:
    done = preview(*CHOIR, *options)
    assert done.exit_code == 2
    assert told in done.stderr
