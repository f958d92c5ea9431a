"""Strict and lax sign-in, and the vendor's limits with and without."""

from pathlib import Path

import pytest

from soapsvc.standin import Parity, SignIn
from tests.rest.client import Rest
from tests.soap.client import request
from tests.standin.client import Standing, standing
from tests.support.tenants import write_tenant

ACCOUNT = {"id": "a" * 32, "accountNumber": "A-1", "currency": "EUR", "billCycleDay": 1}


@pytest.fixture
def without_users(tmp_path: Path) -> Path:
    """A tenant directory without users."""
    return write_tenant(tmp_path / "open", accounts=ACCOUNT)


@pytest.fixture
def lax(without_users: Path) -> Standing:
    """A stand-in over it."""
    return standing(without_users)


def asked(stand: Standing, **headers: str) -> int:
    return Rest(stand.application).preview(headers=headers, accountNumber="A-1", targetDate="2026-02-01").status


def test_a_tenant_with_users_lets_only_them_in(stand: Standing) -> None:
    assert stand.soap.login("tests@example.com", "tests").status == 200
    assert stand.soap.login("tests@example.com", "wrong").fault[0] == "fns:INVALID_VALUE"
    assert asked(stand, Authorization="Bearer made-up") == 401


def test_where_it_has_none_any_name_and_secret_is_let_in(lax: Standing) -> None:
    soap = lax.soap
    assert soap.login("jo@example.com", "anything").status == 200
    assert soap.preview(request("a" * 32)).status == 200
    token = lax.token("some client", "some secret")
    assert asked(lax, Authorization=f"Bearer {token}") == 200
    assert asked(lax, Authorization="Basic am86c2VjcmV0") == 200  # jo:secret
    assert asked(lax, Authorization="Bearer made-up") == 200
    soap.token = "made-up"
    assert soap.preview(request("a" * 32)).status == 200


def test_a_request_without_credentials_is_refused(lax: Standing) -> None:
    assert asked(lax) == 401
    assert lax.soap.post("<none/>").status == 500
    soap = lax.soap
    assert soap.preview(request("a" * 32)).fault[0] == "fns:INVALID_SESSION"


def test_a_session_that_was_given_out_ends_all_the_same(lax: Standing) -> None:
    soap = lax.soap
    soap.login("jo@example.com", "anything")
    lax.ok("POST", "/clock/advance", {"hours": 9})
    assert soap.preview(request("a" * 32)).fault[0] == "fns:INVALID_SESSION"
    soap.login("jo@example.com", "anything")
    assert soap.preview(request("a" * 32)).status == 200


def test_it_stays_lax_after_resets_and_becomes_strict_with_a_seed_that_has_users(lax: Standing, folder: Path) -> None:
    assert asked(lax, Authorization="Bearer made-up") == 200
    lax.ok("PUT", "/state", lax.admin("GET", "/state").body)
    assert asked(lax, Authorization="Bearer another") == 200
    lax.ok("POST", "/reset")
    assert asked(lax, Authorization="Bearer another") == 200
    lax.ok("POST", "/seed", {"tenant.toml": (folder / "tenant.toml").read_text(), "accounts": [ACCOUNT]})
    assert asked(lax, Authorization="Bearer another") == 401


def test_lax_and_strict_sign_in_can_be_chosen(folder: Path, without_users: Path) -> None:
    assert asked(standing(folder, sign_in=SignIn.LAX), Authorization="Bearer made-up") == 200
    assert asked(standing(without_users, sign_in=SignIn.STRICT), Authorization="Bearer made-up") == 401


def test_twenty_one_requests_in_a_call_are_too_many_unless_there_are_no_limits(without_users: Path) -> None:
    def called(limits: Parity) -> int:
        soap = standing(without_users, limits=limits).soap
        soap.login("jo", "jo")
        return soap.preview(*[request("a" * 32)] * 21).status

    assert called(Parity.VENDOR) == 500
    assert called(Parity.NONE) == 200


def test_without_limits_no_rate_is_used_up(without_users: Path) -> None:
    lax = standing(without_users, limits=Parity.NONE)
    headers = lax.rest.preview(
        headers={"Authorization": "Bearer x"}, accountNumber="A-1", targetDate="2026-02-01"
    ).headers
    assert int(headers["ratelimit-remaining"]) > 10**15
    assert headers["concurrency-limit-limit"] == "1000000"
