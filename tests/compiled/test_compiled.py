"""Which modules are compiled, and what says so. The tests of the engine run on them with `make test-compiled`."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from soapsvc.version import described, engine_is_compiled
from tools import compiled


def test_every_module_of_the_engine_is_compiled_but_the_doors_and_those_that_are_named(root: Path) -> None:
    found = {path.relative_to(root).as_posix() for path in (root / "soapsvc" / "engine").rglob("*.py")}
    left = found - set(compiled.sources(root))
    assert {path for path in left if not path.endswith("/__init__.py")} == compiled.PURE <= found


def test_a_door_computes_nothing(root: Path) -> None:
    """Doors are not compiled: they have imports, and no code that takes time."""
    for path in (root / "soapsvc" / "engine").rglob("__init__.py"):
        assert "def " not in path.read_text(), path


def test_no_field_is_typed_object(root: Path) -> None:
    """mypyc looks that name up where it is not; a field of a dataclass or NamedTuple that holds anything is `Any`."""
    typed = re.compile(r"^    \w+: object( =.*)?$", re.MULTILINE)
    sources = (root / "soapsvc" / "engine").rglob("*.py")
    found = {path.name: matched.group() for path in sources if (matched := typed.search(path.read_text()))}
    assert {name: line for name, line in found.items() if "left: object = quantity if" not in line} == {}


@pytest.mark.skipif(engine_is_compiled(), reason="what runs is compiled")
def test_the_engine_of_a_checkout_is_pure_python() -> None:
    assert described().endswith(" (pure Python engine)")


def test_a_compiled_module_is_recognised_by_its_name(tmp_path: Path) -> None:
    """A package whose `engine.preview` is a file of machine code: it is looked up, not loaded."""
    package = tmp_path / "soapsvc"
    (package / "engine").mkdir(parents=True)
    (package / "__init__.py").write_text('__version__ = "9.9"\n')
    (package / "engine" / "__init__.py").touch()
    (package / "engine" / "preview.abi3.so").touch()
    source = Path(sys.modules["soapsvc.version"].__file__ or "").read_text()
    (package / "version.py").write_text(source)
    code = "from soapsvc.version import described; print(described())"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        env={"PYTHONPATH": f"{tmp_path}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "9.9 (compiled engine)\n"
