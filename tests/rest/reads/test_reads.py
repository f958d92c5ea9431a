"""Reads of accounts, usage and the catalogue over REST v1: what was imported comes back, to those who may see it."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soapsvc.rest.reads.members import record, single
from soapsvc.server import Options, application
from soapsvc.tenant import Store, UserEntry, import_tenant, open_tenant
from tests.rest.client import Rest
from tests.rest.conftest import NOW, MovableClock
from tests.support.documents import account, charge, subscription, usage
from tests.support.tenants import write_tenant

ID = account()["basicInfo"]["id"]
Tenant = Callable[..., Rest]


@pytest.fixture
def tenant(folder: Path) -> Iterator[Tenant]:
    """Imports documents and gives a client of them; `who` has the organizations that the user may see."""
    opened: list[Store] = []

    def make(toml: str = "", who: tuple[str, ...] = (), **kinds: object) -> Rest:
        store = open_tenant(write_tenant(folder / str(len(opened)), toml, **kinds))
        opened.append(store)
        store.put_user(UserEntry("reader", password_hash="never used", organizations=who))
        token = store.create_session("reader", int((NOW + timedelta(days=1)).timestamp()))
        return Rest(application(store, Options(), MovableClock(NOW)), token)

    yield make
    for store in opened:
        store.close()


def read(rest: Rest, url: str, **headers: str) -> dict[str, Any]:
    """An answer that is a success, without the word for it."""
    reply = rest.get(url, headers)
    assert reply.status == 200
    assert reply.json["success"] is True, reply.body
    return {name: value for name, value in reply.json.items() if name != "success"}


def walked(rest: Rest, url: str, name: str) -> list[list[Any]]:
    """The pages of a list, each link followed to the end."""
    pages = []
    following: str | None = url
    while following is not None:
        answer = read(rest, following)
        pages.append(answer.pop(name))
        following = answer.pop("nextPage", "").removeprefix("http://127.0.0.1:8080") or None
        assert answer == {}
    return pages


# Accounts


def test_a_capture_of_an_account_is_reproduced_to_the_last_digit(tenant: Tenant) -> None:
    """Numbers as they are spelled, nulls, custom fields, sections that nobody here reads."""
    written = (
        '{"basicInfo":{"id":"a1","name":"Caf\\u00e9 \\"Nord\\"","accountNumber":"A-1","status":"Active","Tier__c":null,'
        '"Rank__c":1.50},"billingAndPayment":{"billCycleDay":1,"currency":"EUR"},"metrics":{"balance":0E-9,"mrr":1e400},'
        '"billToContact":null,"metricsData":[{"currency":"EUR","balance":12345678901234567890.12}],"taxInfo":{"VATId":""}'
    )
    rest = tenant(accounts=f' {{"success": true,\n "success": true, {written[1:]} }}')
    for key in ("a1", "A-1"):
        assert rest.get(f"/v1/accounts/{key}").body.decode() == written + ',"success":true}'


def test_a_flat_account_is_answered_in_sections_with_each_field_once(tenant: Tenant) -> None:
    flat = {
        "accountId": "a1",
        "number": "A-1",
        "name": "Finch",
        "billCycleDay": 15,
        "currency": "USD",
        "balance": 7.5,
        "VATId": "X1",
        "crmId": None,
        "color__c": "blue",
        "country": "Italy",
    }
    assert read(tenant(accounts=flat), "/v1/accounts/A-1") == {
        "basicInfo": {"id": "a1", "accountNumber": "A-1", "name": "Finch", "crmId": None},
        "billingAndPayment": {"billCycleDay": 15, "currency": "USD"},
        "metrics": {"balance": 7.5},
        "taxInfo": {"VATId": "X1"},
        "color__c": "blue",
        "country": "Italy",
    }


def test_of_two_spellings_of_one_field_the_second_stays_where_it_is(tenant: Tenant) -> None:
    found = read(
        tenant(accounts={"id": "a1", "accountId": "a2", "accountNumber": "A-1", "currency": "USD"}), "/v1/accounts/A-1"
    )
    assert (found["basicInfo"], found["accountId"]) == ({"id": "a1", "accountNumber": "A-1"}, "a2")


def test_an_account_shows_what_it_is_known_by(tenant: Tenant) -> None:
    """Its document has no id: the one that previews take is made by the import."""
    rest = tenant(
        accounts={"basicInfo": {"accountNumber": "A-1", "id": None}, "billingAndPayment": {"currency": "USD"}}
    )
    known = read(rest, "/v1/accounts/A-1")["basicInfo"]
    assert read(rest, f"/v1/accounts/{known['id']}")["basicInfo"] == known
    assert rest.preview(accountId=known["id"], targetDate="2026-04-01").json["success"] is True


def test_a_key_is_an_id_before_it_is_a_number(tenant: Tenant) -> None:
    """The number of the second account is the id of the first."""
    rest = tenant(accounts=[account("A-1", id="x"), account("x", id="y")])
    assert read(rest, "/v1/accounts/x")["basicInfo"]["accountNumber"] == "A-1"
    assert read(rest, "/v1/accounts/y")["basicInfo"]["accountNumber"] == "x"


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**25), 10**25)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.from_regex(r"[A-Z][a-z]{1,8}__c", fullmatch=True), JSON, max_size=6))
def test_any_text_in_a_record_is_read_back_unchanged(extra: dict[str, Any]) -> None:
    document = {"id": "s", "ratePlans": [], **extra}
    for indent in (None, 2):
        written = json.dumps(document, indent=indent, ensure_ascii=indent is None).encode()
        assert json.loads(single(record(written))) == {**document, "success": True}


# The summary


def test_a_summary_has_the_account_and_the_latest_of_what_it_has(tenant: Tenant) -> None:
    """Half a year of usage up to 15 March: October to March, by unit; what is of September or of April is not in it."""
    document = account(batch="Batch2", Region__c="North")
    document["metrics"] = {"balance": 12.50}
    started = [("2025-09-30", 1), ("2025-10-01", 2), ("2026-03-01", 3), ("2026-03-31 23:59:59", 4.5), ("2026-04-01", 5)]
    invoices = [
        {
            "id": f"i{n}",
            "invoiceNumber": f"INV-{n}",
            "invoiceDate": f"2026-01-0{n}",
            "accountId": ID,
            "amount": n,
            "notes": "x",
        }
        for n in range(1, 9)
    ]
    invoices[-1]["number"] = invoices[-1].pop("invoiceNumber")  # what the file calls an invoice is one
    rest = tenant(
        accounts=document,
        subscriptions=subscription(
            charge(),
            accountId=ID,
            initialTerm=24,
            initialTermPeriodType="Month",
            renewalTerm=1,
            renewalTermPeriodType="Year",
        ),
        usage=[*(usage(quantity, start) for start, quantity in started), usage(1, "2026-03-02", UOM="kWh")],
        drafts={"invoices": invoices, "creditMemos": [{"id": "m", "number": "CM-1", "accountId": ID}]},
    )
    assert read(rest, "/v1/accounts/A-1/summary") == {
        "basicInfo": {
            **document["basicInfo"],
            "billCycleDay": 1,
            "currency": "USD",
            "balance": "12.5",
        },
        "subscriptions": [
            {
                "id": "id-of-A-S1",
                "subscriptionNumber": "A-S1",
                "status": "Active",
                "termType": "TERMED",
                "termStartDate": "2026-01-01",
                "termEndDate": "2027-01-01",
                "initialTerm": "24 Months",
                "renewalTerm": "1 Years",
                "ratePlans": [{"productName": "Rack space"}],
            }
        ],
        "invoices": [
            {"id": "i8", "invoiceDate": "2026-01-08", "amount": 8},
            *(
                {"id": f"i{n}", "invoiceNumber": f"INV-{n}", "invoiceDate": f"2026-01-0{n}", "amount": n}
                for n in range(7, 2, -1)
            ),
        ],
        "payments": [],
        "usage": [
            {"startDate": "2026-03", "unitOfMeasure": "Each", "quantity": "7.5"},
            {"startDate": "2026-03", "unitOfMeasure": "kWh", "quantity": "1"},
            {"startDate": "2025-10", "unitOfMeasure": "Each", "quantity": "2"},
        ],
    }
    assert "usage" not in read(rest, "/v1/accounts/A-1/summary?excludeUsage=true")


# Usage


def test_usage_of_v1_is_answered_unchanged_the_latest_start_first(tenant: Tenant) -> None:
    records = [
        {
            "id": "u1",
            "accountId": ID,
            "startDateTime": "2026-01-31 08:00:00",
            "quantity": 1.50,
            "unitOfMeasure": "GB",
            "x__c": "",
        },
        {"id": "u2", "accountId": ID, "startDateTime": "2026-01-31 09:00:00", "quantity": "2", "unitOfMeasure": "GB"},
        {
            "id": "u3",
            "accountId": ID,
            "startDateTime": "2025-12-31 23:00:00",
            "quantity": 3,
            "unitOfMeasure": "GB",
            "status": None,
        },
    ]
    rest = tenant(accounts=account(), usage={"u.json": {"usage": records, "success": True}})
    assert walked(rest, "/v1/usage/accounts/A-1", "usage") == [[records[1], records[0], records[2]]]


def test_usage_of_an_upload_file_has_the_names_of_v1(tenant: Tenant) -> None:
    header = "ACCOUNT_ID,UOM,QTY,STARTDATE,ENDDATE,SUBSCRIPTION_ID,CHARGE_ID,DESCRIPTION,rack__c"
    rest = tenant(accounts=account(), usage={"u.csv": f"{header}\nA-1,Each,12.50,01/31/2026 9:05 PM,,A-S1,C-1,night,7"})
    assert read(rest, "/v1/usage/accounts/A-1")["usage"] == [
        {
            "accountId": ID,
            "accountNumber": "A-1",
            "unitOfMeasure": "Each",
            "quantity": "12.50",
            "startDateTime": "2026-01-31 21:05:00",
            "endDateTime": None,
            "subscriptionId": "A-S1",
            "chargeId": "C-1",
            "description": "night",
            "rack__c": "7",
        }
    ]


def test_usage_as_soap_spells_it_has_the_names_of_v1(tenant: Tenant) -> None:
    soap = {
        "Id": "u",
        "AccountId": ID,
        "Quantity": 4,
        "UOM": "Each",
        "StartDateTime": "2026-01-31T23:30:00Z",
        "RbeStatus": "Pending",
    }
    rest = tenant('time_zone = "Asia/Tokyo"', accounts=account(), usage=[soap | {"SourceType": "API"}])
    assert read(rest, "/v1/usage/accounts/A-1")["usage"] == [
        {
            "id": "u",
            "accountId": ID,
            "accountNumber": "A-1",
            "quantity": "4",
            "unitOfMeasure": "Each",
            "startDateTime": "2026-02-01 08:30:00",
            "status": "Pending",
            "sourceName": "API",
        }
    ]


def test_a_field_under_its_v1_name_wins_over_another_spelling(tenant: Tenant) -> None:
    odd = {
        "quantity": 4,
        "QTY": 5,
        "unitOfMeasure": "GB",
        "UOM": "Each",
        "startDateTime": "2026-01-31",
        "accountNumber": "A-1",
    }
    rest = tenant(accounts=account(), usage=[odd])
    assert read(rest, "/v1/usage/accounts/A-1")["usage"] == [odd]


# The catalogue


def product(number: int, **facts: Any) -> dict[str, Any]:
    plans = [
        {"id": f"r{number}-{n}", "productRatePlanCharges": [{"id": f"c{number}-{n}", "pricing": []}]} for n in range(3)
    ]
    return {"id": f"p{number}", "name": f"Product {number}", "x__c": None, "productRatePlans": plans, **facts}


def test_products_are_answered_unchanged_in_the_order_of_their_files(tenant: Tenant) -> None:
    products = [product(number) for number in range(23)]
    rest = tenant(accounts=account(), catalog={"b.json": products[15:], "a.json": {"products": products[:15]}})
    pages = walked(rest, "/v1/catalog/products", "products")
    assert [len(page) for page in pages] == [10, 10, 3]
    assert [each for page in pages for each in page] == products


def test_from_version_230_on_the_rate_plans_of_a_product_are_a_list_of_their_own(tenant: Tenant) -> None:
    rest = tenant(accounts=account(), catalog=[product(1, id="p/1 ü"), {"id": "bare", "name": "Bare"}])
    for version, is_url in (("", False), ("186.0", False), ("229.9", False), ("230.0", True), ("2025-08-12", True)):
        found, bare = read(rest, "/rest/v1/catalog/products", **{"Zuora-Version": version})["products"]
        assert isinstance(found["productRatePlans"], str) is is_url, version
        assert "productRatePlans" not in bare
    rest = tenant(accounts=account(), catalog=[product(1)])
    (found,) = read(rest, "/rest/v1/catalog/products", **{"Zuora-Version": "230"})["products"]
    url = found["productRatePlans"].removeprefix("http://127.0.0.1:8080")
    assert url == "/rest/v1/rateplan/p1/productRatePlan"
    pages = walked(rest, f"{url}?pageSize=2", "productRatePlans")
    assert [each for page in pages for each in page] == product(1)["productRatePlans"]
    assert [len(page) for page in pages] == [2, 1]
    assert rest.get("/v1/rateplan/p9/productRatePlan").reasons == [(50000040, "Cannot find entity by key: 'p9'.")]


def test_a_tenant_without_a_catalogue_has_no_products(tenant: Tenant) -> None:
    assert read(tenant(accounts=account()), "/v1/catalog/products") == {"products": []}


# Pages, failures, prefixes


def test_pages_lead_from_one_to_the_next_under_the_prefix_that_was_called(tenant: Tenant) -> None:
    records = [usage(n, f"2026-01-{n:02}", UniqueKey=f"k{n:02}") for n in range(1, 8)]
    rest = tenant(accounts=account(), usage=records)
    for prefix in ("/v1", "/rest/v1"):
        pages = walked(rest, f"{prefix}/usage/accounts/A-1?pageSize=3", "usage")
        assert [[each["uniqueKey"] for each in page] for page in pages] == [
            ["k07", "k06", "k05"],
            ["k04", "k03", "k02"],
            ["k01"],
        ]
        first = read(rest, f"{prefix}/usage/accounts/A-1?pageSize=3")
        assert first["nextPage"] == f"http://127.0.0.1:8080{prefix}/usage/accounts/A-1?pageSize=3&page=2"
    assert read(rest, "/v1/usage/accounts/A-1?page=9") == {"usage": []}
    assert read(rest, "/v1/usage/accounts/A-1?page=1000000000&pageSize=40") == {"usage": []}
    assert len(read(rest, "/v1/usage/accounts/A-1?pageSize=7")["usage"]) == 7


def test_a_page_of_a_long_list_takes_no_more_memory_than_one_of_a_short_list(tenant: Tenant) -> None:
    """120 records, or 6,000: the first page and one in the middle hold forty."""
    records = [usage(n, f"2026-01-{n % 28 + 1:02}", UniqueKey=f"k{n}", AccountId="short") for n in range(120)]
    records += [usage(n, f"2026-01-{n % 28 + 1:02}", UniqueKey=f"l{n}", AccountId="long") for n in range(6_000)]
    rest = tenant(accounts=[account("A-1", id="short"), account("A-2", id="long")], usage=records)
    peaks = []
    for url in (
        "short?pageSize=40&page=1",
        "short?pageSize=40&page=2",
        "long?pageSize=40&page=1",
        "long?pageSize=40&page=75",
    ):
        tracemalloc.start()
        assert len(read(rest, f"/v1/usage/accounts/{url}")["usage"]) == 40
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert max(peaks[2:]) < 1.5 * max(peaks[:2]), peaks


LISTS = ("/v1/subscriptions/accounts/A-1", "/v1/usage/accounts/A-1", "/v1/catalog/products")


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("pageSize=41", "'pageSize' is '41'; it must be 1 to 40."),
        ("pageSize=0", "'pageSize' is '0'; it must be 1 to 40."),
        ("pageSize=ten", "'pageSize' is 'ten', not a number."),
        ("page=0", "'page' is '0'; it must be 1 to 1000000000."),
        ("page=1.5", "'page' is 1.5, not a whole number."),
    ],
)
def test_a_page_that_cannot_be_is_refused(tenant: Tenant, path: str, query: str, message: str) -> None:
    rest = tenant(accounts=account())
    assert rest.get(f"{path}?{query}").reasons == [(50000027, message)]
    strict = rest.get(f"{path}?{query}", {"Prefer": "handling=strict"})
    assert (strict.status, strict.reasons) == (400, [(50000027, message)])


READS = (
    *("/v1/accounts/{}", "/v1/accounts/{}/summary", "/v1/subscriptions/accounts/{}", "/v1/usage/accounts/{}"),
    *("/v1/subscriptions/{}", "/v1/rateplan/{}/productRatePlan"),
)


@pytest.mark.parametrize("path", READS)
def test_a_key_of_nothing_is_refused_in_the_words_of_the_vendor(tenant: Tenant, path: str) -> None:
    rest = tenant(accounts=account())
    reply = rest.get(path.format("A-9"))
    assert (reply.status, reply.reasons) == (200, [(50000040, "Cannot find entity by key: 'A-9'.")])
    assert {"processId", "requestId"} <= reply.json.keys()
    assert rest.get(path.format("none"), {"Prefer": "handling=strict"}).status == 404
    assert rest.get(path.format("nu\0l")).status == 404
    assert Rest(rest.application).get(path.format("A-1")).status == 401
    assert rest.post(path.format("A-1"), {}).status == 405


def test_answers_have_the_headers_of_all_answers(tenant: Tenant) -> None:
    rest = tenant(accounts=account(), usage=[usage(n, UniqueKey=f"k{n}") for n in range(40)])
    reply = rest.get("/v1/usage/accounts/A-1?pageSize=40", {"Zuora-Track-Id": "mine", "Accept-Encoding": "gzip"})
    assert reply.headers["content-encoding"] == "gzip"
    assert reply.headers["zuora-track-id"] == "mine"
    assert {"zuora-request-id", "ratelimit-limit", "concurrency-limit-remaining"} <= reply.headers.keys()


# Who may see what


def test_the_payer_of_a_subscription_is_shown_to_who_may_see_it(tenant: Tenant) -> None:
    """The subscription is an account's of organization `o1`; that of `o2` is invoiced for it."""
    accounts = [account("A-1", id="a1", organizationId="o1"), account("A-2", id="a2", organizationId="o2")]
    own = subscription(charge(), accountId="a1", invoiceOwnerAccountId="a2")
    path = "/v1/subscriptions/A-S1?getInvoiceOwnerDetails=true&getSubscriptionOwnerDetails=true"
    both = read(tenant(who=("o1", "o2"), accounts=accounts, subscriptions=own), path)
    assert both["invoiceOwnerAccountDetails"] == accounts[1]["basicInfo"]
    narrowed = tenant(who=("o1", "o2"), accounts=accounts, subscriptions=own)
    one = read(tenant(who=("o1",), accounts=accounts, subscriptions=own), path)
    for found in (one, read(narrowed, path, **{"Zuora-Org-Ids": "o1"})):
        assert "invoiceOwnerAccountDetails" not in found
        assert found["accountOwnerDetails"] == accounts[0]["basicInfo"]


def test_entities_and_organizations_of_the_headers_narrow_what_is_seen(tenant: Tenant) -> None:
    accounts = [account("A-1", id="a1", organizationId="o1", entityId="e1"), account("A-2", id="a2")]
    rest = tenant(accounts=accounts, subscriptions=subscription(charge(), accountId="a1"))
    for path in ("/v1/accounts/A-1", "/v1/accounts/A-1/summary", "/v1/subscriptions/A-S1", "/v1/usage/accounts/A-1"):
        for header, seen, hidden in (("Zuora-Org-Ids", "o1,o9", "o9"), ("Zuora-Entity-Ids", "e1", "e2")):
            assert rest.get(path, {header: seen}).json["success"] is True
            assert rest.get(path, {header: hidden}).reasons[0][0] == 50000040
    assert rest.get("/v1/accounts/A-2", {"Zuora-Org-Ids": "o9", "Zuora-Entity-Ids": "e9"}).json["success"] is True


def test_a_document_replaced_by_an_import_is_read_in_its_new_form(folder: Path) -> None:
    with closing(
        open_tenant(write_tenant(folder / "1", accounts=account(batch="Batch1"), catalog=[product(1)]))
    ) as store:
        store.put_user(UserEntry("reader", password_hash="never used"))
        token = store.create_session("reader", int((NOW + timedelta(days=1)).timestamp()))
        rest = Rest(application(store, Options(), MovableClock(NOW)), token)
        assert read(rest, "/v1/accounts/A-1")["basicInfo"]["batch"] == "Batch1"
        import_tenant(store, write_tenant(folder / "2", accounts=account(batch="Batch2")), replace=True)
        assert read(rest, "/v1/accounts/A-1")["basicInfo"]["batch"] == "Batch2"
        assert read(rest, "/v1/catalog/products") == {"products": []}
