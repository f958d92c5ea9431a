"""A fetch to a full disk says so, and continues once there is room."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.services.serving import served
from tests.vendor.conftest import Application
from tests.vendor.tenant import CLIENT_ID, CLIENT_SECRET

LIMITED = """
import resource, sys
limit = int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit) if limit else (resource.RLIM_INFINITY,) * 2)
from soapsvc.cli import main
main()
"""


@pytest.mark.parametrize("options", [[], ["--bulk"]], ids=["single reads", "exports"])
def test_recording_reports_a_full_disk_and_continues(upstream: Application, tmp_path: Path, options: list[str]) -> None:
    def fetched(url: str, limit: int) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "SOAPSVC_UPSTREAM_CLIENT_ID": CLIENT_ID}
        environment["SOAPSVC_UPSTREAM_CLIENT_SECRET"] = CLIENT_SECRET
        asked = ["fetch", "--upstream", url, "--longest-pause", "0.01", *options, str(tmp_path / "t")]
        command = [sys.executable, "-c", LIMITED, f"{limit}", *asked]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)

    with served(upstream) as url:
        full = fetched(url, 90_000)
        assert (full.returncode, full.stdout) == (1, ""), full.stderr
        assert "cannot be written" in full.stderr
        assert "Traceback" not in full.stderr
        again = fetched(url, 0)
    assert again.returncode == 0, again.stderr
    assert "12 accounts in" in again.stdout
