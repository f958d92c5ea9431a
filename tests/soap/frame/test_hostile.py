"""Hostile messages are answered with a fault or an error, cheaply, and reach neither file nor network."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="module")
def reports(root: Path) -> list[dict[str, Any]]:
    """The outcome of each attack, run under limits of processor time and memory."""
    command = [sys.executable, "-m", "tests.soap.attacks"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=300, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_attack_is_answered_within_its_limits(reports: list[dict[str, Any]]) -> None:
    answers = {report["attack"]: report["answer"] for report in reports[:-1]}
    assert answers == {report["attack"]: report["expected"] for report in reports[:-1]}
    assert len(answers) > 80


def test_no_attack_makes_us_call_a_server(reports: list[dict[str, Any]]) -> None:
    assert reports[-1] == {"called out": False}
