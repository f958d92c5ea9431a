"""A short run of hostile HTTP, the same at every run (`python -m tests.soap.fuzz` is the long one)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.server.attackers.fuzz import HttpTarget

SEEDS = 40


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpTarget]:
    with HttpTarget.over(tmp_path_factory.mktemp("fuzz") / "tenant") as running:
        yield running


@pytest.mark.parametrize("first", range(0, 8 * SEEDS, SEEDS))
def test_every_request_gets_the_answer_that_is_right_for_it(target: HttpTarget, first: int) -> None:
    """And none gets another's, waits for ever, or leaves an error in the log."""
    for seed in range(first, first + SEEDS):
        target.run(seed)


def test_they_reach_what_they_are_meant_for(target: HttpTarget) -> None:
    """Fuzzing that is always refused at the door would prove little."""
    kinds = {target.run(seed) for seed in range(120)}
    reached = {
        "range 206",
        "cursor 200",
        "cursor 400",
        "value 200",
        "value 400",
        "chunks 200",
        "length 200",
        "head 404",
    }
    assert reached <= kinds
