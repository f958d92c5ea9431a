"""While the database does not answer, every call gets 503 and Retry-After, and the log has one line for it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from soapsvc.resources import fixtures_dir
from soapsvc.server import application
from soapsvc.tenant import Store, UserEntry, import_tenant
from soapsvc.tenant.database import outage
from tests.rest.client import Reply as RestReply
from tests.rest.client import Rest
from tests.soap.client import Reply as SoapReply
from tests.soap.client import Service, envelope, request, session_header
from tests.support.runs import system_clock
from tests.support.services.outages import administration, cut_off

ACCOUNT = "402892154627d9a2014627e1b0b60114"
USER = UserEntry("demo@example.com", "demo", client_id="demo", client_secret="demo")
REQUEST = {"accountId": ACCOUNT, "targetDate": "2014-06-01"}


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    """The demo tenant, with a user."""
    store = Store.open(database)
    import_tenant(store, fixtures_dir())
    store.put_user(USER)
    yield store
    store.close()


@pytest.fixture
def token(store: Store) -> str:
    return store.create_session(USER.username, int((system_clock() + timedelta(hours=1)).timestamp()))


@pytest.fixture
def soap(store: Store, token: str) -> Service:
    return Service(application(store), token)


@pytest.fixture
def rest(store: Store, token: str) -> Rest:
    return Rest(application(store), token)


def create(service: Service) -> str:
    run = "<a:zObjects xsi:type='o:BillingPreviewRun'><o:TargetDate>2026-12-31</o:TargetDate></a:zObjects>"
    return envelope(f"<a:create>{run}</a:create>", session_header(service.token))


def query(service: Service) -> str:
    sentence = "<a:queryString>SELECT Id FROM BillingPreviewRun</a:queryString>"
    return envelope(f"<a:query>{sentence}</a:query>", session_header(service.token))


SOAP_CALLS: dict[str, Callable[[Service], SoapReply]] = {
    "login": lambda service: service.login(USER.username, "demo"),
    "getUserInfo": lambda service: service.post(envelope("<a:getUserInfo/>", session_header(service.token))),
    "billingPreview": lambda service: service.preview(request(ACCOUNT)),
    "create": lambda service: service.post(create(service)),
    "query": lambda service: service.post(query(service)),
}
REST_CALLS: dict[str, Callable[[Rest], RestReply]] = {
    "token": lambda rest: rest.token_for(client_id="demo", client_secret="demo", grant_type="client_credentials"),
    "preview": lambda rest: rest.preview(**REQUEST),
    "idempotent preview": lambda rest: rest.preview(headers={"Idempotency-Key": "k"}, **REQUEST),
    "deferred preview": lambda rest: rest.preview(headers={"async": "true"}, **REQUEST),
    "account preview": lambda rest: rest.account_preview("A00000014", target_date="2014-06-01"),
    "run": lambda rest: rest.post("/v1/billing-preview-runs", {"targetDate": "2026-12-31"}),
    "get run": lambda rest: rest.get("/v1/billing-preview-runs/BPR-00000001"),
    "health": lambda rest: rest.get("/healthz"),
}


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """The logged errors, each on one line and without a traceback."""
    caplog.set_level(logging.INFO, logger="soapsvc")

    def lines() -> list[str]:
        errors = [record for record in caplog.records if record.levelno >= logging.WARNING]
        assert [record.getMessage() for record in errors if record.exc_info or "\n" in record.getMessage()] == []
        return [record.getMessage() for record in errors]

    return lines


def test_soap_faults_with_server_unavailable(
    soap: Service, store: Store, database: str, logged: Callable[[], list[str]]
) -> None:
    with cut_off(store, database):
        replies = {name: call(soap) for name, call in SOAP_CALLS.items()}
    said = "The service cannot reach its data at the moment; try again later."
    fault = ("fns:SERVER_UNAVAILABLE", said, "UnexpectedErrorFault")
    answered = {name: (reply.status, reply.headers["Retry-After"], reply.fault) for name, reply in replies.items()}
    assert answered == dict.fromkeys(SOAP_CALLS, (503, "5", fault))
    starts = [line.partition(": the tenant store does not answer: ")[0] for line in logged()]
    assert [start.partition(" ")[0] for start in starts] == list(SOAP_CALLS)


def test_rest_answers_503(rest: Rest, store: Store, database: str, logged: Callable[[], list[str]]) -> None:
    with cut_off(store, database):
        replies = {name: call(rest) for name, call in REST_CALLS.items()}
    assert {name: reply.status for name, reply in replies.items()} == dict.fromkeys(REST_CALLS, 503)
    assert replies.pop("health").body == b"the tenant store does not answer\n"
    assert {reply.headers["retry-after"] for reply in replies.values()} == {"5"}
    assert all("The service cannot reach its data at the moment" in reply.body.decode() for reply in replies.values())
    assert len(logged()) == len(REST_CALLS)
    assert all(": the tenant store does not answer: " in line for line in logged())


def test_calls_are_answered_again_when_the_database_is(soap: Service, rest: Rest, store: Store, database: str) -> None:
    before = [soap.preview(request(ACCOUNT)).status, rest.preview(**REQUEST).status]
    with cut_off(store, database):
        during = [soap.login(USER.username, "demo").status, rest.get("/healthz").status]
    after = [soap.preview(request(ACCOUNT)).status, rest.preview(**REQUEST).status, rest.get("/healthz").status]
    assert (before, during, after) == ([200] * 2, [503] * 2, [200] * 3)


def test_eight_failed_calls_are_sixteen_lines_of_log_at_most(
    soap: Service, rest: Rest, store: Store, database: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with cut_off(store, database):
        for _ in range(4):
            SOAP_CALLS["login"](soap)
            REST_CALLS["idempotent preview"](rest)
    assert sum(len(caplog.handler.format(record).splitlines()) for record in caplog.records) <= 16


def test_a_mistake_in_our_statement_is_not_an_outage(store: Store) -> None:
    with pytest.raises((OperationalError, ProgrammingError)) as raised, store.begin() as connection:
        connection.execute(text("SELECT nonsense"))
    if isinstance(raised.value, ProgrammingError):  # SQLite calls it operational
        assert outage(raised.value) is None


def test_messages_about_an_outage_have_no_statement_and_no_value() -> None:
    error = OperationalError("SELECT secret FROM users WHERE name = ?", ("anna",), Exception("connection\n\trefused"))
    assert outage(error) == "connection refused"


def test_a_server_with_fewer_connections_than_calls_costs_some_calls_a_503(
    store: Store, database: str, token: str, logged: Callable[[], list[str]]
) -> None:
    """The server grants 3 connections; 16 callers come at once."""
    url = make_url(database)
    if url.get_backend_name() != "postgresql":
        pytest.skip("SQLite has no limit of connections")
    name = f"few_{url.database}"
    with administration() as connection:
        connection.execute(text(f"CREATE ROLE {name} LOGIN CONNECTION LIMIT 3"))
        with store.begin() as own:
            own.execute(text(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {name}"))
        few = Store.open(url.set(username=name).render_as_string(hide_password=False))
        try:
            service = Service(application(few), token, strict=False)
            together = threading.Barrier(16)

            def call(_: int) -> tuple[int, str | None]:
                together.wait()
                reply = service.preview(request(ACCOUNT))
                return reply.status, reply.headers.get("Retry-After")

            with ThreadPoolExecutor(16) as threads:
                answers = set(threads.map(call, range(16)))
            assert answers <= {(200, None), (503, "5")}
            assert all("too many connections for role" in line for line in logged())
            with few.begin(), few.begin(), few.begin():
                assert service.login(USER.username, "demo").status == 503
            assert service.login(USER.username, "demo").status == 200
        finally:
            few.close()
            with store.begin() as own:
                own.execute(text(f"DROP OWNED BY {name}"))
            connection.execute(text(f"DROP ROLE {name}"))
