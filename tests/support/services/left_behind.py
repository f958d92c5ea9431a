"""What a piece of work leaves for the garbage collector: objects that only cycles hold."""

from __future__ import annotations

import gc
from collections.abc import Callable


def left_behind(kind: type, work: Callable[[], object]) -> int:
    """How many more objects of this kind there are after the work than before, while no garbage is collected."""

    def count() -> int:
        return sum(isinstance(found, kind) for found in gc.get_objects())

    gc.collect()
    gc.disable()
    try:
        before = count()
        work()
        return count() - before
    finally:
        gc.enable()
