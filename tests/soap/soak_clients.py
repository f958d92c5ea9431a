"""The clients of `tests.soap.soak`: honest ones of all kinds, and four kinds of attackers."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from tests.soap.client import login, preview, request

SOAP, NEWEST = "/apps/services/a/61.0", "/apps/services/a/153.0"
PREVIEW = "/v1/operations/billing-preview"
RUNS = "/v1/billing-preview-runs"
BUSY = 429
TARGET, FAR = "2027-02-28", "2060-01-01"
SMALLEST_WINDOW = 4096
STALLED_SECONDS = 22
"""A little more than the server's time limit for clients that do not read."""
_LATE = b"HTTP/1.1 408 "
_ERRORS = (OSError, asyncio.IncompleteReadError, ValueError)


@dataclass(frozen=True)
class World:
    """The common data of all clients: the server's address, a user, a session, and accounts by id and number."""

    address: tuple[str, int]
    user: str
    password: str
    token: str
    accounts: list[tuple[str, str]]
    end: float
    pause: float


class Planned(NamedTuple):
    """A call: its kind, its bytes, and the status and a part of the right answer."""

    kind: str
    method: str
    path: str
    body: str
    status: int
    part: str


@dataclass
class Seen:
    """The findings of clients: the seconds of each answered call by kind, and all other findings by name."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    busy: Counter[str] = field(default_factory=Counter)
    others: Counter[str] = field(default_factory=Counter)

    def add(self, kind: str, seconds: float) -> None:
        self.seconds.setdefault(kind, []).append(seconds)


class Honest:
    """A connection that calls again and again, after a pause for thought, until the time is up."""

    def __init__(self, world: World, seed: int, seen: Seen) -> None:
        self.world = world
        self.random = Random(seed)  # noqa: S311 - not for secrets
        self.seen = seen
        self.run: str | None = None

    async def go(self) -> None:
        """Call until the end."""
        await asyncio.sleep(self.random.random() * self.world.pause)
        while time.monotonic() < self.world.end:
            reader, writer = await asyncio.open_connection(*self.world.address)
            try:
                while time.monotonic() < self.world.end:
                    await self._call(reader, writer)
                    if self.world.pause:
                        await asyncio.sleep(self.random.expovariate(1 / self.world.pause))
            except _ERRORS as error:
                self.seen.others[f"error: {type(error).__name__} {error}"] += 1
            finally:
                writer.close()

    async def _call(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        call, started = self._planned(), time.perf_counter()
        writer.write(message(self.world, call))
        await writer.drain()
        status, answer = await answer_of(reader)
        self.seen.add(call.kind, time.perf_counter() - started)
        if status == BUSY:
            self.seen.busy[call.kind] += 1
        elif status != call.status or call.part not in answer:
            self.seen.others[f"error: {call.kind} was answered {status} {answer[:200]}"] += 1

    def _planned(self) -> Planned:
        world, soap_end = self.world, "</soapenv:Envelope>"
        accounts = self.random.choices(world.accounts, k=20)
        account_id, number = accounts[0]
        asked = [request(key, TARGET) for key, _ in accounts]
        rest = json.dumps({"accountNumber": number, "targetDate": TARGET})
        session = world.token
        return self.random.choices(
            [
                Planned("3 SOAP previews", "POST", SOAP, preview(*asked[:3], session=session), 200, soap_end),
                Planned("20 SOAP previews", "POST", SOAP, preview(*asked, session=session), 200, soap_end),
                Planned("REST preview", "POST", PREVIEW, rest, 200, '"success":true'),
                Planned("REST account preview", "POST", f"/accounts/{account_id}/preview", _target(), 200, "{"),
                Planned("run status", "GET", f"{RUNS}/{Runs.latest}", "", 200, '"status":'),
                Planned("SOAP login", "POST", SOAP, login(world.user, world.password), 200, "ns1:Session>"),
                Planned("WSDL", "GET", f"{SOAP}?wsdl", "", 200, "</definitions>"),
                Planned("contract", "GET", "/openapi.yaml", "", 200, "openapi:"),
                Planned("no XML", "POST", SOAP, "<", 500, "soapenv:Client"),
                Planned("no session", "POST", SOAP, preview(session="x"), 500, "fns:INVALID_SESSION"),
            ],
            (40, 5, 25, 8, 12, 3, 2, 1, 2, 2),
        )[0]


class Runs:
    """Keeps a run under way: creates the next one as soon as the last one has ended. `latest` is its id."""

    latest = ""

    def __init__(self, world: World, seen: Seen) -> None:
        self.world = world
        self.seen = seen

    async def go(self) -> None:
        """Make runs until the end."""
        while time.monotonic() < self.world.end:
            made = Planned("run", "POST", RUNS, json.dumps({"targetDate": TARGET, "assumeRenewal": "All"}), 200, "")
            run = json.loads((await once(self.world, made))[1]).get("billingPreviewRunId")
            if run is None:
                self.seen.others["a run was refused for the moment"] += 1
            else:
                Runs.latest = run
                await self._wait(run)
            await asyncio.sleep(0.2)

    async def _wait(self, run: str) -> None:
        while time.monotonic() < self.world.end:
            _, answer = await once(self.world, Planned("status", "GET", f"{RUNS}/{run}", "", 200, ""))
            status = json.loads(answer).get("status")
            if status in {"Completed", "Error", "Canceled"}:
                self.seen.others["runs completed" if status == "Completed" else f"error: a run is {status}"] += 1
                return
            await asyncio.sleep(0.5)


class StalledReader:
    """Requests a large answer and reads nothing until the server must have closed the connection; then repeats."""

    def __init__(self, world: World, seen: Seen) -> None:
        self.world = world
        self.seen = seen

    async def go(self) -> None:
        """Stall until the end."""
        keys = [key for key, _ in self.world.accounts[:20]]
        asked = preview(*[request(key, FAR, AssumeRenewal="All") for key in keys], session=self.world.token)
        while time.monotonic() < self.world.end:
            connection = socket.socket()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALLEST_WINDOW)
            connection.setblocking(False)
            loop = asyncio.get_running_loop()
            await loop.sock_connect(connection, self.world.address)
            await loop.sock_sendall(connection, message(self.world, Planned("", "POST", NEWEST, asked, 200, "")))
            await asyncio.sleep(min(STALLED_SECONDS, max(0.0, self.world.end - time.monotonic())))
            self.seen.others["answers not read"] += 1
            connection.close()


class SlowSender:
    """Sends the head of a call and one byte of its body per second, until the answer 408; then repeats."""

    def __init__(self, world: World, seen: Seen) -> None:
        self.world = world
        self.seen = seen

    async def go(self) -> None:
        """Send slowly until the end."""
        head = f"POST {SOAP} HTTP/1.1\r\nHost: h\r\nContent-Type: text/xml\r\nContent-Length: 9999\r\n\r\n"
        while time.monotonic() < self.world.end:
            reader, writer = await asyncio.open_connection(*self.world.address)
            writer.write(head.encode())
            told = asyncio.create_task(reader.read(99))
            while not told.done() and time.monotonic() < self.world.end:
                writer.write(b" ")
                await asyncio.wait([told], timeout=1)
            if told.done():
                late = told.exception() is None and told.result().startswith(_LATE)
                self.seen.others["messages told 408" if late else "slow messages cut off"] += 1
            told.cancel()
            writer.close()


class Guesser:
    """Guesses a password, and waits a moment before the next guess."""

    def __init__(self, world: World, number: int, addresses: int, pause: float, seen: Seen) -> None:
        self.world = world
        self.number = number
        self.source = f"127.0.0.{2 + number % addresses}"
        self.pause = pause
        self.seen = seen

    async def go(self) -> None:
        """Guess until the end."""
        guess = 0
        while time.monotonic() < self.world.end:
            guess += 1
            body = login(self.world.user, f"guess {self.number} {guess}")
            try:
                status, answer = await once(self.world, Planned("guess", "POST", SOAP, body, 500, ""), self.source)
            except _ERRORS as error:
                self.seen.others[f"error: a guess: {type(error).__name__}"] += 1
                continue
            wrong = status == 500 and "INVALID_VALUE" in answer
            kind = "wrong" if wrong else "not looked at" if status == BUSY else f"answered {status}"
            self.seen.others[f"guesses {kind}"] += 1
            await asyncio.sleep(self.pause)


def _target() -> str:
    return json.dumps({"target_date": TARGET})


def message(world: World, call: Planned) -> bytes:
    """The bytes of a call."""
    media_type = "text/xml" if call.path.startswith("/apps") else "application/json"
    lines = [f"{call.method} {call.path} HTTP/1.1", f"Host: {world.address[0]}:{world.address[1]}"]
    lines += [f"Authorization: Bearer {world.token}", f"Content-Type: {media_type}"]
    body = call.body.encode()
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


async def once(world: World, call: Planned, source: str | None = None) -> tuple[int, str]:
    """Status and body of a call on a separate connection, from this local address."""
    local = (source, 0) if source is not None else None
    reader, writer = await asyncio.open_connection(*world.address, local_addr=local)
    try:
        writer.write(message(world, call))
        return await answer_of(reader)
    finally:
        writer.close()


async def answer_of(reader: asyncio.StreamReader) -> tuple[int, str]:
    """Status and body of the next answer."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    fields = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if line)
    body = b""
    if "content-length" in fields:
        body = await reader.readexactly(int(fields["content-length"]))
    else:
        while size := int(await reader.readline(), 16):
            body += await reader.readexactly(size)
            await reader.readexactly(2)
        await reader.readexactly(2)
    return int(head.split()[1]), body.decode()
