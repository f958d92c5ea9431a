"""The group `soapsvc`: what holds for every command."""

import subprocess
import sys

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
    context = click.Context(main)
    helps = {name: main.get_command(context, name).get_short_help_str() for name in main.list_commands(context)}
    assert helps.keys() == COMMANDS.keys()
    assert all(helps.values())


def test_an_unknown_command_is_refused_by_name() -> None:
    result = CliRunner().invoke(main, ["invoice"])
    assert result.exit_code == 2
    assert "No such command 'invoice'" in result.output


def test_starting_the_command_line_loads_no_command() -> None:
    script = (
        "import sys, soapsvc.cli; print(*(n for n in sys.modules if n.startswith(('soapsvc.', 'spyne', 'sqlalchemy'))))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    ours = {name for name in done.stdout.split() if not name.startswith("soapsvc.cli.configuration")}
    assert ours == {"soapsvc.cli"}
