"""Many clients at once for a while: `python -m tests.soap.soak --clients 200 --seconds 60`.

Each keeps its connection and calls again as soon as it is answered; now and then one logs in, asks for the WSDL, or
sends what is no XML. Whatever is neither the expected answer nor the documented fault with status 429 is an error.
The memory of the server's processes must not grow over the second half.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

from tests.soap.client import login, preview, request
from tests.soap.sample_tenant import MONTHLY, PASSWORD, SAMPLE, UNKNOWN, USER, write_sample_tenant
from tests.support.server import Server, serving

PATH = "/apps/services/a/61.0"
PAGE = 4096
MOST_GROWTH = 0.02
TOKEN_TAG = "ns1:Session>"
BUSY = (429, "fns:REQUEST_EXCEEDED_LIMIT")


class Client:
    """One connection that calls again and again until the time is up."""

    def __init__(self, server: Server, seed: int, token: str, end: float) -> None:
        self.host, self.port = server.host_port
        self.random = Random(seed)  # noqa: S311 - not for secrets
        self.token = token
        self.end = end
        self.seen: Counter[str] = Counter()

    async def run(self) -> Counter[str]:
        """Call until the end; returns how often what was seen."""
        while time.monotonic() < self.end:
            reader, writer = await asyncio.open_connection(self.host, self.port)
            try:
                while time.monotonic() < self.end:
                    await self._call(reader, writer)
            except (OSError, asyncio.IncompleteReadError, ValueError) as error:
                self.seen[f"error: {type(error).__name__} {error}"] += 1
            finally:
                writer.close()
        return self.seen

    async def _call(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        kind, method, body, status, expected = self._choose()
        head = f"{method} {PATH} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\nContent-Type: text/xml\r\n"
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        await writer.drain()
        got, answer = await self._answer(reader)
        if got == status and expected in answer:
            self.seen[kind] += 1
        elif (got, BUSY[1] in answer) == (BUSY[0], True):
            self.seen["429, as documented"] += 1
        else:
            self.seen[f"error: {kind} was answered {got} {answer[:200]}"] += 1

    def _choose(self) -> tuple[str, str, str, int, str]:
        """What to send, the status and a part of the answer to expect."""
        dice = self.random.random()
        if dice < 0.003:
            return "login", "POST", login(USER, PASSWORD), 200, TOKEN_TAG
        if dice < 0.02:
            return "WSDL", "GET", "", 200, "</definitions>"
        if dice < 0.04:
            return "no XML", "POST", "<", 500, "soapenv:Client"
        if dice < 0.06:
            return "no session", "POST", preview(session="x"), 500, "fns:INVALID_SESSION"
        if dice < 0.1:
            many = preview(*[request(MONTHLY, "2024-07-01")] * 20, session=self.token)
            return "20 long previews", "POST", many, 200, "</soapenv:Envelope>"
        asked = preview(request(MONTHLY), request(UNKNOWN), request(SAMPLE), session=self.token)
        return "3 previews", "POST", asked, 200, "</soapenv:Envelope>"

    @staticmethod
    async def _answer(reader: asyncio.StreamReader) -> tuple[int, str]:
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


def processes(root: int) -> Iterator[int]:
    """A process and those that its main thread, and theirs, have forked."""
    yield root
    for child in Path(f"/proc/{root}/task/{root}/children").read_text().split():
        yield from processes(int(child))


def memory(root: int) -> int:
    """The resident bytes of a process and those below it."""
    return sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE for pid in processes(root))


async def soak(server: Server, token: str, clients: int, seconds: float) -> tuple[Counter[str], list[int]]:
    """Run the clients; returns what they saw, and the server's memory every half second."""
    end = time.monotonic() + seconds
    running = asyncio.gather(*(Client(server, seed, token, end).run() for seed in range(clients)))
    sizes = []
    while time.monotonic() < end:
        await asyncio.sleep(0.5)
        sizes.append(memory(server.process.pid))
    return sum(await running, Counter()), sizes


def main() -> int:
    """Soak, report, and return 1 where there was an error or memory grew."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tenant = write_sample_tenant(Path(folder) / "tenant")
        with serving(Path(folder) / "log", "--tenant", str(tenant), "--workers", str(arguments.workers)) as server:
            token = asyncio.run(first_login(server))
            seen, sizes = asyncio.run(soak(server, token, arguments.clients, arguments.seconds))
    quarter = len(sizes) // 4
    # The least of many samples: a password's hash takes 64 MiB for a moment.
    third, last = min(sizes[2 * quarter : 3 * quarter]), min(sizes[3 * quarter :])
    growth = last / third - 1
    for kind, count in seen.most_common():
        sys.stdout.write(f"{count:10} {kind}\n")
    mebibytes = [round(size / 2**20) for size in (sizes[0], third, last, max(sizes))]
    sys.stdout.write(f"{seen.total() / arguments.seconds:.0f} calls a second; memory in MiB: first {mebibytes[0]}, ")
    sys.stdout.write(f"third quarter {mebibytes[1]}, last {mebibytes[2]} ({growth:+.2%}), most {mebibytes[3]}\n")
    return 1 if growth > MOST_GROWTH or any(kind.startswith("error") for kind in seen) else 0


async def first_login(server: Server) -> str:
    """The token that all clients use."""
    reader, writer = await asyncio.open_connection(*server.host_port)
    body = login(USER, PASSWORD).encode()
    writer.write(
        f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    )
    writer.write(body)
    await writer.drain()
    answer = await reader.readuntil(b"</soapenv:Envelope>")
    writer.close()
    return answer.decode().partition(f"<{TOKEN_TAG}")[2].partition("<")[0]


if __name__ == "__main__":
    sys.exit(main())
