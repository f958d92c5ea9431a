"""`make bench` lets other builds take their turns: a wheel, or a revision of git."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bench.against import installed
from bench.workloads import write_tenant


@pytest.mark.parametrize(
    ("what", "said"),
    [
        pytest.param(
            "no-such-revision",
            "no-such-revision is no wheel and no revision of git",
            marks=pytest.mark.skipif(shutil.which("git") is None, reason="git is not on this machine"),
        ),
        ("dist/nothing-1.0-py3-none-any.whl", "there is no file dist/nothing-1.0-py3-none-any.whl"),
    ],
)
def test_a_name_of_neither_a_wheel_nor_a_revision_is_refused(what: str, said: str) -> None:
    with pytest.raises(SystemExit, match=said):
        installed(what)


def test_without_git_there_are_no_revisions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SystemExit, match="no git here"):
        installed("main")


def test_the_rates_of_another_build_are_measured_in_its_own_process(tmp_path: Path) -> None:
    """This is the command that `bench.against` runs with the Python of another environment."""
    tenant = write_tenant(tmp_path / "tenant")
    told = subprocess.check_output([sys.executable, "-m", "bench.engine_rates", str(tenant), "0.01"], text=True)
    assert {name.rpartition(", ")[2] for name in json.loads(told)} == {"items/s", "accounts/s"}
    assert min(json.loads(told).values()) > 0
