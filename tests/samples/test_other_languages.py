"""The examples of docs/test/examples run as they stand: each starts a stand-in as a process, and bills with it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from soapsvc.cli import main

COMMANDS = {
    "preview.test.mjs": ["node", "--test"],
    "preview.php": ["php"],
    "preview.t": ["prove", "-v"],
    "PreviewExample.java": ["java"],
    "preview_zeep.py": [sys.executable],
    "preview.sh": ["bash"],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_an_example_passes_as_it_stands(root: Path, tmp_path: Path, name: str) -> None:
    command = COMMANDS[name]
    if shutil.which(command[0]) is None:
        pytest.skip(f"there is no {command[0]} here")
    if command[0] == "php" and "soap" not in subprocess.check_output(["php", "-m"], text=True):
        pytest.skip("this PHP has no ext-soap")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    example = root / "docs" / "test" / "examples" / name
    done = subprocess.run(
        [*command, str(example)],
        env={**os.environ, "PATH": path, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_example_is_run(root: Path) -> None:
    found = {path.name for path in (root / "docs" / "test" / "examples").iterdir() if path.suffix != ".yml"}
    assert found == set(COMMANDS)


@pytest.mark.parametrize("name", ["github-actions.yml", "gitlab-ci.yml"])
def test_a_service_is_given_options_that_there_are(root: Path, name: str) -> None:
    """Every SOAPSVC_ variable of a snippet is an option of `serve`, but for those that the tests themselves read."""
    text = (root / "docs" / "test" / "examples" / name).read_text()
    named = set(re.findall(r"\b(SOAPSVC_[A-Z_]+):", text)) - {"SOAPSVC_URL"}
    help_text = CliRunner().invoke(main, ["serve", "--help"]).output
    options = {f"SOAPSVC_{option.upper().replace('-', '_')}" for option in re.findall(r"--([a-z-]+)", help_text)}
    assert named
    assert named <= options
