"""Make a value that all calls share when the first one needs it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import wraps
from threading import Lock
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def once(make: Callable[P, T]) -> Callable[P, T]:
    """As functools.cache, for positional arguments; but a call while the value is being made waits for it.

    With functools.cache, all first calls make the value: if it takes a third of a second, 64 parallel calls keep a new
    worker busy for twenty seconds.
    """
    made: dict[Hashable, T] = {}
    lock = Lock()

    @wraps(make)
    def get(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return made[args]
        except KeyError:
            with lock:
                if args not in made:
                    made[args] = make(*args, **kwargs)
                return made[args]

    return get
