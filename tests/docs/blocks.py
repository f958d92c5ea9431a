"""Code blocks of a page, and a script that runs its shell blocks.

A block of `sh` is run as it is. A block of `console` has commands after `$ `, and below each its output: `…`
stands for any text, and any white space for any other. A block of `json` or `toml` with a title is written to the file
of that name. A comment `<!-- not run here: WHY -->` on the line before a block keeps it from being run.
"""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

FENCE = re.compile(
    r"(?:^(?P<indent> *)<!-- not run here: (?P<why>[^>]+) -->\n+)?"
    r'^(?P<space> *)```(?P<language>\w*)(?: title="(?P<title>[^"]+)")?\n(?P<text>.*?)^(?P=space)```$',
    re.DOTALL | re.MULTILINE,
)
SHELLS = {"sh", "console"}
PRELUDE = """
# `soapsvc serve` ends as soon as it serves.
soapsvc() {
  local each served= pid few=(--workers 1)
  for each in "$@"; do [ "$each" != serve ] || served=1; done
  if [ -z "$served" ] || [ "$1" = config ]; then command soapsvc "$@"; return; fi
  rm -f serve.out
  [[ "$*" != *--stand-in* ]] || few=()
  command soapsvc "$@" --port 0 "${few[@]}" >serve.out 2>serve.err & pid=$!
  until grep -q '^listening' serve.out 2>/dev/null; do
    kill -0 $pid 2>/dev/null || { cat serve.err >&2; return 1; }
    sleep 0.05
  done
  head -n 1 serve.out
  kill $pid
  wait $pid || true
}
"""
SECONDS = 600


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its title, its text, and why it is not run, if it is not."""

    language: str
    title: str
    text: str
    why_not: str


@dataclass
class Script:
    """The commands of a page, each with its documented output; None if there is none."""

    commands: list[tuple[str, str | None]] = field(default_factory=list)

    def run(self, folder: Path, environment: dict[str, str]) -> list[str]:
        """Run all commands in one shell in ``folder``; returns the output of each. Fails with the first that fails."""
        lines = [PRELUDE]
        for number, (command, _) in enumerate(self.commands):
            lines += [f"echo {shlex.quote(command)} >last", f"{{ {command}\n}} >out.{number} 2>&1"]
        with subprocess.Popen(
            ["bash", "-euo", "pipefail", "-c", "\n".join(lines)],
            cwd=folder,
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as shell:
            try:
                errors = shell.communicate(timeout=SECONDS)[1]
            except subprocess.TimeoutExpired:
                os.killpg(shell.pid, signal.SIGKILL)
                raise
        outputs = [path.read_text() for path in sorted(folder.glob("out.*"), key=lambda path: int(path.suffix[1:]))]
        last = (folder / "last").read_text() if (folder / "last").exists() else ""
        assert shell.returncode == 0, f"{last}{outputs[-1:]}{errors}"
        return outputs


def blocks(page: Path) -> Iterator[Block]:
    for found in FENCE.finditer(page.read_text()):
        text = re.sub(rf"^{found['space']}", "", found["text"], flags=re.MULTILINE)
        yield Block(found["language"], found["title"] or "", text, found["why"] or "")


def script(page: Path) -> Script:
    """The blocks of a page that are run."""
    made = Script()
    for block in blocks(page):
        if block.why_not or block.language not in SHELLS:
            continue
        made.commands += [(block.text, None)] if block.language == "sh" else session(block.text)
    return made


def session(text: str) -> Iterator[tuple[str, str]]:
    """Yield each command of a terminal session, and the output shown below it."""
    lines = text.splitlines()
    while lines:
        first = lines.pop(0)
        assert first.startswith("$ "), f"a session starts with a command: {first}"
        command = first.removeprefix("$ ")
        while not whole(command):
            command += "\n" + lines.pop(0)
        shown = []
        while lines and not lines[0].startswith("$ "):
            shown.append(lines.pop(0))
        yield command, "\n".join(shown)


def whole(command: str) -> bool:
    """Whether a command is complete, without a further line."""
    if command.endswith(("\\", "|")):
        return False
    try:
        shlex.split(command)
    except ValueError:
        return False
    return True


def prints(output: str, shown: str) -> bool:
    """Whether a command printed the shown output."""
    parts = [re.escape(squeezed(part)) for part in shown.split("…")]
    return re.fullmatch(".*".join(parts), squeezed(output), re.DOTALL) is not None


def squeezed(text: str) -> str:
    """A text without white space, and with every local port as one."""
    return re.sub(r"(127\.0\.0\.1|localhost):\d+", r"\1:8080", re.sub(r"\s+", "", text))


def plain_json(text: str) -> str:
    """JSON without the dots that stand for further values."""
    return re.sub(r"(?<=[\[{])…(?=[\]}])", "", text)
