"""A worker's memory does not grow with answers that are kept: one of 60 MB costs no more than the same one unkept.

The account has 600 charges, each billed for 240 months: 144,000 items.
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from email.message import Message
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import func, select

from soapsvc.rest.http import RestLimits
from soapsvc.rest.replays import ASYNC_REQUESTS
from soapsvc.rest.replays.tables import ANSWER_PIECES
from soapsvc.tenant import Store, UserEntry, import_tenant
from tests.rest.replays.test_idempotency_under_fire import workers
from tests.support.documents import account, charge, subscription
from tests.support.runs import system_clock
from tests.support.server import Server, serving
from tests.support.stores.databases import new_database
from tests.support.tenants import write_tenant

CHARGES, MONTHS = 600, 240
LEAST_BYTES = 60_000_000
ALLOWED_GROWTH = 30_000
"""Kilobytes: half of the answer. What computes it in another thread takes some of them anew."""
PATH = "/accounts/A-1/preview"
TARGET = {"target_date": "2046-01-01"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("large")


@pytest.fixture(scope="module")
def store(folder: Path) -> Iterator[Store]:
    term = {"termStartDate": "2026-01-01", "termEndDate": "2046-01-01"}
    whole = {"effectiveStartDate": "2026-01-01", "effectiveEndDate": "2046-01-01"}
    charges = [charge(f"C-{number}", **whole) for number in range(CHARGES)]
    tenant = write_tenant(folder / "tenant", accounts=account(), subscriptions=[subscription(*charges, **term)])
    with new_database(folder) as database, closing(Store.open(database)) as opened:
        import_tenant(opened, tenant)
        opened.put_user(UserEntry("user", "password"))
        yield opened


@pytest.fixture(scope="module")
def token(store: Store) -> str:
    return store.create_session("user", int((system_clock() + timedelta(hours=1)).timestamp()))


@pytest.fixture(scope="module")
def server(store: Store, folder: Path) -> Iterator[Server]:
    arguments = ["--workers", "1", "--run-workers", "0", "--results", str(folder / "results")]
    with serving(folder / "log", "--database", store.url, *arguments) as running:
        yield running


def request(
    server: Server, token: str, method: str, path: str, body: object = None, **headers: str
) -> tuple[int, Message, bytes, int, str]:
    """Status, headers, the first bytes of the body, its size and its digest: it is not kept here as a whole either."""
    sent = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    with closing(http.client.HTTPConnection(*server.host_port, timeout=300)) as connection:
        connection.request(method, path, json.dumps(body) if body is not None else None, sent)
        response = connection.getresponse()
        first, size, digest = b"", 0, sha256()
        while piece := response.read(65536):
            first = first or piece
            size += len(piece)
            digest.update(piece)
        return response.status, response.headers, first, size, digest.hexdigest()


def peak(server: Server) -> int:
    """The most memory that the worker ever had, in kB."""
    (pid,) = workers(server)
    (line,) = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1])


def test_recording_replaying_and_fetching_a_large_answer_takes_no_memory(
    server: Server, store: Store, token: str
) -> None:
    status, _, _, size, _ = request(server, token, "POST", PATH, TARGET)
    assert (status, size > LEAST_BYTES) == (200, True)
    before = peak(server)

    recorded = request(server, token, "POST", PATH, TARGET, Idempotency_Key="large")
    replayed = request(server, token, "POST", PATH, TARGET, Idempotency_Key="large")
    assert recorded[3:] == replayed[3:]
    assert replayed[3] > LEAST_BYTES
    assert peak(server) - before < ALLOWED_GROWTH

    status, headers, _, _, _ = request(server, token, "POST", PATH, TARGET, **{"async": "true"})
    assert status == 202
    fetched = request(server, token, "GET", headers["Location"])
    while b'"processing"' in fetched[2]:
        time.sleep(0.1)
        fetched = request(server, token, "GET", headers["Location"])
    assert b'"status":"completed","status_code":200,"response":{"account_id"' in fetched[2]
    assert fetched[3] > LEAST_BYTES
    assert peak(server) - before < ALLOWED_GROWTH

    with store.begin() as connection:
        kept = connection.execute(select(func.count()).select_from(ANSWER_PIECES)).scalar_one()
    assert kept > 2 * LEAST_BYTES // (512 * 1024)


def test_asynchronous_requests_beyond_the_limit_get_429_and_retry_after(
    server: Server, store: Store, token: str
) -> None:
    """Each takes seconds, and they are asked for within one or two."""
    most = RestLimits().async_queue
    answers = [request(server, token, "POST", PATH, TARGET, **{"async": "true"}) for _ in range(most + 40)]
    accepted = [answer for answer in answers if answer[0] == 202]
    refused = [answer for answer in answers if answer[0] == 429]
    assert len(accepted) + len(refused) == len(answers)
    assert most <= len(accepted) < len(answers)
    assert {answer[1]["Retry-After"] for answer in refused} == {"5"}
    ids = [json.loads(answer[2])["request_id"] for answer in accepted]
    known = select(func.count()).select_from(ASYNC_REQUESTS).where(ASYNC_REQUESTS.c.id.in_(ids))
    with store.begin() as connection:
        assert connection.execute(known).scalar_one() == len(accepted)
