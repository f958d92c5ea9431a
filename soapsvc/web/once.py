"""Makes what is the same for all calls when the first one needs it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import wraps
from threading import Lock
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def once(make: Callable[P, T]) -> Callable[P, T]:
    """As functools.cache, for positional arguments; but who comes while a value is made waits for it.

    With a cache alone, all the calls that come at first make the value for themselves: where it takes a third of a
    second, 64 of them keep a new worker busy for twenty.
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
