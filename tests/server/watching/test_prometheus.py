"""The service's numbers in a real Prometheus, if Debian's package is installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.server.watching.with_prometheus import PROMETHEUS, observed

SECONDS, ACCOUNTS, KILLS = 6.0, 60, 1


@pytest.mark.skipif(PROMETHEUS is None, reason="prometheus is not here: apt-get install prometheus")
def test_prometheus_has_the_clients_counts_and_every_query_of_the_dashboard_returns_data(tmp_path: Path) -> None:
    found = observed(tmp_path, SECONDS, ACCOUNTS, KILLS)
    assert found.differences == []
    assert found.empty == []
    assert found.kills == KILLS
    assert found.runs > 0
