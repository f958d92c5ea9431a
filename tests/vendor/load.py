"""A shadow under load: the time that it adds to a call, whether bytes are unchanged, whether it finds all differences.

    python -m tests.vendor.load --rate 100 --seconds 60

The upstream is a separate process and answers from memory, REST and SOAP by turns; some of its answers have another
amount than ours. Each call is made twice in the same run, half a beat apart: to the upstream itself, and through the
shadow, over equally many connections, so that both meet the same load. The exit status is 1 if a byte differs, a
difference was not found, or the 95th percentile of added time is 5 ms or more.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import httpx

from soapsvc.clock import system_clock
from soapsvc.parity.shadowing import AGREED, DIFFERED, read_found
from soapsvc.server.wsgi import Options, application
from soapsvc.tenant import open_tenant
from tests.support.server import serving
from tests.vendor.tenant import write_source

REST = "/v1/operations/billing-preview"
SOAP = "/apps/services/a/71.0"
KEYS = {"apiAccessKeyId": "reader@example.com", "apiSecretAccessKey": "reader-password"}
TARGET = "2024-09-01"
_ENVELOPE = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:a="http://api.zuora.com/">{}'
    "<s:Body>{}</s:Body></s:Envelope>"
)
_REQUEST = "<a:requests><a:AccountId>{}</a:AccountId><a:TargetDate>{}</a:TargetDate></a:requests>"
_SESSION = "<s:Header><a:SessionHeader><a:session>{}</a:session></a:SessionHeader></s:Header>"
_ADDED = 0.005
_SETTLE = 120
_CONNECTIONS = 20
_ALONE_SECONDS = 10.0
_MOST_ANSWER = 4 * 1024 * 1024

Connected = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True)
class Call:
    """A call for the preview of an account, and the upstream's answer."""

    account: int
    path: str
    headers: Mapping[str, str]
    body: bytes
    answer: bytes
    media_type: str

    @cached_property
    def request(self) -> bytes:
        """The call on the wire."""
        headers = {"Host": "localhost", **self.headers, "Content-Length": f"{len(self.body)}"}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"POST {self.path} HTTP/1.1\r\n{lines}\r\n".encode() + self.body


@dataclass(frozen=True)
class Seen:
    """The results of a run: seconds of each call, wrong bytes, accounts by number.

    `alone` are calls without other load; `direct` calls are made beside the `shadowed` ones.
    """

    alone: list[float]
    direct: list[float]
    shadowed: list[float]
    wrong: int
    planted: frozenset[str]
    found: frozenset[str]
    outcomes: Mapping[str, int]

    @property
    def is_right(self) -> bool:
        """Whether clients got the upstream's bytes, and exactly the planted differences were found."""
        compared = self.outcomes.get(AGREED, 0) + self.outcomes.get(DIFFERED, 0)
        return not self.wrong and self.planted == self.found and compared == len(self.shadowed)


def calls(folder: Path, accounts: int) -> list[Call]:
    """The calls that are made again and again: each account over REST and over SOAP."""
    store = open_tenant(folder)
    app = application(store, Options(as_vendor=True, sleep=lambda _: None), system_clock)
    made = []
    with httpx.Client(transport=httpx.WSGITransport(app=app), base_url="http://localhost", headers=KEYS) as client:
        login = "<a:login><a:username>{}</a:username><a:password>{}</a:password></a:login>".format(*KEYS.values())
        xml = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'}
        told = client.post(SOAP, content=_ENVELOPE.format("", login), headers=xml).text
        header = _SESSION.format(told.partition("Session>")[2].partition("<")[0])
        for index in range(1, accounts + 1):
            asked = json.dumps({"accountId": f"{index:032x}", "targetDate": TARGET}).encode()
            rest_headers = {"Content-Type": "application/json", **KEYS}
            wanted = f"<a:billingPreview>{_REQUEST.format(f'{index:032x}', TARGET)}</a:billingPreview>"
            envelope = _ENVELOPE.format(header, wanted).encode()
            for path, headers, body in ((REST, rest_headers, asked), (SOAP, xml, envelope)):
                answer = client.post(path, content=body, headers=headers).raise_for_status()
                made.append(Call(index, path, headers, body, answer.content, answer.headers["content-type"]))
    store.close()
    return made


def planted(call: Call, every: int) -> Call:
    """The call, whose answer has another amount where its account is one of `every`."""
    if call.account % every:
        return call
    changed = re.sub(rb'(chargeAmount":\s*"?|ChargeAmount>)\d+', rb"\g<1>77", call.answer, count=1)
    if changed == call.answer:
        raise ValueError("the answer has no amount to be changed")
    return Call(call.account, call.path, call.headers, call.body, changed, call.media_type)


@contextmanager
def upstream(answers: Mapping[bytes, Call]) -> Iterator[str]:
    """A server that answers bodies from memory, in a process of its own."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(dict(answers), theirs), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        process.kill()
        process.join()


def _serve(answers: Mapping[bytes, Call], told: Connection) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError), closing(writer):
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = re.search(rb"(?i)content-length: *(\d+)", head)
                call = answers[await reader.readexactly(int(length[1]) if length else 0)]
                lines = (
                    f"HTTP/1.1 200 OK\r\nContent-Type: {call.media_type}\r\nContent-Length: {len(call.answer)}\r\n\r\n"
                )
                writer.write(lines.encode() + call.answer)
                await writer.drain()

    async def serve() -> None:
        async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
            told.send(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
            await server.serve_forever()

    asyncio.run(serve())


class Caller:
    """Makes calls to one place over a few connections; `times` are their seconds, `wrong` counts wrong answers.

    It reads only as much of HTTP as needed, because its own processor time delays the measured calls.
    """

    def __init__(self, url: str) -> None:
        self.times: list[float] = []
        self.wrong = 0
        self._place = url.removeprefix("http://").split(":")
        self._idle: asyncio.LifoQueue[Connected | None] = asyncio.LifoQueue()
        for _ in range(_CONNECTIONS):
            self._idle.put_nowait(None)

    async def call(self, call: Call) -> None:
        began = time.perf_counter()
        connected = await self._idle.get()
        if connected is None:
            host, port = self._place
            connected = await asyncio.open_connection(host, int(port), limit=_MOST_ANSWER)
        reader, writer = connected
        writer.write(call.request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        body = await reader.readexactly(int(head.partition(b"content-length: ")[2].partition(b"\r")[0]))
        self.times.append(time.perf_counter() - began)
        self._idle.put_nowait(connected)
        media_type = f"\r\ncontent-type: {call.media_type}\r\n".lower().encode()
        self.wrong += body != call.answer or not head.startswith(b"http/1.1 200 ") or media_type not in head

    def close(self) -> None:
        while not self._idle.empty():
            if (connected := self._idle.get_nowait()) is not None:
                connected[1].close()


async def driven(urls: Sequence[str], made: list[Call], rate: int, seconds: float) -> list[Caller]:
    """Make the same calls to several places, a part of a beat apart, at a fixed rate even while earlier ones run."""
    callers, tasks = [Caller(url) for url in urls], list[asyncio.Task[None]]()
    began = time.perf_counter()
    for beat, call in zip(range(int(rate * seconds)), itertools.cycle(made), strict=False):
        for place, caller in enumerate(callers):
            due = began + (beat + place / len(callers)) / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            tasks.append(asyncio.create_task(caller.call(call)))
    await asyncio.gather(*tasks)
    for caller in callers:
        caller.close()
    return callers


def run(folder: Path, *, rate: int, seconds: float, accounts: int, every: int, workers: int = 2) -> Seen:
    """Make the calls alone for a while, then beside the same calls through a shadow."""
    source, differences = write_source(folder / "source", accounts), folder / "differences"
    made = [planted(call, every) for call in calls(source, accounts)]
    options = ["--tenant", f"{source}", "--workers", f"{workers}", "--shadow-differences", f"{differences}"]
    options += ["--run-workers", "0", "--log-level", "error"]
    with upstream({call.body: call for call in made}) as theirs:
        (alone,) = asyncio.run(driven([theirs], made, rate, min(_ALONE_SECONDS, seconds)))
        with serving(folder / "log", "--shadow", theirs, *options) as server:
            direct, shadowed = asyncio.run(driven([theirs, server.url], made, rate, seconds))
            _settle(differences, len(shadowed.times))
    found = read_found(differences, most=10 * accounts)
    if found is None:
        raise ValueError("the shadow has compared nothing")
    used = {call.account for call in itertools.islice(itertools.cycle(made), len(shadowed.times))}
    expected = frozenset(f"A{index:08d}" for index in used if index % every == 0)
    seen = frozenset(each.account_number for each in found.differing)
    wrong = alone.wrong + direct.wrong + shadowed.wrong
    return Seen(alone.times, direct.times, shadowed.times, wrong, expected, seen, found.outcomes)


def _settle(differences: Path, wanted: int) -> None:
    """Wait until all previews are compared."""
    until = time.monotonic() + _SETTLE
    while time.monotonic() < until:
        found = read_found(differences)
        if found is not None and sum(found.outcomes.values()) >= wanted:
            return
        time.sleep(0.1)


def at(times: list[float], share: float) -> float:
    """The seconds that this share of calls did not exceed."""
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


def main() -> int:
    """Run, and print the results."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rate", type=int, default=100, help="calls a second")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--accounts", type=int, default=200)
    parser.add_argument("--every", type=int, default=10, help="one account of so many has a difference")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        seen = run(Path(folder), **vars(given))
    said = sys.stdout.write
    for name, times in (("alone", seen.alone), ("direct", seen.direct), ("shadow", seen.shadowed)):
        told = ", ".join(f"p{share * 100:.0f} {at(times, share) * 1000:.2f} ms" for share in (0.5, 0.95, 0.99))
        said(f"{name}: {len(times)} calls, {told}\n")
    added = at(seen.shadowed, 0.95) - at(seen.direct, 0.95)
    said(f"added at p95: {added * 1000:.2f} ms; wrong answers: {seen.wrong}; {dict(seen.outcomes)}\n")
    others = len(seen.found - seen.planted)
    said(f"planted {len(seen.planted)} accounts, found {len(seen.found & seen.planted)}, others {others}\n")
    return 0 if seen.is_right and added < _ADDED else 1


if __name__ == "__main__":
    sys.exit(main())
