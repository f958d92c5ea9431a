"""The table of billing rules in docs/dev/coverage.md says what the tests show, and its gate can fail."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


def run(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "tools/rule_coverage.py", *arguments],
        cwd=root, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


@pytest.fixture(scope="module")
def page(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a rewritten copy of the page."""
    copy = tmp_path_factory.mktemp("docs") / "coverage.md"
    copy.write_text((root / "docs" / "dev" / "coverage.md").read_text(encoding="utf-8"), encoding="utf-8")
    done = run(root, "--page", str(copy))
    assert done.returncode == 0, done.stderr
    return copy


def test_the_page_is_up_to_date(root: Path, page: Path) -> None:
    assert (root / "docs" / "dev" / "coverage.md").read_text(encoding="utf-8") == page.read_text(encoding="utf-8")


def test_a_page_out_of_date_is_reported(root: Path, page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace("| 7.5 credits | exact |", "| 7.5 credits | perfect |"), encoding="utf-8")
    done = run(root, "--check", "--page", str(page))
    assert done.returncode == 1
    assert "out of date" in done.stderr
