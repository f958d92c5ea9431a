"""Hostile HTTP to a real server: each request gets its right answer, never that of another request.

Each request has its own connection, with an honest request after it. There are one or two answers, in that order. The
server never hangs, never answers a request that is hidden in a body, and writes no error to its log.
`python -m tests.soap.fuzz` runs these requests together with its messages.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from lxml import etree

from soapsvc.clock import system_clock
from soapsvc.tenant import Store, import_tenant
from tests.server.attackers import hostile
from tests.server.attackers.wire import Answer, answers, everything
from tests.server.listening.programs.short_of_patience import impatient
from tests.soap.client import SOAP12, envelope, session_header
from tests.soap.sample_tenant import MONTHLY, USER, write_sample_tenant
from tests.support.runs import EVERYTHING, IN_DATABASE, finished
from tests.support.server import Server

SOAP = "/apps/services/a/153.0"
PREVIEW = "/v1/operations/billing-preview"
RUNS = "/v1/billing-preview-runs"
FORM = b"grant_type=client_credentials&client_id=x&client_secret=y"
PROBE = b"GET /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
BAD_REQUEST = 400
FAULT = 500
"""The statuses with which SOAP 1.1 answers a caller's mistake."""

CALLERS = {"soapenv:Client", "soapenv:Sender", "fns:INVALID_SESSION", "fns:INVALID_VERSION"}
"""The codes of such a fault, in SOAP 1.1 and 1.2."""

REFUSED = frozenset({400, 408, 411, 413, 414, 415, 417, 431, 501, 505})
"""The statuses for a request that is not HTTP, or is incomplete."""
FIELDS = {
    PREVIEW: [
        *(
            "accountId",
            "accountNumber",
            "targetDate",
            "assumeRenewal",
            "chargeTypeToExclude",
            "includingDraftItems",
            "asOf",
        ),
        *(
            "explain",
            "groupBy",
            "nextInvoices",
            "accounts",
            "subscriptionNumbers",
            "includingEvergreenSubscription",
            "x",
        ),
    ],
    RUNS: [
        *(
            "targetDate",
            "batches",
            "batch",
            "filters",
            "organizationLabels",
            "storageOption",
            "storeDifference",
            "csvHeader",
        ),
        *("comparedBillingPreviewRunId", "chargeTypeToExclude", "assumeRenewal", "x"),
    ],
    f"/accounts/{MONTHLY}/preview": [
        "target_date",
        "next_invoices",
        "as_of",
        "explain",
        "group_by",
        "charge_types",
        "x",
    ],
    "/oauth/token": ["grant_type", "client_id", "client_secret", "x"],
}


@dataclass(frozen=True)
class Request:
    """The bytes to send: `framed` is the body on the wire. `statuses` are right, and so are `REFUSED`."""

    target: str
    statuses: set[int]
    lines: list[str] = field(default_factory=list)
    framed: bytes = b""
    method: str = "POST"
    may_be_refused: bool = False

    def sent(self) -> bytes:
        head = "\r\n".join([f"{self.method} {self.target} HTTP/1.1", *self.lines, "", ""])
        return head.encode("utf-8", "surrogateescape") + self.framed


@dataclass
class HttpTarget:
    """A running server, and the data of its runs."""

    server: Server
    token: str
    files: list[str]
    runs: list[str]
    cursors: list[str]

    @classmethod
    @contextmanager
    def over(cls, folder: Path) -> Iterator[HttpTarget]:
        """A server with a time limit of a second over a sample tenant, with runs in a file and in the database."""
        folder.mkdir(exist_ok=True)
        database, results = f"sqlite:///{folder / 'tenant.sqlite'}", folder / "results"
        store = Store.open(database)
        import_tenant(store, write_sample_tenant(folder / "tenant"))
        user = store.user(USER)
        assert user is not None
        file, *rows = (finished(store, results, asked, user=user) for asked in (EVERYTHING, IN_DATABASE, IN_DATABASE))
        token = store.create_session(USER, int(system_clock().timestamp()) + 8 * 3600)
        store.close()
        with impatient(folder, database=database, results=results, seconds=1) as server:
            target = cls(server, token, [str(file.file_id)], [run.number for run in rows], [])
            target.cursors = [target._cursor_of(run) for run in target.runs]
            yield target

    def run(self, seed: int) -> str:
        """Send the request of this seed; returns the kind of answer. Raises AssertionError if a rule is broken."""
        random = Random(seed)  # noqa: S311 - not for secrets
        kinds = [self.media_type, self.length, self.range, self.cursor, self.value, self.chunks, self.head]
        make: Callable[[Random], Request] = random.choice(kinds)
        request, before = make(random), self.server.log.stat().st_size
        found = answers(everything(self.server.host_port, request.sent() + PROBE), request.method)
        with self.server.log.open() as log:
            log.seek(before)
            written = [line for line in log if "INFO" not in line]
        assert written == [], (request, written)
        assert b"smuggled" not in b"".join(answer.body for answer in found), request
        assert 1 <= len(found) <= 2, request
        assert all(answer.body == b"ok\n" or answer.status == BAD_REQUEST for answer in found[1:]), request
        self._check(request, found[0])
        return f"{make.__name__} {found[0].status}"

    @staticmethod
    def _check(request: Request, answer: Answer) -> None:
        right = request.statuses | (REFUSED if request.may_be_refused else set())
        assert answer.status in right, (request, answer)
        if answer.is_json and answer.body:
            json.loads(answer.plain)
        if answer.status == FAULT:
            codes = {node.text for node in etree.fromstring(answer.plain).iter("faultcode", f"{{{SOAP12}}}Value")}
            assert codes & CALLERS, (request, answer)
        if answer.status == 206:
            assert len(answer.body) == int(answer.headers["content-length"])

    def _cursor_of(self, run: str) -> str:
        answer = self._get(f"{RUNS}/{run}/results?pageSize=1")
        return str(json.loads(answer.body)["nextPage"].partition("cursor=")[2].partition("&")[0])

    def _get(self, target: str) -> Answer:
        sent = Request(target, {200}, self._lines("Connection: close"), method="GET").sent()
        return answers(everything(self.server.host_port, sent))[0]

    def _lines(self, *more: str) -> list[str]:
        return ["Host: h", f"Authorization: Bearer {self.token}", *more]

    def _call(self, random: Random) -> tuple[str, bytes, str, set[int]]:
        """An honest call: its target, body and media type, and the allowed statuses when a part of it is odd."""
        soap = envelope("<a:getUserInfo/>", session_header(self.token)).encode()
        preview = json.dumps({"accountId": MONTHLY, "targetDate": "2014-08-01"}).encode()
        return random.choice(
            [
                (SOAP, soap, "text/xml", {200, 415, FAULT}),
                (PREVIEW, preview, "application/json", {200}),
                ("/oauth/token", FORM, "application/x-www-form-urlencoded", {401, 429}),
            ]
        )

    def media_type(self, random: Random) -> Request:
        """An honest body under an odd media type."""
        target, body, _, statuses = self._call(random)
        lines = self._lines(f"Content-Type: {hostile.content_type(random)}", f"Content-Length: {len(body)}")
        return Request(target, {*statuses, 400, 415}, lines, body)

    def length(self, random: Random) -> Request:
        """A body whose length is given in an odd form, twice, not at all, or in addition to chunks."""
        target, body, media_type, statuses = self._call(random)
        digits = random.choice([f"{len(body)}"] * 20 + [f"{len(body) - 5}", f"{len(body) + 1}", *hostile.DIGITS])
        lengths = random.choice(hostile.LENGTHS).format(digits, random.choice([digits, "7"]))
        codings = f"Transfer-Encoding: {random.choice(hostile.CODINGS)}"
        both = random.choice([[lengths], [lengths], [codings], [lengths, codings], [codings, lengths], []])
        lines = self._lines(f"Content-Type: {media_type}", *both)
        chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        return Request(target, statuses, lines, chunks if codings in both else body, may_be_refused=True)

    def range(self, random: Random) -> Request:
        """The file of a run, in odd pieces."""
        target = random.choice(["/v1/files/", "/apps/api/file/"]) + random.choice(self.files)
        lines = self._lines(f"Range: {hostile.content_range(random)}")
        lines += random.choice([[], [], ["If-Range: x"], [f'If-Range: "{self.files[0]}"'], ["Range: bytes=0-1"]])
        return Request(target, {200, 206, 416}, lines, method="GET")

    def cursor(self, random: Random) -> Request:
        """A page of a run's stored rows, from an odd place."""
        kind = random.choice(["results", "results", "differences", "failed-accounts"])
        page = random.choice(["", "&pageSize=1", f"&pageSize={random.choice(hostile.DIGITS)}".replace(" ", "+")])
        target = f"{RUNS}/{random.choice(self.runs)}/{kind}?cursor={hostile.cursor(random, self.cursors)}{page}"
        prefer = random.choice([[], ["Prefer: handling=strict"]])
        return Request(target, {200, 400, 422} if prefer else {200}, self._lines(*prefer), method="GET")

    def value(self, random: Random) -> Request:
        """JSON with an odd value in a field."""
        target = random.choice([*FIELDS, PREVIEW])
        names = random.choices(FIELDS[target], k=random.randint(1, 3))
        members = [f'"{name}": {hostile.json_value(random)}' for name in names]
        if target == PREVIEW and random.random() < 0.7:
            members = [f'"accountId": "{MONTHLY}"', '"targetDate": "2014-08-01"', *members]
        body = f"{{{', '.join(members)}}}".encode("latin-1")
        if random.random() < 0.1:
            body = hostile.json_value(random).encode("latin-1")
        prefer = random.choice([[], ["Prefer: handling=strict"]])
        lines = self._lines("Content-Type: application/json", f"Content-Length: {len(body)}", *prefer)
        wrong = {400, 401, 404, 413, 422, 429}
        return Request(target, {200} if target in {PREVIEW, RUNS} and not prefer else {200, *wrong}, lines, body)

    def chunks(self, random: Random) -> Request:
        """A body in chunks, some of them malformed, with a request hidden in it or after it."""
        target, body, media_type, statuses = self._call(random)
        framed = hostile.chunked(random, random.choice([body, body, body[:40] + hostile.SMUGGLED]))
        if random.random() < 0.3:
            framed = framed[: random.randrange(len(framed) + 1)]
        lines = self._lines(f"Content-Type: {media_type}", "Transfer-Encoding: chunked")
        return Request(target, statuses, lines, framed, may_be_refused=True)

    def head(self, random: Random) -> Request:
        """An odd method, target or header."""
        headers = random.choices(hostile.HEADERS, k=random.randrange(3))
        method, target = random.choice(["GET", "GET", *hostile.METHODS]), random.choice(hostile.TARGETS)
        if random.random() < 0.5:
            target, body, media_type, _ = self._call(random)
            lines = self._lines(f"Content-Type: {media_type}", f"Content-Length: {len(body)}", *headers)
            return Request(target, {200, 401, 403, 404, 429, FAULT}, lines, body, may_be_refused=True)
        statuses = {200, 401, 403, 404, 405, 413, FAULT}
        return Request(target, statuses, self._lines(*headers), method=method, may_be_refused=True)
