"""The benchmark's peers answer the call that is measured; `make bench-peers` builds them."""

import urllib.request
from contextlib import ExitStack
from pathlib import Path

import pytest
from lxml import etree

from bench.calls import HEADERS
from bench.contestants import Answers
from bench.peers import is_built, peers
from bench.workloads import WORKLOADS, write_tenant


@pytest.mark.parametrize("name", ["node soap", "gSOAP"])
def test_a_peer_sends_the_items_that_the_engine_previews(name: str, tmp_path: Path) -> None:
    if not is_built(name):
        pytest.skip(f"{name} is not built from this tree: make bench-peers")
    work = WORKLOADS[0]
    with ExitStack() as stack:
        address = peers(work, Answers(write_tenant(tmp_path / "tenant")), stack)[name]
        call = urllib.request.Request("http://{}:{}/".format(*address), work.call("-"), HEADERS)  # noqa: S310
        with urllib.request.urlopen(call, timeout=30) as response:  # noqa: S310
            answer = etree.fromstring(response.read())
    items = answer.findall(".//{http://api.zuora.com/}InvoiceItem")
    assert [item.findtext("{*}ChargeAmount") for item in items] == ["9.99"] * work.items
