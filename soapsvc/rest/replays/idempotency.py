"""Idempotency keys: the first request with a key is executed, every further one gets the first answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from http import HTTPStatus

from soapsvc.rest.http import InFlight, KeyReused, Reply
from soapsvc.rest.replays.stored_replies import Claim, ClaimLost, StoredReplies

_FIRST_PAUSE = 0.01
_LONGEST_PAUSE = 0.25
_NOT_EXECUTED = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
"""Statuses that ask the client to repeat the request: such an answer is not stored."""


@dataclass(frozen=True, slots=True)
class Idempotency:
    """Executes requests at most once per key and user, over all processes.

    A further request while the first is under way waits for `patience`, which is longer than the lease of a killed
    process. It then fails with InFlight.
    """

    answers: StoredReplies
    patience: timedelta
    sleep: Callable[[float], None] = time.sleep

    def execute(self, username: str, key: str, request: bytes, run: Callable[[], Reply]) -> Reply:
        """The answer to `request`: that of `run`, or the stored answer for the user's key.

        Raises KeyReused where the key belongs to another request, InFlight where the first request takes too long, and
        any error of `run` or of its answer. After such an error the key is free again. It is also free after an answer
        with one of the statuses that ask to repeat the request.
        """
        row_id, fingerprint = _digest(username.encode(), key.encode()), _digest(request)
        while True:
            claim = self._claim(row_id, fingerprint)
            if isinstance(claim, Reply):
                return claim
            with suppress(ClaimLost):  # another process has taken the request over and executes it
                return self._executed(claim, run)

    def _executed(self, claim: Claim, run: Callable[[], Reply]) -> Reply:
        try:
            with self.answers.renewed(claim):
                reply = run()
                if reply.status not in _NOT_EXECUTED:
                    return self.answers.keep(claim, reply)
        except BaseException:
            self.answers.give_up(claim)
            raise
        self.answers.give_up(claim)
        return reply

    def _claim(self, row_id: str, fingerprint: str) -> Claim | Reply:
        waited, pause = 0.0, _FIRST_PAUSE
        while True:
            row = self.answers.find(row_id)
            if row is None:
                claim = self.answers.claim(row_id, {"fingerprint": fingerprint})
                if claim is not None:
                    return claim
                continue
            if row.values["fingerprint"] != fingerprint:
                raise KeyReused
            if row.reply is not None:
                return row.reply
            claim = self.answers.take_over(row)
            if claim is not None:
                return claim
            if waited >= self.patience.total_seconds():
                raise InFlight
            self.sleep(pause)
            waited += pause
            pause = min(pause * 2, _LONGEST_PAUSE)


def _digest(*parts: bytes) -> str:
    """The SHA-256 of the parts; different for different parts, also if their joined text is equal."""
    digest = sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()
