from __future__ import annotations

import pytest

from tests.console.conftest import NOW, MovableClock


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(NOW)
