"""WS-I Basic Profile 1.1 as data: each assertion with its ids, its level, its text, and the check that proves it.

The ids are those of the profile's published list of test assertions. Rows with only rules have no id there, because a
log of messages cannot show them. `python -m tests.contract.basic_profile` writes this table into docs/dev/coverage.md.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.contract import profile_description, profile_messages

ROWS = [*profile_description.ROWS, *profile_messages.ROWS]
COVERAGE = Path(__file__).parents[2] / "docs" / "dev" / "coverage.md"
MARKS = ("<!-- basic profile: written by tests/contract/basic_profile.py -->", "<!-- end of basic profile -->")


def table() -> str:
    """The table of docs/dev/coverage.md."""
    lines = ["| assertions | rules | level | what holds | proved on |", "|---|---|---|---|---|"]
    lines += [f"| {row.ids} | {row.rules} | {row.level} | {row.says} | {row.kind} |" for row in ROWS]
    return "\n".join(lines)


def main() -> None:
    """Write the table into docs/dev/coverage.md."""
    text = COVERAGE.read_text(encoding="utf-8")
    before, after = text.split(MARKS[0])[0], text.split(MARKS[1])[1]
    COVERAGE.write_text(f"{before}{MARKS[0]}\n{table()}\n{MARKS[1]}{after}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
