"""The examples of docs/test/examples run as they stand: each starts a stand-in as a process, and bills with it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from soapsvc.cli import main
from tests.conftest import ROOT
from tests.support.server import serving

EXAMPLES = ROOT / "docs" / "test" / "examples"
COMMANDS = {
    "preview.test.mjs": ["node", "--test"],
    "preview.php": ["php"],
    "preview.t": ["prove", "-v"],
    "PreviewExample.java": ["java"],
    "preview_zeep.py": [sys.executable],
    "preview.sh": ["bash"],
}
NEEDED = {"preview.sh": ["curl"]}
"""Programs that an example calls itself."""
Job = tuple[dict[str, str], list[tuple[str, dict[str, str]]]]
"""The environment of a CI job's service, and the commands of its steps, each with its own environment."""
CLOCK = 'curl -sf -H "Authorization: Bearer $SOAPSVC_ADMIN_TOKEN" "$STAND_IN_URL/_admin/clock"'


@pytest.mark.parametrize("name", COMMANDS)
def test_an_example_passes_as_it_stands(tmp_path: Path, name: str) -> None:
    command = COMMANDS[name]
    for program in (command[0], *NEEDED.get(name, ())):
        if shutil.which(program) is None:
            pytest.skip(f"there is no {program} here")
    if command[0] == "php" and "soap" not in subprocess.check_output(["php", "-m"], text=True):
        pytest.skip("this PHP has no ext-soap")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    example = EXAMPLES / name
    done = subprocess.run(
        [*command, str(example)],
        env={**os.environ, "PATH": path, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_example_is_run() -> None:
    found = {path.name for path in EXAMPLES.iterdir() if path.suffix != ".yml"}
    assert found == set(COMMANDS)


@pytest.mark.parametrize("name", ["github-actions.yml", "gitlab-ci.yml"])
def test_a_service_is_given_options_that_there_are(name: str) -> None:
    """Every SOAPSVC_ variable of a snippet is an option of `serve`."""
    text = (EXAMPLES / name).read_text()
    named = set(re.findall(r"\b(SOAPSVC_[A-Z_]+):", text))
    help_text = CliRunner().invoke(main, ["serve", "--help"]).output
    options = {f"SOAPSVC_{option.upper().replace('-', '_')}" for option in re.findall(r"--([a-z-]+)", help_text)}
    assert named
    assert named <= options


def github_job() -> Job:
    job = yaml.safe_load((EXAMPLES / "github-actions.yml").read_text())["jobs"]["test"]
    steps = [(step["run"], step["env"]) for step in job["steps"] if "run" in step]
    return job["services"]["soapsvc"]["env"], steps


def gitlab_job() -> Job:
    """GitLab's runner gives the variables of a job to its services too."""
    job = yaml.safe_load((EXAMPLES / "gitlab-ci.yml").read_text())["test"]
    variables = job["variables"]
    return variables, [(command, variables) for command in job["script"]]


@pytest.mark.parametrize("job", [github_job, gitlab_job], ids=["GitHub", "GitLab"])
def test_the_service_of_a_ci_job_starts_and_its_steps_reach_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, job: Callable[[], Job]
) -> None:
    """The image's own command serves a stand-in with the job's variables; `make test` asks the admin plane here."""
    if shutil.which("curl") is None:
        pytest.skip("there is no curl here")
    service, steps = job()
    (command,) = re.findall(r"^CMD (.*)$", (ROOT / "Containerfile").read_text(), re.MULTILINE)
    program, *arguments = json.loads(command)
    assert program == "serve"
    for name, value in service.items():
        monkeypatch.setenv(name, value)
    with serving(tmp_path / "log", *arguments) as server:
        url = f"http://127.0.0.1:{server.host_port[1]}"
        for step, variables in steps:
            shell = ["sh", "-c", CLOCK if step == "make test" else step]
            here = {**os.environ, **variables, "STAND_IN_URL": url}
            done = subprocess.run(shell, env=here, capture_output=True, text=True, timeout=60, check=False)
            assert done.returncode == 0, f"{step}: {done.stderr}"
    assert json.loads(done.stdout)["now"] == service["SOAPSVC_AS_OF"]
