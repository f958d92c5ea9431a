"""Every golden capture is reproduced, field by field and in order, at the likely target date and both ends."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from soapsvc.engine.preview import preview
from soapsvc.tenant import open_tenant
from tests.support.golden import read_golden, rest_fields
from tests.support.tenants import golden_cases, write_golden_tenant

AS_OF = datetime(2026, 1, 2, 3, 4, 5, tzinfo=ZoneInfo("Europe/London"))


def test_the_captures_are_there() -> None:
    if not golden_cases():
        pytest.skip("no golden captures: set GOLDEN_DIR to their folder")
    assert len(golden_cases()) >= 68


@pytest.mark.parametrize("path", golden_cases(), ids=lambda path: path.stem)
def test_the_capture_is_reproduced(path: Path, tmp_path: Path) -> None:
    golden = read_golden(path)
    account = open_tenant(write_golden_tenant(tmp_path / "tenant", golden.document)).account(id=golden.account_id)
    assert account is not None
    replays = list(golden.requests())
    assert replays
    for request in replays:
        result = preview(account, request, AS_OF)
        assert result.errors == ()
        assert not golden.mismatch(map(rest_fields, result.items())), request.target_date
