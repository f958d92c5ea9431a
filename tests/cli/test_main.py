"""The group `soapsvc`: what holds for every command."""

import re
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from soapsvc.cli import COMMANDS, main
from soapsvc.version import described


def test_it_says_its_version() -> None:
    result = CliRunner().invoke(main, ["--version"])
    assert result.output == f"soapsvc, version {described()}\n"


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_each_command_explains_itself(name: str) -> None:
    result = CliRunner().invoke(main, [name, "--help"])
    assert result.exit_code == 0, result.output
    assert result.output.startswith(f"Usage: main {name} ")


def test_the_help_lists_every_command_with_a_sentence() -> None:
    output = CliRunner().invoke(main, ["--help"]).output
    told = dict(re.findall(r"^  (\w+) +(\S.*\.)$", output.partition("Commands:")[2], re.MULTILINE))
    assert told == {name: sentence for name, (_, sentence) in COMMANDS.items()}
    assert main.list_commands(click.Context(main)) == sorted(COMMANDS)


def test_an_unknown_command_is_refused_by_name() -> None:
    result = CliRunner().invoke(main, ["invoice"])
    assert result.exit_code == 2
    assert "No such command 'invoice'" in result.output


def loaded_by(script: str) -> set[str]:
    """The modules that a process has loaded after a script."""
    script = f"import sys; {script}; print(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, timeout=60)
    return set(done.stdout.splitlines()[-1].decode().split())


def of_commands(*arguments: str) -> str:
    return f"from soapsvc.cli import main; main({[*arguments]}, standalone_mode=False)"


@pytest.mark.parametrize("script", ["import soapsvc.cli", of_commands("--help")])
def test_starting_the_command_line_and_listing_commands_loads_none(script: str) -> None:
    ours = {name for name in loaded_by(script) if name.startswith(("soapsvc.", "spyne", "sqlalchemy"))}
    assert {name for name in ours if not name.startswith("soapsvc.cli.configuration")} == {"soapsvc.cli"}


def every_command(group: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words of each command, and of those below it."""
    for name in group.list_commands(click.Context(group)) if isinstance(group, click.Group) else ():
        found = group.get_command(click.Context(group), name)
        assert found is not None
        yield (*path, name)
        yield from every_command(found, (*path, name))


@pytest.mark.parametrize("words", list(every_command(main)), ids=" ".join)
def test_a_command_that_explains_itself_loads_nothing_of_what_it_does(words: tuple[str, ...]) -> None:
    """Click, and of ours no room but the command line's."""
    loaded = loaded_by(of_commands(*words, "--help")) - loaded_by("pass")
    ours = {name for name in loaded if name.startswith("soapsvc.")}
    assert {name.partition(".")[0] for name in loaded} - sys.stdlib_module_names == {"click", "soapsvc"}
    assert {name for name in ours if not name.startswith("soapsvc.cli")} == set()


SELDOM = {"alembic", "babel", "httpx", "jinja2", "markdown_it", "pygal", "tenacity", "xlsxwriter", "yaml"}
"""What takes long to load, and only some calls need: migrations, pages, pictures, workbooks, an upstream."""


@pytest.mark.parametrize("module", ["serving.service", "shown.preview", "runs.new_run"])
def test_a_command_loads_nothing_that_it_may_never_need(module: str) -> None:
    assert loaded_by(f"import soapsvc.cli.{module}") & SELDOM == set()


@pytest.mark.parametrize(
    ("form", "rooms"),
    [
        ("table", set()),
        ("json", {"rest"}),
        ("soap", {"soap", "zoql", "runs"}),  # the contract has the types of queries and runs
        ("csv", {"runs", "figures.table"}),
        ("xlsx", {"runs", "figures.table", "figures.workbooks"}),
    ],
)
def test_a_preview_loads_only_what_writes_its_form(form: str, rooms: set[str]) -> None:
    written = {"rest", "soap", "zoql", "runs", "server", "standin", "figures.table", "figures.workbooks"}
    words = ["--tenant", "examples/tenant", "--account-number", "A-1", "--target-date", "2026-12-31", "--format", form]
    loaded = loaded_by(of_commands("preview", *words))
    assert {room for room in written if f"soapsvc.{room}" in loaded} == rooms
