"""Callers' texts in a form that is safe for a line of the log."""

from __future__ import annotations

import re

_MOST = 500
_LONG_WORD = re.compile(r"([\w-]{8})[\w-]{33,}")
"""A word of more than 40 letters: not an id of 36, but a session's token, also with other text attached by mistake."""


def log_text(text: str) -> str:
    """The text in quotes, on one line and cut, so that a caller cannot add lines to the log, or fill it."""
    return repr(cut(text, _MOST))


def cut(text: str, most: int) -> str:
    """The text, of at most `most` characters, with long words cut to eight characters; `…` marks each cut.

    So a token does not get into the log, also where a malformed message makes it look like a name.
    """
    shown = _LONG_WORD.sub(r"\1…", text)
    return shown if len(shown) <= most else f"{shown[:most]}…"
