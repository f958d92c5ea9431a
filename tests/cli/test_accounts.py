"""`soapsvc accounts`: searched, narrowed, listed."""

from __future__ import annotations

import csv
import io
import json

import pytest
from click.testing import CliRunner, Result

from soapsvc.cli import main
from soapsvc.resources import fixtures_dir


def accounts(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["accounts", "--tenant", str(fixtures_dir()), *arguments])


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (("--search", "halyard"), ["Halyard Boats", "Halyard Boats, Winter Yard"]),
        (("--currency", "JPY"), ["Paper Lantern Tea"]),
        (("--status", "Gone"), []),
    ],
)
def test_accounts_are_found(arguments: tuple[str, ...], found: list[str]) -> None:
    done = accounts(*arguments, "--format", "csv")
    assert [row["Name"] for row in csv.DictReader(io.StringIO(done.stdout))] == found


def test_a_number_above_the_limit_is_reported() -> None:
    done = accounts("--limit", "2", "--format", "json")
    assert [json.loads(line)["number"] for line in done.stdout.splitlines()] == ["A00000014", "A00000015"]
    assert "There are more than 2" in done.stderr
    assert accounts("--limit", "16", "--format", "json").stderr == ""


def test_the_table_has_names_as_they_are() -> None:
    assert "Alder & Finch Bookbinders" in accounts("--search", "finch").stdout
