"""A broken file is named with line or field and reason, and nothing is half-imported."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from soapsvc.tenant import ImportRefused, Store, import_tenant, open_tenant
from tests.support.documents import account, charge, subscription, usage
from tests.support.stores.store_hash import store_hash
from tests.support.tenants import write_tenant

TWO_LINES = '[\n {"id": "a", }\n]'
CHARGE = "subscriptions/1.json: [0].ratePlans[0].ratePlanCharges[0]"
DEEP = "[" * 1_000_000  # more than the stack of any supported interpreter holds


def with_charge(**facts: Any) -> list[dict[str, Any]]:
    return [subscription(charge(**facts))]


def problems(folder: Path) -> list[str]:
    with pytest.raises(ImportRefused) as refused:
        open_tenant(folder)
    return [str(problem) for problem in refused.value.problems]


@pytest.mark.parametrize(
    ("kind", "content", "problem"),
    [
        ("accounts", TWO_LINES, "accounts/1.json: line 2, column 14: is not JSON (trailing comma in object)"),
        ("accounts", "", "accounts/1.json: is empty"),
        ("accounts", "5", "accounts/1.json: is 5, not an object"),
        ("accounts", "[[]]", "accounts/1.json: [0]: is a list, not an object"),
        ("accounts", DEEP, "accounts/1.json: is not JSON in UTF-8, or is nested too deeply"),
        ("accounts", {"1.json": b'{"id": "\xff"}'}, "accounts/1.json: is not UTF-8 text"),
        ("accounts", {"1.jsonl": '{"id": "a"}\n\n{"id": 5}'}, "accounts/1.jsonl: line 3, id: is 5, not a text"),
        ("accounts", {"1.jsonl": '{"id": "a"}\n{'}, "accounts/1.jsonl: line 2: is not JSON (Input data was truncated)"),
        ("accounts", {"id": "a\x00b"}, "accounts/1.json: id: contains a NUL or half a surrogate pair"),
        ("accounts", {"id": "a" * 256}, "accounts/1.json: its id has 256 characters; at most 255 are allowed"),
        (
            "accounts",
            {"success": False, "reasons": [{"code": 50000040, "message": "Cannot find entity"}]},
            "accounts/1.json: success: is false: this is an error answer of the vendor, not a record; export it again",
        ),
        ("accounts", {"id": "a", "basicInfo": 5}, "accounts/1.json: basicInfo: is 5, not an object"),
        ("accounts", {"id": "a", "billCycleDay": "first"}, "accounts/1.json: billCycleDay: is 'first', not a number"),
        ("accounts", {"id": "a", "billCycleDay": 1.5}, "accounts/1.json: billCycleDay: is 1.5, not a whole number"),
        ("accounts", [account(), account("A-2")], "accounts/1.json: [1]: account {id} is also in accounts/1.json"),
        (
            "accounts",
            {"1.json": account(), "2.json": account("A-2")},
            "accounts/2.json: account {id} is also in accounts/1.json",
        ),
        (
            "accounts",
            {"1.json": account("A-1", id="x"), "2.json": account("A-1", id="y")},
            "accounts/2.json: accountNumber: A-1 is also the number of another account, in accounts/1.json",
        ),
        ("subscriptions", with_charge(price=[]), f"{CHARGE}.price: is a list, not a number"),
        ("subscriptions", with_charge(price="ten"), f"{CHARGE}.price: is 'ten', not a number"),
        ("subscriptions", with_charge(price="NaN"), f"{CHARGE}.price: is 'NaN', not a number"),
        (
            "subscriptions",
            with_charge(price="1e99"),
            f"{CHARGE}.price: is 1e+99, too large or too small for an amount or quantity",
        ),
        ("subscriptions", with_charge(price=True), f"{CHARGE}.price: is true, not a number"),
        ("subscriptions", with_charge(model=5), f"{CHARGE}.model: is 5, not a text"),
        ("subscriptions", with_charge(type=None), f"{CHARGE}.type: is missing"),
        ("subscriptions", with_charge(isStackedDiscount=1), f"{CHARGE}.isStackedDiscount: is 1, not true or false"),
        (
            "subscriptions",
            with_charge(effectiveEndDate="2026-02-30"),
            f"{CHARGE}.effectiveEndDate: is '2026-02-30', which is not a date of the calendar",
        ),
        (
            "subscriptions",
            with_charge(effectiveEndDate="31.01.2026"),
            f"{CHARGE}.effectiveEndDate: is '31.01.2026', not a date such as 2024-01-31",
        ),
        ("subscriptions", with_charge(tiers={}), f"{CHARGE}.tiers: is an object, not a list"),
        ("subscriptions", with_charge(tiers=[{"price": {}}]), f"{CHARGE}.tiers[0].price: is an object, not a number"),
        (
            "subscriptions",
            with_charge(chargeSegments=[{"price": 1}, {"price": "x"}]),
            f"{CHARGE}.chargeSegments[1].price: is 'x', not a number",
        ),
        (
            "subscriptions",
            with_charge(price="1" * 99),
            f"{CHARGE}.price: is {'1' * 40}…, too large or too small for an amount or quantity",
        ),
        (
            "subscriptions",
            [subscription(invoiceOwnerAccountNumber="A-9")],
            "subscriptions/1.json: [0].invoiceOwnerAccountNumber: names account A-9, which does not exist",
        ),
        ("subscriptions", [{"id": "s"}], "subscriptions/1.json: [0].subscriptionNumber: is missing"),
        (
            "subscriptions",
            {"subscriptions": [subscription(), subscription(accountId="nobody")]},
            "subscriptions/1.json: subscriptions[1].accountId: names account nobody, which does not exist",
        ),
        (
            "subscriptions",
            {"a.json": subscription(), "b.json": subscription(id="other")},
            "subscriptions/b.json: subscription A-S1 version 1 is also in subscriptions/a.json",
        ),
        ("usage", [usage("many")], "usage/1.json: [0].Quantity: is 'many', not a number"),
        ("usage", [{"Quantity": 1}], "usage/1.json: [0].STARTDATE: is missing"),
        ("usage", [{"STARTDATE": "2026-01-01"}], "usage/1.json: [0].QTY: is missing"),
        (
            "usage",
            [usage(AccountNumber="A-9")],
            "usage/1.json: [0].accountNumber: names account A-9, which does not exist",
        ),
        (
            "usage",
            {"u.csv": "QTY,STARTDATE\n1,13/40/2026"},
            "usage/u.csv: line 2, STARTDATE: is '13/40/2026', not a date",
        ),
        ("usage", {"u.csv": "QTY,STARTDATE\n1,2026-01-01,3"}, "usage/u.csv: line 2: has more cells than the header"),
        (
            "usage",
            {"u.csv": 'QTY,STARTDATE\n1,"2026-01-01'},
            "usage/u.csv: line 2: is not CSV (unexpected end of data)",
        ),
        ("usage", {"u.csv": "\n"}, "usage/u.csv: line 1: has no header"),
        ("usage", {"u.csv": b"QTY,STARTDATE\n\xff"}, "usage/u.csv: is not UTF-8 text"),
        ("usage", {"u.xml": "<a/>"}, "usage/u.xml: is not read; its name must end in .json, .jsonl, .csv"),
        (
            "usage",
            [usage(1, UniqueKey="k"), usage(2, UniqueKey="k")],
            "usage/1.json: [1]: usage record key k is also in usage/1.json",
        ),
        (
            "catalog",
            [{"productRatePlans": [{"productRatePlanCharges": [{"id": "p", "pricing": [{"price": "x"}]}]}]}],
            "catalog/1.json: [0].productRatePlans[0].productRatePlanCharges[0].pricing[0].price: is 'x', not a number",
        ),
        (
            "drafts",
            {"invoices": [{"id": "d", "invoiceItems": [{"chargeAmount": 1}]}]},
            "drafts/1.json: invoices[0].invoiceItems[0].serviceStartDate: is missing",
        ),
        ("drafts", {"invoices": [{"status": "Draft"}]}, "drafts/1.json: invoices[0].id: is missing"),
        (
            "drafts",
            {"invoices": [{"id": "d", "invoiceItems": [{"processingType": 4}]}]},
            "drafts/1.json: invoices[0].invoiceItems[0].processingType: is 4; it must be 0 to 3",
        ),
    ],
)
def test_broken_files_are_named(tmp_path: Path, kind: str, content: object, problem: str) -> None:
    documents: dict[str, Any] = {"accounts": account(), kind: content}
    found = problems(write_tenant(tmp_path, **documents))
    expected = problem.replace("{id}", account()["basicInfo"]["id"])
    assert any(line.startswith(expected) for line in found), found


@pytest.mark.parametrize("depth", [500, 20_000])
def test_a_field_that_nobody_reads_may_be_deep_where_the_interpreter_can_read_it(tmp_path: Path, depth: int) -> None:
    """How deep JSON may be differs between interpreters; it is imported as it stands, or refused by name."""
    deep = json.dumps(account() | {"unknown": 0}).replace('"unknown": 0', f'"unknown": {"[" * depth}{"]" * depth}')
    folder = write_tenant(tmp_path, accounts={"1.json": deep})
    try:
        outcome = f"{len(list(open_tenant(folder).accounts()))} account"
    except ImportRefused as refused:
        outcome = str(refused)
    assert outcome == "1 account" or "nested too deeply" in outcome


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert problems(tmp_path / "nowhere") == [f"{tmp_path / 'nowhere'}: is not a folder"]


def test_a_tenant_needs_an_account(tmp_path: Path) -> None:
    assert problems(tmp_path) == ["accounts: has no account; a tenant needs at least one: add a file to accounts/"]


def test_a_misspelt_folder_is_not_passed_over(tmp_path: Path) -> None:
    folder = write_tenant(tmp_path, accounts=account(), subscription=[subscription()])
    assert problems(folder) == ["subscription: is not read; the nearest folder that is read is subscriptions"]


def test_settings_in_a_file_of_another_name_are_not_passed_over(tmp_path: Path) -> None:
    folder = write_tenant(tmp_path, accounts=account())
    (folder / "tennant.toml").write_text("")
    assert problems(folder) == ["tennant.toml: is not read; the tenant's settings must be in tenant.toml"]


def test_notes_hidden_files_and_other_things_are_passed_over(tmp_path: Path) -> None:
    folder = write_tenant(tmp_path, accounts={"1.json": account(), "README.md": "#", ".hidden": "x"}, notes="{}")
    (folder / "tenant.sqlite").write_bytes(b"x")
    assert len(list(open_tenant(folder).accounts())) == 1


def test_an_unowned_subscription_belongs_to_the_only_account(tmp_path: Path) -> None:
    (found,) = open_tenant(write_tenant(tmp_path, accounts=account(), subscriptions=[subscription()])).accounts()
    assert len(found.subscriptions) == 1


def test_an_unowned_subscription_among_several_accounts_is_a_problem(tmp_path: Path) -> None:
    folder = write_tenant(
        tmp_path, accounts=[account("A-1", id="x"), account("A-2", id="y")], subscriptions=[subscription()]
    )
    assert problems(folder) == [
        "subscriptions/1.json: [0].accountId: is missing; only a folder with exactly one account can do without it"
    ]


def test_an_id_and_a_number_of_two_accounts_is_a_problem(tmp_path: Path) -> None:
    accounts = [account("A-1", id="x"), account("A-2", id="y")]
    folder = write_tenant(tmp_path, accounts=accounts, subscriptions=[subscription(accountId="x", accountNumber="A-2")])
    assert problems(folder) == ["subscriptions/1.json: [0].accountId: names two accounts, x and A-2"]


def test_usage_of_another_accounts_subscription_is_a_problem(tmp_path: Path) -> None:
    folder = write_tenant(
        tmp_path,
        accounts=[account("A-1", id="x"), account("A-2", id="y")],
        subscriptions=[subscription(number="A-S1", accountId="x")],
        usage=[usage(AccountId="y", SubscriptionNumber="A-S1")],
    )
    assert problems(folder) == ["usage/1.json: [0]: names subscription A-S1, which does not belong to account y"]


def test_every_problem_is_listed_up_to_a_limit(tmp_path: Path) -> None:
    folder = write_tenant(tmp_path, "a = 1", accounts=[{"id": n} for n in range(9)], usage={"u.csv": ""})
    assert len(problems(folder)) == 11
    with pytest.raises(ImportRefused) as refused:
        import_tenant(Store.temporary(), folder, most_problems=5)
    assert (len(refused.value.problems), refused.value.more) == (5, True)


def test_a_broken_import_leaves_the_store_as_it_was(tmp_path: Path) -> None:
    good = write_tenant(
        tmp_path / "good",
        "[[users]]\nusername = 'jo'\npassword = 'pw'",
        accounts=account(),
        subscriptions=[subscription()],
    )
    store = open_tenant(good)
    before, version = store_hash(store), store.version()
    others = [account(f"A-{n}", id=f"id-{n}") for n in range(2000)]
    bad = write_tenant(
        tmp_path / "bad",
        "[[users]]\nusername = 'eve'\npassword = 'pw'",
        accounts=others,
        subscriptions=[subscription(accountId="nobody")],
        usage=[usage(AccountId="id-7")],
    )
    with pytest.raises(ImportRefused):
        import_tenant(store, bad)
    assert (store_hash(store), store.version()) == (before, version)
    assert store.user("eve") is None


def test_the_message_of_the_exception_lists_the_problems(tmp_path: Path) -> None:
    folder = write_tenant(tmp_path, accounts=json.dumps({"id": 1}))
    with pytest.raises(ImportRefused, match=r"^accounts/1\.json: id: is 1, not a text"):
        open_tenant(folder)
