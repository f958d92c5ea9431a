"""A refused message is not kept: nothing of it waits for the garbage collector."""

from __future__ import annotations

import pytest

from soapsvc.soap.frame import Node
from tests.soap.client import Service, envelope, request
from tests.soap.sample_tenant import MONTHLY
from tests.support.services.left_behind import left_behind


@pytest.mark.parametrize(
    "message",
    [
        envelope("<a:subscribe><a:x>1</a:x></a:subscribe>"),
        envelope("<a:billingPreview><a:other/></a:billingPreview>"),
        envelope("<a:billingPreview/><a:billingPreview/>"),
        envelope(f"<a:billingPreview>{request(MONTHLY)}</a:billingPreview>"),
    ],
    ids=["unknown operation", "unknown element", "two elements", "no session"],
)
def test_a_refused_call_leaves_no_cycle_with_its_message(service: Service, message: str) -> None:
    def refused() -> None:
        assert service.post(message).status == 500

    refused()
    assert left_behind(Node, refused) == 0
