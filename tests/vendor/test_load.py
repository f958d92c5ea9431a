"""A shadow under a little load; `python -m tests.vendor.load --rate 100 --seconds 60` runs it whole."""

from __future__ import annotations

from pathlib import Path

from tests.vendor.load import run


def test_under_load_bytes_stay_and_every_planted_difference_is_found(tmp_path: Path) -> None:
    seen = run(tmp_path, rate=30, seconds=2, accounts=10, every=5, workers=1)
    assert seen.planted == {"A00000005", "A00000010"}
    assert seen.is_right, (seen.wrong, seen.found, seen.outcomes)
