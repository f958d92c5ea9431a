"""The rate of calls to the vendor's service: never above its announced limits, and a tenth below a numeric limit.

Three rules bound it. The number of concurrent calls is limited, and lowered after the service had no capacity for one.
Each span of time that `RateLimit-Limit` names has at most nine tenths of the calls that it allows. We count them
ourselves, as other clients of the tenant use the same quota. If the service says that nearly nothing is left, or to
come back later, no thread calls until then. Until the first answer announces the limits, one call runs at a time.
("Rate and concurrent request limits")
"""

from __future__ import annotations

import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Protocol

from soapsvc.clock import Clock, system_clock

_POLICY = re.compile(r"(\d+)\s*;\s*w\s*=\s*(\d+)")
_OURS = 0.9
_BUCKETS = 60
_CALM = 50
"""Successful calls before one more may be under way."""
_LONGEST_HOLD = 3600.0


class Waiting(Protocol):
    """A source of time, and a way to wait; tests have one of their own."""

    def now(self) -> float:
        """Seconds since some moment."""
        ...

    def wait(self, changed: threading.Condition, seconds: float | None) -> None:
        """Wait until `changed` is notified or the seconds have passed; its lock is held."""
        ...


class RealTime:
    """Real time."""

    def now(self) -> float:
        """Seconds since some moment."""
        return time.monotonic()

    def wait(self, changed: threading.Condition, seconds: float | None) -> None:
        """Wait until `changed` is notified or the seconds have passed."""
        changed.wait(seconds)


@dataclass
class _Span:
    """The calls of the last `seconds`, at most `most`; they are counted by sixtieths of the span."""

    most: int
    seconds: float
    began: deque[tuple[float, int]] = field(default_factory=deque)
    count: int = 0

    def pause(self, now: float) -> float:
        """The seconds until there is room for a call."""
        while self.began and self.began[0][0] + self.seconds * (1 + 1 / _BUCKETS) <= now:
            self.count -= self.began.popleft()[1]
        return 0.0 if self.count < self.most else self.began[0][0] + self.seconds * (1 + 1 / _BUCKETS) - now

    def add(self, now: float) -> None:
        if self.began and now < self.began[-1][0] + self.seconds / _BUCKETS:
            start, calls = self.began.pop()
            self.began.append((start, calls + 1))
        else:
            self.began.append((now, 1))
        self.count += 1


class Pace:
    """Admits calls one by one; shared by all threads that call one upstream."""

    def __init__(self, most_at_once: int, waiting: Waiting | None = None, clock: Clock = system_clock) -> None:
        self._most = most_at_once
        self._waiting = waiting or RealTime()
        self._clock = clock
        self._changed = threading.Condition()
        self._under_way = 0
        self._allowed = 1
        self._limits_known = False
        self._calm = 0
        self._held_until = 0.0
        self._spans: dict[float, _Span] = {}
        self._since_start: deque[float] = deque(maxlen=most_at_once)

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place for one call, from its first byte to the last byte of its answer."""
        self.enter()
        try:
            yield
        finally:
            self.leave()

    def enter(self) -> None:
        """Wait for a place."""
        with self._changed:
            while (pause := self._pause()) != 0.0:
                self._waiting.wait(self._changed, pause)
            now = self._waiting.now()
            self._under_way += 1
            for span in self._spans.values():
                span.add(now)
            if not self._limits_known:
                self._since_start.append(now)

    def leave(self) -> None:
        """Give a place back."""
        with self._changed:
            self._under_way -= 1
            self._changed.notify_all()

    def _pause(self) -> float | None:
        """Seconds until the next check; 0 if a place is free, None if only a change can free one."""
        now = self._waiting.now()
        pause = max(self._held_until - now, *(span.pause(now) for span in self._spans.values()), 0.0)
        if pause > 0:
            return pause
        return 0.0 if self._under_way < self._allowed else None

    def heard(self, status: int, headers: Mapping[str, str]) -> None:
        """Read the limits from an answer's headers; their names are in lower case."""
        with self._changed:
            now = self._waiting.now()
            self._learn(headers, now)
            if status == 429:
                self._allowed, self._calm = max(1, self._allowed // 2), 0
                if (seconds := retry_after(headers, self._clock)) is not None:
                    self._hold(now + seconds)
            else:
                self._calm += 1
                if self._calm >= _CALM:
                    self._allowed, self._calm = min(self._allowed + 1, self._most), 0
            self._changed.notify_all()

    def _learn(self, headers: Mapping[str, str], now: float) -> None:
        for limit, seconds in _POLICY.findall(headers.get("ratelimit-limit", "")):
            most, span = max(1, int(int(limit) * _OURS)), float(seconds)
            if span not in self._spans:
                self._spans[span] = _Span(most, span)
                for earlier in self._since_start:
                    self._spans[span].add(earlier)
            self._spans[span].most = most
        if (together := _number(headers, "concurrency-limit-limit")) is not None:
            self._most = max(1, min(self._most, together - 1))
            self._allowed = min(self._allowed, self._most)
        if not self._limits_known:
            self._limits_known, self._allowed = True, self._most
        remaining, reset = _number(headers, "ratelimit-remaining"), _number(headers, "ratelimit-reset")
        if remaining is not None and reset is not None and remaining <= self._under_way:
            self._hold(now + reset)

    def _hold(self, until: float) -> None:
        now = self._waiting.now()
        self._held_until = max(self._held_until, min(until, now + _LONGEST_HOLD))


def retry_after(headers: Mapping[str, str], clock: Clock) -> float | None:
    """The seconds of `Retry-After`, given as a number or as a date; None if there are none."""
    given = headers.get("retry-after", "").strip()
    if given.isdecimal():
        return float(given)
    try:
        return max(0.0, (parsedate_to_datetime(given) - clock()).total_seconds())
    except (TypeError, ValueError):
        return None


def _number(headers: Mapping[str, str], name: str) -> int | None:
    given = headers.get(name, "").strip()
    return int(given) if given.isdecimal() else None


Sleep = Callable[[float], None]
