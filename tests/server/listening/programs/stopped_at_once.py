"""A worker process that is told to stop at the earliest moment at which it reacts: before granian listens."""

from __future__ import annotations

import os
import signal
from typing import Any

from soapsvc.server.listening import http

_set_handler = signal.signal


def _set_handler_and_stop(number: int, handler: Any) -> object:
    before = _set_handler(number, handler)
    if number == signal.SIGTERM and callable(handler):
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)
    return before


signal.signal = _set_handler_and_stop  # type: ignore[assignment]
http.serve(http.listening("127.0.0.1", 0, 20.0), lambda _protocol, _scope: None, 2)
