"""Recordings have no secrets and do not identify customers: such values are planted, recorded and searched for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from soapsvc.engine.preview import preview
from soapsvc.parity.accounts import account_of
from soapsvc.parity.recording import AccountData, RecordingWriter, recorded_previews
from soapsvc.parity.recording.names import Names
from soapsvc.parity.recording.privacy import cleaned
from tests.parity.test_recordings import ANSWER, ITEM, REQUEST, har
from tests.support.captures.recordings import RECORDED_AT, demo_data, demo_settings, recorded
from tests.support.tenants import golden_cases, spec_vectors

PERSON = "Zebedee"
"""Is in every text that is planted."""
TEXTS = """
    firstName lastName workEmail personalEmail address1 city zipCode mobilePhone notes crmId purchaseOrderNumber
    additionalEmailAddresses salesRep VATId Nickname__c createdBy description comment pricingSummary sessionId password
    token invoiceOwnerAccountName accountName
""".split()  # noqa: SIM905


def planted(value: Any) -> Any:
    """A document with a person's texts in every object of it."""
    if isinstance(value, dict):
        own = {name: f"{PERSON} {name}" for name in TEXTS}
        return own | {key: planted(inner) for key, inner in value.items()}
    return [planted(inner) for inner in value] if isinstance(value, list | tuple) else value


def person_in(data: AccountData) -> AccountData:
    account = {**planted(data.account), "name": PERSON, "billToContact": {"country": "France", "firstName": PERSON}}
    return AccountData(
        account,
        tuple(planted(each) for each in data.subscriptions),
        tuple({**planted(each), "DESCRIPTION": PERSON} for each in data.usage),
        tuple(planted(each) for each in data.catalog),
        tuple(planted(each) for each in data.drafts),
    )


@pytest.mark.parametrize("keep_names", [False, True])
def test_no_personal_data_is_written(tmp_path: Path, keep_names: bool) -> None:
    path = tmp_path / "recording.jsonl"
    with RecordingWriter(path, keep_names=keep_names) as recording:
        for data in demo_data():
            recording.add(recorded(person_in(data), demo_settings(), "2026-06-30"))
    text = path.read_text()
    assert len(text) > 50_000
    left = [line.count(PERSON) for line in text.splitlines()[1:]]
    assert left == [1 if keep_names else 0] * len(left), "the account's name, where names are kept"


def test_names_of_charges_products_and_accounts_are_hidden(tmp_path: Path) -> None:
    path, data = tmp_path / "recording.jsonl", list(demo_data())
    with RecordingWriter(path) as recording:
        for each in data:
            recording.add(recorded(each, demo_settings(), "2026-06-30"))
    text = path.read_text()
    names = set()
    for each in data:
        names |= {each.account.get("basicInfo", each.account).get("name")}
        for subscription in each.subscriptions:
            for plan in subscription["ratePlans"]:
                names |= {plan.get("productName"), plan.get("ratePlanName")}
                names |= {charge["name"] for charge in plan["ratePlanCharges"]}
    assert len(names) > 30
    assert [name for name in names - {None} if f'"{name}"' in text] == []


def test_secrets_of_a_har_archive_and_of_odd_answers_are_left_behind(tmp_path: Path) -> None:
    odd = {**ANSWER, "session": "secret-session", "invoiceItems": [ITEM | {"Authorization": "secret-token"}]}
    request = {**REQUEST, "password": "secret-password"}
    archive = har("/v1/operations/billing-preview", json.dumps(request), {"text": json.dumps(odd)})
    (tmp_path / "a.har").write_text(json.dumps(archive))
    with RecordingWriter(tmp_path / "out.jsonl") as recording:
        for each in recorded_previews(tmp_path / "a.har"):
            recording.add(each)
    text = (tmp_path / "out.jsonl").read_text()
    assert '"chargeAmount":20.83' in text
    assert "secret" not in text


def same_amounts(data: AccountData) -> int:
    """The preview of cleaned data is that of the data; returns how many items it has."""
    names = Names("salt")
    settings = demo_settings()
    before = recorded(data, settings, "2026-12-31")
    account = account_of(cleaned(data, names), settings)
    after = preview(account, before.request, RECORDED_AT)
    assert bool(after.errors) == bool(before.answer.refusals)
    assert [(item.amount, item.service_start) for item in after.items()] == [
        (item.amount, item.start) for item in before.answer.items if item.document == "invoice"
    ][: len(after)]
    return len(after)


def test_the_removed_fields_decide_no_amount_of_the_demo_tenant() -> None:
    assert sum(map(same_amounts, demo_data())) > 200


def test_the_removed_fields_decide_no_amount_of_the_captures() -> None:
    if not golden_cases():
        pytest.skip("no golden captures: set GOLDEN_DIR to their folder")
    captures = [each.data for each in recorded_previews(golden_cases()[0].parent) if each.data is not None]
    assert sum(map(same_amounts, captures)) > 1000


def test_the_removed_fields_decide_no_amount_of_the_vectors() -> None:
    vectors = spec_vectors()
    if vectors is None:
        pytest.skip("no vectors of the specification")
    count = 0
    for vector in vectors["vectors"]:
        inputs = vector["inputs"]
        if "account" not in inputs:
            continue  # of a table, not of an account
        account = {**inputs["account"], "id": "vector", "accountNumber": "vector"}
        count += same_amounts(AccountData(account, tuple(inputs["subscriptions"]), tuple(inputs.get("usages", ()))))
    assert count > 100
