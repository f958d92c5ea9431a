"""Login and sessions."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network

import pytest
from argon2 import PasswordHasher

from soapsvc.server import Options, application
from soapsvc.server.public_url import PublicUrl
from soapsvc.tenant import Store, UserEntry, users
from tests.soap.client import Service, envelope, login, preview, request, session_header
from tests.soap.conftest import MovableClock
from tests.soap.sample_tenant import EMPTY, MONTHLY, NOW, PASSWORD, USER

INVALID_SESSION = ("fns:INVALID_SESSION", "Invalid session", "UnexpectedErrorFault")
ANN = UserEntry("ann", password="old", client_id="ann", client_secret="old")
ANN_S_NEW_HASH = PasswordHasher(time_cost=1, memory_cost=64).hash("new")
OWNER = UserEntry(USER, password=PASSWORD, name="Jo", email=USER)
WRONG_LOGIN = ("fns:INVALID_VALUE", "Invalid login. User name and password do not match.", "LoginFault")


def test_a_token_is_opaque_and_url_safe(service: Service) -> None:
    service.login()
    assert 32 <= len(service.token) <= 512
    assert service.token.replace("-", "").replace("_", "").isalnum()


def test_a_session_lives_for_fifteen_minutes(service: Service, clock: MovableClock) -> None:
    service.login()
    clock.now += timedelta(minutes=14, seconds=59)
    assert service.preview(request(EMPTY)).status == 200
    clock.now += timedelta(seconds=1)
    reply = service.preview(request(EMPTY))
    assert (reply.status, reply.fault) == (500, INVALID_SESSION)


def test_its_lifetime_can_be_chosen(store: Store, clock: MovableClock) -> None:
    service = Service(application(store, Options(session_lifetime=timedelta(hours=8)), clock))
    service.login()
    clock.now += timedelta(hours=7, minutes=59)
    assert service.preview(request(EMPTY)).status == 200
    clock.now += timedelta(minutes=1)
    assert service.preview(request(EMPTY)).fault == INVALID_SESSION


def test_a_user_may_have_several_sessions_at_once(service: Service) -> None:
    first = service.token
    service.login()
    assert service.token != first
    for token in (first, service.token):
        service.token = token
        assert service.preview(request(EMPTY)).status == 200


def test_a_session_opened_in_one_process_is_good_in_every_other(store: Store, clock: MovableClock) -> None:
    """Two applications over one store share nothing else, as two worker processes."""
    one, other = (Service(application(store, Options(), clock)) for _ in range(2))
    one.login()
    other.token = one.token
    assert other.preview(request(EMPTY)).status == 200
    clock.now += timedelta(minutes=15)
    assert other.preview(request(EMPTY)).fault == INVALID_SESSION


@pytest.fixture
def two(store: Store, clock: MovableClock) -> tuple[Service, Service]:
    """Two worker processes that both know a session of Ann's."""
    store.put_user(ANN)
    token = store.create_session(ANN.username, int(NOW.timestamp()) + 900)
    workers = Service(application(store, Options(), clock), token), Service(application(store, Options(), clock), token)
    for each in workers:
        assert each.preview(request(EMPTY)).status == 200
    return workers


@pytest.mark.parametrize(
    "changed",
    [
        replace(ANN, password="new"),
        replace(ANN, password=None, password_hash=ANN_S_NEW_HASH),
        replace(ANN, client_secret="new"),
        replace(ANN, client_id="new"),
        replace(ANN, client_id=None, client_secret=None),
    ],
    ids=["password", "hash", "secret", "client", "no client"],
)
def test_another_password_or_secret_ends_the_sessions_of_the_user_in_every_process_at_once(
    store: Store, two: tuple[Service, Service], service: Service, changed: UserEntry
) -> None:
    store.put_user(changed)
    assert [each.preview(request(EMPTY)).fault for each in two] == [INVALID_SESSION] * 2
    assert service.preview(request(EMPTY)).status == 200, "another user's session goes on"


def test_the_same_password_again_ends_nothing(store: Store, two: tuple[Service, Service]) -> None:
    store.put_user(replace(ANN, name="Ann Other"))
    assert [each.preview(request(EMPTY)).status for each in two] == [200, 200]


def test_narrowed_rights_hold_from_the_next_call_on(store: Store, two: tuple[Service, Service]) -> None:
    store.put_user(replace(ANN, organizations=("nowhere",)))
    for each in two:
        (result,) = each.preview(request(EMPTY)).results()
        assert result.errors == [("INVALID_VALUE", f"The account id {EMPTY} is invalid.", "AccountId")]


@pytest.mark.parametrize("by", ["removal", "import", "end of all", "end of one"])
def test_sessions_that_are_ended_are_over_in_every_process_at_once(
    store: Store, two: tuple[Service, Service], by: str
) -> None:
    with store.begin() as connection:
        if by == "removal":
            assert users.remove_user(connection, ANN.username)
        elif by == "import":
            users.put_user(connection, ANN, by_hand=False)
            users.replace_users(connection, [OWNER])
        elif by == "end of all":
            assert users.end_sessions(connection, ANN.username) == 1
        else:
            users.end_session(connection, two[0].token)
    assert [each.preview(request(EMPTY)).fault for each in two] == [INVALID_SESSION] * 2


@pytest.mark.parametrize(
    "header",
    [
        "",
        "<a:SessionHeader/>",
        "<a:SessionHeader><a:session/></a:SessionHeader>",
        session_header("unknown"),
        session_header("x" * 513),
        session_header("x" * 1024 * 1024),
        session_header("nül"),
    ],
    ids=["no header", "empty", "no token", "unknown", "longer than any", "1 MiB", "not ASCII"],
)
@pytest.mark.parametrize("body", ["<a:billingPreview/>", "<a:getUserInfo/>"])
def test_a_call_without_a_good_session(service: Service, header: str, body: str) -> None:
    reply = service.post(envelope(body, header))
    assert (reply.status, reply.fault) == (500, INVALID_SESSION)


@pytest.mark.parametrize(
    "header",
    [
        "<a:SessionHeader><a:session>{}</a:session></a:SessionHeader>",
        "<a:SessionHeader><a:session>\n      {}\n   </a:session></a:SessionHeader>",
        "<a:SessionHeader><a:session><![CDATA[{}]]></a:session></a:SessionHeader>",
        "<SessionHeader><session>{}</session></SessionHeader>",
        "<e:SessionHeader><o:Session>{}</o:Session></e:SessionHeader>",
        "<o:sessionHeader><o:session>{}</o:session></o:sessionHeader>",
        '<a:SessionHeader e:mustUnderstand="1"><a:session>{}</a:session></a:SessionHeader>',
        (
            '<a:SessionHeader e:actor="http://schemas.xmlsoap.org/soap/actor/next" e:mustUnderstand="0">'
            "<a:session>{}</a:session></a:SessionHeader>"
        ),
        (
            "<a:CallOptions><a:useSingleTransaction/></a:CallOptions><a:QueryOptions><a:batchSize/></a:QueryOptions>"
            "<a:SessionHeader><a:session>{}</a:session></a:SessionHeader>"
        ),
        "<a:SessionHeader/><a:SessionHeader><a:session>{}</a:session></a:SessionHeader>",
        '<x:Trace xmlns:x="urn:x" e:mustUnderstand="0">1</x:Trace><SessionHeader><session>{}</session></SessionHeader>',
    ],
)
def test_every_spelling_of_the_session_header_in_use(service: Service, header: str) -> None:
    body = envelope(f"<a:billingPreview>{request(MONTHLY)}</a:billingPreview>", header.format(service.token))
    reply = service.post(body)
    assert [result.get("Size") for result in reply.results()] == ["4"]


def test_a_session_as_authorization_header(service: Service) -> None:
    body = envelope(f"<a:billingPreview>{request(MONTHLY)}</a:billingPreview>")
    assert service.post(body, HTTP_AUTHORIZATION=f"ZSession {service.token}").status == 200
    assert service.post(body, HTTP_AUTHORIZATION=f"Bearer {service.token}").fault == INVALID_SESSION
    assert service.post(body, HTTP_AUTHORIZATION="ZSession unknown").fault == INVALID_SESSION


@pytest.mark.parametrize(
    ("username", "password"),
    [(USER, "wrong"), ("nobody@example.com", PASSWORD), (USER, ""), ("", ""), (USER.upper(), PASSWORD)],
)
def test_a_wrong_login(service: Service, username: str, password: str) -> None:
    reply = service.post(login(username, password))
    assert (reply.status, reply.fault) == (500, WRONG_LOGIN)


@pytest.mark.parametrize(
    "body",
    [
        "<a:login/>",
        "<a:login><a:username/><a:password/></a:login>",
        '<a:login><a:username xsi:nil="true"/><a:password xsi:nil="true"/></a:login>',
    ],
)
def test_a_login_without_credentials(service: Service, body: str) -> None:
    assert service.post(envelope(body)).fault == WRONG_LOGIN


@pytest.mark.parametrize(
    "body",
    [
        "<a:login><a:password>{1}</a:password><a:username>{0}</a:username></a:login>",
        "<a:login><username>{0}</username><password>{1}</password></a:login>",
        '<login xmlns="http://api.zuora.com/"><username>\n{0}\n</username><password>{1}</password></login>',
    ],
)
def test_credentials_in_any_order_and_namespace(service: Service, body: str) -> None:
    assert service.post(envelope(body.format(USER, "<![CDATA[pass & word <1>]]>"))).status == 200


def test_an_empty_header_at_login(service: Service) -> None:
    body = login(USER, PASSWORD).replace("<e:Body>", "<e:Header>\n   </e:Header><e:Body>")
    assert service.post(body).status == 200


PROXY = {"HTTP_X_FORWARDED_PROTO": "https", "HTTP_X_FORWARDED_HOST": "billing.example.com, inner"}


@pytest.mark.parametrize(
    ("url", "environ", "expected"),
    [
        (PublicUrl(), {}, "http://127.0.0.1:8080"),
        (PublicUrl(), {"HTTP_HOST": "zuora.test"}, "http://zuora.test"),
        (PublicUrl(), {"HTTP_HOST": "[::1]:8443", "wsgi.url_scheme": "https"}, "https://[::1]:8443"),
        (PublicUrl(), {"HTTP_HOST": None}, "http://127.0.0.1:8080"),
        (PublicUrl(), {"HTTP_HOST": 'evil"><x>'}, "http://127.0.0.1:8080"),
        (PublicUrl(), PROXY, "http://127.0.0.1:8080"),
        (PublicUrl(trusted_proxies=[ip_network("127.0.0.0/8")]), PROXY, "https://billing.example.com"),
        (PublicUrl(trusted_proxies=[ip_network("10.0.0.0/8")]), PROXY, "http://127.0.0.1:8080"),
        (
            PublicUrl(trusted_proxies=[ip_network("127.0.0.1")]),
            {**PROXY, "HTTP_X_FORWARDED_PORT": "8443"},
            "https://billing.example.com:8443",
        ),
        (
            PublicUrl(trusted_proxies=[ip_network("127.0.0.1")]),
            {**PROXY, "HTTP_X_FORWARDED_PORT": "443"},
            "https://billing.example.com",
        ),
        (PublicUrl("https://fixed.example.com/zuora/"), PROXY, "https://fixed.example.com/zuora"),
    ],
)
@pytest.mark.parametrize("version", ["61.0", "71.0"])
def test_server_url_and_wsdl_name_our_public_address_with_the_callers_version(
    store: Store, clock: MovableClock, url: PublicUrl, environ: dict[str, str], expected: str, version: str
) -> None:
    path = f"/apps/services/a/{version}"
    service = Service(application(store, Options(public_url=url), clock), path=path, environ=environ)
    assert f"<ns1:ServerUrl>{expected}{path}</ns1:ServerUrl>" in service.login().text
    assert f'<soap:address location="{expected}{path}"/>' in service.request("GET", path).text


def test_a_preview_leaves_the_store_as_it_was(service: Service, store: Store) -> None:
    before = store.version()
    service.post(preview(request(MONTHLY), session=service.token))
    assert store.version() == before
