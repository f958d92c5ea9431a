"""What callers have written, as a line of the log may show it."""

from __future__ import annotations

_MOST = 500


def log_text(text: str) -> str:
    """The text in quotes, on one line and cut short: nobody writes lines of their own into the log, or fills it."""
    return repr(text if len(text) <= _MOST else f"{text[:_MOST]}…")
