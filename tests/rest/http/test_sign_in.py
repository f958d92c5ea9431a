"""Every way in which v1 clients have ever said who they are, and the paths under which they call."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from soapsvc.rest.http.request import Call
from soapsvc.rest.replays import IDEMPOTENCY_KEYS
from soapsvc.server import Options, application
from soapsvc.server.public_url import PublicUrl
from soapsvc.tenant import Store, UserEntry, users
from tests.rest.client import BILLING_PREVIEW, Reply, Rest
from tests.rest.conftest import DEMO, NOW, MovableClock
from tests.support.services.left_behind import left_behind

FIELDS = {"accountNumber": "A00000014", "targetDate": "2014-06-01"}
NAME, PASSWORD = "jürgen@example.com", "pa:ss wörd"
JURGEN = UserEntry(NAME, password=PASSWORD)
NO_ENTRY = [(90000011, "Authentication error")]


def wsgi(value: str) -> str:
    """A header's value as WSGI has the bytes that a client sends in UTF-8."""
    return value.encode().decode("latin-1")


def basic(name: str, password: str, charset: str = "utf-8") -> dict[str, str]:
    return {"Authorization": f"Basic {b64encode(f'{name}:{password}'.encode(charset)).decode()}"}


def keys(name: str, password: str) -> dict[str, str]:
    return {"apiAccessKeyId": wsgi(name), "apiSecretAccessKey": wsgi(password)}


@pytest.fixture
def stranger(rest: Rest, store: Store) -> Rest:
    """A caller without a token."""
    store.put_user(JURGEN)
    return Rest(rest.application)


def cookie_of(reply: Reply) -> str:
    assert (reply.status, reply.json) == (200, {"success": True})
    return reply.headers["set-cookie"].partition(";")[0]


@pytest.mark.parametrize("way", [basic, keys])
def test_name_and_password_come_with_every_call(stranger: Rest, way: Callable[[str, str], dict[str, str]]) -> None:
    for _ in range(2):
        assert stranger.preview(headers=way(NAME, PASSWORD), **FIELDS).json["success"] is True


def test_a_call_without_a_token_leaves_nothing_for_the_garbage_collector(stranger: Rest) -> None:
    def refused() -> None:
        assert stranger.preview(**FIELDS).status == 401

    refused()
    assert left_behind(Call, refused) == 0


def test_a_connection_is_a_cookie_that_previews(stranger: Rest) -> None:
    reply = stranger.post("/v1/connections", headers=keys(NAME, PASSWORD))
    cookie = cookie_of(reply)
    assert reply.headers["set-cookie"] == f"{cookie}; Path=/; HttpOnly; SameSite=Lax"
    for sent in (cookie, f"{cookie};", f"other=1; {cookie}; more=2", f'ZSession="{cookie.partition("=")[2]}"'):
        assert stranger.preview(headers={"Cookie": sent}, **FIELDS).json["success"] is True


def test_the_cookie_of_an_encrypted_connection_is_for_such_alone(store: Store, clock: MovableClock, token: str) -> None:
    options = Options(public_url=PublicUrl("https://billing.example.com"))
    reply = Rest(application(store, options, clock), token).post("/v1/connections")
    assert reply.headers["set-cookie"].endswith("; Path=/; Secure; HttpOnly; SameSite=Lax")


def test_the_answer_with_a_session_in_it_is_never_replayed_and_never_kept(stranger: Rest, store: Store) -> None:
    headers = {**keys(NAME, PASSWORD), "Idempotency-Key": "one"}
    before = replies_kept(store)
    first, second = (cookie_of(stranger.post("/v1/connections", headers=headers)) for _ in range(2))
    assert first != second
    assert replies_kept(store) == before


def replies_kept(store: Store) -> int:
    """How many replies are kept for idempotency keys; other tests share the store."""
    with store.begin() as connection:
        return connection.execute(select(func.count()).select_from(IDEMPOTENCY_KEYS)).scalar_one()


def test_the_session_of_a_connection_is_good_wherever_a_session_is(stranger: Rest) -> None:
    token = cookie_of(stranger.post("/v1/connections", headers=basic(NAME, PASSWORD))).partition("=")[2]
    for scheme in ("Bearer", "ZSession"):
        assert stranger.preview(headers={"Authorization": f"{scheme} {token}"}, **FIELDS).status == 200


def test_every_call_with_the_cookie_lets_it_last_for_its_whole_time_again(store: Store, clock: MovableClock) -> None:
    """15 minutes from the last call: 10 + 10 + 14:59 are fine, 15 more are not."""
    store.put_user(JURGEN)
    stranger = Rest(application(store, Options(session_lifetime=timedelta(minutes=15)), clock))
    headers = {"Cookie": cookie_of(stranger.post("/v1/connections", headers=keys(NAME, PASSWORD)))}
    for minutes in (10, 10, 14.98):
        clock.now += timedelta(minutes=minutes)
        assert stranger.preview(headers=headers, **FIELDS).status == 200
    clock.now += timedelta(minutes=15)
    assert stranger.preview(headers=headers, **FIELDS).status == 401


def test_a_bearer_token_does_not_last_longer_for_being_used(stranger: Rest, clock: MovableClock) -> None:
    form = {"client_id": "demo", "client_secret": "demo", "grant_type": "client_credentials"}
    client = Rest(stranger.application, stranger.token_for(**form).json["access_token"])
    for minutes, status in ((40, 200), (19, 200), (1, 401)):
        clock.now += timedelta(minutes=minutes)
        assert client.preview(**FIELDS).status == status


@pytest.mark.parametrize(
    "headers",
    [
        basic(NAME, "wrong"),
        basic("nobody", PASSWORD),
        basic(NAME, PASSWORD, "latin-1"),
        basic(NAME, f"{PASSWORD}\0"),
        basic("x" * 256, PASSWORD),
        {"Authorization": "Basic ZGVtbw=="},
        {"Authorization": "Basic !"},
        {"Authorization": "Basic"},
        keys(NAME, "wrong"),
        {"apiAccessKeyId": DEMO.username},
        {"apiSecretAccessKey": "demo"},
        {"Cookie": "ZSession=nobody"},
        {"Cookie": "ZSession="},
        {"Cookie": "xZSession=nobody"},
        {"Cookie": "x" * 4000},
        {},
        {**basic(NAME, "wrong"), **keys(NAME, PASSWORD)},
        {"Authorization": "Bearer nobody's", **keys(NAME, PASSWORD)},
    ],
)
def test_credentials_that_are_refused(stranger: Rest, headers: dict[str, str]) -> None:
    reply = stranger.preview(headers=headers, **FIELDS)
    assert (reply.status, reply.reasons) == (401, NO_ENTRY)
    reply = stranger.post("/v1/connections", headers=headers)
    body = {"success": False, "reasons": [{"code": 90000011, "message": "Authentication error"}]}
    assert (reply.status, reply.json, "set-cookie" in reply.headers) == (401, body, False)


@pytest.mark.parametrize("way", [basic, keys])
def test_guessing_is_slowed_down_as_login_is(
    stranger: Rest, clock: MovableClock, way: Callable[[str, str], dict[str, str]]
) -> None:
    """0 + 0 + 0 + 0.25 + 0.5 s; and what the one way got wrong counts for the others."""
    before = clock.now
    for n in range(5):
        assert stranger.preview(headers=way(NAME, f"guess {n}"), **FIELDS).status == 401
    assert clock.now - before == timedelta(seconds=0.75)
    assert stranger.preview(headers=way(NAME, PASSWORD), **FIELDS).status == 200


def test_a_guess_that_is_not_looked_at_may_be_made_again(store: Store, clock: MovableClock) -> None:
    store.put_user(JURGEN)
    stranger = Rest(application(store, Options(sleep=lambda _: None), clock))
    for n in range(8):
        assert stranger.preview(headers=keys(NAME, f"guess {n}"), **FIELDS).status == 401
    reply = stranger.preview(headers=keys(NAME, PASSWORD), **FIELDS)
    assert (reply.status, reply.headers["retry-after"]) == (429, "4")
    assert "not checked" in reply.json["message"]


def test_a_session_is_ended_by_its_owner_only(stranger: Rest, store: Store, rest: Rest) -> None:
    headers = {"Cookie": cookie_of(stranger.post("/v1/connections", headers=keys(NAME, PASSWORD)))}
    reply = stranger.request("DELETE", "/v1/connections", b"", headers, None)
    assert (reply.status, reply.json) == (200, {"success": True})
    assert reply.headers["set-cookie"] == "ZSession=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"
    assert stranger.preview(headers=headers, **FIELDS).status == 401
    assert stranger.request("DELETE", "/v1/connections", b"", headers, None).status == 401
    assert rest.preview(**FIELDS).status == 200, "other sessions go on"


def test_a_bearer_token_is_ended_too(stranger: Rest, store: Store) -> None:
    token = store.create_session(DEMO.username, int(NOW.timestamp()) + 900)
    client = Rest(stranger.application, token)
    assert client.request("DELETE", "/v1/connections", b"", None, None).status == 200
    assert client.preview(**FIELDS).status == 401


def test_a_user_without_a_session_has_nothing_to_end(stranger: Rest) -> None:
    assert stranger.request("DELETE", "/v1/connections", b"", keys(NAME, PASSWORD), None).status == 200


def test_the_older_base_path_has_the_same_operations(rest: Rest) -> None:
    for path in ("/rest/v1/operations/billing-preview", BILLING_PREVIEW):
        assert rest.post(path, FIELDS).json["success"] is True
    assert rest.post("/rest/v1/connections").status == 200
    reply = rest.post("/rest/nothing")
    assert reply.status == 404


def test_links_keep_the_base_that_was_called(rest: Rest, store: Store) -> None:
    """Links in a page of results have the same base, and so do those of asynchronous answers."""
    reply = rest.post("/rest/accounts/A00000014/preview", {"target_date": "2014-06-01"}, {"async": "true"})
    assert reply.status == 202
    assert rest.get(f"/rest{reply.headers['location']}").status == 200


@pytest.mark.parametrize(
    "path", ["/v1/files/{}", "/apps/api/file/{}", "/rest/v1/files/{}", "/rest/api/file/{}", "/v1/file/{}",
             "/v1/batch-query/file/{}", "/rest/v1/file/{}"]
)  # fmt: skip
def test_every_path_of_a_result_file_is_known(rest: Rest, path: str) -> None:
    """Each answers that there is no such file, as v1 does: an unknown path would be a 404 of the gateway."""
    reply = rest.get(path.format("0" * 32))
    assert (reply.status, reply.reasons) == (200, [(50000040, f"Cannot find entity by key: '{'0' * 32}'.")])


def test_no_way_in_is_left_to_a_user_who_is_removed(stranger: Rest, store: Store) -> None:
    headers = {"Cookie": cookie_of(stranger.post("/v1/connections", headers=keys(NAME, PASSWORD)))}
    assert stranger.preview(headers=basic(NAME, PASSWORD), **FIELDS).status == 200
    with store.begin() as connection:
        assert users.remove_user(connection, NAME)
    for each in (headers, basic(NAME, PASSWORD), keys(NAME, PASSWORD)):
        assert stranger.preview(headers=each, **FIELDS).status == 401
