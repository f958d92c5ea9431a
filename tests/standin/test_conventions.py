"""docs/dev/stand-in-conventions.md: what stand-ins usually have, each with the test that shows it here."""

from __future__ import annotations

import re
from pathlib import Path

ANSWERED = 27
"""Conventions of the table: a row that goes is missed."""


def test_every_convention_names_a_test_that_there_is(root: Path) -> None:
    table = (root / "docs" / "dev" / "stand-in-conventions.md").read_text(encoding="utf-8")
    rows = [re.split(r"(?<!\\)\|", line)[1:-1] for line in table.splitlines() if line.startswith("| ")][1:]
    assert len(rows) == ANSWERED
    for convention, _, ours, tests in rows:
        shown = re.findall(r"`([^`]+)`", tests)
        assert ours.strip()
        assert shown, convention
        assert [path for path in shown if not (root / path).exists()] == [], convention
