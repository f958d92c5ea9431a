"""What the machine has: programs that it may lack, and processes that run on it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not on this machine")


def is_running(pid: int) -> bool:
    """Whether a process runs. One that has ended counts as ended though nobody reaps it, as in some containers."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def group_is_running(group: int) -> bool:
    """Whether any process of a group runs."""
    everyone = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal())
    return any(_group(pid) == group and is_running(pid) for pid in everyone)


def _group(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None
