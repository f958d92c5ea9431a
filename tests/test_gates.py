"""Each gate of `make check`, broken on purpose: a gate that cannot fail guards nothing.

The gates run as the Makefile writes them, over a small tree that has every layer and nothing else.
"""

import os
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

GATES = ["format-check", "lint", "types", "imports", "wsdl-check"]
LAYERS = [
    *("cli", "testing", "server", "soap", "rest", "console", "standin", "web"),
    *("figures", "runs", "parity", "vendor", "tenant", "engine"),
]
ROOMS = {
    "engine": ["account", "money", "schedule", "pricing", "usage", "charges", "discounts", "subscription", "documents"],
    "runs": ["definition", "storage", "planning", "results", "sinks", "execution"],
    "tenant": ["database", "reading", "formats", "exports", "tables", "migrations", "store", "importing"],
    "soap": ["frame", "contract", "reading", "writing", "operations"],
    "rest": ["http", "replays", "operations"],
    "server": ["counting", "watching", "standing"],
}
"""The rooms that a package has, each above the one before it."""
ASIDE = [
    "engine.lifecycle",
    "rest.previews",
    "rest.reads",
    "engine.pricing.formulas",
    "engine.pricing.models",
    "engine.charges.recurring",
    "figures.workbooks",
    "standin.front",
]
"""Rooms beside another one of the same package, and rooms within rooms."""
DOORS = [*(f"{package}.{room}" for package, rooms in ROOMS.items() for room in rooms), *ASIDE]
MODULES = [
    *(f"engine.{each}" for each in ("preview", "result", "errors", "trace")),
    *("runs.run_diff", "tenant.users", "soap.app", "soap.ns", "rest.app", "rest.routes", "rest.frame"),
    *(f"server.{each}" for each in ("listening", "wsgi", "shadow", "aliases", "public_url", "telling")),
]
"""Modules that stand beside the rooms, in none of them."""


@pytest.fixture(scope="module")
def caches(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("caches")


@pytest.fixture
def tree(root: Path, tmp_path: Path) -> Path:
    """Return a small tree that passes every gate."""
    for name in ["pyproject.toml", "Makefile"]:
        shutil.copy(root / name, tmp_path)
    # What reads the product itself, such as its options, has nothing to read here.
    shutil.copytree(
        root / "tools", tmp_path / "tools", ignore=shutil.ignore_patterns("__pycache__", "reference_pages.py")
    )
    package = tmp_path / "soapsvc"
    package.mkdir()
    for name in ["__init__.py", "clock.py", "randomness.py", "resources.py", "version.py", "wire.py"]:
        shutil.copy(root / "soapsvc" / name, package)
    for layer in LAYERS:
        (package / layer).mkdir()
        (package / layer / "__init__.py").write_text(f'"""The layer {layer}."""\n')
    for room in (package.joinpath(*door.split(".")) for door in DOORS):
        room.mkdir()
        (room / "__init__.py").write_text(f'"""The door of {room.name}."""\n')
        (room / "inside.py").write_text(f'"""Private to {room.name}."""\n')
    for module in (package.joinpath(*name.split(".")) for name in MODULES):
        module.with_suffix(".py").write_text(f'"""The module {module.name}."""\n')
    (package / "soap" / "spyne_shim.py").write_text('"""Carries Spyne."""\n\nimport spyne\n\n__all__ = ["spyne"]\n')
    calls_out = '"""Calls out."""\n\nimport httpx\nimport tenacity\n\n__all__ = ["httpx", "tenacity"]\n'
    (package / "vendor" / "client.py").write_text(calls_out)
    (tmp_path / "wsdl").mkdir()
    (tmp_path / "wsdl" / "zuora.61.0.wsdl").write_text("<definitions/>\n")
    (tmp_path / "wsdl" / "zuora.62.0.wsdl").write_text("<definitions />\n")
    assert run_gate(tmp_path, "wsdl-update").returncode == 0
    return tmp_path


def run_gate(tree: Path, gate: str, caches: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run one target of the Makefile in ``tree`` with the tools of this interpreter's environment."""
    environment = dict(os.environ)
    if caches is not None:
        environment |= {"MYPY_CACHE_DIR": str(caches / "mypy"), "RUFF_CACHE_DIR": str(caches / "ruff")}
    tools = Path(sys.executable).parent
    return subprocess.run(
        ["make", "--old-file=.venv/.stamp", f"BIN={tools}", gate],
        cwd=tree, env=environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


@pytest.mark.parametrize("gate", GATES)
def test_a_clean_tree_passes(tree: Path, caches: Path, gate: str) -> None:
    done = run_gate(tree, gate, caches)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("gate", "module", "code", "complaint"),
    [
        ("format-check", "engine", "TOTAL = ( 1+2 )\n", "would be reformatted"),
        ("lint", "engine", "import decimal\n", "F401"),
        ("lint", "engine", "def total():\n    try:\n        return 1\n    except KeyError:\n        pass\n", "S110"),
        ("types", "engine", "def total(items):\n    return items\n", "no-untyped-def"),
        ("types", "engine", "def total(items: list) -> None:\n    items.clear()\n", "type-arg"),
        ("imports", "engine", "import soapsvc.tenant\n", "soapsvc.engine -> soapsvc.tenant"),
        ("imports", "tenant", "import soapsvc.soap\n", "soapsvc.tenant -> soapsvc.soap"),
        ("imports", "tenant", "import click\n", "soapsvc.tenant -> click"),
        ("imports", "rest", "import soapsvc.soap\n", "soapsvc.rest -> soapsvc.soap"),
        ("imports", "engine", "import json\n", "soapsvc.engine -> json"),
        ("imports", "engine", "import lxml.etree\n", "soapsvc.engine -> lxml"),
        ("imports", "engine", "import sqlalchemy\n", "soapsvc.engine -> sqlalchemy"),
        ("imports", "soap", "import spyne.server\n", "Illegal imports of protected package spyne"),
        ("imports", "runs", "import httpx\n", "Illegal imports of protected package httpx"),
        ("imports", "engine", "import soapsvc.clock\n", "soapsvc.engine -> soapsvc.clock"),
    ],
)
def test_a_gate_fails_on_what_it_guards(
    tree: Path, caches: Path, gate: str, module: str, code: str, complaint: str
) -> None:
    source = tree / "soapsvc" / module / "__init__.py"
    source.write_text(source.read_text() + "\n" + code)
    done = run_gate(tree, gate, caches)
    assert done.returncode != 0
    assert complaint in done.stdout + done.stderr


def test_a_package_that_belongs_to_no_layer_fails_the_import_gate(tree: Path) -> None:
    (tree / "soapsvc" / "utils.py").write_text('"""Odds and ends."""\n')
    done = run_gate(tree, "imports")
    assert done.returncode != 0
    assert "utils" in done.stdout


@pytest.mark.parametrize("room", DOORS)
def test_private_modules_of_a_room_are_not_imported_past_its_door(tree: Path, room: str) -> None:
    source = tree / "soapsvc" / "cli" / "__init__.py"  # a room within a room is reached from that room alone
    if room.count(".") > 1:
        source = tree.joinpath("soapsvc", *room.split(".")[:-1], "__init__.py")
    clean = source.read_text()
    source.write_text(f"{clean}\nimport soapsvc.{room}\n")
    assert run_gate(tree, "imports").returncode == 0
    source.write_text(f"{clean}\nimport soapsvc.{room}.inside\n")
    done = run_gate(tree, "imports")
    assert done.returncode != 0
    assert f"Illegal imports of protected package soapsvc.{room}.inside" in done.stdout


def test_a_room_does_not_look_past_the_door_of_another_one(tree: Path) -> None:
    source = tree / "soapsvc" / "engine" / "preview.py"
    source.write_text(f"{source.read_text()}\nimport soapsvc.engine.schedule.inside\n")
    done = run_gate(tree, "imports")
    assert done.returncode != 0
    assert "Illegal imports of protected package soapsvc.engine.schedule.inside" in done.stdout


@pytest.mark.parametrize(
    ("package", "lower", "upper"),
    [
        *((package, *pair) for package, rooms in ROOMS.items() for pair in pairwise(rooms)),
        *(
            ("engine", "documents", "preview"),
            ("engine", "documents", "lifecycle"),
            ("rest", "http", "previews"),
            ("rest", "previews", "reads"),
        ),
    ],
)
def test_no_room_imports_the_one_above_it(tree: Path, package: str, lower: str, upper: str) -> None:
    door = tree / "soapsvc" / package / lower / "__init__.py"
    door.write_text(f"{door.read_text()}\nimport soapsvc.{package}.{upper}\n")
    done = run_gate(tree, "imports")
    assert done.returncode != 0
    assert f"soapsvc.{package}.{lower} -> soapsvc.{package}.{upper}" in done.stdout


@pytest.mark.parametrize("name", ["engine/extras/__init__.py", *(f"{package}/utils.py" for package in ROOMS)])
def test_a_module_that_has_no_place_among_the_rooms_fails(tree: Path, name: str) -> None:
    path = tree / "soapsvc" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text('"""Odds and ends."""\n')
    done = run_gate(tree, "imports")
    assert done.returncode != 0
    assert name.removesuffix(".py").removesuffix("/__init__").rpartition("/")[2] in done.stdout


@pytest.mark.parametrize(
    "reading",
    [
        "import datetime\n\nNOW = datetime.datetime.now()\n",
        "from datetime import datetime\n\nNOW = datetime.now()\n",
        "from datetime import datetime as moment\n\nNOW = moment.utcnow()\n",
        "from datetime import date\n\nTODAY = date.today()\n",
        "from datetime import datetime\n\nread = datetime.today\n",
        "import time\n\nNOW = time.time()\n",
        "from time import time_ns\n\nNOW = time_ns()\n",
        "import time\n\nNOW = time.localtime()\n",
        "from sqlalchemy import func\n\nNOW = func.now()\n",
    ],
)
def test_reading_the_wall_clock_is_refused_outside_the_clock_module(tree: Path, caches: Path, reading: str) -> None:
    (tree / "soapsvc" / "tenant" / "__init__.py").write_text('"""A module."""\n\n' + reading)
    done = run_gate(tree, "lint", caches)
    assert done.returncode != 0
    assert "TID251" in done.stdout


def test_a_circle_of_imports_fails(tree: Path) -> None:
    room = tree / "soapsvc" / "engine" / "schedule"
    (room / "terms.py").write_text("import soapsvc.engine.schedule.periods\n")
    (room / "periods.py").write_text("import soapsvc.engine.schedule.terms\n")
    done = run_gate(tree, "imports")
    assert done.returncode != 0
    assert "periods" in done.stdout


def test_one_changed_byte_in_a_contract_fails(tree: Path) -> None:
    (tree / "wsdl" / "zuora.61.0.wsdl").write_text("<definitions/>")
    done = run_gate(tree, "wsdl-check")
    assert done.returncode != 0
    assert "zuora.61.0.wsdl has changed" in done.stderr


def test_a_contract_that_is_not_recorded_fails(tree: Path) -> None:
    (tree / "wsdl" / "zuora.63.0.wsdl").write_text("<definitions/>\n")
    done = run_gate(tree, "wsdl-check")
    assert done.returncode != 0
    assert "zuora.63.0.wsdl is not recorded" in done.stderr


def test_a_contract_that_is_gone_fails(tree: Path) -> None:
    (tree / "wsdl" / "zuora.62.0.wsdl").unlink()
    done = run_gate(tree, "wsdl-check")
    assert done.returncode != 0
    assert "zuora.62.0.wsdl is gone" in done.stderr


def test_an_intended_change_passes_after_it_is_recorded(tree: Path) -> None:
    (tree / "wsdl" / "zuora.61.0.wsdl").write_text("<definitions></definitions>\n")
    assert run_gate(tree, "wsdl-update").returncode == 0
    assert run_gate(tree, "wsdl-check").returncode == 0
