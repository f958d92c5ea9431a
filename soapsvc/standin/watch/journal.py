"""The journal: the last calls of the service under test, without those of admin plane and console.

Secrets that people choose (passwords, client secrets) are not stored; tokens are, because a test may need them.
"""

from __future__ import annotations

import re
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from time import perf_counter
from typing import Any

from soapsvc.clock import Clock
from soapsvc.standin.faults.calls import Described, Environ, NearMiss
from soapsvc.standin.seeds.documents import encoded
from soapsvc.standin.times import instant_json

MOST_ENTRIES = 1000
_LONGEST_REQUEST = 64 * 1024
_HEAD = 64 * 1024
_GZIP = 31
_HIDDEN = frozenset({"authorization", "cookie", "apisecretaccesskey"})
_CODE = re.compile(rb"<(?:\w+:)?(?:faultcode|Code)>(?:<(?:\w+:)?Value>)?(?:\w+:)?([A-Za-z_]+)<|\"code\":\s*\"?([\w.]+)")
_MESSAGE = re.compile(rb"<(?:\w+:)?(?:faultstring|Message|Text[^>]*)>([^<]*)<|\"message\":\s*\"((?:[^\"\\]|\\.)*)\"")
_SUBCODE = re.compile(rb"<(?:\w+:)?Subcode><(?:\w+:)?Value>(?:\w+:)?([A-Z_]+)<")


@dataclass(slots=True)
class Entry:
    """A call. `answer` is None until it was answered; `fault` is the id of its fault rule."""

    id: int
    time: datetime
    call: Described
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    fault: str | None = None
    answer: dict[str, Any] | None = None
    near_misses: list[NearMiss] = field(default_factory=list)

    def document(self) -> dict[str, Any]:
        """As JSON values."""
        call = self.call
        return {
            "id": self.id,
            "time": instant_json(self.time),
            "protocol": call.protocol,
            "operation": call.operation,
            "version": call.version,
            "user": call.user,
            "accounts": sorted(call.accounts),
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "headers": dict(self.headers),
            "request": call.request,
            "answer": self.answer,
            "fault": self.fault,
            "nearMisses": [each.document() for each in self.near_misses],
        }


class Journal:
    """The last calls. Safe to share among threads."""

    def __init__(self, clock: Clock, most: int = MOST_ENTRIES) -> None:
        self._clock = clock
        self._lock = Lock()
        self._entries: deque[Entry] = deque(maxlen=most)
        self._made = 0

    def begin(self, environ: Environ, call: Described) -> Entry:
        """Add a new call."""
        if len(encoded(call.request)) > _LONGEST_REQUEST:
            call = _without_request(call)
        headers = {
            name[5:].replace("_", "-").lower(): str(value)
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        if environ.get("CONTENT_TYPE"):
            headers["content-type"] = str(environ["CONTENT_TYPE"])
        own = {name: _hidden(value) if name in _HIDDEN else value for name, value in sorted(headers.items())}
        where = environ["REQUEST_METHOD"], environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", "")
        with self._lock:
            self._made += 1
            entry = Entry(self._made, self._clock(), call, *where, own)
            self._entries.append(entry)
        return entry

    def entries(
        self,
        *,
        operation: str | None = None,
        protocol: str | None = None,
        accounts: frozenset[str] | None = None,
        kind: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> list[Entry]:
        """The calls that match all arguments, the oldest first; `until` is exclusive."""

        def fits(entry: Entry) -> bool:
            call, answer = entry.call, entry.answer or {}
            pairs = ((operation, call.operation), (protocol, call.protocol), (kind, answer.get("kind")))
            return (
                all(wanted is None or wanted == given for wanted, given in pairs)
                and (accounts is None or not accounts.isdisjoint(call.accounts))
                and (since is None or entry.time >= since)
                and (until is None or entry.time < until)
            )

        with self._lock:
            return [entry for entry in self._entries if fits(entry)]

    @property
    def dropped(self) -> int:
        """The number of older calls that were dropped."""
        return self._made - len(self._entries)

    def clear(self) -> None:
        """Remove all calls."""
        with self._lock:
            self._entries.clear()
            self._made = 0


class Recorder:
    """Reads an answer while it is sent, and stores it in the entry when it ends; then calls `done`."""

    def __init__(self, entry: Entry, start_response: Callable[..., object], done: Callable[[Entry], None]) -> None:
        self._entry = entry
        self._start_response = start_response
        self._done = done
        self._began = perf_counter()
        self._status = 0
        self._packed = False
        self._head: list[bytes] = []
        self._kept = self._size = 0

    def start(self, status: str, headers: list[tuple[str, str]], *error: object) -> object:
        """Start the answer."""
        self._status = int(status[:3])
        self._packed = any(name.lower() == "content-encoding" for name, _ in headers)
        return self._start_response(status, headers, *error)

    def whole(self, pieces: list[bytes]) -> list[bytes]:
        """A complete answer."""
        for piece in pieces:
            self._note(piece)
        self.end(whole=True)
        return pieces

    def pieces(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """The pieces of an answer that is made while it is sent."""
        whole = False
        try:
            for piece in pieces:
                self._note(piece)
                yield piece
            whole = True
        finally:
            self.end(whole=whole)

    def end(self, *, whole: bool) -> None:
        """Store the end of the answer."""
        if self._entry.answer is None:
            told = _told(self._status, b"".join(self._head), packed=self._packed)
            if not whole:
                told = {"status": self._status, "kind": "broken"}
            passed = round((perf_counter() - self._began) * 1000, 1)
            self._entry.answer = {**told, "bytes": self._size, "milliseconds": passed}
            self._done(self._entry)

    def _note(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._kept < _HEAD:
            self._head.append(piece[:_HEAD])
            self._kept += len(piece)


def _told(status: int, head: bytes, *, packed: bool) -> dict[str, Any]:
    """Status, kind (answer, fault, refused), code and message of an answer."""
    if packed:
        try:
            head = zlib.decompressobj(_GZIP).decompress(head, _HEAD)
        except zlib.error:
            head = b""
    if b":Fault" in head or b"<Fault" in head:
        kind = "fault"
    elif status >= 400 or b'"success":false' in head or b"Success>false<" in head:
        kind = "refused"
    else:
        return {"status": status, "kind": "answer"}
    code = _SUBCODE.search(head) or _CODE.search(head)
    return {"status": status, "kind": kind, "code": _group(code), "message": _group(_MESSAGE.search(head))}


def _group(match: re.Match[bytes] | None) -> str | None:
    if match is None:
        return None
    return next((each.decode(errors="replace") for each in match.groups() if each is not None), None)


def _hidden(value: str) -> str:
    """A header without the secret that a person has chosen."""
    scheme, _, rest = value.partition(" ")
    return value if rest and scheme.lower() in {"bearer", "zsession"} else f"{scheme} ***" if rest else "***"


def _without_request(call: Described) -> Described:
    told = {"omitted": f"the request is larger than {_LONGEST_REQUEST} bytes"}
    facts = (call.protocol, call.operation, call.version, call.accounts, call.user)
    return Described(*facts, told, call.polls_runs, call.makes_runs)
