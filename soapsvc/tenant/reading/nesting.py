"""The depth of a JSON text. A decoder finds too much depth only when its stack is full, which ends the process."""

from __future__ import annotations

from itertools import accumulate

DEEPEST = 256
"""Documents of the vendor's API have less than a tenth of this depth."""

_UNNEEDED = bytes(set(range(256)) - set(b'[]{}"'))
_STEP = [{"[": 1, "{": 1, "]": -1, "}": -1}.get(chr(byte), 0) for byte in range(256)]


def is_too_deep(text: bytes) -> bool:
    """Whether arrays and objects are nested more than `DEEPEST` levels deep, in the part of the text that is JSON.

    CPython 3.12 and later count the levels of C code by themselves, and allow more than the stack of a thread may hold.
    """
    if text.count(b"[") + text.count(b"{") <= DEEPEST:
        return False
    quoted = text.replace(rb"\\", b"").replace(rb"\"", b"").translate(None, _UNNEEDED)
    brackets = b"".join(quoted.split(b'"')[::2])
    return max(accumulate(map(_STEP.__getitem__, brackets)), default=0) > DEEPEST
