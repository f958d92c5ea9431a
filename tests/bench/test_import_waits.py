"""The driver that measures waits during an import, on a small one: every kind of call is made meanwhile, none fails."""

from __future__ import annotations

from pathlib import Path

from bench.generate_tenant import write_tenant
from bench.import_waits import KINDS, measured, ms, table

CALLS = 3


def test_all_kinds_of_calls_are_answered_during_an_import(tmp_path: Path) -> None:
    write_tenant(tmp_path / "large", 300)
    seconds, waits = measured(tmp_path, tmp_path / "large", calm_seconds=0.5)
    assert {kind: seen.failures for kind, seen in waits.items()} == {kind: [] for kind in KINDS}
    assert {kind for kind, seen in waits.items() if len(seen.busy) >= CALLS} == set(KINDS)
    assert seconds > 0
    assert table(300, seconds, waits).row_count == len(KINDS)
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_shares_of_waits() -> None:
    """Of 1 to 200 ms: half of the calls took up to 100, 99 % up to 198, all of them up to 200."""
    waits = [each / 1000 for each in range(200, 0, -1)]
    assert [ms(waits, share) for share in (0.5, 0.99, 1)] == ["100", "198", "200"]
    assert ms([], 1) == "-"
