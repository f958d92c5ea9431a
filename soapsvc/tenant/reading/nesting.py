"""How deeply a JSON text is nested. A decoder finds out only by using up its stack, which ends the process."""

from __future__ import annotations

from itertools import accumulate

DEEPEST = 256
"""Nothing that the vendor's API takes or gives is nested a tenth as deeply."""

_UNNEEDED = bytes(set(range(256)) - set(b'[]{}"'))
_STEP = [{"[": 1, "{": 1, "]": -1, "}": -1}.get(chr(byte), 0) for byte in range(256)]


def is_too_deep(text: bytes) -> bool:
    """Whether arrays and objects stand in each other more than `DEEPEST` levels deep, as far as the text is JSON.

    CPython 3.12 and later count the levels of C code by themselves, and allow more than the stack of a thread may hold.
    """
    if text.count(b"[") + text.count(b"{") <= DEEPEST:
        return False
    quoted = text.replace(rb"\\", b"").replace(rb"\"", b"").translate(None, _UNNEEDED)
    brackets = b"".join(quoted.split(b'"')[::2])
    return max(accumulate(map(_STEP.__getitem__, brackets)), default=0) > DEEPEST
