"""The previews of the compiled engine against those of its sources: items, notes and explanations of random accounts.

`python -m tests.compiled.compare FOLDER [--accounts N]`; FOLDER is where a compiled wheel is unpacked (`make
test-compiled`). Each engine prints its previews in a process of its own.
"""

from __future__ import annotations

import argparse
import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import zip_longest
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from soapsvc.engine.account import Account
from soapsvc.version import engine_is_compiled
from tests.properties.strategies import accounts as made
from tests.properties.strategies.amended import amended
from tests.support.building import answer

ANY = made.accounts() | amended().map(lambda found: found.whole)
Asked = tuple[Account, date, str, bool]
RENEWALS = st.sampled_from(["None", "All", "Autorenew"])


def generated(count: int) -> list[Asked]:
    """Random accounts and requests. One process makes them: Hypothesis's choices depend on the sources that it sees."""
    found: list[Asked] = []

    @settings(
        max_examples=count, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(ANY, made.targets, RENEWALS, st.booleans())
    def each(whole: Account, target: date, renew: str, explain: bool) -> None:
        found.append((whole, target, renew, explain))

    each()
    return found


def tell(asked: Path) -> None:
    """Print which engine this is, and a line for each preview."""
    sys.stdout.write(f"{engine_is_compiled()}\n")
    for whole, target, renew, explain in pickle.loads(asked.read_bytes()):  # noqa: S301 - we wrote it
        found = answer(whole, target, renew=renew, explain=explain)
        line = f"{target} {renew} {list(found.items())} {found.notes} {found.errors}"
        sys.stdout.write(line.replace("\n", " ") + "\n")


def told(path: str, asked: Path) -> Iterator[str]:
    """The output of `tell` with the engine that is found first on `path`. Raises CalledProcessError."""
    command = [sys.executable, "-P", "-m", "tests.compiled.compare", "--tell", f"{asked}"]
    environment = {**os.environ, "PYTHONPATH": path}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        yield from process.stdout
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)


def compare(folder: str, asked: Path) -> int:
    """Print the first difference, if any. Returns 1 for a difference, or if an engine is not the intended one."""
    compiled, pure = told(f"{folder}{os.pathsep}.", asked), told(".", asked)
    kinds = next(compiled).strip(), next(pure).strip()
    if kinds != ("True", "False"):
        sys.stderr.write(f"compiled: {kinds[0]} in {folder}, {kinds[1]} among the sources\n")
        return 1
    seen = items = 0
    for one, other in zip_longest(compiled, pure):
        if one != other:
            sys.stderr.write(f"account {seen + 1}:\ncompiled: {one}\nsources:  {other}\n")
            return 1
        seen, items = seen + 1, items + one.count("InvoiceItem(")
    sys.stdout.write(f"{seen} accounts, {items} items: the compiled engine gives what its sources give\n")
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare, or print one side."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", default="build/compiled")
    parser.add_argument("--accounts", type=int, default=2000)
    parser.add_argument("--tell", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.tell:
        tell(options.tell)
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        asked = Path(scratch) / "asked"
        asked.write_bytes(pickle.dumps(generated(options.accounts)))
        return compare(options.folder, asked)


if __name__ == "__main__":
    sys.exit(main())
