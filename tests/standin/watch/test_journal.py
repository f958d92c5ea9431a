"""The journal: what was asked and how it was answered, and why it may have been refused."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from soapsvc.standin.watch.journal import MOST_ENTRIES
from tests.soap.client import API, Service, envelope, request, session_header
from tests.standin.client import Standing


@pytest.fixture
def soap(stand: Standing) -> Service:
    """A client that has logged in."""
    client = stand.soap
    client.login("tests@example.com", "tests")
    return client


def entries(stand: Standing, query: str = "") -> list[dict[str, Any]]:
    return stand.admin("GET", "/requests", query=query).json["requests"]


def last(stand: Standing) -> dict[str, Any]:
    return entries(stand)[-1]


def test_a_soap_call_is_kept_parsed(stand: Standing, soap: Service) -> None:
    soap.preview(request("a" * 32, "2026-02-01"), request("b" * 32), HTTP_USER_AGENT="Legacy/1.0")
    login, preview = entries(stand)
    assert login["request"] == {"login": {"username": "tests@example.com", "password": "***"}}
    assert login["user"] == "tests@example.com"
    first, second = preview["request"]["billingPreview"]["requests"]
    assert first == {"AccountId": "a" * 32, "TargetDate": "2026-02-01"}
    assert second["AccountId"] == "b" * 32
    told = {name: preview[name] for name in ("protocol", "operation", "version", "user", "method", "path", "time")}
    assert told == {
        "protocol": "soap",
        "operation": "billingPreview",
        "version": "61.0",
        "user": "tests@example.com",
        "method": "POST",
        "path": "/apps/services/a/61.0",
        "time": "2026-01-15T09:00:00Z",
    }
    assert preview["accounts"] == ["a" * 32, "b" * 32]
    assert preview["headers"]["user-agent"] == "Legacy/1.0"
    assert (preview["answer"]["status"], preview["answer"]["kind"]) == (200, "refused"), "one account is not there"
    assert (preview["answer"]["code"], preview["answer"]["bytes"] > 500) == ("INVALID_VALUE", True)


def test_a_rest_call_is_kept_parsed_without_secrets(stand: Standing) -> None:
    stand.rest.token = stand.token()
    stand.rest.preview(accountNumber="A-1", targetDate="2026-02-01")
    stand.rest.get("/v1/accounts/A-1", {"Authorization": "Basic dGVzdHM6dGVzdHM="})
    token, preview, account = entries(stand)
    assert token["request"]["client_secret"] == "***"
    assert (preview["operation"], preview["accounts"]) == ("createBillingPreview", ["A-1"])
    assert preview["request"] == {"accountNumber": "A-1", "targetDate": "2026-02-01"}
    assert preview["answer"]["kind"] == "answer"
    assert preview["headers"]["authorization"] == f"Bearer {stand.rest.token}"
    assert (account["operation"], account["accounts"], account["user"]) == ("getAccount", ["A-1"], "tests")
    assert account["headers"]["authorization"] == "Basic ***"


def test_refusals_and_faults_have_code_and_message(stand: Standing, soap: Service) -> None:
    stand.rest.token = stand.token()
    stand.rest.preview(accountNumber="A-9", targetDate="2026-02-01")
    assert (last(stand)["answer"]["kind"], last(stand)["answer"]["code"]) == ("refused", "50000040")
    assert last(stand)["answer"]["message"] == "Cannot find entity by key: 'A-9'."
    soap.token = "none"
    soap.preview()
    answer = last(stand)["answer"]
    assert (answer["kind"], answer["code"], answer["message"]) == ("fault", "INVALID_SESSION", "Invalid session")


def test_a_packed_request_and_answer_are_read_too(stand: Standing, soap: Service) -> None:
    message = envelope(f"<a:billingPreview>{request('b' * 32) * 20}</a:billingPreview>", session_header(soap.token))
    soap.post(gzip.compress(message.encode()), HTTP_CONTENT_ENCODING="gzip", HTTP_ACCEPT_ENCODING="gzip")
    assert last(stand)["operation"] == "billingPreview"
    assert last(stand)["answer"]["code"] == "INVALID_VALUE"


def test_it_is_filtered(stand: Standing, soap: Service) -> None:
    soap.preview(request("a" * 32))
    stand.ok("POST", "/clock/advance", {"minutes": 5})
    stand.rest.token = stand.token()
    stand.rest.get("/v1/accounts/A-1")
    stand.rest.get("/v1/accounts/A-2")

    def found(query: str) -> list[str]:
        return [entry["operation"] for entry in entries(stand, query)]

    assert found("?operation=billingPreview") == ["billingPreview"]
    assert found("?account=A-1") == ["billingPreview", "getAccount"], "by its number and by its id"
    assert found(f"?account={'a' * 32}") == ["billingPreview", "getAccount"]
    assert found("?protocol=rest") == ["createToken", "getAccount", "getAccount"]
    assert found("?since=2026-01-15T09:05:00Z") == ["createToken", "getAccount", "getAccount"]
    assert found("?until=2026-01-15T09:05:00Z") == ["login", "billingPreview"]
    assert found("?kind=refused") == ["getAccount"]
    assert found("?limit=1") == ["getAccount"]
    assert stand.error("GET", "/requests?account=A-1&acount=A-2")[1]["didYouMean"] == "account"
    assert stand.error("GET", "/requests?limit=none")[1]["field"] == "limit"
    assert stand.error("GET", "/requests?since=soon")[1]["field"] == "since"


def test_calls_of_the_admin_plane_are_not_in_it(stand: Standing) -> None:
    stand.ok("GET", "/clock")
    assert entries(stand) == []


def test_it_is_bounded_and_cleared(stand: Standing) -> None:
    for _ in range(MOST_ENTRIES + 3):
        stand.rest.get("/healthz")
    told = stand.admin("GET", "/requests").json
    assert (len(told["requests"]), told["dropped"], told["requests"][0]["id"]) == (MOST_ENTRIES, 3, 4)
    stand.ok("DELETE", "/requests")
    assert entries(stand) == []


def test_a_large_request_is_not_kept(stand: Standing, soap: Service) -> None:
    soap.preview(*[request("a" * 32, Batch="x" * 4000)] * 20)
    assert "omitted" in last(stand)["request"]


def misses(stand: Standing) -> list[tuple[str, str, str | None]]:
    return [(each["about"], each["said"], each["closest"]) for each in last(stand)["nearMisses"]]


def test_an_unknown_account_is_answered_with_the_closest_name(stand: Standing, soap: Service) -> None:
    soap.preview(request("a" * 31 + "b"))
    assert misses(stand) == [("account", "a" * 31 + "b", "a" * 32)]
    stand.rest.token = stand.token()
    stand.rest.preview(accountNumber="A-l", targetDate="2026-02-01")
    assert misses(stand) == [("account", "A-l", "A-1")]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("<a:billingPreviw/>", ("operation", "billingPreviw", "billingPreview")),
        ('<x:billingPreview xmlns:x="http://api.zuora.com"/>', ("namespace", "http://api.zuora.com", API)),
        ("<a:billingPreview><a:request/></a:billingPreview>", ("element", "request", "requests")),
        (
            f"<a:billingPreview><a:requests><a:AccountID>{'a' * 32}</a:AccountID></a:requests></a:billingPreview>",
            ("element", "AccountID", "AccountId"),
        ),
        (
            "<a:billingPreview><a:requests><a:TargetDate>x</a:TargetDate><a:AccountId/></a:requests></a:billingPreview>",
            ("order", "AccountId", "AccountId, TargetDate"),
        ),
        ("<a:login><a:user>x</a:user></a:login>", ("element", "user", "username")),
    ],
)
def test_a_mistyped_name_in_a_message_is_reported(
    stand: Standing, soap: Service, body: str, found: tuple[str, str, str]
) -> None:
    soap.post(envelope(body, session_header(soap.token)))
    assert last(stand)["answer"]["kind"] in {"fault", "refused"}
    assert found in misses(stand)


def test_a_version_that_there_is_not(stand: Standing, soap: Service) -> None:
    soap.preview(path="/apps/services/a/999.0")
    assert misses(stand)[0][:2] == ("version", "999.0")


def test_a_path_or_a_method_that_there_is_not(stand: Standing) -> None:
    stand.rest.post("/v1/operations/billing-previews", {})
    assert misses(stand) == [("path", "/v1/operations/billing-previews", "/v1/operations/billing-preview")]
    stand.rest.get("/v1/operations/billing-preview")
    assert misses(stand) == [("method", "GET", "POST")]


def test_an_answer_that_a_fault_made_has_no_near_misses(stand: Standing, soap: Service) -> None:
    stand.ok("POST", "/faults", {"effect": {"fault": "LOCK_COMPETITION"}})
    soap.preview(request("b" * 32))
    assert (last(stand)["fault"], last(stand)["nearMisses"]) == ("fault-1", [])
    assert last(stand)["answer"]["code"] == "LOCK_COMPETITION"
