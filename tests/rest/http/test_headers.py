"""The headers that hold for every operation."""

from __future__ import annotations

import gzip
import uuid
import zlib
from pathlib import Path

import pytest

from soapsvc.server import Options, application
from soapsvc.server.counting import InFlight, SharedRates
from soapsvc.tenant import Store, UserEntry, open_tenant
from soapsvc.web.quotas import Window
from tests.rest.client import BILLING_PREVIEW, Reply, Rest
from tests.rest.conftest import NOW, MovableClock
from tests.support.tenants import write_tenant

FIELDS = {"accountNumber": "A00000014", "targetDate": "2014-06-01", "includingEvergreenSubscription": True}
LARGE = {"accountNumber": "A00001001", "targetDate": "2029-06-01"}


def test_every_answer_has_an_id_of_its_own(rest: Rest) -> None:
    ids = {rest.preview(**FIELDS).headers["zuora-request-id"] for _ in range(3)}
    assert len(ids) == 3
    assert all(str(uuid.UUID(each)) == each for each in ids)


@pytest.mark.parametrize("given", ["nightly-17", "a" * 64, "#$%&()*+,-./<=>?@[]^_`{|}~ !"])
def test_the_answer_repeats_the_track_id(rest: Rest, given: str) -> None:
    assert rest.preview(headers={"Zuora-Track-Id": given}, **FIELDS).headers["zuora-track-id"] == given


def test_without_a_track_id_the_answer_has_none(rest: Rest) -> None:
    assert "zuora-track-id" not in rest.preview(**FIELDS).headers


def test_a_failure_repeats_the_track_id(rest: Rest) -> None:
    headers = {"Zuora-Track-Id": "mine", "Authorization": "Bearer no"}
    reply = rest.post(BILLING_PREVIEW, FIELDS, headers)
    assert (reply.status, reply.headers["zuora-track-id"]) == (401, "mine")


@pytest.mark.parametrize("given", ["a:b", "a;b", 'a"b', "a'b", "a" * 65, "caf\xe9", "tab\there"])
def test_a_track_id_against_the_rules(rest: Rest, given: str) -> None:
    reply = rest.preview(headers={"Zuora-Track-Id": given}, **FIELDS)
    assert reply.status == 400
    assert reply.reasons[0][0] == 50000020
    assert "zuora-track-id" not in reply.headers


def test_an_answer_above_1000_bytes_is_compressed_for_who_asks(rest: Rest) -> None:
    plain = rest.preview(**FIELDS)
    packed = rest.preview(headers={"Accept-Encoding": "deflate, gzip;q=0.5"}, **FIELDS)
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(plain.body) == len(packed.body)
    assert "Accept-Encoding" in plain.headers["vary"]


@pytest.mark.parametrize("accepted", ["identity", "gzip;q=0", ""])
def test_it_is_not_for_who_does_not(rest: Rest, accepted: str) -> None:
    assert "content-encoding" not in rest.preview(headers={"Accept-Encoding": accepted}, **FIELDS).headers


def test_a_small_answer_is_not_compressed(rest: Rest) -> None:
    reply = rest.preview(headers={"Accept-Encoding": "gzip"}, accountId="nobody", targetDate="2014-06-01")
    assert "content-encoding" not in reply.headers


def test_a_large_answer_is_sent_in_pieces(rest: Rest) -> None:
    reply = rest.preview(headers={"Accept-Encoding": "gzip"}, **LARGE)
    assert "content-length" not in reply.headers
    assert len(reply.body) > 64 * 1024
    assert reply.json["success"] is True


def test_a_compressed_request(rest: Rest) -> None:
    body = gzip.compress(b'{"accountNumber": "A00000014", "targetDate": "2014-06-01"}')
    assert rest.post(BILLING_PREVIEW, body, {"Content-Encoding": "gzip"}).json["success"] is True


@pytest.mark.parametrize(
    ("body", "encoding", "status", "message"),
    [
        (b"{}", "gzip", 400, "The message is not compressed as its Content-Encoding says."),
        (gzip.compress(b"{}")[:-4], "gzip", 400, "The compressed message is cut off, or other data follow it."),
        (gzip.compress(b" " * (2 * 1024 * 1024 + 1)), "gzip", 413, "The message is larger than 2097152 bytes."),
        (b" " * (2 * 1024 * 1024 + 1), "identity", 413, "The message is larger than 2097152 bytes."),
        (zlib.compress(b"{}"), "br", 415, "The request body must be plain or gzip, not br."),
    ],
    ids=["not gzip", "cut off", "a bomb", "too large", "another encoding"],
)
def test_a_body_that_cannot_be_read(rest: Rest, body: bytes, encoding: str, status: int, message: str) -> None:
    reply = rest.post(BILLING_PREVIEW, body, {"Content-Encoding": encoding})
    assert (reply.status, reply.json["message"]) == (status, message)


def test_a_media_type_that_is_not_read(rest: Rest) -> None:
    reply = rest.post(BILLING_PREVIEW, b"<a/>", content_type="text/xml; charset=utf-8")
    assert reply.status == 415
    assert reply.json["message"] == "The request body must be application/json, not text/xml."


@pytest.mark.parametrize("content_type", [None, "", "application/json", "Application/JSON; charset=UTF-8"])
def test_json_need_not_say_that_it_is(rest: Rest, content_type: str | None) -> None:
    body = b'{"accountNumber": "A00000014", "targetDate": "2014-06-01"}'
    assert rest.post(BILLING_PREVIEW, body, content_type=content_type).json["success"] is True


def test_the_limits_in_numbers(rest: Rest) -> None:
    headers = rest.preview(**FIELDS).headers
    assert headers["ratelimit-limit"] == "50000, 50000;w=60, 2250000;w=3600, 27000000;w=86400"
    assert headers["ratelimit-remaining"] == "49999"
    assert headers["ratelimit-reset"] == "60"
    assert headers["concurrency-limit-type"] == "Default"
    assert headers["concurrency-limit-limit"] == "40"
    assert headers["concurrency-limit-remaining"] == "39"


def test_a_place_is_released_when_the_answer_is_sent(rest: Rest) -> None:
    for _ in range(3):
        assert rest.preview(**LARGE).headers["concurrency-limit-remaining"] == "39"


def test_a_request_over_the_rate(store: Store, clock: MovableClock, token: str) -> None:
    """Two in ten seconds; the windows begin at whole multiples of their length."""
    rates = SharedRates([Window(2, 10), Window(1000, 3600)])
    rest = Rest(application(store, Options(), clock, rates=rates), token)
    remaining = [rest.preview(**FIELDS).headers["ratelimit-remaining"] for _ in range(2)]
    over = rest.preview(**FIELDS)
    assert remaining == ["1", "0"]
    assert (over.status, over.headers["retry-after"], over.headers["ratelimit-remaining"]) == (429, "10", "0")
    assert over.reasons == [
        (50000070, "The limit of requests in a span of time is reached; repeat the call after Retry-After.")
    ]
    clock.sleep(10)
    assert rest.preview(**FIELDS).status == 200


def test_a_request_over_the_concurrency(store: Store, clock: MovableClock, token: str) -> None:
    gate = InFlight(1)
    rest = Rest(application(store, Options(), clock, gate), token)
    assert gate.enter()
    over = rest.account_preview("A00000014", target_date="2014-06-01")
    assert (over.status, over.headers["retry-after"]) == (429, "1")
    assert over.json["type"] == "rate_limit_error"
    assert over.json["retryable"] is True
    assert over.headers["concurrency-limit-remaining"] == "0"
    gate.leave()
    assert rest.account_preview("A00000014", target_date="2014-06-01").status == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "GET"])
def test_a_method_that_the_path_has_not(rest: Rest, method: str) -> None:
    reply = rest.request(method, BILLING_PREVIEW, b"", None, None)
    assert (reply.status, reply.headers["allow"]) == (405, "OPTIONS, POST")
    typed = rest.request(method, "/v2/accounts/A1/preview", b"", None, None)
    assert (typed.status, typed.json["type"]) == (405, "method_not_allowed")


@pytest.mark.parametrize("path", ["/v1/operations", "/v1/operations/billing-preview/x"])
def test_a_path_that_does_not_exist_under_v1(rest: Rest, path: str) -> None:
    reply = rest.post(path, {})
    assert (reply.status, reply.reasons[0][0]) == (404, 50000040)


def test_a_path_that_does_not_exist_under_v2(rest: Rest) -> None:
    reply = rest.get("/v2/nothing")
    assert (reply.status, reply.json["type"]) == (404, "not_found")


class TestOrganizations:
    """Three accounts: of organization org-1 and entity ent-1, of org-2 and ent-2, and of none.

    `everyone` may see all, `one` only organization org-1.
    """

    @pytest.fixture
    def application_of_three(self, folder: Path) -> Rest:
        carried = {
            "A1": {"orgId": "org-1", "entityId": "ent-1"},
            "A2": {"orgId": "org-2", "entityId": "ent-2"},
            "A3": {},
        }
        accounts = [{"id": key, "accountNumber": key, "currency": "EUR", **more} for key, more in carried.items()]
        store = open_tenant(write_tenant(folder, accounts=accounts))
        for name, organizations in (("everyone", ()), ("one", ("org-1",))):
            store.put_user(UserEntry(name, password="x", organizations=organizations))
        self.tokens = {name: store.create_session(name, int(NOW.timestamp()) + 900) for name in ("everyone", "one")}
        return Rest(application(store, Options(), MovableClock(NOW)))

    def seen(self, rest: Rest, user: str, headers: dict[str, str]) -> str:
        rest.token = self.tokens[user]
        replies = [rest.preview(accountId=key, targetDate="2026-06-01", headers=headers) for key in ("A1", "A2", "A3")]
        return " ".join(reply.json["accountId"] for reply in replies if reply.json["success"])

    @pytest.mark.parametrize(
        ("user", "headers", "seen"),
        [
            ("everyone", {}, "A1 A2 A3"),
            ("everyone", {"Zuora-Org-Ids": "org-1"}, "A1 A3"),
            ("everyone", {"Zuora-Org-Ids": " org-1 , org-2 "}, "A1 A2 A3"),
            ("everyone", {"Zuora-Org-Ids": "org-3"}, "A3"),
            ("everyone", {"Zuora-Org-Ids": ""}, "A1 A2 A3"),
            ("everyone", {"Zuora-Entity-Ids": "ent-2"}, "A2 A3"),
            ("everyone", {"Zuora-Entity-Ids": "ent-2", "Zuora-Org-Ids": "org-1"}, "A3"),
            ("one", {}, "A1"),
            ("one", {"Zuora-Org-Ids": "org-1"}, "A1"),
            ("one", {"Zuora-Entity-Ids": "ent-2"}, ""),
        ],
    )
    def test_headers_narrow_what_is_seen(
        self, application_of_three: Rest, user: str, headers: dict[str, str], seen: str
    ) -> None:
        assert self.seen(application_of_three, user, headers) == seen

    def test_an_organization_that_the_user_may_not_see(self, application_of_three: Rest) -> None:
        application_of_three.token = self.tokens["one"]
        headers = {"Zuora-Org-Ids": "org-1,org-2"}
        reply: Reply = application_of_three.preview(accountId="A1", targetDate="2026-06-01", headers=headers)
        assert reply.status == 403
        assert reply.reasons == [(50000010, "You do not have access to organization org-2.")]
        typed = application_of_three.account_preview("A1", target_date="2026-06-01", headers=headers)
        assert (typed.status, typed.json["type"]) == (403, "permission_error")
        assert typed.json["errors"][0]["parameter"] == "Zuora-Org-Ids"
