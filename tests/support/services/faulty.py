"""A service that often fails: refusals, errors, half answers, expiring tokens, repeated pages.

Faults are drawn from a seed. Calls are counted by their request, and by whether the whole answer was sent.
"""

from __future__ import annotations

import io
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

Application = Callable[..., Iterable[bytes]]
Start = Callable[..., Any]

FAULTS = ("429", "429 soon", "500", "503 as HTML", "401", "half", "again")
"""`again` repeats the previous page of the list."""


@dataclass
class Faulty:
    """The service with faults in a `share` of its calls, and at most `limit` calls in each window of `seconds`."""

    application: Application
    share: float = 0.0
    seed: int = 1
    limit: int = 100_000
    seconds: int = 1
    gone: frozenset[str] = frozenset()
    kinds: tuple[str, ...] = FAULTS
    answered: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    above_the_rate: int = 0
    at_once: int = 0
    most_at_once: int = 0

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 - faults, not secrets
        self._lock = threading.Lock()
        self._window = (0, 0)
        self._pages: dict[str, tuple[str, list[tuple[str, str]], bytes]] = {}

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/oauth/token":
            return self.application(environ, start)
        with self._lock:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            left = self._left()
            fault = self._random.choice(self.kinds) if self._random.random() < self.share else None
        try:
            return self._answer(environ, start, fault, left)
        finally:
            with self._lock:
                self.at_once -= 1

    def _left(self) -> int:
        window = int(time.monotonic() / self.seconds)
        self._window = (window, self._window[1] + 1 if self._window[0] == window else 1)
        left = self.limit - self._window[1]
        self.above_the_rate += left < 0
        return left

    def _answer(self, environ: dict[str, Any], start: Start, fault: str | None, left: int) -> Iterable[bytes]:
        limits = [
            ("RateLimit-Limit", f"{self.limit}, {self.limit};w={self.seconds}"),
            ("RateLimit-Remaining", f"{max(left, 0)}"),
            ("RateLimit-Reset", f"{self.seconds}"),
        ]
        call, length = _call(environ)
        environ["wsgi.input"] = length
        if any(f"/accounts/{number}" in call for number in self.gone):
            reason = {"success": False, "reasons": [{"code": 50000040, "message": "Cannot find entity by key."}]}
            return _send(start, "200 OK", limits, json.dumps(reason).encode())
        if fault is not None and fault not in {"half", "again"}:
            self._count(fault)
            return _refusal(start, fault, limits)
        status, headers, body = _asked(self.application, environ)
        headers = [(name, value) for name, value in headers if not name.lower().startswith("ratelimit-")] + limits
        if fault == "half" and len(body) > 2:
            self._count(fault)
            start(status, headers)
            return [body[: len(body) // 2]]
        before = self._pages.get(environ["PATH_INFO"])
        if fault == "again" and before is not None and "page=" in call and before[2] != body:
            self._count(fault)
            return _send(start, before[0], limits, before[2])
        with self._lock:
            self._pages[environ["PATH_INFO"]] = (status, headers, body)
            self.answered[call] += status.startswith("200")
        start(status, headers)
        return [body]

    def _count(self, fault: str) -> None:
        with self._lock:
            self.faults[fault] += 1


def _call(environ: dict[str, Any]) -> tuple[str, Any]:
    """The call as one text (method, path, query, body), and the body to be read again."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    query = environ.get("QUERY_STRING", "")
    return f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}?{query} {body.decode()}", io.BytesIO(body)


def _asked(application: Application, environ: dict[str, Any]) -> tuple[str, list[tuple[str, str]], bytes]:
    told: list[Any] = []
    pieces = application(environ, lambda *given: told.extend(given))
    try:
        body = b"".join(pieces)
    finally:
        getattr(pieces, "close", lambda: None)()
    return told[0], told[1], body


def _send(start: Start, status: str, headers: list[tuple[str, str]], body: bytes) -> list[bytes]:
    start(status, [("Content-Type", "application/json"), ("Content-Length", f"{len(body)}"), *headers])
    return [body]


def _refusal(start: Start, fault: str, limits: list[tuple[str, str]]) -> list[bytes]:
    if fault == "503 as HTML":
        return _send(start, "503 Service Unavailable", limits, b"<html>")
    code = {"429": 70, "429 soon": 70, "500": 60, "401": 11}[fault]
    status = {"429": "429 Too Many Requests", "429 soon": "429 Too Many Requests", "401": "401 Unauthorized"}
    body = json.dumps({"success": False, "reasons": [{"code": 90000000 + code, "message": fault}]}).encode()
    again = [("Retry-After", "0")] if fault == "429 soon" else []
    return _send(start, status.get(fault, "500 Internal Server Error"), [*limits, *again], body)
