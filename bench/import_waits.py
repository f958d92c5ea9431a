"""Measure how long calls wait while a large tenant is imported: `python -m bench.import_waits --accounts 200000`.

A service with two workers over an SQLite database with a small tenant is called by one client for each kind of call,
over and over: first for a while without other work, then while `soapsvc import` reads the large tenant into the same
database. The output has the calls, failures and waits of each kind, before and during the import. The exit status is 1
if a call failed, or waited longer than `--most` seconds during the import.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from itertools import count
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.generate_tenant import write_tenant

ENDPOINT = "/apps/services/a/61.0"
LOGIN = """<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:a="http://api.zuora.com/"><e:Body>
<a:login><a:username>bench@example.com</a:username><a:password>bench</a:password></a:login></e:Body></e:Envelope>"""
FORM = "client_id=bench&client_secret=bench&grant_type=client_credentials"
SMALL = 100
PAUSE = 0.05
Address = tuple[str, int]


@dataclass
class Waits:
    """The seconds that calls of one kind took, before and during the import, and the reasons of failures."""

    calm: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


@dataclass
class Caller:
    """A client on a connection of its own."""

    connection: HTTPConnection
    token: str = ""
    numbers: Iterator[int] = field(default_factory=count)

    def request(self, method: str, path: str, body: object = "", **headers: str) -> bytes:
        """The body of the answer. Raises RuntimeError if the call failed."""
        text = body if isinstance(body, str) else json.dumps(body)
        kind = "text/xml" if text.startswith("<") else "application/json"
        sent = {"Content-Type": kind, "Authorization": f"Bearer {self.token}", "SOAPAction": '""', **headers}
        self.connection.request(method, path, text.encode(), sent)
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.status != 200 or b'"success":false' in content:
            raise RuntimeError(f"{method} {path}: {answer.status} {content[:200]!r}")
        return content

    def login(self) -> None:
        self.request("POST", ENDPOINT, LOGIN)

    def sign_in(self) -> None:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        self.token = json.loads(self.request("POST", "/oauth/token", FORM, **headers))["access_token"]

    def preview(self, **headers: str) -> None:
        body = {"accountNumber": f"A{next(self.numbers) % SMALL:09}", "targetDate": "2027-01-15"}
        self.request("POST", "/v1/operations/billing-preview", body, **headers)

    def preview_with_key(self) -> None:
        self.preview(**{"Idempotency-Key": f"import-waits-{next(self.numbers)}"})

    def run(self) -> None:
        made = json.loads(self.request("POST", "/v1/billing-preview-runs", {"targetDate": "2027-01-15"}))
        self.request("PUT", f"/v1/billing-preview-runs/{made['billingPreviewRunId']}/cancel")

    def health(self) -> None:
        self.request("GET", "/healthz")


KINDS: dict[str, Callable[[Caller], None]] = {
    "SOAP login": Caller.login,
    "REST token": Caller.sign_in,
    "preview": Caller.preview,
    "preview with an idempotency key": Caller.preview_with_key,
    "run made and canceled": Caller.run,
    "health check": Caller.health,
}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=200_000)
    parser.add_argument("--calm", type=float, default=10.0, metavar="SECONDS", help="of calls before the import")
    parser.add_argument("--most", type=float, default=1.0, metavar="SECONDS", help="the longest wait that is allowed")
    parser.add_argument("--tenant", type=Path, help="a large tenant that `bench.generate_tenant` has made")
    parser.add_argument("--folder", type=Path, help="where tenants and database are made; a temporary folder else")
    parser.add_argument("--niceness", type=int, default=0, help="of the import, where others work on the machine")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        if (large := given.tenant) is None:
            large = Path(folder) / "large"
            write_tenant(large, given.accounts)
        seconds, waits = measured(Path(folder), large, given.calm, given.niceness)
    Console(width=120).print(table(given.accounts, seconds, waits))
    for kind, seen in waits.items():
        for failure in seen.failures[:3]:
            print(f"{kind}: {failure}", file=sys.stderr)
    is_good = all(seen.busy and not seen.failures and max(seen.busy) <= given.most for seen in waits.values())
    return 0 if is_good else 1


def measured(folder: Path, large: Path, calm_seconds: float, niceness: int = 0) -> tuple[float, dict[str, Waits]]:
    """The seconds that the import of the large tenant took, and the waits of each kind of call."""
    write_tenant(folder / "small", SMALL)
    url = f"sqlite:///{folder / 'tenant.sqlite'}"
    soapsvc("import", str(folder / "small"), "--database", url, "--quiet")
    waits = {kind: Waits() for kind in KINDS}
    importing, stop, ready = threading.Event(), threading.Event(), threading.Barrier(len(KINDS) + 1, timeout=300)
    with served(folder, url) as address:
        threads = [
            threading.Thread(target=call_until, args=(ready, stop, importing, address, call, waits[kind]))
            for kind, call in KINDS.items()
        ]
        for thread in threads:
            thread.start()
        ready.wait()
        time.sleep(calm_seconds)
        importing.set()
        began = time.monotonic()
        try:
            soapsvc("import", str(large), "--database", url, "--quiet", niceness=niceness)
        finally:
            seconds = time.monotonic() - began
            stop.set()
            for thread in threads:
                thread.join()
    return seconds, waits


def call_until(
    ready: threading.Barrier,
    stop: threading.Event,
    importing: threading.Event,
    address: Address,
    call: Callable[[Caller], None],
    waits: Waits,
) -> None:
    """Make one kind of call again and again. A call that begins before the import and ends in it counts as in it."""
    with closing(HTTPConnection(*address, timeout=120)) as connection:
        caller = Caller(connection)
        caller.sign_in()
        ready.wait()
        while not stop.is_set():
            began = time.perf_counter()
            try:
                call(caller)
            except Exception as error:  # noqa: BLE001 - whatever it is, the call failed, and the next one is made
                waits.failures.append(f"{error}")
                connection.close()
            (waits.busy if importing.is_set() else waits.calm).append(time.perf_counter() - began)
            time.sleep(PAUSE)


@contextmanager
def served(folder: Path, url: str) -> Iterator[Address]:
    """The service over the database, with a log in the folder."""
    options = ["--port", "0", "--workers", "2", "--run-workers", "0", "--results", str(folder / "results")]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [program(), "serve", "--database", url, *options], stdout=subprocess.PIPE, stderr=log, text=True
        )
        try:
            assert process.stdout is not None
            host, _, port = process.stdout.readline().strip().removeprefix("listening on http://").rpartition(":")
            yield host, int(port)
        finally:
            process.terminate()
            process.communicate(timeout=60)


def soapsvc(*arguments: str, niceness: int = 0) -> None:
    subprocess.run(["nice", "-n", str(niceness), program(), *arguments], check=True)


def program() -> str:
    return str(Path(sys.executable).with_name("soapsvc"))


def table(accounts: int, seconds: float, waits: dict[str, Waits]) -> Table:
    shown = Table(title=f"{accounts:,} accounts imported in {seconds:.0f} s; waits in ms")
    for column in ("call", "failed", "calm: calls", "median", "longest", "import: calls", "median", "99 %", "longest"):
        shown.add_column(column, justify="left" if column == "call" else "right")
    for kind, seen in waits.items():
        calm = [f"{len(seen.calm)}", *(ms(seen.calm, share) for share in (0.5, 1))]
        busy = [f"{len(seen.busy)}", *(ms(seen.busy, share) for share in (0.5, 0.99, 1))]
        shown.add_row(kind, f"{len(seen.failures)}", *calm, *busy)
    return shown


def ms(waits: list[float], share: float) -> str:
    """The wait in milliseconds that this share of the calls did not exceed."""
    ordered = sorted(waits)
    return f"{1000 * ordered[max(0, round(share * len(ordered)) - 1)]:.0f}" if ordered else "-"


if __name__ == "__main__":
    sys.exit(main())
