"""The number of examples of a property: its own number, times HYPOTHESIS_TIMES of the environment."""

from __future__ import annotations

import os

from hypothesis import settings

TIMES = int(os.environ.get("HYPOTHESIS_TIMES", "1"))


def examples(count: int) -> settings:
    """Settings of a property that tries `count` examples."""
    return settings(max_examples=count * TIMES)
