"""Every golden capture is reproduced, field by field and in order, at the likely target date and both ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.golden.replay import mismatches
from tests.support.tenants import golden_cases


def test_the_captures_are_there() -> None:
    if not golden_cases():
        pytest.skip("no golden captures: set GOLDEN_DIR to their folder")
    assert len(golden_cases()) >= 68


@pytest.mark.parametrize("path", golden_cases(), ids=lambda path: path.stem)
def test_the_capture_is_reproduced(path: Path, tmp_path: Path) -> None:
    assert mismatches(path, tmp_path / "tenant") == []
