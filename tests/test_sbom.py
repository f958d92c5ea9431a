"""The bill of materials lists what is pinned and nothing else, and stops at a licence that is not allowed."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tools import sbom

PROJECT = "soapsvc@1"


def part(name: str, *licences: dict[str, Any]) -> dict[str, Any]:
    return {"bom-ref": name, "name": name, "version": "1.0", "licenses": list(licences)}


MIT = {"license": {"id": "MIT"}}


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Installed packages in the tool's form: packages of the service, one of the tests, and their dependencies."""
    parts = [part("click", MIT), part("PyYAML", {"license": {"name": "MIT License"}}), part("pytest", MIT)]

    def told(*_: object, **__: object) -> SimpleNamespace:
        needs = [{"ref": PROJECT, "dependsOn": [each["bom-ref"] for each in parts]}]
        needs += [{"ref": each["bom-ref"], "dependsOn": ["pytest"]} for each in parts]
        bill = {"metadata": {"component": {"bom-ref": PROJECT}}, "components": parts, "dependencies": needs}
        return SimpleNamespace(stdout=json.dumps(bill).encode())

    monkeypatch.setattr(subprocess, "run", told)
    return parts


def test_it_has_what_is_pinned_to_run_and_no_part_of_the_tests(installed: list[Any], tmp_path: Path) -> None:
    assert sbom.main(str(tmp_path / "bill.json")) == 0
    bill = json.loads((tmp_path / "bill.json").read_text())
    assert [each["name"] for each in bill["components"]] == ["click", "PyYAML"]
    assert {each["ref"]: each["dependsOn"] for each in bill["dependencies"]} == {
        PROJECT: ["click", "PyYAML"],
        "click": [],
        "PyYAML": [],
    }


@pytest.mark.parametrize(
    ("licences", "told"),
    [
        ([], "no licence is told"),
        ([{"license": {"id": "GPL-3.0-only"}}], "GPL-3.0-only"),
        ([{"expression": "AGPL-3.0-or-later"}], "AGPL-3.0-or-later"),
        ([{"license": {"name": "Proprietary"}}], "Proprietary"),
    ],
)
def test_a_licence_that_is_not_allowed_stops_it_and_is_named(
    installed: list[Any], tmp_path: Path, capsys: pytest.CaptureFixture[str], licences: list[Any], told: str
) -> None:
    installed[0]["licenses"] = licences
    assert sbom.main(str(tmp_path / "bill.json")) == 1
    assert f"click: {told}" in capsys.readouterr().err


@pytest.mark.parametrize("licence", ["MIT", "BSD-3-Clause", "Apache-2.0", "MPL-2.0", "LGPL-3.0-only", "PSF-2.0"])
def test_licences_compatible_with_our_own_are_allowed(installed: list[Any], tmp_path: Path, licence: str) -> None:
    installed[0]["licenses"] = [{"license": {"id": licence}}]
    assert sbom.main(str(tmp_path / "bill.json")) == 0
