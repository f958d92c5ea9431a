"""The list of examples/README.md is complete, and its smallest tenant is the one of the first page."""

import json
import re

from click.testing import CliRunner

from soapsvc.cli import main
from tests.conftest import ROOT
from tests.docs.blocks import blocks

EXAMPLES = ROOT / "examples"
CLIENTS = ROOT / "docs" / "test" / "examples"
DRIVERS = ROOT / "tests" / "interop" / "drivers"
LONGER = re.compile(r"day\.\w+$", re.IGNORECASE)
"""Drivers of clients that have another one, with a longer scenario."""


def test_every_example_is_listed() -> None:
    text = (EXAMPLES / "README.md").read_text()
    listed = {(EXAMPLES / link).resolve() for link in re.findall(r"\]\(([^)]+)\)", text)}
    drivers = {path for path in DRIVERS.iterdir() if path.is_file() and not LONGER.search(path.name)}
    examples = {*EXAMPLES.glob("*/*.ipynb"), EXAMPLES / "tenant", *CLIENTS.iterdir(), *drivers}
    assert len(examples) > 15
    assert examples - listed == set()


def test_the_smallest_tenant_is_the_one_of_the_first_page() -> None:
    page = blocks(ROOT / "docs" / "start" / "README.md")
    shown = {each.title: json.loads(each.text) for each in page if each.title and each.language == "json"}
    files = {path.relative_to(EXAMPLES).as_posix(): path for path in (EXAMPLES / "tenant").rglob("*.json")}
    assert shown == {name: json.loads(path.read_text()) for name, path in files.items()}


def test_its_preview_is_5_seats_of_10_for_17_of_31_days_and_for_a_month() -> None:
    """10 x 5 x 17 / 31 = 27.42, and 50; the command is the one of the page."""
    text = (EXAMPLES / "README.md").read_text()
    (arguments,) = re.findall(r"`soapsvc (preview [^`]+)`", text)
    words = arguments.replace("examples/tenant", str(EXAMPLES / "tenant")).split()
    done = CliRunner().invoke(main, [*words, "--format", "csv"])
    assert done.exit_code == 0, done.output
    assert [line.split(",")[2] for line in done.stdout.splitlines()[1:]] == ["27.42", "50"]
