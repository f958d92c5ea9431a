"""Sign-in to the console, its duration, and protection against pages of other sites."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import OperationalError

from soapsvc.tenant import Store, UserEntry
from tests.console.conftest import MovableClock
from tests.console.visitor import Visitor

ACCOUNT = {"number": "A00001009"}


def test_the_root_leads_browsers_to_the_console_and_lists_the_paths_for_other_clients(stranger: Visitor) -> None:
    assert stranger.get("/").headers["location"] == "/console"
    told = stranger.get("/", accept="*/*")
    assert told.status == 404
    assert "SOAP calls go to" in told.text


def test_a_page_leads_strangers_to_the_form_and_on_to_the_page_after_it(stranger: Visitor) -> None:
    away = stranger.get("/console/account", ACCOUNT)
    assert away.status == 303
    form = stranger.get(away.headers["location"])
    (following,) = form.root.xpath("//input[@name='next']/@value")
    assert following == "/console/account?number=A00001009"
    assert stranger.sign_in(next=following).headers["location"] == following
    assert stranger.get(following).status == 200


@pytest.mark.parametrize("elsewhere", ["https://evil.example", "//evil.example", "/console/..//evil", "/v1/x"])
def test_no_redirect_after_signing_in_leaves_the_console(stranger: Visitor, elsewhere: str) -> None:
    assert stranger.sign_in(next=elsewhere).headers["location"] == "/console/accounts"


def test_a_wrong_password_is_refused_and_delayed_as_on_the_other_surfaces(
    stranger: Visitor, clock: MovableClock
) -> None:
    before = clock.now
    answers = [stranger.sign_in(username="guessed@example.com") for _ in range(12)]
    assert answers[0].status == 403
    assert "The user name or the password is wrong." in answers[0].said
    assert answers[0].root.xpath("//input[@name='username']/@value") == ["guessed@example.com"]
    assert clock.now > before


def test_signing_out_ends_the_session_everywhere(visitor: Visitor) -> None:
    kept = dict(visitor.cookies)
    assert visitor.submit("/console/sign-out").headers["location"] == "/console/sign-in"
    visitor.cookies = kept
    assert visitor.get("/console/accounts").status == 303


def test_an_expired_session_gets_its_own_error(visitor: Visitor, clock: MovableClock) -> None:
    clock.sleep(100 * 24 * 3600)
    away = visitor.get("/console/account", ACCOUNT)
    assert away.status == 303
    assert "Your session is over." in visitor.get(away.headers["location"]).said


def test_the_cookie_is_for_the_console_alone_and_out_of_reach_for_script(stranger: Visitor) -> None:
    cookie = stranger.sign_in().headers["set-cookie"]
    assert {"Path=/console", "HttpOnly", "SameSite=Strict"} <= set(cookie.split("; "))
    assert stranger.get("/v1/accounts/A00001009").status == 401


def test_every_page_forbids_inline_script_other_hosts_and_frames(visitor: Visitor) -> None:
    for path in (
        "/console/accounts",
        "/console/account?number=A00001009",
        "/console/nothing",
        "/console/static/console.js",
    ):
        headers = visitor.get(path).headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
        assert "unsafe" not in policy
        assert (headers["x-content-type-options"], headers["x-frame-options"]) == ("nosniff", "DENY")
        assert headers["cache-control"] == "no-store" or "static" in path


@pytest.mark.parametrize("account", ["A00001009", "A00001004", "A00001010", "A00001012"])
def test_no_page_needs_what_its_policy_forbids(visitor: Visitor, account: str) -> None:
    root = visitor.get("/console/account", {"number": account, "assume_renewal": "All", "drafts": "1"}).root
    assert root.xpath("//@style | //style | //script[not(@src)] | //@*[starts-with(name(), 'on')]") == []
    assert [each for each in root.xpath("//@src | //link/@href") if not each.startswith("/console/static/")] == []


@pytest.mark.parametrize("token", ["", "0" * 64])
def test_a_form_without_the_sessions_token_does_nothing(visitor: Visitor, token: str) -> None:
    refused = visitor.post("/console/runs", {"csrf": token, "target_date": "2026-04-01"})
    assert (refused.status, "belongs to another session" in refused.said) == (403, True)
    assert "There is no run" in visitor.get("/console/runs").said


@pytest.mark.parametrize("headers", [{"sec_fetch_site": "cross-site"}, {"origin": "https://evil.example"}])
def test_a_form_of_another_site_does_nothing(stranger: Visitor, headers: dict[str, str]) -> None:
    refused = stranger.post("/console/sign-in", {"username": "demo@example.com", "password": "demo"}, **headers)
    assert refused.status == 403
    assert "set-cookie" not in refused.headers


def test_a_user_of_one_organization_finds_no_account_of_another(store: Store, stranger: Visitor) -> None:
    store.put_user(UserEntry("narrow@example.com", password="demo", organizations=("nobody's",)))
    stranger.sign_in("narrow@example.com")
    assert "No account that you may see fits." in stranger.get("/console/accounts").said
    refused = stranger.get("/console/account", ACCOUNT)
    assert (refused.status, "There is no such account that you may see." in refused.said) == (404, True)
    missing = stranger.get("/console/account", {"number": "A-none"})
    assert (missing.status, missing.said) == (refused.status, refused.said)


def test_an_outage_of_the_store_is_503_and_shows_nothing_of_it(
    visitor: Visitor, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise OperationalError("SELECT secret", {}, Exception("no route to the host"))

    monkeypatch.setattr("soapsvc.console.pages.accounts.list_accounts", away)
    answer = visitor.get("/console/accounts")
    assert (answer.status, answer.text) == (503, "The tenant store does not answer. Try again in a moment.\n")
    assert "content-security-policy" in answer.headers


def test_a_defect_shows_nothing_of_itself(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    def defect(*_: object) -> None:
        raise ValueError("a secret")

    monkeypatch.setattr("soapsvc.console.pages.accounts.values_of", defect)
    answer = visitor.get("/console/accounts")
    assert (answer.status, answer.text) == (500, "The service failed; its log says why.\n")
