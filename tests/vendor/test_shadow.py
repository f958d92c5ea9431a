"""Clients of a shadow get the upstream's bytes; differences of our preview are found and recorded."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from soapsvc.clock import fixed_clock
from soapsvc.parity.recording import recorded_previews
from soapsvc.parity.shadowing import (
    AGREED,
    DIFFERED,
    LEFT_OUT,
    NOT_KEPT,
    REST,
    UNKNOWN,
    UNREAD,
    FoundUnreadable,
    Overheard,
    Sent,
    Shadow,
    read_found,
)
from soapsvc.server.shadow import ShadowApplication
from soapsvc.tenant import Store, open_tenant
from soapsvc.vendor.errors import BadAnswer
from soapsvc.vendor.forwarding import Forwarder, unpacked
from tests.support.server import serving
from tests.support.services.serving import served
from tests.vendor.conftest import Application
from tests.vendor.tenant import NOW, SECRETS_OF_PEOPLE, write_source

PREVIEW = "/v1/operations/billing-preview"
PLAIN = {"Accept-Encoding": "identity"}
OF_A_CONNECTION = {"server", "date", "connection", "keep-alive"}
KEYS = {"apiAccessKeyId": "reader@example.com", "apiSecretAccessKey": "reader-password"}


class Watched:
    """An upstream that keeps the bodies of its answers."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.sent: list[bytes] = []
        self.headers: list[tuple[str, str]] = []

    def __call__(self, environ: dict[str, Any], start: Any) -> list[bytes]:
        def started(status: str, headers: list[tuple[str, str]]) -> object:
            self.headers = headers
            return start(status, headers)

        pieces = self.application(environ, started)
        try:
            body = b"".join(pieces)
        finally:
            getattr(pieces, "close", lambda: None)()
        self.sent.append(body)
        return [body]


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Our tenant: the upstream's, but for the price of the fourth account, and without the sixth."""
    folder = write_source(tmp_path_factory.mktemp("ours"), 12)
    path = folder / "subscriptions" / "1.json"
    documents = json.loads(path.read_text())
    for document in documents:
        if document["accountId"] == f"{4:032x}":
            for segment in document["ratePlans"][0]["ratePlanCharges"][0]["chargeSegments"]:
                segment["price"] = 11
    path.write_text(json.dumps([each for each in documents if each["accountId"] != f"{6:032x}"]))
    accounts = json.loads((folder / "accounts" / "1.json").read_text())
    kept = [each for each in accounts if each["basicInfo"]["id"] != f"{6:032x}"]
    (folder / "accounts" / "1.json").write_text(json.dumps(kept))
    usage = json.loads((folder / "usage" / "1.json").read_text())
    (folder / "usage" / "1.json").write_text(json.dumps([each for each in usage if each["accountId"] != f"{6:032x}"]))
    store = open_tenant(folder)
    yield store
    store.close()


class Shadowed:
    """A client of a shadow."""

    def __init__(self, upstream: Application, store: Store, folder: Path, **options: Any) -> None:
        self.upstream = Watched(upstream)
        self.folder = folder
        self.shadow = Shadow(store, folder, **options)
        forwarder = Forwarder("https://upstream.example.com", transport=httpx.WSGITransport(app=self.upstream))
        app = ShadowApplication(forwarder, self.shadow, fixed_clock(NOW), 2**20)
        self.client = httpx.Client(
            transport=httpx.WSGITransport(app=app), base_url="http://shadow.example.com", headers=KEYS | PLAIN
        )

    def preview(self, index: int, target: str = "2024-09-01", **headers: str) -> httpx.Response:
        body = json.dumps({"accountId": f"{index:032x}", "targetDate": target}).encode()
        if headers.get("content-encoding") == "gzip":
            body = gzip.compress(body)
        return self.client.post(PREVIEW, content=body, headers={"Content-Type": "application/json", **headers})

    def recorded(self) -> list[str | None]:
        """The accounts whose previews were recorded as different."""
        self.shadow.finish()
        paths = sorted(self.folder.glob("*.jsonl"))
        return [each.account_number for path in paths for each in recorded_previews(path)]


@pytest.fixture
def shadowed(upstream: Application, ours: Store, tmp_path: Path) -> Shadowed:
    return Shadowed(upstream, ours, tmp_path / "differences")


def test_clients_get_the_bytes_of_the_upstream(shadowed: Shadowed) -> None:
    answer = shadowed.preview(4)
    assert answer.content == shadowed.upstream.sent[0]
    assert answer.json()["success"] is True
    assert shadowed.client.get(f"/v1/accounts/{1:032x}").json()["basicInfo"]["accountNumber"] == "A00000001"
    assert shadowed.client.get("/nothing").status_code == 404
    shadowed.shadow.finish()


def test_a_compressed_answer_is_passed_on_compressed(shadowed: Shadowed) -> None:
    asked = {"accountId": f"{2:032x}", "targetDate": "2024-09-01"}
    headers = {"Accept-Encoding": "gzip"}
    with shadowed.client.stream("POST", PREVIEW, json=asked, headers=headers) as answer:
        assert answer.headers["content-encoding"] == "gzip"
        raw = b"".join(answer.iter_raw())
    assert raw == shadowed.upstream.sent[0]
    assert shadowed.preview(4, **{"content-encoding": "gzip"}).status_code == 200
    assert shadowed.recorded() == ["A00000004"]


def test_every_planted_difference_is_found_and_nothing_else(shadowed: Shadowed) -> None:
    for index in range(1, 13):
        shadowed.preview(index)
    assert shadowed.recorded() == ["A00000004"]
    assert shadowed.shadow.counts == {AGREED: 10, DIFFERED: 1, UNKNOWN: 1}


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
def test_soap_calls_are_compared_request_by_request(shadowed: Shadowed, packed: bool) -> None:
    def envelope(body: str, session: str = "") -> str:
        header = (
            f"<s:Header><a:SessionHeader><a:session>{session}</a:session></a:SessionHeader></s:Header>"
            if session
            else ""
        )
        names = 'xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:a="http://api.zuora.com/"'
        return f"<s:Envelope {names}>{header}<s:Body>{body}</s:Body></s:Envelope>"

    def called(text: str) -> str:
        headers = {"Content-Type": "text/xml", "SOAPAction": '""', **({"Content-Encoding": "gzip"} if packed else {})}
        body = gzip.compress(text.encode()) if packed else text.encode()
        return shadowed.client.post("/apps/services/a/61.0", content=body, headers=headers).text

    login = "<a:login><a:username>reader@example.com</a:username><a:password>reader-password</a:password></a:login>"
    session = called(envelope(login)).partition("Session>")[2].partition("<")[0]
    asked = "".join(
        f"<a:requests><a:AccountId>{index:032x}</a:AccountId><a:TargetDate>2024-09-01</a:TargetDate></a:requests>"
        for index in (1, 4, 5)
    )
    answer = called(envelope(f"<a:billingPreview>{asked}</a:billingPreview>", session))
    assert answer.encode() == shadowed.upstream.sent[-1]
    assert "Fault" not in answer
    assert shadowed.recorded() == ["A00000004"]
    assert shadowed.shadow.counts[AGREED] == 2


def test_a_recorded_difference_has_no_secret_and_no_persons_name(shadowed: Shadowed) -> None:
    shadowed.preview(4)
    assert shadowed.recorded() == ["A00000004"]
    written = b"".join(path.read_bytes() for path in shadowed.folder.iterdir())
    assert [secret for secret in (*SECRETS_OF_PEOPLE, *KEYS.values()) if secret.encode() in written] == []


def test_a_repeated_difference_is_counted_and_recorded_once(shadowed: Shadowed) -> None:
    for _ in range(3):
        shadowed.preview(4)
    shadowed.preview(5)
    shadowed.preview(4, target="2024-10-01")
    assert shadowed.recorded() == ["A00000004", "A00000004"]
    found = read_found(shadowed.folder)
    assert found is not None
    assert found.outcomes == {AGREED: 1, DIFFERED: 4}
    assert (found.since, found.last_difference) == (NOW, NOW)
    assert [(each.account_number, each.surface, each.times) for each in found.differing] == [
        ("A00000004", REST, 1),
        ("A00000004", REST, 3),
    ]
    often = found.differing[1]
    # 18 items; 10 of theirs are 10.10 a seat, of ours 11.00: 2 a month till July, 3 from then on
    assert (often.items, often.differences, often.kinds, often.currency) == (18, 10, ("amount",), "USD")
    assert (often.theirs, often.ours) == (Decimal("188.89"), Decimal("205.44"))
    assert (shadowed.folder / often.recording).is_file()


def test_several_processes_write_one_folder(upstream: Application, ours: Store, tmp_path: Path) -> None:
    two = [Shadowed(upstream, ours, tmp_path / "differences") for _ in range(2)]
    for each in two:
        each.preview(4)
        each.preview(5)
    for each in two:
        each.shadow.finish()
    found = read_found(tmp_path / "differences")
    assert found is not None
    assert found.outcomes == {AGREED: 2, DIFFERED: 2}
    assert [each.times for each in found.differing] == [2]


def test_nothing_was_found_where_nothing_was_compared(tmp_path: Path) -> None:
    assert read_found(tmp_path) is None
    (tmp_path / "shadow.sqlite").write_text("no database")
    with pytest.raises(FoundUnreadable, match=r"shadow\.sqlite cannot be read"):
        read_found(tmp_path)


def test_a_full_recording_takes_no_more_while_calls_continue(
    upstream: Application, ours: Store, tmp_path: Path
) -> None:
    shadowed = Shadowed(upstream, ours, tmp_path / "differences", most_recorded=1000)
    for target in ("2024-09-01", "2024-10-01"):
        shadowed.preview(4, target=target)
    assert shadowed.recorded() == ["A00000004"]
    assert shadowed.shadow.counts == {DIFFERED: 2, NOT_KEPT: 1}


def test_a_folder_that_cannot_be_written_stops_no_comparison(
    upstream: Application, ours: Store, tmp_path: Path
) -> None:
    (tmp_path / "differences").write_text("a file")
    shadowed = Shadowed(upstream, ours, tmp_path / "differences")
    for index in (4, 5):
        assert shadowed.preview(index).status_code == 200
    shadowed.shadow.finish()
    assert shadowed.shadow.counts == {DIFFERED: 1, AGREED: 1, NOT_KEPT: 1}


def test_an_answer_that_grows_beyond_measure_is_not_unpacked_whole() -> None:
    packed = gzip.compress(bytes(2**20))
    assert unpacked(packed, "gzip", 2**20) == unpacked(packed, "X-GZIP", 2**20) == bytes(2**20)
    with pytest.raises(BadAnswer, match="more than 1000000 bytes"):
        unpacked(packed, "gzip", 10**6)


def test_calls_beyond_the_queue_are_left_out_without_waiting(
    upstream: Application, ours: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shadowed = Shadowed(upstream, ours, tmp_path / "differences", most_bytes=10)
    assert shadowed.preview(4).status_code == 200
    assert shadowed.recorded() == []
    assert shadowed.shadow.counts == {LEFT_OUT: 1}
    found = read_found(shadowed.folder)
    assert found is not None
    assert found.outcomes == {LEFT_OUT: 1}
    assert "1 (200 calls, or 10 bytes of them, wait to be compared)" in caplog.text


def test_an_answer_that_cannot_be_read_is_counted(ours: Store, tmp_path: Path) -> None:
    shadow = Shadow(ours, tmp_path)
    shadow.hear(Overheard("rest", NOW, Sent(b"{}"), Sent(b"<html>")))
    shadow.finish()
    assert shadow.counts == {UNREAD: 1}


def test_an_upstream_that_does_not_answer_is_a_502(ours: Store, tmp_path: Path) -> None:
    def down(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    forwarder = Forwarder("https://upstream.example.com", transport=httpx.MockTransport(down))
    app = ShadowApplication(forwarder, Shadow(ours, tmp_path), fixed_clock(NOW), 100)
    client = httpx.Client(transport=httpx.WSGITransport(app=app), base_url="http://shadow.example.com")
    assert client.get("/v1/accounts/1").status_code == 502
    assert client.post("/v1/x", content=b"x" * 101).status_code == 413


def test_an_answer_above_the_limit_is_passed_on_and_counted_as_left_out(ours: Store, tmp_path: Path) -> None:
    large = bytes(32 * 2**20 + 1)
    forwarder = Forwarder("https://upstream.example.com", transport=httpx.MockTransport(lambda _: _answer(large)))
    shadow = Shadow(ours, tmp_path)
    app = ShadowApplication(forwarder, shadow, fixed_clock(NOW), 100)
    client = httpx.Client(transport=httpx.WSGITransport(app=app), base_url="http://shadow.example.com")
    assert client.post(PREVIEW, content=b"{}").content == large
    shadow.finish()
    assert shadow.counts == {LEFT_OUT: 1}


def _answer(body: bytes) -> httpx.Response:
    return httpx.Response(200, stream=httpx.ByteStream(body), headers={"Set-Cookie": "session=of-the-first; Path=/"})


def test_no_caller_is_given_the_cookie_of_another(ours: Store, tmp_path: Path) -> None:
    asked: list[list[str]] = []

    def upstream(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers.get_list("cookie"))
        return _answer(b"{}")

    forwarder = Forwarder("https://upstream.example.com", transport=httpx.MockTransport(upstream))
    app = ShadowApplication(forwarder, Shadow(ours, tmp_path), fixed_clock(NOW), 100)
    for own in ({}, {}, {"Cookie": "own=1"}):
        client = httpx.Client(transport=httpx.WSGITransport(app=app), base_url="http://shadow.example.com")
        answer = client.get("/v1/accounts/1", headers=own)
        assert answer.headers["set-cookie"] == "session=of-the-first; Path=/"
    assert asked == [[], [], ["own=1"]]


def counted(client: httpx.Client) -> dict[tuple[str, str], float]:
    """The metric by surface and outcome, once anything was compared."""
    for _ in range(600):
        samples = [
            sample
            for family in text_string_to_metric_families(client.get("/metrics").text)
            for sample in family.samples
            if sample.name == "soapsvc_shadow_previews_total"
        ]
        if samples:
            return {(each.labels["surface"], each.labels["outcome"]): each.value for each in samples}
        time.sleep(0.05)
    raise AssertionError("nothing was compared")


def test_a_server_is_a_shadow_by_one_option(upstream: Application, tmp_path: Path) -> None:
    folder = write_source(tmp_path / "ours", 3)
    subscriptions = (folder / "subscriptions" / "1.json").read_text()
    assert '"price": 10.1' in subscriptions
    (folder / "subscriptions" / "1.json").write_text(subscriptions.replace('"price": 10.1', '"price": 10.2'))
    watched = Watched(upstream)
    options = ["--workers", "1", "--shadow-differences", str(tmp_path / "differences")]
    with (
        served(watched) as url,
        serving(tmp_path / "log", "--tenant", str(folder), "--shadow", url, *options) as server,
        httpx.Client(base_url=server.url, headers=KEYS | PLAIN, trust_env=False) as client,
    ):
        answer = client.post(PREVIEW, json={"accountId": f"{1:032x}", "targetDate": "2024-09-01"})
        assert answer.content == watched.sent[-1]
        got = [(name.lower(), value) for name, value in answer.headers.multi_items()]
        assert [pair for pair in got if pair[0] not in OF_A_CONNECTION] == [(n.lower(), v) for n, v in watched.headers]
        assert counted(client) == {("rest", DIFFERED): 1}
        assert client.get("/healthz").text == "ok\n"
        assert len(watched.sent) == 1
    log = (tmp_path / "log").read_text()
    assert "surface=shadow operation=rest" in log
    assert "reader-password" not in log
    found = read_found(tmp_path / "differences")
    assert found is not None
    assert found.outcomes == {DIFFERED: 1}
