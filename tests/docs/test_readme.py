"""The README shows what really comes out."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from soapsvc.cli import main
from tests.support.programs import needs_curl
from tests.support.server import serving

# New at every call: the ids of previewed items, and the moment of the call.
VARYING = re.compile(r"(?<=<ns2:)(Id|ChargeDate)>[^<]+<")


def block(root: Path, language: str) -> str:
    """Return the README's one code block in ``language``."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", (root / "README.md").read_text(), re.DOTALL | re.MULTILINE)
    return found


@needs_curl
def test_the_call_that_make_serve_prints_gives_the_answer_that_is_shown(root: Path, tmp_path: Path) -> None:
    with serving(tmp_path / "log", "--demo") as server:
        call = next(line for line in iter(lambda: server.read_lines(1)[0], "") if line.startswith("curl "))
        answer = subprocess.run(["bash", "-c", call], capture_output=True, text=True, timeout=60, check=True).stdout
    shown = re.sub(r">\s+<", "><", block(root, "xml").strip())
    assert VARYING.sub(r"\1><", answer) == VARYING.sub(r"\1><", shown)


def test_the_preview_in_the_terminal_is_the_one_that_is_shown(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    command, _, shown = block(root, "console").partition("\n")
    _prompt, _soapsvc, *arguments = shlex.split(command)
    result = CliRunner().invoke(main, arguments, env={"COLUMNS": "120"})
    assert result.exit_code == 0, result.output
    assert [line.rstrip() for line in result.stdout.splitlines()] == shown.splitlines()
