"""Other builds of soapsvc beside this tree: a wheel (the compiled one, the last release), or a revision of git.

Each is installed into its own environment with the locked packages, and is measured by turns in the same run.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
_BUILDS = ROOT / "build" / "against"
ROUNDS = 3


def installed(what: str) -> Path:
    """The Python of an environment with that wheel or revision of git. Raises SystemExit for anything else."""
    wheel = Path(what)
    if wheel.suffix == ".whl":
        if not wheel.is_file():
            raise SystemExit(f"--against: there is no file {what}. `make dist` builds wheels into dist/.")
        return _environment(f"{wheel.stem}-{wheel.stat().st_mtime_ns}", wheel.resolve())
    if shutil.which("git") is None:
        raise SystemExit(f"--against: {what} is no wheel, and there is no git here to look for a revision.")
    revision = _git("rev-parse", "--verify", "--quiet", f"{what}^{{commit}}")
    if not revision:
        raise SystemExit(f"--against: {what} is no wheel and no revision of git.")
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "tree.tar"
        _git("archive", "--output", str(archive), revision)
        shutil.unpack_archive(archive, Path(folder) / "tree")
        return _environment(revision, Path(folder) / "tree")


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()


def _environment(name: str, package: Path) -> Path:
    """The Python of the environment, which is created unless a complete one exists."""
    folder = _BUILDS / name
    python = folder / "bin" / "python"
    if (folder / ".whole").exists():
        return python
    subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
    for lock in ("requirements-build.txt", "requirements.txt"):
        subprocess.run([ROOT / "tools" / "install_lock.sh", python, ROOT / lock], check=True)
    pip = [python, "-m", "pip", "--disable-pip-version-check", "-qq", "install"]
    subprocess.run([*pip, "--no-deps", "--no-build-isolation", package], check=True)
    (folder / ".whole").touch()
    return python


def rates(tenant: Path, builds: Mapping[str, Path], seconds: float, console: Console) -> dict[str, dict[str, float]]:
    """The rates of each build's parts alone. Prints a table."""
    found = by_turns(builds, ROUNDS, "bench.engine_rates", str(tenant), str(seconds))
    _show(found, console)
    return found


def by_turns(builds: Mapping[str, Path], rounds: int, module: str, *arguments: str) -> dict[str, dict[str, float]]:
    """The numbers that a module prints as JSON in its first line, by build: medians of rounds with a turn for each."""
    told: dict[str, list[dict[str, Any]]] = {name: [] for name in builds}
    for _ in range(rounds):
        for name, python in builds.items():
            told[name].append(json.loads(measured_by(python, module, *arguments).splitlines()[0]))
    return {
        name: {part: median(each[part] for each in found) for part, value in found[0].items() if _is_number(value)}
        for name, found in told.items()
    }


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)


def measured_by(python: Path, module: str, *arguments: str) -> str:
    """What a module of this folder's `bench` prints under a build's Python, which imports its own `soapsvc`.

    Raises SystemExit with the last line of the error.
    """
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "bench").symlink_to(ROOT / "bench")
        environment = {**os.environ, "PYTHONPATH": folder}
        command = [str(python), "-P", "-m", module, *arguments]
        told = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if told.returncode:
        raise SystemExit(f"{python} cannot measure: {told.stderr.strip().splitlines()[-1]}")
    return told.stdout


def _show(found: Mapping[str, Mapping[str, float]], console: Console) -> None:
    table = Table(title="parts alone, of each build", title_justify="left")
    ours = found["soapsvc"]
    for column in ("", *found, *(f"{name} : soapsvc" for name in found if name != "soapsvc")):
        table.add_column(column, justify="right" if column else "left")
    for part, rate in ours.items():
        ratios = [f"{each[part] / rate:.2f}" for name, each in found.items() if name != "soapsvc"]
        table.add_row(part, *(f"{each[part]:,.0f}" for each in found.values()), *ratios)
    console.print(table)
