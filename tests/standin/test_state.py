"""Seed, reset and state: what a stand-in starts from, returns to, and hands out and takes in as one file."""

import io
import json
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import text

from soapsvc.resources import fixtures_dir
from soapsvc.standin.seeds.documents import write_zip
from tests.standin.client import Standing, standing
from tests.support.stores.store_hash import store_hash

GOLD = {"plan": "Gold", "price": 10, "start": "2026-01-01"}


def everything(stand: Standing) -> tuple[str, str]:
    """The whole state of a stand-in: every row of every table, and its clock."""
    store = stand.stand_in.store
    with store.reading() as connection:
        sessions = connection.execute(text("SELECT * FROM sessions ORDER BY 1")).all()
    return store_hash(store) + repr(sessions), json.dumps(stand.ok("GET", "/clock"))


def use(stand: Standing) -> None:
    """Change everything that can be changed."""
    stand.ok("PUT", "/accounts/A-2", {"subscriptions": [GOLD]})
    stand.ok("PUT", "/accounts/A-1", {"currency": "JPY"})
    stand.rest.token = stand.token()
    stand.rest.post("/v1/billing-preview-runs", {"targetDate": "2026-02-01"})
    stand.rest.preview(headers={"Idempotency-Key": "k"}, accountNumber="A-2", targetDate="2026-02-01")
    stand.rest.post("/v1/action/query", {"queryString": "select Id from Account"})
    stand.ok("PUT", "/clock", {"now": "2030-01-01", "frozen": False})


def test_a_reset_returns_to_the_seed_to_the_last_row(stand: Standing) -> None:
    before = everything(stand)
    use(stand)
    assert everything(stand)[0] != before[0]
    assert stand.ok("POST", "/reset") == {"tenant": "Tests", "accounts": 1}
    assert everything(stand) == before
    assert stand.rest.preview(accountNumber="A-1", targetDate="2026-02-01").status == 401, "its session is gone"


def test_nothing_that_was_remembered_of_an_earlier_tenant_outlives_a_reset(stand: Standing) -> None:
    """Both tenants are the second state of the store, so that what is cached by its number would be mistaken."""
    stand.ok("PUT", "/accounts/A-1", {"subscriptions": [{**GOLD, "price": 10}]})
    assert [amount for *_, amount in stand.amounts("A-1", "2026-01-31")] == ["10"]
    stand.ok("POST", "/reset")
    stand.ok("PUT", "/accounts/A-1", {"subscriptions": [{**GOLD, "price": 20}]})
    assert [amount for *_, amount in stand.amounts("A-1", "2026-01-31")] == ["20"]


def test_a_run_that_no_client_polled_is_gone_after_a_reset(stand: Standing) -> None:
    for _ in range(2):
        stand.rest.token = stand.token()
        made = stand.rest.post("/v1/billing-preview-runs", {"targetDate": "2026-02-01"}).json
        assert made["success"] is True
        stand.ok("POST", "/reset")
        stand.rest.token = stand.token()
        gone = stand.rest.get(f"/v1/billing-preview-runs/{made['billingPreviewRunId']}")
        assert gone.json["success"] is False


def test_a_seed_in_json_replaces_the_tenant_and_is_what_a_reset_returns_to(stand: Standing) -> None:
    toml = '[tenant]\nname = "Seeded"\n[[users]]\nusername = "s"\npassword = "s"\nclient_id = "s"\nclient_secret = "s"'
    seed = {
        "tenant.toml": toml,
        "accounts": [{"accountNumber": "B-1", "subscriptions": [GOLD]}, {"accountNumber": "B-2", "currency": "CHF"}],
    }
    assert stand.ok("POST", "/seed", seed) == {"tenant": "Seeded", "accounts": 2}
    stand.ok("DELETE", "/accounts/B-1")
    assert stand.ok("POST", "/reset") == {"tenant": "Seeded", "accounts": 2}
    stand.rest.token = stand.token("s", "s")
    items = stand.rest.preview(accountNumber="B-1", targetDate="2026-01-31").json["invoiceItems"]
    assert [item["chargeAmount"] for item in items] == [10]
    assert stand.ok("POST", "/reset", {"to": "first"}) == {"tenant": "Tests", "accounts": 1}
    assert stand.ok("POST", "/reset") == {"tenant": "Tests", "accounts": 1}


def zipped(folder: Path, top: str = "") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, f"{top}{path.relative_to(folder)}")
    return file.getvalue()


@pytest.mark.parametrize("top", ["", "fixtures/"])
def test_a_seed_may_be_a_zip_of_a_tenant_directory(stand: Standing, top: str) -> None:
    assert stand.ok("POST", "/seed", zipped(fixtures_dir(), top))["accounts"] == 16


def test_files_of_a_seed_may_stand_by_their_names(stand: Standing) -> None:
    """The same folder as JSON: texts of files, and documents."""
    seed = {
        kind.name: {path.name: path.read_text() for path in kind.iterdir()}
        for kind in fixtures_dir().iterdir()
        if kind.is_dir()
    }
    stand.ok("POST", "/seed", seed | {"tenant.toml": (fixtures_dir() / "tenant.toml").read_text()})
    by_name = store_hash(stand.stand_in.store)
    stand.ok("POST", "/seed", zipped(fixtures_dir()))
    assert store_hash(stand.stand_in.store) == by_name


def slipping() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("../../accounts/../evil.json", "{}")
        archive.writestr("/accounts/../../accounts/a.json", '{"accountNumber": "Z-1", "currency": "EUR"}')
    return file.getvalue()


def test_a_zip_writes_nowhere_but_into_the_seed(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "down" / "seed"
    write_zip(slipping(), folder)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [folder / "accounts" / "a.json"]


@pytest.mark.parametrize(
    ("seed", "field", "near"),
    [
        ({"acounts": []}, "acounts", "accounts"),
        ({"accounts": []}, "accounts", None),
        ({"accounts": "all"}, "accounts", None),
        ({"accounts": [7]}, "accounts[0]", None),
        ({"accounts": [{"accountNumber": "A", "billCycleDay": "x"}]}, "accounts[0].billCycleDay", None),
        ({"accounts": [{"basicInfo": {}, "subscriptions": []}]}, "accountNumber", None),
        ({"tenant.toml": 5}, "tenant.toml", None),
        ({"tenant.toml": "time_zone = 5"}, "tenant.toml: time_zone", None),
        ({"usage": {"../a.csv": "x"}}, "usage", None),
        (b"PK\x03\x04 and no more", None, None),
        (b"{", None, None),
        (b"[]", None, None),
    ],
)
def test_a_seed_that_cannot_be_read_leaves_all_as_it_was(
    stand: Standing, seed: object, field: str | None, near: str | None
) -> None:
    before = everything(stand)
    status, error = stand.error("POST", "/seed", seed)
    assert (status, error.get("field"), error.get("didYouMean")) == (400, field, near)
    assert everything(stand) == before


def test_a_state_is_loaded_as_it_was_saved(stand: Standing, folder: Path) -> None:
    use(stand)
    stand.ok("PUT", "/clock", {"frozen": True})
    before, token = everything(stand), stand.rest.token
    state = stand.admin("GET", "/state").body
    stand.ok("POST", "/reset")
    other = standing(folder)
    for each in (stand, other):
        each.ok("PUT", "/state", state)
        assert everything(each) == before
        each.rest.token = token
        assert each.rest.preview(accountNumber="A-2", targetDate="2026-02-01").status == 401, "it is years later"
        each.ok("PUT", "/clock", {"now": "2026-01-15T09:00:00Z"})
        assert each.rest.preview(accountNumber="A-2", targetDate="2026-02-01").status == 200, "its session is there"
    assert stand.ok("POST", "/reset") == {"tenant": "Tests", "accounts": 1}
    other.stand_in.copy.close()


def test_after_a_state_came_in_the_same_calls_make_up_the_same_ids(stand: Standing, folder: Path) -> None:
    stand.token()
    state = stand.admin("GET", "/state").body
    second = stand.token()
    other = standing(folder)
    other.ok("PUT", "/state", state)
    assert other.token() == second
    other.stand_in.copy.close()


@pytest.mark.parametrize("state", [b"", b"PK\x03\x04", b'{"clock": {}}', "empty", "no database", "no clock"])
def test_an_invalid_state_file_changes_nothing(stand: Standing, state: bytes | str) -> None:
    if isinstance(state, str):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            if state != "empty":
                clock = {"now": "2026-01-01T00:00:00Z", "frozen": True}
                archive.writestr(
                    "stand-in.json", "{}" if state == "no clock" else json.dumps({"clock": clock, "calls": []})
                )
                archive.writestr("tenant.sqlite", b"no database")
        state = file.getvalue()
    before = everything(stand)
    assert stand.error("PUT", "/state", state)[0] == 400
    assert everything(stand) == before


def test_operators_files_are_the_same_bytes_before_and_after_everything(stand: Standing, folder: Path) -> None:
    files = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    use(stand)
    stand.ok("POST", "/seed", {"accounts": [{"accountNumber": "B-1"}]})
    stand.ok("PUT", "/state", stand.admin("GET", "/state").body)
    stand.ok("POST", "/reset", {"to": "first"})
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == files
