"""The systemd unit of docs/ is valid, is hardened, and starts what there is."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.commands import check_soapsvc

ANALYZE = shutil.which("systemd-analyze")
# Of 100; systemd calls everything below 20 "OK", and a service without hardening has 96.
EXPOSURE = 15

needs_systemd = pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not here")


@pytest.fixture
def unit(root: Path, tmp_path: Path) -> Path:
    """Return the unit with the program where it is installed here."""
    text = (root / "docs" / "operate" / "soapsvc.service").read_text()
    file = tmp_path / "soapsvc.service"
    file.write_text(text.replace("/opt/soapsvc/bin/soapsvc", f"{Path(sys.executable).parent}/soapsvc"))
    return file


def analyze(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([ANALYZE, *arguments], capture_output=True, text=True, check=False, timeout=60)


@needs_systemd
def test_systemd_finds_nothing_wrong_with_the_unit(unit: Path) -> None:
    done = analyze("verify", "--man=no", unit)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@needs_systemd
def test_a_misspelt_setting_would_be_found(unit: Path) -> None:
    unit.write_text(unit.read_text().replace("PrivateTmp=", "PrivateTemp="))
    assert "PrivateTemp" in analyze("verify", "--man=no", unit).stderr


@needs_systemd
def test_the_unit_exposes_little_of_the_machine(unit: Path) -> None:
    done = analyze("security", "--offline=yes", "--no-pager", f"--threshold={EXPOSURE}", unit)
    assert done.returncode == 0, done.stdout


def test_the_unit_starts_a_command_that_exists(root: Path) -> None:
    text = (root / "docs" / "operate" / "soapsvc.service").read_text()
    (command,) = re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)
    program, *words = shlex.split(command)
    assert program == "/opt/soapsvc/bin/soapsvc"
    check_soapsvc(words)
