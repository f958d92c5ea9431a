"""Every golden capture that is imported comes back over REST v1 as it went in: nothing is lost, nothing is invented.

The captures have their subscriptions in the form of the vendor's answer, and their accounts as flat objects: those come
back in the sections of the vendor's answer, each field once.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from soapsvc.clock import fixed_clock
from soapsvc.server import Options, application
from soapsvc.tenant import UserEntry, open_tenant
from tests.golden.replay import AS_OF
from tests.rest.client import Rest
from tests.support.tenants import golden_cases, write_golden_tenant

MONEY: dict[str, Any] = {"parse_float": Decimal}


def test_the_captures_are_there() -> None:
    if not golden_cases():
        pytest.skip("no golden captures: set GOLDEN_DIR to their folder")
    with_both = [
        path for path in golden_cases() if all(map(json.loads(path.read_bytes()).get, ("account", "subscriptions")))
    ]
    assert len(with_both) >= 59


@pytest.mark.parametrize("path", golden_cases(), ids=lambda path: path.stem)
def test_the_capture_is_reproduced(path: Path, tmp_path: Path) -> None:
    case = json.loads(path.read_bytes(), **MONEY)
    tenant = write_golden_tenant(tmp_path / "tenant", json.loads(path.read_bytes()))
    written = {
        name: json.loads((tenant / name / "1.json").read_bytes(), **MONEY) for name in ("accounts", "subscriptions")
    }
    store = open_tenant(tenant)
    store.put_user(UserEntry("user", password_hash="never used"))
    token = store.create_session("user", int((AS_OF + timedelta(minutes=5)).timestamp()))
    rest = Rest(application(store, Options(), fixed_clock(AS_OF)), token)

    assert sorted(leaves(read(rest, f"/v1/accounts/{case['name']}"))) == sorted(leaves(written["accounts"]))
    subscriptions = {each["subscriptionNumber"]: each for each in written["subscriptions"]}
    assert {each["subscriptionNumber"]: each for each in pages(rest, case["name"])} == subscriptions
    for number, subscription in subscriptions.items():
        assert read(rest, f"/v1/subscriptions/{number}") == subscription
        if case["subscriptions"]:
            assert subscription in case["subscriptions"], "what was imported is the capture itself"
    store.close()


def read(rest: Rest, url: str) -> dict[str, Any]:
    """An answer without the word that the call succeeded, which is no part of the record."""
    reply = rest.get(url)
    assert reply.json["success"] is True
    return {name: value for name, value in reply.json.items() if name != "success"}


def pages(rest: Rest, account: str) -> Iterator[dict[str, Any]]:
    """All subscriptions of an account, from page to page."""
    url: str | None = f"/v1/subscriptions/accounts/{account}?pageSize=1"
    while url is not None:
        answer = read(rest, url)
        yield from answer.pop("subscriptions")
        url = answer.pop("nextPage", None)
        assert answer == {}


def leaves(account: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The fields of an account, wherever they stand; values as JSON, so that 1 is not 1.0."""
    for name, value in account.items():
        if isinstance(value, Mapping):
            yield from leaves(value)
        else:
            yield name, json.dumps(value, default=str)
