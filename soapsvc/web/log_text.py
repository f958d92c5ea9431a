"""What callers have written, as a line of the log may show it."""

from __future__ import annotations

_MOST = 500


def log_text(text: str) -> str:
    """The text in quotes, on one line and cut short: nobody writes lines of their own into the log, or fills it."""
    return repr(cut(text, _MOST))


def cut(text: str, most: int) -> str:
    """The text, of at most so many characters; the last one tells where some were left out."""
    return text if len(text) <= most else f"{text[:most]}…"
