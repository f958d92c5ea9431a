"""A project of its own with nothing but its tests: they pass in any order, alone and beside each other, repeatedly.

`SAMPLE_TIMES=10 pytest tests/samples --durations=0` runs it ten times, and tells how long each took. It is run as where
somebody has installed it: modules are compiled once and for all, and pytest has the plugins of soapsvc, xdist and what
they need, not those that this project is developed with.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

TIMES = int(os.environ.get("SAMPLE_TIMES", "1"))
OF_DEVELOPMENT = {"hypothesis", "pytest-cov", "pytest-timeout", "schemathesis"}
"""Packages with pytest plugins that a shop does not install."""
LEFT_OUT = {"PYTHONDONTWRITEBYTECODE"}


@pytest.fixture(scope="module")
def project(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample project, somewhere else."""
    return shutil.copytree(root / "tests" / "samples" / "shop", tmp_path_factory.mktemp("sample") / "shop")


@pytest.fixture(scope="module")
def tests(project: Path) -> list[str]:
    """The tests of the sample project."""
    return [line for line in passed(project, "--collect-only").splitlines() if "::" in line]


def plugins_of_development() -> list[str]:
    named = [each.name for each in entry_points(group="pytest11") if each.dist and each.dist.name in OF_DEVELOPMENT]
    return [argument for name in named for argument in ("-p", f"no:{name}")]


def passed(project: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *plugins_of_development(), *arguments]
    own = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    environment = {name: value for name, value in own.items() if name not in LEFT_OUT}
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "beside each other"])
@pytest.mark.parametrize("time", range(TIMES))
def test_the_samples_tests_pass_in_any_order(project: Path, tests: list[str], time: int, workers: list[str]) -> None:
    assert len(tests) >= 12
    shuffled = random.Random(time).sample(tests, len(tests))  # noqa: S311 - an order, no secret
    assert f"{len(tests)} passed" in passed(project, *shuffled, *workers)


def test_the_plugins_that_are_left_out_are_installed() -> None:
    assert {each.dist.name for each in entry_points(group="pytest11") if each.dist} >= OF_DEVELOPMENT | {"soapsvc"}
