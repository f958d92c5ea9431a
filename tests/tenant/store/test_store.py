"""The store: importing again, reading without a trace, users and sessions, selections; on SQLite and on PostgreSQL."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select, update

from soapsvc.engine.account import CatalogCharge
from soapsvc.tenant import Selection, Store, User, UserEntry, import_tenant
from soapsvc.tenant.tables import CATALOG, pack
from soapsvc.tenant.users import Login, fits
from tests.support.documents import account, charge, subscription, usage
from tests.support.stores.store_hash import store_hash
from tests.support.tenants import write_tenant

USERS = """
[[users]]
username = "jo@example.com"
password = "pass word"
name = "Jo"
email = "jo@example.com"
organizations = ["South", "North"]
client_id = "client"
client_secret = "secret"
"""


def whole_tenant(folder: Path, **changes: object) -> Path:
    kinds: dict[str, object] = {
        "accounts": account(),
        "subscriptions": {"subscriptions": [subscription(charge())]},
        "usage": {"a.csv": "QTY,STARTDATE\n1,2026-01-01\n2,2026-01-02", "b.json": [usage(3, UniqueKey="k")]},
        "catalog": [
            {"productRatePlans": [{"productRatePlanCharges": [{"id": "p", "pricing": [{"currency": "USD"}]}]}]}
        ],
        "drafts": {"invoices": [{"id": "d", "accountNumber": "A-1"}]},
    }
    return write_tenant(folder, USERS, **{**kinds, **changes})


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    with closing(Store.open(database)) as opened:
        yield opened


def quantities(store: Store) -> list[str]:
    (found,) = store.accounts()
    return [str(record.quantity) for record in found.usage]


def test_importing_again_changes_nothing_but_the_version(store: Store, tmp_path: Path) -> None:
    first = import_tenant(store, whole_tenant(tmp_path))
    before, version = store_hash(store, counters=False), store.version()
    again = import_tenant(store, tmp_path)
    assert (
        first.counts
        == again.counts
        == {
            "accounts": 1,
            "subscriptions": 1,
            "charges": 1,
            "usage records": 3,
            "products": 1,
            "catalogue prices": 1,
            "drafts": 1,
        }
    )
    assert (store_hash(store, counters=False), store.version()) == (before, version + 1)


def test_a_changed_usage_file_replaces_what_it_held_before(store: Store, tmp_path: Path) -> None:
    import_tenant(store, whole_tenant(tmp_path))
    assert quantities(store) == ["1", "2", "3"]
    import_tenant(store, whole_tenant(tmp_path, usage={"a.csv": "QTY,STARTDATE\n9,2026-01-01", "b.json": []}))
    assert quantities(store) == ["9"]


def test_a_usage_record_with_a_key_is_the_same_in_whichever_file(store: Store, tmp_path: Path) -> None:
    import_tenant(store, whole_tenant(tmp_path / "1"))
    import_tenant(store, whole_tenant(tmp_path / "2", usage={"c.json": [usage(5, UniqueKey="k")]}))
    assert quantities(store) == ["1", "2", "5"]


def test_an_imported_subscription_replaces_the_one_before(store: Store, tmp_path: Path) -> None:
    import_tenant(store, whole_tenant(tmp_path))
    for version, price in [(1, 11), (2, 22), (1, 33)]:
        changed = [subscription(charge(price=price), version=version, id=f"v{version}")]
        import_tenant(store, whole_tenant(tmp_path, subscriptions=changed))
    (found,) = store.accounts()
    assert [str(s.charges[0].price) for s in found.subscriptions] == ["22"], "the newest version, not the latest import"


def test_cached_accounts_are_read_again_after_an_import(store: Store, tmp_path: Path) -> None:
    import_tenant(store, whole_tenant(tmp_path / "1"))
    assert store.settings().requests_per_call == 20
    import_tenant(store, write_tenant(tmp_path / "2", "[api]\nrequests_per_call = 3", accounts=account()))
    assert store.settings().requests_per_call == 3


def test_the_imported_documents_are_kept_byte_for_byte(store: Store, tmp_path: Path) -> None:
    text = '{ "subscriptionNumber" : "A-S1",\n  "Odd__c": 1.2300, "ratePlans": [] }'
    import_tenant(store, whole_tenant(tmp_path, subscriptions=f"[{text}]"))
    with store.begin() as connection:
        (document,) = connection.exec_driver_sql("SELECT document FROM subscriptions").scalars()
    assert document == text.encode()


def test_an_account_is_found_by_id_by_number_or_by_both(store: Store, tmp_path: Path) -> None:
    import_tenant(store, write_tenant(tmp_path, accounts=[account("A-1", id="x"), account("A-2", id="y")]))
    by_id, by_number = store.account(id="x"), store.account(number="A-1")
    assert by_id == by_number == store.account(id="x", number="A-1")
    assert by_id is not None
    assert by_id.account_number == "A-1"
    assert store.account(id="z") is None
    assert store.account(number="A-3") is None
    assert store.account(id="x", number="A-2") is None, "id and number of different accounts"
    with pytest.raises(ValueError, match="by its id or its number"):
        store.account()


def test_reading_changes_nothing(store: Store, tmp_path: Path) -> None:
    import_tenant(store, whole_tenant(tmp_path))
    before = store_hash(store)
    assert store.account(number="A-1") == next(store.accounts()) == next(store.accounts_by_id(store.account_ids()))
    assert store.settings().tax_rates == ()
    assert store.count_accounts() == 1
    jo = store.login("jo@example.com")
    assert jo is not None
    assert jo.user == store.user("jo@example.com")
    assert store_hash(store) == before


def test_many_threads_read_at_once(store: Store, tmp_path: Path) -> None:
    import_tenant(store, whole_tenant(tmp_path))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: store.account(number="A-1"), range(64)))
    assert found == [store.account(number="A-1")] * 64


def test_selections_narrow_by_batch_organization_status_and_range(store: Store, tmp_path: Path) -> None:
    documents = [
        account(
            f"A-{n}",
            id=f"id-{n:04d}",
            batch=f"Batch{n % 2}",
            organizationId=f"org-{n % 3}",
            organizationName=f"O{n % 3}",
        )
        for n in range(1200)
    ]
    import_tenant(store, write_tenant(tmp_path, accounts=documents))
    assert [found.id for found in store.accounts()] == sorted(d["basicInfo"]["id"] for d in documents)
    assert store.count_accounts(Selection(batches=frozenset({"Batch1"}))) == 600
    assert store.count_accounts(Selection(organization_ids=frozenset({"org-0"}))) == 400
    by_either = Selection(organization_ids=frozenset({"org-0"}), organization_names=frozenset({"O1"}))
    assert store.count_accounts(by_either) == 800
    assert store.count_accounts(Selection(statuses=frozenset({"Cancelled"}))) == 0
    partition = Selection(batches=frozenset({"Batch0"}), first_id="id-0100", last_id="id-0107")
    assert list(store.account_ids(partition)) == ["id-0100", "id-0102", "id-0104", "id-0106"]


def test_drafts_belong_to_their_account(store: Store, tmp_path: Path) -> None:
    item = {
        "id": "i1",
        "subscriptionNumber": "A-S1",
        "serviceStartDate": "2026-01-01",
        "serviceEndDate": "2026-01-31",
        "quantity": 2,
        "taxAmount": 1.5,
    }
    memo = {"memoNumber": "CM-1", "status": "Draft", "items": [{**item, "amount": 12, "amountWithoutTax": 10.5}]}
    invoice = {"id": "inv", "status": "Draft", "invoiceItems": [{**item, "chargeAmount": 20}]}
    posted = {"id": "old", "status": "Posted", "invoiceItems": [{**item, "chargeAmount": 99}]}
    import_tenant(store, whole_tenant(tmp_path, drafts={"invoices": [invoice, posted], "creditMemos": [memo]}))
    (found,) = store.accounts()
    assert [(d.document_type, str(d.amount), str(d.tax_amount), str(d.quantity)) for d in found.drafts] == [
        ("creditMemo", "10.5", "1.5", "2"),
        ("invoice", "20", "1.5", "2"),
    ]


DRAFT_FORMS = [
    pytest.param({"description": "A line"}, "charge_description", "A line", id="description"),
    pytest.param({"comment": "A line"}, "charge_description", "A line", id="comment"),
    pytest.param({"appliedToInvoiceItemId": "i0"}, "applied_to_item_id", "i0", id="appliedToInvoiceItemId"),
    pytest.param({"appliedToItemId": "i0"}, "applied_to_item_id", "i0", id="appliedToItemId"),
    pytest.param({"uOM": "GB"}, "unit_of_measure", "GB", id="uOM"),
    pytest.param({"unitOfMeasure": "GB"}, "unit_of_measure", "GB", id="unitOfMeasure"),
    pytest.param({"sKU": "SKU-1"}, "product_sku", "SKU-1", id="sKU"),
    pytest.param({"sku": "SKU-1"}, "product_sku", "SKU-1", id="sku"),
    pytest.param({"processingType": 0}, "processing_type", "Charge", id="0"),
    pytest.param({"processingType": 1}, "processing_type", "Discount", id="1"),
    pytest.param({"processingType": "2"}, "processing_type", "Prepayment", id="2 as text"),
    pytest.param({"processingType": 3.0}, "processing_type", "Tax", id="3.0"),
    pytest.param({"processingType": "Rounding"}, "processing_type", "Rounding", id="a name"),
]
"""Each of the vendor's item forms spells a field in its own way: v1, object query, credit memos."""


@pytest.mark.parametrize(("form", "field", "expected"), DRAFT_FORMS)
@pytest.mark.parametrize("document", ["invoices", "creditMemos"])
def test_every_spelling_of_a_draft_s_field_is_read(
    store: Store, tmp_path: Path, document: str, form: dict[str, object], field: str, expected: str
) -> None:
    item = {"serviceStartDate": "2026-01-01", "serviceEndDate": "2026-01-31", "chargeAmount": 5, **form}
    drafts = {document: [{"id": "d", "accountNumber": "A-1", "items": [item]}]}
    import_tenant(store, write_tenant(tmp_path, accounts=account(), drafts=drafts))
    (found,) = store.accounts()
    assert [getattr(draft, field) for draft in found.drafts] == [expected]


def test_the_catalogue_is_seen_in_the_accounts_currency(store: Store, tmp_path: Path) -> None:
    priced = {
        "id": "p",
        "taxCode": "VAT",
        "pricing": [{"currency": "USD", "price": 5}, {"currency": "EUR", "price": 4.5}],
    }
    catalog = {"products": [{"productRatePlans": [{"productRatePlanCharges": [priced]}]}]}
    accounts = [account(currency, id=currency, currency=currency) for currency in ("USD", "EUR", "GBP")]
    import_tenant(store, write_tenant(tmp_path, accounts=accounts, catalog=catalog))
    prices = {found.id: (found.catalog["p"].price, found.catalog["p"].tax_code) for found in store.accounts()}
    assert {key: (price and str(price), code) for key, (price, code) in prices.items()} == {
        "EUR": ("4.5", "VAT"),
        "GBP": (None, "VAT"),
        "USD": ("5", "VAT"),
    }


@pytest.mark.parametrize(
    ("document", "seen"),
    [(b"", (3, "5", "2")), (b'{"id": "p", "specificBillingPeriod": "some"}', (None, "5", None))],
    ids=["as it came", "with a word for the number"],
)
def test_a_catalogue_price_that_a_former_release_unpacked_is_completed_from_its_document(
    store: Store, tmp_path: Path, document: bytes, seen: tuple[int | None, str, str | None]
) -> None:
    priced = {
        "id": "p",
        "model": "Overage",
        "billingPeriod": "Specific_Months",
        "specificBillingPeriod": 3,
        "pricing": [{"currency": "USD", "price": 5, "overagePrice": 2}],
    }
    catalog = {"products": [{"productRatePlans": [{"productRatePlanCharges": [priced]}]}]}
    import_tenant(store, write_tenant(tmp_path, accounts=account(currency="USD"), catalog=catalog))
    former = CatalogCharge("p", model="Overage", billing_period="Specific_Months", currency="USD", price=Decimal(5))
    with store.begin() as connection:
        came = connection.execute(select(CATALOG.c.document)).scalar_one()
        connection.execute(update(CATALOG).values(blob=pack(former), document=document or came))
    (found,) = store.accounts()
    price = found.catalog["p"]
    overage = price.overage_price and str(price.overage_price)
    assert (price.specific_billing_period, str(price.price), overage) == seen


def user_of(login: Login | None, secret: str) -> User | None:
    return login.user if login is not None and fits(login, secret) else None


def test_users_log_in_with_their_own_password_alone(store: Store, tmp_path: Path) -> None:
    import_tenant(store, whole_tenant(tmp_path))
    jo = user_of(store.login("jo@example.com"), "pass word")
    assert jo is not None
    assert (jo.username, jo.name, jo.email, jo.organizations) == (
        "jo@example.com",
        "Jo",
        "jo@example.com",
        frozenset({"North", "South"}),
    )
    assert user_of(store.login("jo@example.com"), "Pass word") is None
    assert user_of(store.login("jo@example.com"), "") is None
    assert user_of(store.login("nobody"), "pass word") is None
    assert user_of(store.client_login("client"), "secret") == jo
    assert user_of(store.client_login("client"), "Secret") is None
    assert user_of(store.client_login("nobody"), "secret") is None


def test_no_password_can_be_read_in_the_store(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    folder.mkdir()
    store = Store.open(f"sqlite:///{folder / 'tenant.sqlite'}")
    import_tenant(store, whole_tenant(tmp_path / "tenant"))
    store.create_session("jo@example.com", 100)
    store.close()
    content = b"".join(path.read_bytes() for path in folder.iterdir())
    assert b"pass word" not in content
    assert b"secret" not in content.replace(b"client_secret", b"")


def test_guessing_a_password_from_its_hash_takes_the_work_that_rfc_9106_advises(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'tenant.sqlite'}"
    add = """
import sys
from sqlalchemy import text
from soapsvc.tenant import Store, UserEntry
store = Store.open(sys.argv[1])
store.put_user(UserEntry("ann", password="one"))
with store.begin() as connection:
    print(connection.execute(text("SELECT password_hash FROM users")).scalar())
"""
    kept = subprocess.run([sys.executable, "-c", add, url], capture_output=True, text=True, check=True, timeout=60)
    assert kept.stdout.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_a_user_removed_from_the_file_can_neither_log_in_nor_use_a_session(store: Store, tmp_path: Path) -> None:
    import_tenant(store, whole_tenant(tmp_path / "1"))
    token = store.create_session("jo@example.com", 100)
    assert store.session(token, 50) is not None
    import_tenant(store, write_tenant(tmp_path / "2", "[api]", accounts=account()))
    assert store.session(token, 50) is None
    assert store.login("jo@example.com") is None


def test_a_session_lasts_until_it_expires(store: Store, tmp_path: Path) -> None:
    import_tenant(store, whole_tenant(tmp_path))
    early, late = store.create_session("jo@example.com", 100), store.create_session("jo@example.com", 200)
    session = store.session(early, 99)
    assert session is not None
    assert (session.user.username, session.expires) == ("jo@example.com", 100)
    assert store.session(early, 100) is None
    assert store.session(early + "x", 50) is None
    assert store.purge_sessions(150) == 1
    assert store.session(late, 150) is not None


def test_a_user_can_be_added_and_changed(store: Store, tmp_path: Path) -> None:
    import_tenant(store, whole_tenant(tmp_path))
    entry = UserEntry("demo", password="demo", client_id="demo", client_secret="demo")
    store.put_user(entry)
    store.put_user(replace(entry, password="other"))
    assert user_of(store.login("demo"), "demo") is None
    assert user_of(store.login("demo"), "other") is not None
    assert user_of(store.login("jo@example.com"), "pass word") is not None


def test_another_process_opens_the_same_store_by_its_url(store: Store, tmp_path: Path) -> None:
    import_tenant(store, whole_tenant(tmp_path))
    with closing(Store.open(store.url)) as other:
        assert other.account(number="A-1") == store.account(number="A-1")


def test_a_temporary_store_is_gone_with_the_process_that_made_it_and_no_sooner(tmp_path: Path) -> None:
    """A child of that process ends first: the store outlives it."""
    script = f"""
import os
from pathlib import Path
from soapsvc.tenant import open_tenant
store = open_tenant(Path({str(whole_tenant(tmp_path))!r}))
child = os.fork()
if child:
    os.waitpid(child, 0)
    print(store.url, store.count_accounts())
"""
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    url, accounts = ended.stdout.split()
    assert accounts == "1"
    assert not Path(url.removeprefix("sqlite:///")).exists()
