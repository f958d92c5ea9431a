"""Idempotency on real servers: many requests at once over several processes, and a process that is killed."""

from __future__ import annotations

import http.client
import json
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import Select, func, select

from soapsvc.resources import fixtures_dir
from soapsvc.rest.replays import IDEMPOTENCY_KEYS
from soapsvc.rest.replays.tables import ANSWER_PIECES
from soapsvc.tenant import Store, import_tenant
from tests.rest.conftest import DEMO
from tests.support.server import Server, serving

PARALLEL = 50
FIELDS = {"accountNumber": "A00001001", "targetDate": "2027-06-01"}
LONG = {"accounts": [{"accountId": f"nobody {number}"} for number in range(1000)], "targetDate": "2027-06-01"}
"""Takes a while, and has a small answer: a thousand accounts are looked for in vain."""
LARGE = {"accounts": [{"accountNumber": "A00001001"}] * 150, "targetDate": "2036-06-01"}
"""Has an answer of many pieces."""
FAR_AWAY = 4102444800  # 2100-01-01, in seconds since 1970


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    opened = Store.open(database)
    import_tenant(opened, fixtures_dir())
    opened.put_user(DEMO)
    yield opened
    opened.close()


@pytest.fixture
def token(store: Store) -> str:
    return store.create_session(DEMO.username, FAR_AWAY)


@pytest.fixture
def server(store: Store, tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path / "log", "--database", store.url, "--workers", "2") as running:
        yield running


def post(server: Server, token: str, key: str, fields: object = FIELDS) -> tuple[int, str | None, bytes]:
    """Status, request id and body of a preview under an idempotency key."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Idempotency-Key": key}
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=60)
    try:
        connection.request("POST", "/v1/operations/billing-preview", json.dumps(fields), headers)
        response = connection.getresponse()
        return response.status, response.headers["Zuora-Request-Id"], response.read()
    finally:
        connection.close()


def test_fifty_at_once_are_executed_once_and_answered_alike(server: Server, store: Store, token: str) -> None:
    """Item ids are random: equal bodies come from one execution."""
    with ThreadPoolExecutor(PARALLEL) as threads:
        barrier = threading.Barrier(PARALLEL)

        def fire(_: int) -> tuple[int, str | None, bytes]:
            barrier.wait(60)
            return post(server, token, "fire")

        answers = Counter(threads.map(fire, range(PARALLEL)))
    ((answer, count),) = answers.items()
    assert (answer[0], count) == (200, PARALLEL)
    assert len(json.loads(answer[2])["invoiceItems"]) > 10
    with store.begin() as connection:
        assert connection.execute(select(func.count()).select_from(IDEMPOTENCY_KEYS)).scalar_one() == 1


def workers(server: Server) -> list[int]:
    """The processes that serve requests: those that the server has started and that have its name."""
    parent = server.process.pid
    return [int(each) for each in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


def wait_until(store: Store, counted: Select[tuple[int]], least: int) -> None:
    """Until there are so many rows, while a request with a key is being executed."""
    for _ in range(6000):
        with store.begin() as connection:
            if connection.execute(counted).scalar_one() >= least:
                assert connection.execute(OPEN).scalar_one() == 1
                return
        time.sleep(0.005)
    raise AssertionError("no request is being executed")


OPEN = select(func.count()).select_from(IDEMPOTENCY_KEYS).where(IDEMPOTENCY_KEYS.c.status.is_(None))
PIECES = select(func.count()).select_from(ANSWER_PIECES)


@pytest.mark.parametrize(
    ("fields", "count", "counted", "least"),
    [(LONG, 1000, OPEN, 1), (LARGE, 150, PIECES, 3)],
    ids=["while it is computed", "while its answer is kept"],
)
def test_killed_workers_leave_no_stuck_key_and_no_part_of_an_answer(
    server: Server, store: Store, token: str, fields: dict[str, object], count: int, counted: Any, least: int
) -> None:
    """kill -9 hits every worker while the request is executed; the repetition is executed by a new one."""
    with ThreadPoolExecutor(1) as thread:
        first = thread.submit(post, server, token, "killed", fields)
        wait_until(store, counted, least)
        for worker in workers(server):
            os.kill(worker, signal.SIGKILL)
        with pytest.raises((http.client.HTTPException, OSError)):
            first.result(60)
    status, _, body = post(server, token, "killed", fields)
    assert status == 200
    assert len(json.loads(body)["results"]) == count
    assert post(server, token, "killed", fields)[2] == body
    with store.begin() as connection:
        assert connection.execute(select(func.count(ANSWER_PIECES.c.answer.distinct()))).scalar_one() <= 1
