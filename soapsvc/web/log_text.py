"""What callers have written, as a line of the log may show it."""

from __future__ import annotations

import re

_MOST = 500
_LONG_WORD = re.compile(r"([\w-]{8})[\w-]{33,}")
"""A word above 40 letters: an id of 36 is none, but a session's token is, whatever it was glued to by mistake."""


def log_text(text: str) -> str:
    """The text in quotes, on one line and cut short: nobody writes lines of their own into the log, or fills it."""
    return repr(cut(text, _MOST))


def cut(text: str, most: int) -> str:
    """The text, of at most so many characters, and of long words their first eight: `…` tells where some were left out.

    A message that is broken within a token, which is then taken for a name, does not bring the token into the log.
    """
    shown = _LONG_WORD.sub(r"\1…", text)
    return shown if len(shown) <= most else f"{shown[:most]}…"
