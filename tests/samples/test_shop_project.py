"""A project of its own with nothing but its tests: they pass in any order, alone and beside each other, repeatedly.

`SAMPLE_TIMES=10 pytest tests/samples` runs it ten times.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TIMES = int(os.environ.get("SAMPLE_TIMES", "1"))


@pytest.fixture
def project(root: Path, tmp_path: Path) -> Path:
    """The sample project, somewhere else."""
    return shutil.copytree(root / "tests" / "samples" / "shop", tmp_path / "shop")


def passed(project: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "beside each other"])
@pytest.mark.parametrize("time", range(TIMES))
def test_the_samples_tests_pass_in_any_order(project: Path, time: int, workers: list[str]) -> None:
    listed = passed(project, "--collect-only")
    tests = [line for line in listed.splitlines() if "::" in line]
    random.Random(time).shuffle(tests)  # noqa: S311 - an order, no secret
    assert len(tests) >= 12
    assert f"{len(tests)} passed" in passed(project, *tests, *workers)
