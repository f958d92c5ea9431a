"""Randomness: the one source of all ids, tokens and salts that are made up.

It is the operating system's, unless who computes has said what else is to be drawn from: `drawn_from` a seed, the same
work makes up the same ids. What is drawn from belongs to a context (`contextvars`), so that one server of a process
may be seeded beside another that is not.
"""

from __future__ import annotations

import os
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import Context, ContextVar, copy_context
from hashlib import shake_256
from itertools import count

Source = Callable[[int], bytes]
"""A function that returns the given number of random bytes."""

_VARIANTS = {f"{digit:x}": f"{8 | digit & 3:x}" for digit in range(16)}

_SOURCE: ContextVar[Source] = ContextVar("soapsvc.randomness", default=os.urandom)


def random_bytes(size: int) -> bytes:
    """As many random bytes."""
    return _SOURCE.get()(size)


def random_hex(size: int = 32) -> str:
    """As many random bytes as hex digits."""
    return random_bytes(size).hex()


def random_token(size: int) -> str:
    """As many random bytes as a text that fits into URLs and headers."""
    return urlsafe_b64encode(random_bytes(size)).rstrip(b"=").decode()


def random_uuid() -> uuid.UUID:
    """A random UUID (version 4)."""
    return uuid.UUID(bytes=random_bytes(16), version=4)


def random_uuid_text() -> str:
    """The text of `random_uuid`, in a quarter of the time: every call has one."""
    digits = random_bytes(16).hex()
    variant = _VARIANTS[digits[16]]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


def seeded(seed: str) -> Source:
    """A source whose bytes are a function of the seed and of earlier draws. Not for secrets."""
    key, draws = seed.encode(), count()

    def draw(size: int) -> bytes:
        return shake_256(b"%d\0%b" % (next(draws), key)).digest(size)

    return draw


@contextmanager
def drawn_from(source: Source) -> Iterator[None]:
    """Within, and in this context alone, all randomness is drawn from that source."""
    before = _SOURCE.set(source)
    try:
        yield
    finally:
        _SOURCE.reset(before)


def context_drawn_from(source: Source) -> Context:
    """A copy of this context in which all randomness is drawn from that source."""
    context = copy_context()
    context.run(_SOURCE.set, source)
    return context
