"""Numbers that are larger than anything is are told with file and field; those that fit are kept to the last digit."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from soapsvc.tenant import ImportRefused, import_tenant, open_tenant
from soapsvc.tenant.formats import SettingsRefused, read_toml
from tests.support.documents import account, charge, subscription, usage
from tests.support.tenants import write_tenant

CHARGE = "subscriptions/1.json: ratePlans[0].ratePlanCharges[0]"
ABSURD = ["1e10000000000000000000", "-1.5e-99999999999999999999", "9" * 5000]
KNOWN = [*ABSURD, "1e41", "1e-41", "1e400", "9" * 42]


def spelled(document: object, number: str) -> str:
    """The document with `number` in the place of "<>", as it stands."""
    return json.dumps(document).replace('"<>"', number)


def problems(folder: Path, **parts: object) -> list[str]:
    """The reported problems of a tenant."""
    with pytest.raises(ImportRefused) as refused:
        open_tenant(write_tenant(folder, **{"accounts": account(), **parts}))  # type: ignore[arg-type]
    return [str(problem) for problem in refused.value.problems]


@pytest.mark.parametrize("number", KNOWN, ids=lambda text: text[:24])
@pytest.mark.parametrize(
    ("folder", "document", "field"),
    [
        (
            "subscriptions",
            subscription(charge(price="<>")),
            f"{CHARGE}.price",
        ),
        ("usage", [usage("<>")], "usage/1.json: [0].Quantity"),
        (
            "drafts",
            {"invoices": [{"id": "d", "accountNumber": "A-1", "invoiceItems": [{"quantity": "<>"}]}]},
            "drafts/1.json: invoices[0].invoiceItems[0].quantity",
        ),
    ],
    ids=["subscription", "usage", "draft"],
)
def test_an_amount_beyond_any_is_a_problem_of_its_field(
    tmp_path: Path, folder: str, document: object, field: str, number: str
) -> None:
    (problem,) = problems(tmp_path, **{folder: spelled(document, number)})
    assert problem.startswith(f"{field}: is ")
    assert problem.endswith(", too large or too small for an amount or quantity")


@pytest.mark.parametrize("number", ["1e40", "2147483648", "-2147483649", "9223372036854775808", "1e19", "9" * 41])
@pytest.mark.parametrize(
    ("part", "document", "field"),
    [
        ("accounts", account(billCycleDay="<>"), "accounts/1.json: billingAndPayment.billCycleDay"),
        ("subscriptions", subscription(version="<>"), "subscriptions/1.json: version"),
        ("subscriptions", subscription(renewalTerm="<>"), "subscriptions/1.json: renewalTerm"),
    ],
    ids=["bill cycle day", "version", "renewal term"],
)
def test_a_count_beyond_any_is_a_problem_of_its_field(
    tmp_path: Path, part: str, document: object, field: str, number: str
) -> None:
    found = problems(tmp_path, **{part: spelled(document, number)})
    assert any(each.startswith(field.partition(":")[0]) and each.endswith("too large for a count") for each in found), (
        found
    )


@pytest.mark.parametrize("number", ABSURD, ids=lambda text: text[:24])
@pytest.mark.parametrize(
    ("part", "document", "field"),
    [
        ("accounts", account(Custom__c="<>"), "accounts/1.json: basicInfo.Custom__c"),
        ("accounts", account(Custom__c={"deep": ["<>"]}), "accounts/1.json: basicInfo.Custom__c.deep[0]"),
        ("subscriptions", [subscription(Custom__c="<>")], "subscriptions/1.json: [0].Custom__c"),
        (
            "subscriptions",
            subscription(charge(x__c="<>")),
            f"{CHARGE}.x__c",
        ),
    ],
)
def test_an_unreadable_value_is_a_problem_in_an_unknown_field_too(
    tmp_path: Path, part: str, document: object, field: str, number: str
) -> None:
    (problem,) = problems(tmp_path, **{part: spelled(document, number)})
    assert problem.startswith(f"{field}: is {number[:20]}"), problem


@pytest.mark.parametrize("number", ["18446744073709551616", "-9223372036854775809", "9" * 60, "1e40", "1.50", "7"])
def test_a_readable_value_is_kept_in_an_unknown_field(tmp_path: Path, number: str) -> None:
    """Fractions and large whole numbers come back as their text, exactly; nothing else of the record changes."""
    price = charge(price="12.3456789012345678901234567890", x__c="<>", y__c={"deep": ["<>"]})
    parts = {"accounts": spelled(account(x__c="<>"), number), "subscriptions": spelled(subscription(price), number)}
    (found,) = open_tenant(write_tenant(tmp_path, **parts)).accounts()  # type: ignore[arg-type]
    (billed,) = found.subscriptions[0].charges
    assert str(billed.price) == "12.3456789012345678901234567890"
    kept = [found.attributes["x__c"], billed.attributes["x__c"], billed.attributes["y__c"]["deep"][0]]  # type: ignore[index]
    assert [Decimal(str(each)) for each in kept] == [Decimal(number)] * 3


@pytest.mark.parametrize(
    "toml",
    [
        "[[tax_rate]]\npercent = 1e10000000000000000000",
        f"[[tax_rate]]\npercent = {'9' * 5000}",
        "[api]\nrequests_per_call = 99999999999999999999",
        "[billing_rules]\nx = 1e99999999999999999999",
    ],
)
def test_a_number_beyond_any_in_tenant_toml_is_a_problem(toml: str) -> None:
    with pytest.raises(SettingsRefused, match="too large"):
        read_toml(toml.encode())


def test_a_number_of_too_many_digits_stops_the_whole_import(tmp_path: Path) -> None:
    store = open_tenant(write_tenant(tmp_path / "1", accounts=account()))
    with pytest.raises(ImportRefused):
        import_tenant(store, write_tenant(tmp_path / "2", accounts=spelled(account(x="<>"), ABSURD[0])))
    assert store.count_accounts() == 1
