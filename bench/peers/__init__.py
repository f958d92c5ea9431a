"""Servers of other stacks that answer the same calls with canned items, built by `make bench-peers`."""

from __future__ import annotations

import json
import socket
import subprocess
from contextlib import ExitStack
from pathlib import Path

from bench.contestants import Answers
from bench.servers import Address, peer
from bench.workloads import Workload

HERE = Path(__file__).parent
BUILD = HERE / "build"
NODE, GSOAP = "node soap", "gSOAP"
_TARGETS = {NODE: "build/.node", GSOAP: "build/gsoap_server"}


def peers(work: Workload, answers: Answers, stack: ExitStack) -> dict[str, Address]:
    """The addresses of the peers that are built, each started with the items of the workload."""
    found = {}
    if is_built(NODE):
        data = BUILD / "items.json"
        data.write_text(json.dumps(_items(work, answers)), encoding="utf-8")
        port = _free_port()
        command = ["node", str(HERE / "node_server.js"), str(port), str(data)]
        found[NODE] = stack.enter_context(peer(command, port))
    if is_built(GSOAP):
        table = BUILD / "items.tsv"
        rows = [row for rows in _items(work, answers).values() for row in rows]
        table.write_text("".join("\t".join(row.values()) + "\n" for row in rows), encoding="utf-8")
        port = _free_port()
        found[GSOAP] = stack.enter_context(peer([str(BUILD / "gsoap_server"), str(port), str(table)], port))
    return found


def is_built(name: str) -> bool:
    """Whether a peer is built from the present tree; a peer of an older tree must not be compared with it."""
    return subprocess.run(["make", "--question", "--silent", _TARGETS[name]], cwd=HERE, check=False).returncode == 0


def unbuilt() -> list[str]:
    """The names of the peers that `make bench-peers` has not built from this tree."""
    return [name for name in _TARGETS if not is_built(name)]


def _items(work: Workload, answers: Answers) -> dict[str, list[dict[str, str]]]:
    """The items per account id, in the order of the contract; dates as WSDL 61.0 has them."""
    answer = answers.of(work)
    found = {}
    for number in range(work.requests):
        account_id = work.account_id(number)
        result = answer(account_id)
        found[account_id] = [
            {
                "AccountId": account_id,
                "Id": f"{position:032x}",
                "ChargeAmount": f"{item.amount:f}",
                "ChargeDate": result.as_of.isoformat(timespec="milliseconds"),
                "ChargeId": item.facts.charge_id,
                "ChargeName": item.charge_name,
                "ChargeNumber": item.facts.charge_number,
                "ChargeType": item.facts.charge_type,
                "ProcessingType": "0",
                "ProductName": item.facts.product_name,
                "Quantity": f"{item.quantity:f}",
                "RatePlanChargeId": item.facts.rate_plan_charge_id,
                "ServiceEndDate": f"{item.service_end}T00:00:00",
                "ServiceStartDate": f"{item.service_start}T00:00:00",
                "SubscriptionId": item.facts.subscription_id,
                "SubscriptionNumber": item.facts.subscription_number,
                "UOM": item.facts.unit_of_measure,
            }
            for position, item in enumerate(result.items())
        ]
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
