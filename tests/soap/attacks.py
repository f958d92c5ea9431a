"""Hostile messages, each run in a process that may use one second of processor time and 64 MiB of memory.

`python -m tests.soap.attacks` prints the answer, the time and the memory of each.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import resource
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from soapsvc.clock import fixed_clock
from soapsvc.server import Options, application
from soapsvc.tenant import open_tenant
from tests.soap.client import Service, envelope, preview, request, session_header
from tests.soap.sample_tenant import MONTHLY, NOW, SAMPLE, USER, write_sample_tenant

MORE_MEMORY = 64 * 1024 * 1024
CPU_SECONDS = 5
SECRET = "the content of a file"

FAULT = "soapenv:Client"


@dataclass(frozen=True)
class Attack:
    """A message and the start of its right answer: a fault's code, or the result's error."""

    body: bytes
    answer: str = FAULT
    environ: dict[str, Any] = field(default_factory=dict)


def attacks(token: str, secret_file: Path, port: int) -> Iterator[tuple[str, Attack]]:
    """Every attack by name; two of them try to read `secret_file` and to call the local `port`."""
    call = preview(request(SAMPLE), session=token)
    yield from _declarations(call, secret_file, port)
    yield from _structures(call)
    yield from _encodings(call)
    yield from _transport(call.encode())
    yield from _envelopes(call, token)
    yield from _values(token)


def _declarations(call: str, secret_file: Path, port: int) -> Iterator[tuple[str, Attack]]:
    def with_dtd(subset: str, used: str = "") -> Attack:
        doctype = f"<!DOCTYPE e:Envelope [{subset}]>" if subset else "<!DOCTYPE e:Envelope>"
        return Attack((doctype + call.replace(SAMPLE, used or SAMPLE)).encode())

    laughs = "".join(f'<!ENTITY l{i + 1} "{f"&l{i};" * 10}">' for i in range(9))
    yield "document type declaration", with_dtd("")
    yield "internal entity", with_dtd(f'<!ENTITY x "{SAMPLE}">', "&x;")
    yield "external entity of a file", with_dtd(f'<!ENTITY x SYSTEM "{secret_file.as_uri()}">', "&x;")
    yield "external entity of a server", with_dtd(f'<!ENTITY x SYSTEM "http://127.0.0.1:{port}/x">', "&x;")
    yield "external subset", Attack(f'<!DOCTYPE x SYSTEM "http://127.0.0.1:{port}/x.dtd">{call}'.encode())
    yield "parameter entity", with_dtd(f'<!ENTITY % p SYSTEM "http://127.0.0.1:{port}/p"> %p;')
    yield "billion laughs", with_dtd(f'<!ENTITY l0 "ha">{laughs}', "&l9;")
    yield "quadratic blow-up", with_dtd(f'<!ENTITY x "{"x" * 100_000}">', "&x;" * 10_000)
    yield "undeclared entity", Attack(call.replace(SAMPLE, "&x;").encode())
    yield "processing instruction", Attack(f"<?php exit ?>{call}".encode())
    yield "style sheet instruction inside", Attack(call.replace("<e:Body>", "<e:Body><?x y?>").encode())
    location = f'xsi:schemaLocation="urn:x http://127.0.0.1:{port}/x.xsd"'
    yield "schema location", Attack(call.replace("<e:Body>", f"<e:Body {location}>").encode(), "Success true")
    include = f'<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="{secret_file.as_uri()}" parse="text"/>'
    yield "XInclude", Attack(call.replace(SAMPLE, include).encode(), "MISSING_REQUIRED_VALUE")


def _structures(call: str) -> Iterator[tuple[str, Attack]]:
    def inside(more: str) -> Attack:
        return Attack(call.replace("</a:requests>", f"{more}</a:requests>").encode())

    def many(attribute: str, count: int) -> str:
        return f"<x {' '.join(attribute.format(number) for number in range(count))}/>"

    yield "5,000 levels", inside("<x>" * 5_000 + "</x>" * 5_000)
    yield "500,000 siblings", inside("<x/>" * 500_000)
    yield "1,000,000 siblings", inside("<x/>" * 1_000_000)
    yield "100,000 attributes", inside(many("a{}=''", 100_000))
    yield "100,000 namespaced attributes", inside(many("e:a{}=''", 100_000))
    yield "10,000 namespaces", inside(many("xmlns:n{0}='urn:{0}'", 10_000))
    yield "50,000 requests", Attack(preview("<a:requests/>" * 50_000, session="x").encode())
    yield "element name of 1 MiB", inside(f"<{'x' * 2**20}/>")
    yield "attribute name of 1 MiB", inside(f"<x {'x' * 2**20}=''/>")
    yield "namespace of 1 MiB", inside(f"<x xmlns='urn:{'x' * 2**20}'/>")
    yield "prefix of 1 MiB", inside(f"<{'x' * 2**20}:x/>")
    yield (
        "attribute of 1 MiB",
        Attack(call.replace("<a:requests>", f"<a:requests x='{'x' * 2**20}'>").encode(), "Success true"),
    )
    yield "text of 1 MiB", Attack(call.replace(SAMPLE, "x" * 2**20).encode(), "INVALID_VALUE")
    yield "comment of 1 MiB", Attack(f"<!--{'x' * 2**20}-->{call}".encode(), "Success true")
    yield "40,000 comments", Attack(call.replace("<e:Body>", "<e:Body>" + "<!---->" * 40_000).encode(), "Success true")
    yield "40,000 pieces of CDATA", Attack(call.replace(SAMPLE, "<![CDATA[1]]>" * 40_000).encode(), "INVALID_VALUE")
    yield "unclosed tags", Attack(call.encode()[:400] + b"<x>" * 90 + b"<y>1" * 100)
    yield "100,000 unclosed tags", Attack(b"<x>" * 100_000)
    yield "half a message", Attack(call.encode()[: len(call) // 2])
    yield "undeclared prefix", inside("<q:x/>")
    yield "duplicate attribute", inside("<x a='' a=''/>")


def _encodings(call: str) -> Iterator[tuple[str, Attack]]:
    def declared(name: str, encoding: str) -> Attack:
        return Attack(f"<?xml version='1.0' encoding='{name}'?>{call}".encode(encoding))

    yield "UTF-7", declared("UTF-7", "utf-7")
    yield "EBCDIC", declared("EBCDIC-CP-US", "cp037")
    yield "UTF-32", declared("UTF-32", "utf-32")
    yield "an encoding that does not exist", declared("x-none", "utf-8")
    yield "a codec that is no encoding", declared("zlib_codec", "utf-8")
    yield "a charset that is no encoding", Attack(call.encode(), environ={"CONTENT_TYPE": "text/xml; charset=rot13"})
    yield "a charset with odd characters", Attack(call.encode(), environ={"CONTENT_TYPE": "text/xml; charset=\x00\x01"})
    mislabelled = b"<?xml version='1.0' encoding='UTF-16'?>" + call.encode()
    yield "not the encoding that is declared", Attack(mislabelled, environ={"CONTENT_TYPE": "text/xml"})
    yield "NUL", Attack(call.replace(SAMPLE, "\0").encode())
    yield "NUL as a reference", Attack(call.replace(SAMPLE, "&#0;").encode())
    yield "lone surrogate", Attack(call.replace(SAMPLE, "\ud800").encode("utf-8", "surrogatepass"))
    yield "lone surrogate as a reference", Attack(call.replace(SAMPLE, "&#xD800;").encode())
    yield "overlong UTF-8", Attack(call.encode().replace(SAMPLE.encode(), b"\xc0\xaf"))
    yield "control characters in a value", Attack(call.replace(SAMPLE, "\x01\x0b").encode())


def _transport(call: bytes) -> Iterator[tuple[str, Attack]]:
    gzipped = {"HTTP_CONTENT_ENCODING": "gzip"}
    yield "empty body", Attack(b"")
    yield "white space", Attack(b" \r\n ")
    yield "3 MiB", Attack(call + b" " * 3 * 2**20)
    yield "3 MiB without Content-Length", Attack(call + b" " * 3 * 2**20, environ={"CONTENT_LENGTH": None})
    yield "a Content-Length of 4 GiB", Attack(call, environ={"CONTENT_LENGTH": str(2**32)})
    yield "a Content-Length that is no number", Attack(call, environ={"CONTENT_LENGTH": "ten"})
    yield "a negative Content-Length", Attack(call, environ={"CONTENT_LENGTH": "-1"})
    yield "a Content-Length that is too long", Attack(call, environ={"CONTENT_LENGTH": str(len(call) + 1)})
    yield "a Content-Length that is too short", Attack(call, environ={"CONTENT_LENGTH": str(len(call) - 1)})
    yield "gzip bomb", Attack(gzip.compress(bytes(200 * 2**20), 9), environ=gzipped)
    yield "truncated gzip", Attack(gzip.compress(call)[:-9], environ=gzipped)
    yield "gzip with something behind", Attack(gzip.compress(call) + b"<x/>", environ=gzipped)
    yield "broken gzip", Attack(call, environ=gzipped)
    yield "a gzip bomb in two members", Attack(gzip.compress(call) + gzip.compress(bytes(2**20)), environ=gzipped)


def _envelopes(call: str, token: str) -> Iterator[tuple[str, Attack]]:
    body = f"<a:billingPreview>{request(SAMPLE)}</a:billingPreview>"
    yield "trailing element", Attack(f"{call}<x/>".encode())
    yield "trailing text", Attack(f"{call}x".encode())
    yield "a second child of the body", Attack(envelope(body * 2, session_header(token)).encode())
    yield "no child of the body", Attack(envelope("", session_header(token)).encode())
    yield "an unqualified child of the body", Attack(envelope("<billingPreview/>", session_header(token)).encode())
    yield "two bodies", Attack(call.replace("</e:Envelope>", "<e:Body/></e:Envelope>").encode())
    yield "an element behind the body", Attack(call.replace("</e:Envelope>", "<x/></e:Envelope>").encode())
    yield "a header behind the body", Attack(call.replace("</e:Envelope>", "<e:Header/></e:Envelope>").encode())
    yield "two headers", Attack(call.replace("<e:Body>", "<e:Header/><e:Body>").encode())
    yield "no envelope", Attack(b"<a:billingPreview xmlns:a='http://api.zuora.com/'/>", "soapenv:VersionMismatch")
    other = envelope(body, soap="http://www.w3.org/2001/12/soap-envelope")
    yield "an envelope of another version", Attack(other.encode(), "soapenv:VersionMismatch")
    must = "<x:Security xmlns:x='urn:x' e:mustUnderstand='1'/>"
    yield "a mandatory header", Attack(envelope(body, must).encode(), "soapenv:MustUnderstand")
    yield "an odd mustUnderstand", Attack(envelope(body, must.replace("'1'", "'yes'")).encode())
    wrapped = "<a:SessionHeader>" * 90 + session_header(token) + "</a:SessionHeader>" * 90
    yield "a wrapped session", Attack(envelope(body, wrapped).encode(), "fns:INVALID_SESSION")
    yield "a session of 1 MiB", Attack(envelope(body, session_header("x" * 2**20)).encode(), "fns:INVALID_SESSION")
    sql = session_header("' OR '1'='1")
    yield "a session that is SQL", Attack(envelope(body, sql).encode(), "fns:INVALID_SESSION")


def _values(token: str) -> Iterator[tuple[str, Attack]]:
    def asked(*requests: str) -> bytes:
        return preview(*requests, session=token).encode()

    for value in ("1e400", "NaN", "INF", "0000-01-01", "-0001-01-01", "2014-06-30T23:59:60", "9999-12-31T24:00:00"):
        yield f"target date {value}", Attack(asked(request(SAMPLE, value)), "INVALID_VALUE")
    yield "target date in a thousand years", Attack(asked(request(MONTHLY, "3014-06-01")), "INVALID_VALUE")
    yield "target date 9999-12-31", Attack(asked(request(MONTHLY, "9999-12-31")), "INVALID_VALUE")
    yield "target date at the end of a day", Attack(asked(request(SAMPLE, "2014-06-01T24:00:00")), "Success true")
    yield "target date of 1 MiB of digits", Attack(asked(request(SAMPLE, "1" * 2**20)), "INVALID_VALUE")
    yield "account id of 1 MiB of digits", Attack(asked(request("1" * 2**20)), "INVALID_VALUE")
    yield "account id that is SQL", Attack(asked(request("' OR 1=1 --")), "INVALID_VALUE")
    many = ",".join(["Usage"] * 200_000)
    yield "200,000 charge types", Attack(asked(request(SAMPLE, ChargeTypeToExclude=many)), "Success true")
    yield "21 requests", Attack(asked(*[request(SAMPLE)] * 21), "fns:MAX_RECORDS_EXCEEDED")
    yield "the same account 20 times", Attack(asked(*[request(MONTHLY, "2064-07-01")] * 20), "Success true")


def run(service: Service, attack: Attack) -> str:
    """The answer's fault code, or the first result's error or success."""
    environ = dict(attack.environ)
    if environ.get("CONTENT_LENGTH", "") is None:
        environ["wsgi.input"] = io.BytesIO(attack.body)
    reply = service.post(attack.body, **environ)
    if SECRET.encode() in reply.body:
        return "the secret"
    if reply.status != 200:
        return reply.fault[0]
    errors = [code for result in reply.results() for code, *_ in result.errors]
    return str(errors[0]) if errors else f"Success {reply.results()[0].get('Success')}"


def confined(work: Callable[[], str]) -> dict[str, Any]:
    """Run `work` in a child process with little processor time and memory; returns its answer, time and memory."""
    reader, writer = os.pipe()
    started = time.perf_counter()
    child = os.fork()
    if child == 0:
        _work_in_child(work, writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        report = pipe.read()
    _, status = os.waitpid(child, 0)
    if status != 0 or not report:
        return {"answer": f"died with {signal.Signals(status & 127).name if status & 127 else status}"}
    return {**json.loads(report), "milliseconds": round((time.perf_counter() - started) * 1000, 1)}


def _work_in_child(work: Callable[[], str], writer: int) -> None:
    """The process ends here in every case."""
    try:
        size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (size + MORE_MEMORY, size + MORE_MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        answer = work()
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        os.write(writer, json.dumps({"answer": answer, "kibibytes": grown}).encode())
        os._exit(0)
    finally:
        os._exit(1)


def main() -> None:
    """Run every attack and print a report, one JSON object per line; the last says whether a call went out."""
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as bait:
        bait.setblocking(False)
        secret_file = Path(folder) / "secret"
        secret_file.write_text(SECRET)
        store = open_tenant(write_sample_tenant(Path(folder) / "tenant"))
        token = store.create_session(USER, int(NOW.timestamp()) + 900)
        service = Service(application(store, Options(), fixed_clock(NOW)), token, strict=False)
        assert service.preview(request(SAMPLE)).status == 200
        for name, attack in attacks(token, secret_file, bait.getsockname()[1]):
            report = confined(lambda attack=attack: run(service, attack))  # type: ignore[misc]
            sys.stdout.write(json.dumps({"attack": name, "expected": attack.answer, **report}) + "\n")
        try:
            bait.accept()
            called = True
        except BlockingIOError:
            called = False
        sys.stdout.write(json.dumps({"called out": called}))
        store.close()


if __name__ == "__main__":
    sys.exit(main())
