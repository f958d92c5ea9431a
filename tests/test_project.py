"""Rules for the project's files as a whole."""

import ast
import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

MODULE_LINES = 320  # about 300; what is beyond is two things
FOLDER_MODULES = 12
FUNCTION_LINES = 40  # what is beyond is two things
PIN_FILES = ["requirements.txt", "requirements-dev.txt", "requirements-build.txt"]
PIN_FILES += ["requirements-browser.txt", "requirements-dist.txt", "requirements-mutants.txt", "requirements-docs.txt"]
PIN_FILES += ["requirements-notebook.txt"]
PIN = re.compile(r"(?P<name>[a-z0-9-]+)==(?P<version>[^ ]+)(?: ; [^/:]+)?(?: --hash=sha256:[0-9a-f]{64})+")


def pin_lines(root: Path, name: str) -> list[str]:
    """Return the pins of the requirements file ``name``, each with its hashes on one line."""
    text = (root / name).read_text()
    return re.sub(r" *\\\n *", " ", text).splitlines()


def pinned(root: Path, name: str) -> dict[str, set[str]]:
    """Return the pinned versions of each package in the requirements file ``name``; two where markers choose."""
    versions: dict[str, set[str]] = {}
    for line in pin_lines(root, name):
        package, _, version = line.split()[0].partition("==")
        versions.setdefault(package, set()).add(version)
    return versions


@pytest.mark.parametrize("name", PIN_FILES)
def test_every_requirement_is_one_version_with_hashes_and_no_address(root: Path, name: str) -> None:
    lines = pin_lines(root, name)
    assert lines
    assert [line for line in lines if not PIN.fullmatch(line)] == []


@pytest.mark.parametrize("folder", ["bench/peers", "tests/browser"])
def test_the_lock_of_npm_packages_has_hashes_and_no_address(root: Path, folder: str) -> None:
    text = (root / folder / "package-lock.json").read_text()
    packages = [entry for path, entry in json.loads(text)["packages"].items() if path]
    assert packages
    assert [entry for entry in packages if not entry["integrity"].startswith("sha512-")] == []
    assert "://" not in text


@pytest.mark.parametrize(("name", "extras"), [("requirements.txt", []), ("requirements-dev.txt", ["test", "dev"])])
def test_every_declared_dependency_is_pinned_within_its_range(root: Path, name: str, extras: list[str]) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    groups = [project["dependencies"], *(project["optional-dependencies"][extra] for extra in extras)]
    wanted = [Requirement(text) for group in groups for text in group]
    versions = pinned(root, name)
    stale = [
        str(requirement)
        for requirement in wanted
        if requirement.name != "soapsvc"
        and not any(map(requirement.specifier.contains, versions.get(canonicalize_name(requirement.name), ())))
    ]
    assert stale == [], "run `make lock`"


def test_the_pinned_packages_of_the_service_are_those_of_the_tests(root: Path) -> None:
    assert pinned(root, "requirements.txt").items() <= pinned(root, "requirements-dev.txt").items()


def test_every_dependency_has_its_reason(root: Path) -> None:
    text = (root / "pyproject.toml").read_text()
    entries = [line for line in text.splitlines() if re.match(r'  "[A-Za-z0-9-]+(==|>=)', line)]
    assert len(entries) >= 20
    assert [line for line in entries if not re.search(r'",\s+# \S+ \S+', line)] == []


def modules(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the path and the text of each module below ``folder``."""
    for path in sorted(folder.rglob("*.py")):
        yield path.relative_to(folder.parent).as_posix(), path.read_text(encoding="utf-8")


def test_modules_stay_small(root: Path) -> None:
    long = [name for name, text in modules(root / "soapsvc") if text.count("\n") > MODULE_LINES]
    assert long == []


@pytest.mark.parametrize("top", ["soapsvc", "tests"])
def test_folders_stay_small(root: Path, top: str) -> None:
    beside_the_door = (path for path in (root / top).rglob("*.py") if path.name not in {"__init__.py", "conftest.py"})
    folders = Counter(path.parent.relative_to(root) for path in beside_the_door)
    assert [folder.as_posix() for folder, count in folders.items() if count > FOLDER_MODULES] == []


def test_functions_stay_small(root: Path) -> None:
    long = [
        f"{name}: {node.name}"
        for name, text in modules(root / "soapsvc")
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef) and code_lines(node) > FUNCTION_LINES
    ]
    assert long == []


def test_the_name_of_a_class_means_one_thing_within_a_package(root: Path) -> None:
    """Packages side by side may each have a `Call` or a `Rows`, which are what the name says there."""
    defined: dict[tuple[str, str], list[str]] = {}
    for name, text in modules(root / "soapsvc"):
        for node in ast.parse(text).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                defined.setdefault((name.split("/")[1], node.name), []).append(name)
    assert [places for places in defined.values() if len(places) > 1] == []


def code_lines(function: ast.FunctionDef) -> int:
    """Return how many lines a function has from its first statement on, its docstring left out."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def test_no_float_gets_into_the_engine(root: Path) -> None:
    floats = [
        f"{name}:{node.lineno}"
        for name, text in modules(root / "soapsvc" / "engine")
        for node in ast.walk(ast.parse(text))
        if (isinstance(node, ast.Constant) and isinstance(node.value, float | complex))
        or (isinstance(node, ast.Name) and node.id == "float")
    ]
    assert floats == []


def test_the_architecture_names_what_is_there_and_leaves_nothing_out(root: Path) -> None:
    text = (root / "docs" / "dev" / "architecture.md").read_text()
    named = set(re.findall(r"`((?:soapsvc|tests)/[\w./]*)`", text))
    assert [path for path in named if not (root / path).exists()] == []
    parts = {
        f"soapsvc/{path.name}" + ("/" if path.is_dir() else "")
        for path in (root / "soapsvc").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert parts - named == {"soapsvc/__init__.py"}
