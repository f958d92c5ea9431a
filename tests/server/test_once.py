"""Only the first call makes a value that all calls share."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import yaml

from soapsvc.rest.operations import reference
from soapsvc.web.once import once

AT_ONCE = 16


def test_those_who_come_while_a_value_is_made_wait_for_it() -> None:
    made, all_there = [], threading.Barrier(AT_ONCE)

    @once
    def slow(name: str) -> str:
        made.append(name)
        threading.Event().wait(0.05)
        return name.upper()

    def ask(number: int) -> str:
        all_there.wait()
        return slow("ab"[number % 2])

    with ThreadPoolExecutor(AT_ONCE) as threads:
        assert sorted(threads.map(ask, range(AT_ONCE))) == ["A"] * 8 + ["B"] * 8
    assert sorted(made) == ["a", "b"]


def test_a_failed_value_is_made_again() -> None:
    attempts = []

    @once
    def shaky() -> int:
        attempts.append(1)
        if len(attempts) == 1:
            raise OSError
        return len(attempts)

    with pytest.raises(OSError):  # noqa: PT011 - the one that is raised above
        shaky()
    assert [shaky(), shaky()] == [2, 2]


def test_the_contract_is_read_once_for_many_first_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes a third of a second: 64 who ask a new worker for /openapi.json at once kept it busy for twenty."""
    read, safe_load = [], yaml.safe_load

    def counted(text: bytes) -> object:
        read.append(1)
        return safe_load(text)

    monkeypatch.setattr(yaml, "safe_load", counted)
    fresh = once(reference._contract.__wrapped__)  # type: ignore[attr-defined]
    all_there = threading.Barrier(AT_ONCE)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        found = list(threads.map(lambda _: (all_there.wait(), fresh())[1], range(AT_ONCE)))
    assert len(read) == 1
    assert all(contract is found[0] for contract in found)
