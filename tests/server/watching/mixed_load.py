"""A client that makes calls of all kinds, and counts what /metrics must show for them.

The calls are SOAP (logins, previews, the contract, failures), REST and Quickstart previews, also asynchronous ones,
and billing preview runs whose files are read. The client counts what it sees: the items in the answers, and the
accounts and items in the files of runs.
"""

from __future__ import annotations

import csv
import http.client
import io
import json
import re
import threading
import time
import urllib.error
import urllib.request
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from prometheus_client.parser import text_string_to_metric_families

from bench.generate_tenant import write_tenant
from soapsvc.tenant import Store, import_tenant
from tests.soap.client import Reply, login, preview, request

T = TypeVar("T")
Numbers = dict[tuple[str, ...], float]

SOAP, REST, RUNS, WAITS = "/apps/services/a/61.0", "/v1/operations/billing-preview", "/v1/billing-preview-runs", 600.0
USERNAME, PASSWORD = "bench@example.com", "bench"
TARGET, UNKNOWN = "2027-02-28", "0" * 32
CALLS = "soapsvc_call_duration_seconds_count"
KNOWN = (
    CALLS,
    "soapsvc_faults_total",
    "soapsvc_logins_refused_total",
    "soapsvc_accounts_previewed_total",
    "soapsvc_items_previewed_total",
    "soapsvc_accounts_failed_total",
    "soapsvc_run_accounts_total",
    "soapsvc_run_items_total",
)
"""The metrics that a client can count itself."""
_PROBES = frozenset({"metrics", "readyz", "healthz"})


def numbers(page: str) -> Numbers:
    """Each sample by its name and its labels' values, in the order of the labels' names."""
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def of_calls(page: Numbers) -> Numbers:
    """The numbers that a client can count itself, without probes."""
    return {
        key: value for key, value in page.items() if key[0] in KNOWN and value and not _PROBES.intersection(key[1:])
    }


class Broken(Exception):
    """There was no answer, or only part of one."""


class MixedLoad:
    """A client of the server at a URL, for any number of threads; each call has its own connection.

    `seen` has the numbers that metrics must show; calls without an answer are `broken`.
    """

    def __init__(self, url: str, accounts: Sequence[tuple[str, str]]) -> None:
        self.url = url
        self.accounts = accounts
        self.seen: Counter[tuple[str, ...]] = Counter()
        self.broken = 0
        self.token = ""
        self.runs = 0
        self._lock = threading.Lock()
        self._turns = threading.Condition()
        self._under_way = 0
        self._is_held = False

    def kinds(self) -> list[Callable[[Random], None]]:
        """One call of each kind, except runs: a tenant has one at a time."""
        return [
            self.contract, self.soap_login, self.soap_preview, self.without_session, self.rest_token,
            self.rest_preview, self.rest_refused, self.quickstart, self.asynchronous, self.nothing,
        ]  # fmt: skip

    def repeat(self, over: Callable[[], bool], random: Random) -> None:
        """Make calls of all kinds until the end."""
        while not over():
            try:
                with self._turn():
                    random.choice(self.kinds())(random)
            except Broken:
                with self._lock:
                    self.broken += 1
                time.sleep(0.05)

    @contextmanager
    def held(self) -> Iterator[None]:
        """A context without calls of `repeat` and `run`; runs themselves continue."""
        with self._turns:
            self._is_held = True
            self._turns.wait_for(lambda: not self._under_way)
        try:
            time.sleep(0.3)  # a streamed answer is counted just after its last byte
            yield
        finally:
            with self._turns:
                self._is_held = False
                self._turns.notify_all()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        with self._turns:
            self._turns.wait_for(lambda: not self._is_held)
            self._under_way += 1
        try:
            yield
        finally:
            with self._turns:
                self._under_way -= 1
                self._turns.notify_all()

    def soap_login(self, _random: Random) -> None:
        """Log in; later calls use the session."""
        answer = self._soap(login(USERNAME, PASSWORD), 200)
        (self.token,) = re.findall(r"Session>([^<]+)<", answer)
        self._saw((CALLS, "login", "ok", "soap"))

    def wrong_login(self) -> None:
        """Log in with a wrong password. This is slow, so it is not part of the load."""
        self._soap(login(USERNAME, "wrong"), 500)
        self._refused("login", "soap", "INVALID_VALUE")
        self._saw(("soapsvc_logins_refused_total", "wrong"))

    def soap_preview(self, random: Random) -> None:
        """Preview some accounts, and one that does not exist."""
        asked = [key for key, _ in random.choices(self.accounts, k=3)]
        body = preview(*(request(key, TARGET) for key in (*asked, UNKNOWN)), session=self.token)
        found = Reply(200, {}, self._soap(body, 200).encode()).results()
        assert [bool(each.errors) for each in found] == [False] * len(asked) + [True]
        self._saw((CALLS, "billingPreview", "ok", "soap"))
        self._previewed("soap", len(asked), sum(len(each.items) for each in found))
        self._saw(("soapsvc_accounts_failed_total", "soap"))

    def without_session(self, _random: Random) -> None:
        """Call with an unknown session."""
        self._soap(preview(session="x"), 500)
        self._refused("billingPreview", "soap", "INVALID_SESSION")

    def contract(self, _random: Random) -> None:
        """The WSDL."""
        self._call("GET", f"{SOAP}?wsdl", "", 200)
        self._saw((CALLS, "wsdl", "ok", "soap"))

    def rest_token(self, _random: Random) -> None:
        """A token by client credentials."""
        asked = {"client_id": "bench", "client_secret": "bench", "grant_type": "client_credentials"}
        self._json("POST", "/oauth/token", asked)
        self._saw((CALLS, "POST /oauth/token", "ok", "rest"))

    def rest_preview(self, random: Random) -> None:
        """One account by its number."""
        _, number = random.choice(self.accounts)
        self._counted(self._json("POST", REST, {"accountNumber": number, "targetDate": TARGET}))
        self._saw((CALLS, f"POST {REST}", "ok", "rest"))

    def rest_refused(self, _random: Random) -> None:
        """Preview an account that does not exist: the status is 200, and the body has the failure."""
        assert self._json("POST", REST, {"accountId": UNKNOWN, "targetDate": TARGET})["success"] is False
        self._refused(f"POST {REST}", "rest", "not_found")

    def quickstart(self, random: Random) -> None:
        """Quickstart's preview of an account, at once."""
        key, _ = random.choice(self.accounts)
        self._counted(self._json("POST", f"/accounts/{key}/preview", {"target_date": TARGET}))
        self._saw((CALLS, "POST /accounts/{account_id}/preview", "ok", "rest"))

    def asynchronous(self, random: Random) -> None:
        """Quickstart's preview of an account, fetched later."""
        key, _ = random.choice(self.accounts)
        headers = {"async": "true"}
        accepted = self._json("POST", f"/accounts/{key}/preview", {"target_date": TARGET}, 202, headers)
        self._saw((CALLS, "POST /accounts/{account_id}/preview", "ok", "rest"))
        end = time.monotonic() + WAITS
        while True:
            state = self._json("GET", f"/async_requests/{accepted['request_id']}")
            self._saw((CALLS, "GET /async_requests/{request_id}", "ok", "rest"))
            if state["status"] != "processing":
                break
            assert time.monotonic() < end
            time.sleep(0.02)
        assert state["status_code"] == 200, state
        self._counted(state["response"])
        self._saw((CALLS, "async /async_requests", "ok", "rest"))

    def nothing(self, _random: Random) -> None:
        """Request a path that does not exist."""
        self._call("GET", "/nothing", "", 404)
        self._refused("other", "http", "404")

    def run(self) -> None:
        """Make a billing preview run over all accounts, poll its status, and read its file."""
        key = self._in_turn(self._run_made)
        end = time.monotonic() + WAITS
        while (shown := self._in_turn(lambda: self._run_shown(key)))["status"] in {"Pending", "Processing"}:
            assert time.monotonic() < end, shown
            time.sleep(0.1)
        assert shown["status"] == "Completed", shown
        items = self._in_turn(lambda: self._run_items(shown["resultFileUrl"]))
        self._saw(("soapsvc_run_accounts_total",), shown["totalAccounts"])
        self._saw(("soapsvc_run_items_total",), items)
        self.runs += 1

    def _run_made(self) -> str:
        made = self._json("POST", RUNS, {"targetDate": TARGET, "assumeRenewal": "All"})
        self._saw((CALLS, f"POST {RUNS}", "ok", "rest"))
        return str(made["billingPreviewRunId"])

    def _run_shown(self, key: str) -> dict[str, Any]:
        shown = self._json("GET", f"{RUNS}/{key}")
        self._saw((CALLS, f"GET {RUNS}/{{key}}", "ok", "rest"))
        return shown

    def _run_items(self, url: str) -> int:
        archive = self._call("GET", re.sub(r"https?://[^/]+", "", url), "", 200)
        self._saw((CALLS, "GET /v1/files/{file_id}", "ok", "rest"))
        return _rows(archive)

    def _in_turn(self, call: Callable[[], T]) -> T:
        """The result of a call, which is made again if there was no answer."""
        while True:
            try:
                with self._turn():
                    return call()
            except Broken:
                with self._lock:
                    self.broken += 1
                time.sleep(0.05)

    def _counted(self, answer: dict[str, Any]) -> None:
        """Count the items of a REST preview of one account."""
        lists = [value for value in answer.values() if isinstance(value, list)]
        self._previewed("rest", 1, sum(map(len, lists)))

    def _previewed(self, surface: str, accounts: int, items: int) -> None:
        self._saw(("soapsvc_accounts_previewed_total", surface), accounts)
        self._saw(("soapsvc_items_previewed_total", surface), items)

    def _refused(self, operation: str, surface: str, code: str) -> None:
        self._saw((CALLS, operation, "refused", surface))
        self._saw(("soapsvc_faults_total", code, surface))

    def _saw(self, key: tuple[str, ...], count: int = 1) -> None:
        with self._lock:
            self.seen[key] += count

    def _soap(self, body: str, status: int) -> str:
        return self._call("POST", SOAP, body, status, {"Content-Type": "text/xml"}).decode()

    def _json(
        self, method: str, path: str, body: object = None, status: int = 200, headers: dict[str, str] | None = None
    ) -> dict[str, Any]:
        own = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", **(headers or {})}
        found: dict[str, Any] = json.loads(
            self._call(method, path, "" if body is None else json.dumps(body), status, own)
        )
        return found

    def _call(self, method: str, path: str, body: str, status: int, headers: dict[str, str] | None = None) -> bytes:
        own = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        asked = urllib.request.Request(  # noqa: S310 - our own server
            f"{self.url}{path}", body.encode() if body else None, own, method=method
        )
        try:
            try:
                with urllib.request.urlopen(asked, timeout=60) as answer:  # noqa: S310
                    found, content = answer.status, answer.read()
            except urllib.error.HTTPError as error:
                with error:
                    found, content = error.code, error.read()
        except (OSError, http.client.HTTPException) as error:
            raise Broken(f"{method} {path}") from error
        assert found == status, f"{method} {path}: {found} {content[:300]!r}"
        return bytes(content)


def drawn(seed: int) -> Random:
    """The random numbers by which a thread chooses its calls."""
    return Random(seed)  # noqa: S311 - not for secrets


def _rows(archive: bytes) -> int:
    """The items in a run's file."""
    with zipfile.ZipFile(io.BytesIO(archive)) as entries:
        (name,) = (each for each in entries.namelist() if not each.endswith("failed-accounts.csv"))
        return sum(1 for _ in csv.DictReader(io.StringIO(entries.read(name).decode())))


def generated(folder: Path, accounts: int) -> tuple[str, list[tuple[str, str]]]:
    """A new database with so many generated accounts: its URL, and the accounts' ids and numbers."""
    write_tenant(folder / "tenant", accounts)
    database = f"sqlite:///{folder / 'tenant.sqlite'}"
    store = Store.open(database)
    import_tenant(store, folder / "tenant")
    found = [(account.id, account.account_number) for account in store.accounts()]
    store.close()
    return database, found
