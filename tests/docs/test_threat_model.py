"""The threat model claims what tests show, and nothing else."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def claims(root: Path) -> dict[str, str]:
    """The tests that each claim names, as they are written."""
    text = (root / "docs" / "dev" / "threat-model.md").read_text().partition("## Claims\n")[2].partition("\n## ")[0]
    rows = [re.split(r"(?<!\\) \| ", line.strip("| ")) for line in text.splitlines() if line.startswith("|")]
    assert rows[0] == ["claim", "how", "tests"]
    return {claim: tests for claim, _, tests in rows[2:]}


def defined_in(module: Path) -> set[str]:
    """The functions and classes of tests in a module."""
    body = ast.parse(module.read_text()).body
    return {node.name for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)}


def test_there_are_claims(root: Path) -> None:
    assert len(claims(root)) > 20


def test_every_claim_names_tests_and_nothing_else(root: Path) -> None:
    for claim, named in claims(root).items():
        assert ", ".join(f"`{module}::{name}`" for module, name in NAMED.findall(named)) == named, claim
        assert named, claim


def test_every_test_that_is_named_exists(root: Path) -> None:
    named = {found for tests in claims(root).values() for found in NAMED.findall(tests)}
    missing = [f"{module}::{name}" for module, name in sorted(named) if not exists(root / module, name)]
    assert missing == []


def exists(module: Path, name: str) -> bool:
    return name.lower().startswith("test") and module.exists() and name in defined_in(module)


@pytest.mark.parametrize(
    ("module", "name", "is_there"),
    [
        ("tests/docs/test_threat_model.py", "test_there_are_claims", True),
        ("tests/docs/test_threat_model.py", "test_that_nobody_wrote", False),
        ("tests/docs/test_threat_model.py", "exists", False),
        ("tests/test_nothing.py", "test_there_are_claims", False),
    ],
)
def test_a_name_of_no_test_is_noticed(root: Path, module: str, name: str, is_there: bool) -> None:
    assert exists(root / module, name) is is_there
