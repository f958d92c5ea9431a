"""`POST /oauth/token`, and what a token is good for."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.rest.client import BILLING_PREVIEW, Reply, Rest
from tests.rest.conftest import MovableClock

CREDENTIALS = {"client_id": "demo", "client_secret": "demo", "grant_type": "client_credentials"}
FIELDS = {"accountNumber": "A00000014", "targetDate": "2014-06-01"}


@pytest.fixture
def stranger(rest: Rest) -> Rest:
    """A caller without a token."""
    return Rest(rest.application)


def assert_is_token(reply: Reply) -> str:
    assert (reply.status, reply.headers["cache-control"]) == (200, "no-store")
    assert list(reply.json) == ["access_token", "token_type", "expires_in", "scope", "jti"]
    assert (reply.json["token_type"], reply.json["expires_in"]) == ("bearer", 3600)
    return reply.json["access_token"]


def test_a_form_gives_a_token_that_previews(stranger: Rest) -> None:
    token = assert_is_token(stranger.token_for(**CREDENTIALS))
    assert Rest(stranger.application, token).preview(**FIELDS).json["success"] is True


def test_json_gives_a_token(stranger: Rest) -> None:
    assert_is_token(stranger.post("/oauth/token", CREDENTIALS))


@pytest.mark.parametrize("wrong", [{"client_secret": "wrong"}, {"client_id": "nobody"}])
def test_wrong_credentials(stranger: Rest, wrong: dict[str, str]) -> None:
    reply = stranger.token_for(**{**CREDENTIALS, **wrong})
    assert (reply.status, reply.headers["www-authenticate"]) == (401, "Bearer")
    assert reply.json["error"] == "invalid_client"
    assert reply.json["message"] == "The client id or the client secret is wrong."


def test_guessing_is_slowed_down(stranger: Rest, clock: MovableClock) -> None:
    before = clock.now
    for _ in range(5):
        assert stranger.token_for(**{**CREDENTIALS, "client_id": "guessed"}).status == 401
    assert clock.now - before == timedelta(seconds=0.25 + 0.5)


@pytest.mark.parametrize(
    ("form", "error", "description"),
    [
        ({**CREDENTIALS, "grant_type": "password"}, "unsupported_grant_type", "should be one of: client_credentials"),
        ({"grant_type": "client_credentials"}, "invalid_request", "'client_id' is required."),
        ({"grant_type": "client_credentials", "client_id": "demo"}, "invalid_request", "'client_secret' is required."),
        ({}, "unsupported_grant_type", "should be one of: client_credentials"),
    ],
)
def test_an_incomplete_request(stranger: Rest, form: dict[str, str], error: str, description: str) -> None:
    reply = stranger.token_for(**form)
    assert (reply.status, reply.json["error"]) == (400, error)
    assert description in reply.json["error_description"]


def test_a_body_that_is_neither_form_nor_json(stranger: Rest) -> None:
    assert stranger.post("/oauth/token", b"\xff", content_type="application/x-www-form-urlencoded").status == 400
    assert stranger.post("/oauth/token", b"{").status == 400
    reply = stranger.post("/oauth/token", b"<a/>", content_type="text/xml")
    assert (reply.status, reply.json["error"]) == (415, "invalid_request")


def test_without_a_token_v1_answers_as_the_vendors_gateway(stranger: Rest) -> None:
    reply = stranger.preview(**FIELDS)
    assert (reply.status, reply.headers["www-authenticate"]) == (401, "Bearer")
    assert reply.json["message"] == "Authentication error"
    assert reply.reasons == [(90000011, "Authentication error")]


def test_without_a_token_quickstart_has_a_typed_error(stranger: Rest) -> None:
    reply = stranger.account_preview("A00000014", target_date="2014-06-01")
    assert reply.status == 401
    assert reply.json == {
        "type": "authentication_error",
        "errors": [{"code": "authentication_failed", "parameter": None, "message": "Authentication error"}],
        "retryable": False,
    }


@pytest.mark.parametrize("authorization", ["Bearer nonsense", "Bearer", "Basic ZGVtbzpkZW1v", f"Bearer {'x' * 600}"])
def test_a_broken_token(stranger: Rest, authorization: str) -> None:
    assert stranger.post(BILLING_PREVIEW, FIELDS, {"Authorization": authorization}).status == 401


def test_a_token_ends_after_an_hour(stranger: Rest, clock: MovableClock) -> None:
    client = Rest(stranger.application, assert_is_token(stranger.token_for(**CREDENTIALS)))
    clock.now += timedelta(minutes=59, seconds=59)
    assert client.preview(**FIELDS).status == 200
    clock.now += timedelta(seconds=1)
    assert client.preview(**FIELDS).status == 401
