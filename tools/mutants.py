"""Mutation testing: lists the small changes of the engine that no test of tests/engine notices.

`mutants.py [MODULE…]` lets mutmut make every small change that it knows, one at a time. A change that survives must be
judged in docs/dev/mutation-testing.md, in a line that starts as printed here; otherwise the exit status is 1.
Changes of only the words of an error or a warning are counted, not listed.

mutmut works on a copy in build/mutants. It leaves decorated functions alone, so a module of the copy decorates its
functions in its last lines instead. They empty caches before a change is tested, because a cached result of the
original code would hide the change, and before each test while mutmut finds out which tests call which functions.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "dev" / "mutation-testing.md"
ENGINE = Path("soapsvc", "engine")
COPIED = (ENGINE, Path("tests", "engine"), Path("tests", "support"))
MODULES = (
    *("schedule/calendar", "schedule/proration", "schedule/billing_periods", "schedule/service_periods"),
    *("schedule/terms", "schedule/delivery_counts", "money/rounding", "money/arithmetic"),
    *("pricing/charge_models", "pricing/models/tiers", "pricing/models/tiered", "pricing/models/decision_tables"),
    *("pricing/formulas/parser", "usage/smoothing", "usage/period_amounts"),
    *("discounts/discounter", "discounts/turns", "discounts/chain", "discounts/billed", "discounts/credited"),
    *("charges/recurring/price", "charges/recurring/items", "charges/recurring/billing_grids"),
    "charges/recurring/credits",
)
# The copy has no stand-in, and so no plugin that starts one.
ARGUMENTS = ("-p", "no:cacheprovider", "-p", "no:soapsvc", "-m", "not hypothesis")
STATUSES = {0: "survived", 33: "untested", 36: "timed out", 24: "timed out", -24: "timed out", None: "not run"}
LISTED = ("survived", "untested", "not run")

DECORATED = re.compile(r"^@((?:lru_cache|contextmanager).*)\n(?=def (\w+))", re.MULTILINE)
SETTINGS = """
[tool.mutmut]
source_paths = ["soapsvc"]
only_mutate = [{modules}]
pytest_add_cli_args_test_selection = ["tests/engine"]
pytest_add_cli_args = [{arguments}]
use_git_change_detection = false
timeout_multiplier = 5.0

[tool.pytest.ini_options]
addopts = ["--import-mode=importlib"]
markers = ["rule(name)"]
"""
CONFTEST = """
import importlib
import os
import pkgutil
import sys

import pytest

import soapsvc.engine

sys.setrecursionlimit(5000)  # every call of a function passes through two of mutmut's
NAMES = [each.name for each in pkgutil.walk_packages(soapsvc.engine.__path__, "soapsvc.engine.")]
OBJECTS = [each for name in NAMES for each in vars(importlib.import_module(name)).values()]
CLEARS = {id(each): each.cache_clear for each in OBJECTS if hasattr(each, "cache_clear")}

def pytest_sessionstart():
    for clear in CLEARS.values():
        clear()

def pytest_collection_modifyitems(items):
    # What reads the sources would take the change itself for a fault.
    items[:] = [item for item in items if "root" not in item.fixturenames]

@pytest.fixture(autouse=True)
def known_calls():
    if os.environ["MUTANT_UNDER_TEST"] == "stats":
        pytest_sessionstart()
"""


class Survivor(NamedTuple):
    """A change that no test noticed: its place, the lines before and after, and whether it changes only a sentence."""

    where: str
    before: str
    after: str
    wording: bool

    def __str__(self) -> str:
        return f"- `{self.where}`: `{self.before}` → `{self.after}`"


class Module(NamedTuple):
    """The outcome of a module's mutants."""

    name: str
    counts: Counter[str]
    survivors: Sequence[Survivor]


def copied(folder: Path, modules: Sequence[str]) -> None:
    """Fill the folder with the engine and its tests, ready for mutmut."""
    shutil.rmtree(folder, ignore_errors=True)
    for part in COPIED:
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "soapsvc" / "__init__.py", folder / "soapsvc")
    for path in (folder / ENGINE).rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        last = [f"{name} = {decorator}({name})\n" for decorator, name in DECORATED.findall(text)]
        path.write_text(DECORATED.sub("", text) + "".join(last), encoding="utf-8")
    names = ", ".join(f'"{(ENGINE / name).as_posix()}.py"' for name in modules)
    arguments = ", ".join(f'"{each}"' for each in ARGUMENTS)
    (folder / "pyproject.toml").write_text(SETTINGS.format(modules=names, arguments=arguments), encoding="utf-8")
    (folder / "tests" / "conftest.py").write_text(CONFTEST, encoding="utf-8")


def called_at_import(module: ast.Module) -> set[str]:
    """The names of the functions that a module calls when it is imported."""
    statements = [each for each in module.body if not isinstance(each, ast.FunctionDef | ast.ClassDef)]
    calls = [node for statement in statements for node in ast.walk(statement) if isinstance(node, ast.Call)]
    return {call.func.id for call in calls if isinstance(call.func, ast.Name)}


def try_alone(folder: Path, name: str, jobs: int) -> None:
    """Test the changes of functions that are called at import again, each in a process of its own.

    mutmut imports the engine once, unchanged, so objects made at import never see a change.
    """
    path = folder / "mutants" / ENGINE / f"{name}.py.meta"
    meta = json.loads(path.read_text(encoding="utf-8"))
    codes: dict[str, int | None] = meta["exit_code_by_key"]
    early = called_at_import(ast.parse((folder / ENGINE / f"{name}.py").read_text(encoding="utf-8")))
    keys = [
        key
        for key, code in codes.items()
        if STATUSES.get(code) in LISTED
        and key.rpartition(".")[2].rpartition("__mutmut_")[0].removeprefix("x_") in early
    ]

    def code(key: str) -> int:
        command = [sys.executable, "-m", "pytest", "-x", "-q", *ARGUMENTS, "tests/engine"]
        environ = {**os.environ, "MUTANT_UNDER_TEST": key}
        done = subprocess.run(command, cwd=folder / "mutants", env=environ, capture_output=True, check=False)  # noqa: S603
        return done.returncode

    with ThreadPoolExecutor(jobs) as threads:
        codes.update(zip(keys, threads.map(code, keys), strict=True))
    path.write_text(json.dumps(meta), encoding="utf-8")


def results(folder: Path, name: str) -> Module:
    """The results of mutmut for a module."""
    base = folder / "mutants" / ENGINE / name
    codes = json.loads(base.with_suffix(".py.meta").read_text(encoding="utf-8"))["exit_code_by_key"]
    statuses = {key.rpartition(".")[2]: STATUSES.get(code, "killed") for key, code in codes.items()}
    text = base.with_suffix(".py").read_text(encoding="utf-8")
    functions = {node.name: node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)}
    lines = text.splitlines()
    found = [_survivor(functions, lines, mutant) for mutant, status in statuses.items() if status in LISTED]
    return Module(name, Counter(statuses.values()), found)


def _survivor(functions: dict[str, ast.FunctionDef], lines: Sequence[str], mutant: str) -> Survivor:
    place = mutant.rpartition("__mutmut_")[0]
    original, changed = functions[f"{place}__mutmut_orig"], functions[mutant]
    before, after = ([line.strip() for line in lines[each.lineno : each.end_lineno]] for each in (original, changed))
    differing = list(difflib.ndiff(before, after))
    gone, come = (" ".join(line[2:] for line in differing if line[0] == sign) for sign in "-+")
    where = place[2:].replace("ǁ", ".")
    return Survivor(where, gone, come, _without_sentences(original) == _without_sentences(changed))


def _without_sentences(function: ast.FunctionDef) -> list[str]:
    """The function's body without the sentences of its errors and warnings."""
    function = deepcopy(function)
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "message":
            node.value = ast.Constant("…")
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"RatingError", "RatingWarning"} and node.args[1:]:
            node.args[1] = ast.Constant("…")
    return [ast.dump(statement) for statement in function.body]


def report(found: Sequence[Module]) -> Iterator[str]:
    """The table, and the survivors that change more than wording."""
    yield "| module | mutants | killed | timed out | survived | of these, wording only |"
    yield "|---|---|---|---|---|---|"
    for name, counts, survivors in found:
        wording = sum(each.wording for each in survivors)
        alive = counts["survived"] + counts["untested"] + counts["not run"]
        yield f"| {name} | {counts.total()} | {counts['killed']} | {counts['timed out']} | {alive} | {wording} |"
    for name, _counts, survivors in found:
        yield from ("", f"### {name}", "")
        yield from dict.fromkeys(str(each) for each in survivors if not each.wording)
        if words := Counter(each.where for each in survivors if each.wording):
            yield "- Wording only: " + ", ".join(f"`{where}` {count}" for where, count in words.items()) + "."


def main() -> int:
    """Run the tool; returns 1 if the page does not judge a surviving change."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", default=MODULES, metavar="MODULE", help="default: %(default)s")
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "mutants", help="default: build/mutants")
    parser.add_argument("--jobs", type=int, default=1, help="processes at a time; default: %(default)s")
    parser.add_argument("--read", action="store_true", help="only tell the results that the folder already holds")
    options = parser.parse_args()
    if not options.read:
        copied(options.folder, options.modules)
        command = [sys.executable, "-m", "mutmut", "run", "--max-children", str(options.jobs)]
        with (options.folder / "log").open("w") as log:
            done = subprocess.run(command, cwd=options.folder, stdout=log, stderr=log, check=False)  # noqa: S603
        if done.returncode:
            sys.exit(f"mutmut failed; its log is {options.folder / 'log'}")
        for name in options.modules:
            try_alone(options.folder, name, options.jobs)
    found = [results(options.folder, name) for name in options.modules]
    print("\n".join(report(found)))
    judged = PAGE.read_text(encoding="utf-8") if PAGE.is_file() else ""
    unjudged = [each for module in found for each in module.survivors if not each.wording and str(each) not in judged]
    print(f"\n{len(unjudged)} of them are not judged in {PAGE.relative_to(ROOT)}", *unjudged, sep="\n")
    return bool(unjudged)


if __name__ == "__main__":
    sys.exit(main())
