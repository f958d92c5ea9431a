"""One engine: SOAP, REST, Quickstart, the command line and a run give the same items for the same account."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from soapsvc.cli import main
from soapsvc.clock import fixed_clock
from soapsvc.resources import fixtures_dir
from soapsvc.server import Options, application
from soapsvc.tenant import Store, UserEntry, open_tenant
from tests.rest.client import Reply, Rest
from tests.soap.client import Result, Service, request

NOW = datetime(2026, 3, 15, 10, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
TARGET = "2027-04-01"
USER = UserEntry("user", password="x")

Item = tuple[str, ...]
"""Charge number, service period (inclusive), amount, quantity; as text, exactly as each surface spells it."""


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    opened = open_tenant(fixtures_dir())
    opened.put_user(USER)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def service(store: Store) -> Any:
    return application(store, Options(), fixed_clock(NOW))


@pytest.fixture(scope="module")
def token(store: Store) -> str:
    return store.create_session(USER.username, int(NOW.timestamp()) + 900)


def of_rest(answer: dict[str, Any]) -> list[Item] | None:
    if not answer["success"]:
        return None
    keys = ("chargeNumber", "serviceStartDate", "serviceEndDate", "chargeAmount", "quantity")
    return [tuple(str(item[key]) for key in keys) for item in answer["invoiceItems"]]


def of_quickstart(reply: Reply) -> list[Item] | None:
    if reply.status != 200:
        return None
    keys = ("subscription_item_number", "service_start_date", "service_end_date", "amount", "quantity")
    return [tuple(str(item[key]) for key in keys) for item in reply.json["invoice_items"]]


def of_soap(result: Result) -> list[Item] | None:
    if result.get("Success") != "true":
        return None
    keys = ("ChargeNumber", "ServiceStartDate", "ServiceEndDate", "ChargeAmount", "Quantity")
    return [tuple(str(item[key]) for key in keys) for item in result.items]


def of_csv(text: str) -> list[Item]:
    rows = csv.DictReader(io.StringIO(text))
    names = ("ChargeNumber", "Service Start Date", "Service End Date", "Charge Amount", "Quantity")
    return [tuple(row[f"Invoice Item: {name}"] for name in names) for row in rows]


def command_line(account_id: str, form: str) -> str:
    """The output of `soapsvc preview`."""
    options = ("--target-date", TARGET, "--include-evergreen", "--assume-renewal", "All", "--format", form)
    command = ["preview", "--tenant", str(fixtures_dir()), "--account-id", account_id, *options]
    return CliRunner().invoke(main, command).stdout


ACCOUNTS = sorted(json.loads(path.read_bytes())["basicInfo"]["id"] for path in fixtures_dir().glob("accounts/*.json"))


@pytest.mark.parametrize("account_id", ACCOUNTS)
def test_every_surface_gives_the_same_items_in_the_same_order(service: Any, token: str, account_id: str) -> None:
    rest = Rest(service, token)
    fields = {"accountId": account_id, "targetDate": TARGET, "includingEvergreenSubscription": True}
    items = of_rest(rest.preview(**fields, assumeRenewal="All").json)
    typed = {"target_date": TARGET, "include_evergreen_subscriptions": True, "assume_renewal": "all"}
    assert of_quickstart(rest.account_preview(account_id, **typed)) == items
    asked = request(account_id, TARGET, IncludingEvergreenSubscription="true", AssumeRenewal="All")
    (result,) = Service(service, token).preview(asked, path="/apps/services/a/153.0").results()
    assert of_soap(result) == items
    assert of_rest(json.loads(command_line(account_id, "json"), parse_float=Decimal)) == items
    if items is not None:
        assert of_csv(command_line(account_id, "csv")) == items


def test_there_is_something_to_compare(service: Any, token: str) -> None:
    fields = {"targetDate": TARGET, "includingEvergreenSubscription": True, "assumeRenewal": "All"}
    answer = Rest(service, token).preview(accounts=[{"accountId": each} for each in ACCOUNTS], **fields).json
    counts = [len(result["invoiceItems"]) for result in answer["results"] if result["success"]]
    assert len(counts) == len(ACCOUNTS) - 1, "one account of the tenant cannot be rated"
    assert sum(counts) > 200
