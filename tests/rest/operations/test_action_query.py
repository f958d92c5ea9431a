"""ZOQL over JSON: what `query` and `queryMore` answer, page by page, to whom, and how they refuse.

What the language can do is tested where it is (`tests/zoql`); here is how it looks in JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from soapsvc.server import Options, application
from soapsvc.tenant import Store, UserEntry, open_tenant
from tests.rest.client import Reply, Rest
from tests.rest.conftest import NOW, MovableClock
from tests.support.documents import account, charge, subscription, usage
from tests.support.tenants import write_tenant

ZONE = 'time_zone = "Asia/Tokyo"'
Users = Callable[[str], Rest]
TOO_LONG = "select Id from Account where Name = 'x'".ljust(10_001)
RIGHTS = {"all": (), "one": ("o1",), "other": ("o2",), "both": ("o1", "o2")}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Three accounts, the last of no organization; five subscriptions of the first; a usage record."""
    folder: Path = tmp_path_factory.mktemp("queries")
    accounts = [
        account("A-1", id="a1", organizationId="o1", balance=0, autoPay=True, name="Finch"),
        account("A-2", id="a2", organizationId="o2"),
        account("A-3", id="a3"),
    ]
    accounts[0]["metrics"] = {"balance": 12345678901234567890.125}
    subscriptions = [
        subscription(charge(f"C-{n}", price=n / 8), number=f"S-{n}", id=f"s{n}", accountId="a1", autoRenew=n % 2 == 0)
        for n in range(5)
    ]
    opened = open_tenant(
        write_tenant(
            folder,
            ZONE,
            accounts=accounts,
            subscriptions=subscriptions,
            usage=[usage(1.5, "2026-01-31T23:30:00Z", AccountId="a1", Id="u1")],
        )
    )
    for name, organizations in RIGHTS.items():
        opened.put_user(UserEntry(name, password_hash="never used", organizations=organizations))
    yield opened
    opened.close()


@pytest.fixture
def users(store: Store) -> Users:
    """A client for each user."""
    service = application(store, Options(), MovableClock(NOW))
    expires = int((NOW + timedelta(days=1)).timestamp())
    return lambda name: Rest(service, store.create_session(name, expires))


def query(rest: Rest, text: str, base: str = "/v1", size: int | None = None, **headers: str) -> Reply:
    conf = {} if size is None else {"conf": {"batchSize": size}}
    return rest.post(f"{base}/action/query", {"queryString": text, **conf}, headers)


def more(rest: Rest, locator: str, base: str = "/v1") -> Reply:
    return rest.post(f"{base}/action/queryMore", {"queryLocator": locator})


def records(reply: Reply) -> list[dict[str, Any]]:
    assert (reply.status, reply.json["done"], "queryLocator" in reply.json) == (200, True, False), reply.body
    return reply.json["records"]


def test_a_record_has_the_fields_that_were_asked_for_and_have_a_value(users: Users) -> None:
    """Booleans and exact numbers as JSON has them; `CrmId` has no value."""
    text = "select Id, Name, AutoPay, BillCycleDay, CrmId from Account where AccountNumber = 'A-1'"
    for base in ("/v1", "/rest/v1"):
        reply = query(users("all"), text, base)
        assert reply.json["size"] == 1
        assert records(reply) == [{"Id": "a1", "Name": "Finch", "AutoPay": True, "BillCycleDay": 1}]
    (charged,) = records(
        query(users("all"), "select Price, ChargeNumber from RatePlanCharge where ChargeNumber = 'C-3'")
    )
    assert (str(charged["Price"]), charged["ChargeNumber"]) == ("0.375", "C-3")


@pytest.mark.parametrize(
    ("version", "day"),
    [("", "2026-01-01"), ("61", "2026-01-01T00:00:00"), ("68.0", "2026-01-01T00:00:00"), ("69.0", "2026-01-01")],
)
def test_days_are_dates_from_69_on_and_midnights_before(users: Users, version: str, day: str) -> None:
    text = "select TermStartDate from Subscription where Name = 'S-1'"
    found = records(query(users("all"), text, **{"X-Zuora-WSDL-Version": version}))
    assert found == [{"TermStartDate": day}]


def test_instants_have_the_offset_of_the_tenant(users: Users) -> None:
    found = records(query(users("all"), "select StartDateTime, Quantity from Usage where AccountId = 'a1'"))
    assert [{name: str(value) for name, value in each.items()} for each in found] == [
        {"Quantity": "1.5", "StartDateTime": "2026-02-01T08:30:00.000+09:00"}
    ]


def test_pages_continue_at_their_locators_to_the_end(users: Users) -> None:
    """Five records in pages of two; all pages tell the size of the whole."""
    rest = users("all")
    pages = [query(rest, "select Id from Subscription", size=2).json]
    while not pages[-1]["done"]:
        pages.append(more(rest, pages[-1]["queryLocator"]).json)
    assert [[each["Id"] for each in page["records"]] for page in pages] == [["s0", "s1"], ["s2", "s3"], ["s4"]]
    assert {page["size"] for page in pages} == {5}
    assert [page["done"] for page in pages] == [False, False, True]
    assert query(rest, "select Id from Subscription", size=9999).json["done"] is True


def test_a_locator_is_of_its_user_alone(users: Users) -> None:
    locator = query(users("all"), "select Id from Subscription", size=2).json["queryLocator"]
    unknown = more(users("one"), "nothing-2")
    assert unknown.status == 400
    assert unknown.json["FaultCode"] == "INVALID_QUERY_LOCATOR"
    assert more(users("one"), locator).json == unknown.json
    assert more(users("all"), locator).status == 200


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("select Nothing from Account", "INVALID_FIELD", "invalid field for query: Account.Nothing"),
        ("select Id from Nothing", "INVALID_TYPE", "invalid type specified: Nothing"),
        ("select Id from Account where Name = 'open", "MALFORMED_QUERY", None),
        ("select Id from Account where BillCycleDay = 'a'; drop table accounts", "MALFORMED_QUERY", None),
        (TOO_LONG, "MALFORMED_QUERY", None),
    ],
)
def test_a_query_that_is_refused_is_a_fault_under_both_names(
    users: Users, text: str, code: str, message: str | None
) -> None:
    reply = query(users("all"), text)
    assert reply.status == 400
    assert (reply.json["faultcode"], reply.json["FaultCode"]) == (f"fns:{code}", code)
    assert reply.json["faultstring"] == reply.json["FaultMessage"]
    assert message is None or reply.json["FaultMessage"] == message


def test_a_broken_request_is_refused_as_everywhere_but_never_with_200(users: Users) -> None:
    rest = users("all")
    for path, name in (("/v1/action/query", "queryString"), ("/v1/action/queryMore", "queryLocator")):
        assert (rest.post(path, {}).status, rest.post(path, {}).reasons) == (
            400,
            [(50000022, f"'{name}' is required.")],
        )
        assert rest.post(path, {name: 5}).reasons == [(50000020, f"'{name}' is 5, not a text.")]
        assert rest.post(path, b"{").status == 400
        assert Rest(rest.application).post(path, {name: "x"}).status == 401
    wrong = rest.post("/v1/action/query", {"queryString": "select Id from Account", "conf": {"batchSize": "many"}})
    assert wrong.reasons == [(50000020, "'batchSize' is 'many', not a number.")]
    for version in ("60", "154.0", "latest"):
        reply = query(rest, "select Id from Account", **{"X-Zuora-WSDL-Version": version})
        assert (reply.status, reply.json["message"]) == (400, "X-Zuora-WSDL-Version must be a version from 61 to 153.")


def ids(rest: Rest, **headers: str) -> list[str]:
    return [each["Id"] for each in records(query(rest, "select Id from Account", **headers))]


def test_which_accounts_a_scope_sees(users: Users) -> None:
    """A header narrows what the user may see; an account of no organization is narrowed away by none."""
    assert {name: ids(users(name)) for name in RIGHTS} == {
        "all": ["a1", "a2", "a3"],
        "one": ["a1"],
        "other": ["a2"],
        "both": ["a1", "a2"],
    }
    assert ids(users("all"), **{"Zuora-Org-Ids": "o1"}) == ["a1", "a3"]
    assert ids(users("both"), **{"Zuora-Org-Ids": "o2"}) == ["a2"]
    assert query(users("one"), "select Id from Account", **{"Zuora-Org-Ids": "o2"}).status == 403
    assert records(query(users("other"), "select Id from Subscription where AccountId = 'a1'")) == []


def test_a_key_of_idempotency_is_for_one_version_of_the_contract(users: Users) -> None:
    rest, text = users("all"), "select TermStartDate from Subscription where Name = 'S-1'"
    headers = {"Idempotency-Key": "q1", "X-Zuora-WSDL-Version": "61"}
    assert query(rest, text, **headers).body == query(rest, text, **headers).body
    assert query(rest, text, **{**headers, "X-Zuora-WSDL-Version": "69"}).status == 422
