"""The table of billing rules in docs/dev/coverage.md, from the tests: which rule is shown by which test, and how well.

A test names its rule by the marker `rule`. A rule with tests is exact unless `tests/rules.toml` says what is
approximated; that file also names missing rules. Without an option the table is written; `--check` only says whether
it is up to date (status 1 if it is not).
"""

from __future__ import annotations

import argparse
import contextlib
import io
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "dev" / "coverage.md"
STATUSES = ROOT / "tests" / "rules.toml"
MARKS = ("<!-- billing rules: written by tools/rule_coverage.py -->", "<!-- end of billing rules -->")
TESTED = ("tests/engine", "tests/properties")

Tests = Mapping[str, Sequence[pytest.Item]]


class Collector:
    """A pytest plugin that groups the collected tests by the rules that they name."""

    def __init__(self) -> None:
        self.rules: dict[str, list[pytest.Item]] = defaultdict(list)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Keep each test function once, whatever its parameters."""
        seen = set()
        for item in session.items:
            for marker in item.iter_markers("rule"):
                key = marker.args[0], item.location[0], getattr(item, "originalname", item.name)
                if key not in seen:
                    seen.add(key)
                    self.rules[marker.args[0]].append(item)


def collected() -> Tests:
    """The tests of every rule."""
    collector = Collector()
    with contextlib.redirect_stdout(io.StringIO()) as said:
        status = pytest.main(
            ["--collect-only", "-q", f"--rootdir={ROOT}", *(str(ROOT / each) for each in TESTED)], [collector]
        )
    if status != pytest.ExitCode.OK:
        sys.exit(f"the tests cannot be collected:\n{said.getvalue()}")
    return collector.rules


def table(tests: Tests, statuses: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """The lines of the page's section. Raises SystemExit for a status of a rule without tests."""
    approximated, missing = statuses["approximated"], statuses["missing"]
    if unknown := sorted(set(approximated) - set(tests)):
        sys.exit(f"tests/rules.toml speaks of rules that no test shows: {', '.join(unknown)}")
    if shown := sorted(set(missing) & set(tests)):
        sys.exit(f"tests/rules.toml calls missing what tests show: {', '.join(shown)}")
    exact = len(tests) - len(approximated)
    yield f"{exact} rules are exact, {len(approximated)} approximated, {len(missing)} missing."
    for section, title in statuses["sections"].items():
        rules = sorted((name for name in {*tests, *missing} if _section(name) == section), key=_natural)
        if rules:
            yield from ("", f"### {title}", "", "| rule | | shown by |", "|---|---|---|")
            yield from (_row(name, tests.get(name, ()), approximated, missing) for name in rules)


def _row(name: str, items: Sequence[pytest.Item], approximated: Mapping[str, str], missing: Mapping[str, str]) -> str:
    if name in missing:
        return f"| {name} | missing: {missing[name]} | |"
    how = f"approximated: {approximated[name]}" if name in approximated else "exact"
    files: dict[str, list[str]] = defaultdict(list)
    for item in items:
        files[Path(item.location[0]).as_posix()].append(str(getattr(item, "originalname", item.name)))
    shown = "; ".join(f"`{file}`: {_first(names)}" for file, names in sorted(files.items()))
    return f"| {name} | {how} | {shown} |"


def _first(names: Sequence[str]) -> str:
    first = names[0].removeprefix("test_").replace("_", " ")
    return first if len(names) == 1 else f"{first}, and {len(names) - 1} more"


def _section(name: str) -> str:
    number = re.match(r"\d+", name)
    return number.group() if number else name.split(":", maxsplit=1)[0]


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", name)]


def main(arguments: Sequence[str]) -> int:
    """Write the section, or check it."""
    parser = argparse.ArgumentParser(description="The table of billing rules in docs/dev/coverage.md.")
    parser.add_argument("--check", action="store_true", help="only say whether the page is up to date")
    parser.add_argument("--page", type=Path, default=PAGE, help="another page than docs/dev/coverage.md")
    options = parser.parse_args(arguments)
    lines = table(collected(), tomllib.loads(STATUSES.read_text(encoding="utf-8")))
    text = options.page.read_text(encoding="utf-8")
    before, _, rest = text.partition(MARKS[0])
    _, _, after = rest.partition(MARKS[1])
    written = "\n".join((f"{before}{MARKS[0]}", *lines, f"{MARKS[1]}{after}"))
    if not options.check:
        options.page.write_text(written, encoding="utf-8")
    elif written != text:
        print(f"{options.page.name} is out of date: make rules", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
