"""Mutmut's results are printed as they are, and a surviving change without a judgement is a failure."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tools.mutants import called_at_import

MUTATED = '''
def x_fee__mutmut_orig(quantity):
    """The fee."""
    if quantity < 0:
        raise RatingError("BAD_VALUE", "Too few.", "quantity")
    return quantity * 2


def x_fee__mutmut_1(quantity):
    """The fee."""
    if quantity <= 0:
        raise RatingError("BAD_VALUE", "Too few.", "quantity")
    return quantity * 2


def x_fee__mutmut_2(quantity):
    """The fee."""
    if quantity < 0:
        raise RatingError("BAD_VALUE", "TOO FEW.", "quantity")
    return quantity * 2


def x_fee__mutmut_3(quantity):
    """The fee."""
    if quantity < 0:
        raise RatingError("BAD_VALUE", "Too few.", "quantity")
    return quantity * 3
'''
BOUNDARY, WORDING, FACTOR = (f"soapsvc.engine.tolls.x_fee__mutmut_{number}" for number in (1, 2, 3))


@pytest.mark.parametrize(
    ("codes", "row", "unjudged"),
    [
        ({BOUNDARY: 1, WORDING: 1, FACTOR: 36}, "| tolls | 3 | 2 | 1 | 0 | 0 |", []),
        ({BOUNDARY: 1, WORDING: 0, FACTOR: 1}, "| tolls | 3 | 2 | 0 | 1 | 1 |", []),
        (
            {BOUNDARY: 0, WORDING: 0, FACTOR: None},
            "| tolls | 3 | 0 | 0 | 3 | 1 |",
            [
                "- `fee`: `if quantity < 0:` → `if quantity <= 0:`",
                "- `fee`: `return quantity * 2` → `return quantity * 3`",
            ],
        ),
    ],
)
def test_each_change_is_counted_and_the_unjudged_are_shown(
    root: Path, tmp_path: Path, codes: dict[str, int | None], row: str, unjudged: list[str]
) -> None:
    folder = tmp_path / "mutants" / "soapsvc" / "engine"
    folder.mkdir(parents=True)
    (folder / "tolls.py").write_text(MUTATED)
    (folder / "tolls.py.meta").write_text(json.dumps({"exit_code_by_key": codes}))
    done = subprocess.run(
        [sys.executable, "tools/mutants.py", "--read", "--folder", str(tmp_path), "tolls"],
        cwd=root, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    report, _, judged = done.stdout.partition(" of them are not judged")
    assert done.returncode == (1 if unjudged else 0), done.stderr
    assert row in report.splitlines()
    assert judged.splitlines()[1:] == unjudged
    assert ("- Wording only: `fee` 1." in report) == (codes[WORDING] == 0)


def test_functions_that_make_what_a_module_offers_are_known() -> None:
    """mutmut changes nothing that was made at import, so these are tested in processes of their own."""
    module = ast.parse(
        "RULES = {**_made(1), 'a': partial(_other, 2)}\n@late(3)\ndef fee(): _inner()\nif _asked(): pass\n"
    )
    assert called_at_import(module) == {"_made", "partial", "_asked"}
