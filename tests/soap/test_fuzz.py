"""A short run of the fuzzer (`python -m tests.soap.fuzz` is the long one)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.soap.fuzz import Target


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Target:
    return Target.over(tmp_path_factory.mktemp("fuzz") / "tenant")


@given(seed=st.integers(min_value=0, max_value=2**64))
def test_any_input_gets_a_well_formed_answer(target: Target, seed: int) -> None:
    target.run(seed)


def test_the_corpus_reaches_every_stage(target: Target) -> None:
    """Fuzzing that never gets past the parser would prove little."""
    kinds = {target.run(seed) for seed in range(300)}
    assert {"billingPreviewResponse", "Fault soapenv:Client", "Fault fns:INVALID_SESSION"} <= kinds
    assert {"queryResponse", "queryMoreResponse"} <= kinds
    assert {"Fault fns:MALFORMED_QUERY", "Fault fns:INVALID_QUERY_LOCATOR"} <= kinds
