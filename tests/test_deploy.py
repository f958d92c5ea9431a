"""The systemd unit of docs/ is valid, is hardened, and starts what there is."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from soapsvc.cli import main
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


def test_a_wrong_setting_is_not_tried_again_and_a_database_that_is_away_is(root: Path) -> None:
    """The program ends with 2 for a setting that is wrong in itself, with 1 for what may be there in a moment."""
    text = (root / "docs" / "operate" / "soapsvc.service").read_text()
    (prevented,) = re.findall(r"^RestartPreventExitStatus=(\d+)$", text, re.MULTILINE)
    wrong = CliRunner().invoke(main, ["serve", "--database", "sqlite:///x"], env={"SOAPSVC_PROT": "1"})
    away = CliRunner().invoke(main, ["serve", "--database", "postgresql://127.0.0.1:1/x"])
    assert (wrong.exit_code, away.exit_code) == (int(prevented), 1)


def test_the_unit_starts_a_command_that_exists(root: Path) -> None:
    text = (root / "docs" / "operate" / "soapsvc.service").read_text()
    (command,) = re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)
    program, *words = shlex.split(command)
    assert program == "/opt/soapsvc/bin/soapsvc"
    check_soapsvc(words)
