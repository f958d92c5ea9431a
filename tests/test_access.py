"""A user of one organization against everything that is another's: every operation of REST and SOAP is walked.

What belongs to others must not be told apart from what is not there: the answers are the same to the last word.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from soapsvc.rest.frame import Route
from soapsvc.runs import Organization, Run, RunRefused, create_run
from soapsvc.runs.planning import check_differences, visible_runs
from soapsvc.runs.planning.access import visible_run
from soapsvc.server import Options, application
from soapsvc.tenant import Store, User, UserEntry, import_tenant
from soapsvc.tenant.store import visible_account, visible_accounts
from soapsvc.zoql import Queries
from tests.rest.client import Rest
from tests.rest.conftest import NOW, MovableClock
from tests.soap.client import Service, envelope, request, session_header
from tests.support.documents import account, charge, subscription, usage
from tests.support.runs import EVERYTHING, IN_DATABASE, finished
from tests.support.tenants import write_tenant

ORG_A, ORG_B = "a0" * 16, "b0" * 16
ACCOUNT_A, ACCOUNT_B = "aa" * 16, "bb" * 16
RIGHTS = {"anna": (ORG_A,), "bert": (ORG_B,), "both": (ORG_A, ORG_B), "boss": ()}
TARGET = "2026-04-30"

UNKNOWN = {
    "account_id": "ee" * 16,
    "account_number": "A-none",
    "run_id": "ef" * 16,
    "run_number": "BPR-00000999",
    "file_id": "ed" * 16,
    "async_id": "ec" * 16,
    "org_id": "eb" * 16,
    "org_name": "Nowhere",
    "batch": "No such batch",
    "contact_name": "Nobody",
    "subscription_id": "e9" * 16,
    "subscription_number": "A-Snone",
    "plan_id": "e8" * 16,
    "charge_id": "e7" * 16,
    "charge_number": "C-none",
    "invoice_id": "e6" * 16,
    "locator": "e5" * 16 + "-1",
}
"""A value of each kind that names nothing."""

Built = tuple[str, dict[str, object], dict[str, str]]
Way = tuple[str, Callable[[str], Built]]


def entry(name: str) -> UserEntry:
    return UserEntry(name, password_hash="never used", organizations=RIGHTS[name])


@dataclass
class World:
    """A tenant of two organizations, and what there is of B, by kind."""

    store: Store
    rest: Callable[[str], Rest]
    soap: Callable[[str], Service]
    of_b: dict[str, str]
    run_of_all: Run
    compared: Run

    def user(self, name: str) -> User:
        found = self.store.user(name)
        assert found is not None
        return found


def tenant(folder: Path) -> Path:
    owned = {"A": (ACCOUNT_A, ORG_A), "B": (ACCOUNT_B, ORG_B)}
    accounts = {
        f"{letter}.json": account(
            f"A-{letter}",
            id=account_id,
            batch=f"Batch of {letter}",
            organizationId=organization,
            organizationName=f"Land of {letter}",
            billToContact={"lastName": f"Person of {letter}"},
        )
        for letter, (account_id, organization) in owned.items()
    }
    subscriptions = [
        subscription(
            charge(f"C-{letter}", id=f"{key[:31]}3"),
            number=f"A-S{letter}",
            accountId=key,
            id=f"{key[:31]}1",
            ratePlans=[{"id": f"{key[:31]}2", "ratePlanCharges": [charge(f"C-{letter}", id=f"{key[:31]}3")]}],
        )
        for letter, (key, _) in owned.items()
    ]
    records = [usage(1, AccountId=key, Id=f"{key[:31]}4") for key, _ in owned.values()]
    invoices = [
        {
            "id": f"{key[:31]}5",
            "accountId": key,
            "status": "Posted",
            "invoiceItems": [
                {
                    "chargeNumber": f"C-{letter}",
                    "chargeAmount": 1,
                    "serviceStartDate": "2026-01-01",
                    "serviceEndDate": "2026-01-31",
                }
            ],
        }
        for letter, (key, _) in owned.items()
    ]
    return write_tenant(folder, accounts=accounts, subscriptions=subscriptions, usage=records, drafts=invoices)


@pytest.fixture
def world(database: str, tmp_path: Path) -> Iterator[World]:
    store, results = Store.open(database), tmp_path / "results"
    import_tenant(store, tenant(tmp_path / "tenant"))
    for name in RIGHTS:
        store.put_user(entry(name))
    service = application(store, Options(results=str(results), run_workers=0), MovableClock(NOW))
    tokens = {name: store.create_session(name, int((NOW + timedelta(days=1)).timestamp())) for name in RIGHTS}

    def run(template: Any, organization: str | None = None, **fields: object) -> Run:
        named = (Organization(id=organization),) if organization is not None else ()
        boss = store.user("boss")
        assert boss is not None
        return finished(store, results, replace(template, organizations=named, **fields), user=boss)

    file, stored, of_all = run(EVERYTHING, ORG_B), run(IN_DATABASE, ORG_B), run(IN_DATABASE)
    made = Rest(service, tokens["bert"]).account_preview("A-B", headers={"async": "true"}, target_date=TARGET)
    yield World(
        store,
        lambda name: Rest(service, tokens[name]),
        lambda name: Service(service, tokens[name], path="/apps/services/a/113.0"),
        {
            "account_id": ACCOUNT_B,
            "account_number": "A-B",
            "run_id": stored.id,
            "run_number": stored.number,
            "file_id": str(file.file_id),
            "async_id": made.json["request_id"],
            "org_id": ORG_B,
            "org_name": "Land of B",
            "batch": "Batch of B",
            "contact_name": "Person of B",
            "subscription_id": f"{ACCOUNT_B[:31]}1",
            "subscription_number": "A-SB",
            "plan_id": f"{ACCOUNT_B[:31]}2",
            "charge_id": f"{ACCOUNT_B[:31]}3",
            "charge_number": "C-B",
            "invoice_id": f"{ACCOUNT_B[:31]}5",
            "locator": _locator(store, "bert"),
        },
        of_all,
        run(IN_DATABASE, ORG_A, store_difference=True, compared_run_id=of_all.id),
    )
    store.close()


def _locator(store: Store, name: str) -> str:
    """The locator of the next page of that user's query."""
    user = store.user(name)
    assert user is not None
    text = "select Id from BillingPreviewRun"
    return Queries(store, MovableClock(NOW)).query(user, text, (113, 0), page=1).locator or ""


PREVIEW = "/v1/operations/billing-preview"
RUNS = "/v1/billing-preview-runs"
OF_A = {"accountId": ACCOUNT_A, "targetDate": TARGET}


def scoped(path: str, **document: object) -> Way:
    return "org_id", lambda value: (path, document, {"Zuora-Org-Ids": value})


def at(kind: str, path: str, **document: object) -> Way:
    return kind, lambda value: (path.format(value), document, {})


def preview_of(kind: str, make: Callable[[str], dict[str, object]]) -> Way:
    return kind, lambda value: (PREVIEW, {"targetDate": TARGET, **make(value)}, {})


def run_of(kind: str, make: Callable[[str], dict[str, object]]) -> Way:
    return kind, lambda value: (RUNS, {"targetDate": TARGET, **make(value)}, {})


def account_previews(base: str) -> list[Way]:
    path = f"{base}/accounts/{{}}/preview"
    ways = [at(kind, path, target_date=TARGET) for kind in ("account_id", "account_number")]
    return [*ways, scoped(path.format("A-A"), target_date=TARGET)]


def run_paths(suffix: str) -> list[Way]:
    return [at(kind, f"{RUNS}/{{}}{suffix}") for kind in ("run_id", "run_number")]


def reads(path: str) -> list[Way]:
    """Of what has accounts in its path, and of an account of A in another organization."""
    ways = [at(kind, path) for kind in ("account_id", "account_number")]
    return [*ways, scoped(path.format("A-A"))]


def asked(kind: str, where: str, of: str = "Account") -> Way:
    """A query in ZOQL that names something."""
    text = " ".join(("select", "Id", "from", of, "where", where))
    return kind, lambda value: ("/v1/action/query", {"queryString": text.format(value)}, {})


SUBSCRIPTION = "/v1/subscriptions/{}"
DIFFERENCES = {"storageOption": "Database", "storeDifference": True}
REST: dict[tuple[str, str], list[Way]] = {
    ("POST", "/oauth/token"): [],
    ("POST", "/v1/connections"): [scoped("/v1/connections")],
    ("DELETE", "/v1/connections"): [scoped("/v1/connections")],
    ("POST", PREVIEW): [
        preview_of("account_id", lambda value: {"accountId": value}),
        preview_of("account_number", lambda value: {"accountNumber": value}),
        preview_of("account_id", lambda value: {"accountId": value, "accountNumber": "A-A"}),
        preview_of("account_number", lambda value: {"accountId": ACCOUNT_A, "accountNumber": value}),
        preview_of("account_id", lambda value: {"accounts": [{"accountId": value}]}),
        preview_of("account_number", lambda value: {"accounts": [{"accountNumber": value}]}),
        scoped(PREVIEW, **OF_A),
    ],
    ("POST", "/accounts/{account_id}/preview"): account_previews(""),
    ("POST", "/v2/accounts/{account_id}/preview"): account_previews("/v2"),
    ("GET", "/async_requests/{request_id}"): [at("async_id", "/async_requests/{}")],
    ("GET", "/v2/async_requests/{request_id}"): [at("async_id", "/v2/async_requests/{}")],
    ("POST", RUNS): [
        run_of("account_id", lambda value: {"filters": [{"filterType": "Account", "accountId": value}]}),
        run_of("org_id", lambda value: {"organizationLabels": [{"organizationId": value}]}),
        run_of("org_name", lambda value: {"organizationLabels": [{"organizationName": value}]}),
        run_of("batch", lambda value: {"batches": value}),
        run_of("run_id", lambda value: {**DIFFERENCES, "comparedBillingPreviewRunId": value}),
        scoped(RUNS, targetDate=TARGET),
    ],
    ("GET", f"{RUNS}/{{key}}"): run_paths(""),
    ("PUT", f"{RUNS}/{{key}}/cancel"): run_paths("/cancel"),
    ("GET", f"{RUNS}/{{key}}/results"): run_paths("/results"),
    ("GET", f"{RUNS}/{{key}}/differences"): run_paths("/differences"),
    ("GET", f"{RUNS}/{{key}}/failed-accounts"): run_paths("/failed-accounts"),
    ("GET", "/v1/files/{file_id}"): [at("file_id", "/v1/files/{}")],
    ("GET", "/apps/api/file/{file_id}"): [at("file_id", "/apps/api/file/{}")],
    ("GET", "/v1/accounts/{key}"): reads("/v1/accounts/{}"),
    ("GET", "/v1/accounts/{key}/summary"): reads("/v1/accounts/{}/summary"),
    ("GET", "/v1/subscriptions/accounts/{key}"): reads("/v1/subscriptions/accounts/{}"),
    ("GET", "/v1/usage/accounts/{key}"): reads("/v1/usage/accounts/{}"),
    ("GET", "/v1/subscriptions/{key}"): [
        at("subscription_id", SUBSCRIPTION),
        at("subscription_number", f"{SUBSCRIPTION}?getInvoiceOwnerDetails=true"),
        scoped(SUBSCRIPTION.format("A-SA")),
    ],
    ("POST", "/v1/action/query"): [
        asked("account_id", "Id = '{}'"),
        asked("account_number", "AccountNumber = '{}'"),
        asked("account_id", "AccountId = '{}'", "Subscription"),
        asked("subscription_id", "Id = '{}'", "Subscription"),
        asked("subscription_number", "Name = '{}'", "Subscription"),
        asked("subscription_id", "SubscriptionId = '{}'", "RatePlan"),
        asked("run_id", "Id = '{}'", "BillingPreviewRun"),
        asked("run_number", "RunNumber = '{}'", "BillingPreviewRun"),
        scoped("/v1/action/query", queryString="select Id from Account"),
    ],
    ("POST", "/v1/action/queryMore"): [
        ("locator", lambda value: ("/v1/action/queryMore", {"queryLocator": value}, {}))
    ],
    ("GET", "/v1/catalog/products"): [scoped("/v1/catalog/products")],
    ("GET", "/v1/rateplan/{key}/productRatePlan"): [],
    ("GET", "/docs"): [],
    ("GET", "/openapi.yaml"): [],
    ("GET", "/openapi.json"): [],
}
"""How each operation can name something: the kind of what it names, and the request."""


def preview_call(account_id: str) -> str:
    return f"<a:billingPreview>{request(account_id, TARGET)}</a:billingPreview>"


def create_call(batch: str) -> str:
    fields = f"<o:Batches>{batch}</o:Batches><o:TargetDate>{TARGET}</o:TargetDate>"
    return f"<a:create><a:zObjects xsi:type='o:BillingPreviewRun'>{fields}</a:zObjects></a:create>"


def query_call(where: str) -> str:
    return query_text(" ".join(("select", "Id, RunNumber, Status, TotalAccounts from BillingPreviewRun", where)))


def query_text(text: str) -> str:
    return f"<a:query><a:queryString>{text}</a:queryString></a:query>"


QUERIES = [
    ("account_id", "select Id, Name from Account where Id = '{}'"),
    ("account_id", "select Id from Account where Id = '{0}' or Id = '{0}' and Name != null"),
    ("account_number", "select Id from Account where AccountNumber = '{}'"),
    ("account_number", "select Id from Account where AccountNumber &gt;= '{0}' and AccountNumber &lt;= '{0}'"),
    ("batch", "select Id from Account where Batch = '{}'"),
    ("contact_name", "select Id, AccountId from Contact where LastName = '{}'"),
    ("account_id", "select Id from Contact where AccountId = '{}'"),
    ("account_id", "select Id from Subscription where AccountId = '{}'"),
    ("subscription_id", "select Id, Status from Subscription where Id = '{}'"),
    ("subscription_number", "select Id from Subscription where Name = '{}'"),
    ("subscription_number", "select Id from Subscription where Name like '{}%'"),
    ("subscription_id", "select Id from RatePlan where SubscriptionId = '{}'"),
    ("plan_id", "select Id, Name from RatePlan where Id = '{}'"),
    ("plan_id", "select Id, Price from RatePlanCharge where RatePlanId = '{}'"),
    ("charge_id", "select Id from RatePlanCharge where Id = '{}'"),
    ("charge_number", "select Id from RatePlanCharge where ChargeNumber = '{}'"),
    ("charge_id", "select Id, Price from RatePlanChargeTier where RatePlanChargeId = '{}'"),
    ("account_id", "select Id, Quantity from Usage where AccountId = '{}'"),
    ("account_number", "select Id, Quantity from Usage where AccountNumber = '{}'"),
    ("account_id", "select Id from Invoice where AccountId = '{}'"),
    ("invoice_id", "select Id, InvoiceNumber from Invoice where Id = '{}'"),
    ("invoice_id", "select Id, ChargeAmount from InvoiceItem where InvoiceId = '{}'"),
    ("charge_number", "select Id from InvoiceItem where ChargeNumber = '{}'"),
]
"""Each object that belongs to an account, by what names it."""


SOAP: dict[str, list[tuple[str, Callable[[str], str]]]] = {
    "login": [],
    "getUserInfo": [],
    "billingPreview": [("account_id", preview_call)],
    "create": [("batch", create_call)],
    "query": [
        ("run_id", lambda value: query_call(f"where Id = '{value}'")),
        ("run_number", lambda value: query_call(f"where RunNumber = '{value}'")),
        ("batch", lambda value: query_call(f"where Batches = '{value}'")),
        *(
            (kind, lambda value, text=text: query_text(text.format(value)))  # type: ignore[misc]
            for kind, text in QUERIES
        ),
    ],
    "queryMore": [
        ("locator", lambda value: f"<a:queryMore><a:queryLocator>{value}</a:queryLocator></a:queryMore>"),
    ],
}


def told(world: World, who: str, method: str, build: Callable[[str], Built], value: str) -> tuple[int, str]:
    """Status and body of an answer, without what is made up anew for each and with a blank for the value."""
    path, document, headers = build(value)
    content = json.dumps(document).encode() if method == "POST" else b""
    reply = world.rest(who).request(method, path, content, headers, "application/json" if method == "POST" else None)
    if not reply.headers["content-type"].startswith("application/json"):
        return reply.status, reply.body.hex()
    found = reply.json
    for each in (found, *found.get("results", [])):
        each.pop("processId", None)
        each.pop("requestId", None)
    return reply.status, json.dumps(found, default=str).replace(value, "<>")


def said(world: World, who: str, build: Callable[[str], str], value: str) -> tuple[int, str]:
    service = world.soap(who)
    reply = service.post(envelope(build(value), session_header(service.token)))
    return reply.status, reply.text.replace(value, "<>")


def test_every_operation_is_walked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    routes: list[Route] = []
    operations: list[str] = []
    monkeypatch.setattr("soapsvc.server.wsgi.rest_application", lambda _, found: routes.extend(found))
    monkeypatch.setattr("soapsvc.server.wsgi.SoapApplication", lambda found, *_: operations.extend(found))
    application(world.store)
    assert {(route.method, route.path) for route in routes} == REST.keys()
    assert set(operations) == SOAP.keys()


def test_data_of_others_get_the_answer_of_data_that_do_not_exist(world: World) -> None:
    over_rest = [
        (method, path, kind)
        for (method, path), ways in REST.items()
        for kind, build in ways
        if told(world, "anna", method, build, world.of_b[kind]) != told(world, "anna", method, build, UNKNOWN[kind])
    ]
    over_soap = [
        (name, kind)
        for name, ways in SOAP.items()
        for kind, build in ways
        if said(world, "anna", build, world.of_b[kind]) != said(world, "anna", build, UNKNOWN[kind])
    ]
    assert (over_rest, over_soap) == ([], [])


def test_a_user_who_may_see_it_gets_another_answer(world: World) -> None:
    """So the walk above asks for what is there."""
    same = [
        (method, path, kind)
        for (method, path), ways in REST.items()
        for kind, build in ways
        if kind != "org_id" and path != RUNS
        if told(world, "bert", method, build, world.of_b[kind]) == told(world, "bert", method, build, UNKNOWN[kind])
    ]
    assert same == []
    over_soap = [(kind, build) for name in ("billingPreview", "query", "queryMore") for kind, build in SOAP[name]]
    for kind, build in over_soap:
        if (kind, build) != SOAP["query"][2]:  # no run is for a batch
            found = said(world, "bert", build, world.of_b[kind])
            assert found != said(world, "bert", build, UNKNOWN[kind]), (kind, found)


def test_a_list_of_runs_has_those_that_the_user_may_see(world: World) -> None:
    counts = {name: len(list(visible_runs(world.store, world.user(name)))) for name in RIGHTS}
    assert counts == {"anna": 1, "bert": 2, "both": 3, "boss": 4}
    _, listed = said(world, "anna", lambda _: query_call(""), "nothing")
    assert world.compared.number in listed
    assert world.of_b["run_number"] not in listed


def test_a_comparison_with_a_run_of_others_is_not_shown_with_the_run(world: World) -> None:
    """The boss compared A's run with one of all: its differences are B's items, as Removed."""
    path = f"{RUNS}/{world.compared.id}"
    as_boss = world.rest("boss").get(f"{path}/differences").json
    assert ACCOUNT_B in {row["accountId"] for row in as_boss["results"]}
    anna = world.rest("anna")
    assert {row["accountId"] for row in anna.get(f"{path}/results").json["results"]} == {ACCOUNT_A}
    unknown = [(50000040, f"Cannot find entity by key: '{world.run_of_all.id}'.")]
    assert anna.get(f"{path}/differences").reasons == unknown
    with pytest.raises(RunRefused):
        check_differences(world.store, world.compared, world.user("anna"))


def test_runs_of_others_in_the_way_have_no_number(world: World) -> None:
    run = create_run(world.store, replace(EVERYTHING, batches=("Batch1",)), world.user("bert"), NOW)
    for fields in ({"batches": "Batch1"}, {}):
        asked = {"targetDate": TARGET, **fields}
        reply = world.rest("anna").post(RUNS, asked)
        assert reply.reasons[0][0] == 50000050
        assert run.number not in reply.body.decode()
        assert run.number in world.rest("boss").post(RUNS, asked).body.decode()


def test_restricted_rights_hold_for_runs_and_answers_made_before(world: World) -> None:
    """A user of A and B makes a run, a preview with a key, and asynchronous ones; then B is taken away."""
    both, key = world.rest("both"), {"Idempotency-Key": "one"}
    of_b = {"accountId": ACCOUNT_B, "targetDate": TARGET}
    run = both.post(RUNS, {"targetDate": TARGET, "batches": "Batch7"}).json["billingPreviewRunId"]
    assert both.post(PREVIEW, of_b, key).json["success"] is True
    asked = [both.account_preview(number, headers={"async": "true"}, target_date=TARGET) for number in ("A-B", "A-A")]
    paths = [reply.headers["location"] for reply in asked]
    assert [both.get(path).status for path in paths] == [200, 200]
    world.store.put_user(replace(entry("both"), organizations=(ORG_A,)))
    assert both.get(f"{RUNS}/{run}").reasons == [(50000040, f"Cannot find entity by key: '{run}'.")]
    assert both.post(PREVIEW, of_b, key).status == 422
    assert ACCOUNT_B not in both.get(paths[0]).body.decode()
    assert both.get(paths[1]).status == 200
    with pytest.raises(RunRefused):
        visible_run(world.store, run, world.user("both"))


def test_a_run_by_the_name_of_an_organization_is_kept_by_id(world: World) -> None:
    """Names may change hands: a user who may not see all has the run for the organization that the name meant."""
    named = replace(EVERYTHING, batches=("Batch8",), organizations=(Organization(name="Land of A"),))
    made = create_run(world.store, named, world.user("anna"), NOW)
    assert made.request.organizations == (Organization(id=ORG_A),)
    assert visible_run(world.store, made.id, world.user("anna")) == made


def test_no_data_of_an_account_of_others_is_loaded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the answer takes no longer for a large account of others than for none."""
    asked: list[set[str]] = []
    real = Store.accounts_by_id

    def accounts_by_id(store: Store, ids: Any, *version: Any) -> Any:
        asked.append(set(ids))
        return real(store, ids, *version)

    monkeypatch.setattr(Store, "accounts_by_id", accounts_by_id)
    anna = world.user("anna")
    assert visible_account(world.store, anna, id=ACCOUNT_B) is None
    assert visible_account(world.store, anna, number="A-B") is None
    assert visible_account(world.store, anna, id=ACCOUNT_A, number="A-B") is None
    assert list(visible_accounts(world.store, anna, [ACCOUNT_B, UNKNOWN["account_id"]])) == []
    assert not any(asked)
    (own,) = visible_accounts(world.store, anna, [ACCOUNT_A, ACCOUNT_B])
    assert own == visible_account(world.store, anna, number="A-A")
