"""Writes tenant directories for tests: by hand, from a golden capture, from a vector of the specification.

The captures and vectors are not part of the project: tests that need them are skipped without them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parents[2]

Json = Mapping[str, Any]


def golden_cases() -> list[Path]:
    """The files of the golden captures; none if GOLDEN_DIR (default ../shared/golden) does not exist."""
    folder = Path(os.environ.get("GOLDEN_DIR", _ROOT.parent / "shared" / "golden"))
    return sorted((folder / "cases").glob("*.json"))


def spec_vectors() -> Json | None:
    """The specification's vectors; None if ../shared/spec does not exist."""
    path = _ROOT.parent / "shared" / "spec" / "vectors.json"
    return json.loads(path.read_bytes()) if path.is_file() else None


def write_tenant(folder: Path, toml: str = "", **kinds: object) -> Path:
    """Write a tenant directory: each keyword is a folder, its value the JSON (or, as a str, the text) of its one file.

    A mapping of file names (with their extensions) to contents makes several files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if toml:
        (folder / "tenant.toml").write_text(toml, encoding="utf-8")
    for kind, content in kinds.items():
        files = content if isinstance(content, dict) and all("." in name for name in content) else {"1.json": content}
        (folder / kind).mkdir(exist_ok=True)
        for name, data in files.items():
            if isinstance(data, bytes):
                (folder / kind / name).write_bytes(data)
            else:
                text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False, default=str)
                (folder / kind / name).write_text(text, encoding="utf-8")
    return folder


def write_golden_tenant(folder: Path, case: Json) -> Path:
    """Write the tenant of a golden capture: bills past the end of term under auto-renew, time zone Europe/London.

    The account's id is the case's name. A capture without account gets one in the currency of its charges.
    """
    subscriptions = case["subscriptions"] or case.get("subscriptions_reconstructed") or []
    account = {
        "currency": _currency_of(subscriptions),
        **{key: value for key, value in (case["account"] or {}).items() if value is not None},
        **case.get("inferred_account", {}),
        "id": case["name"],
        "accountNumber": case["name"],
    }
    toml = ['time_zone = "Europe/London"', "[billing_rules]", "invoicePastEndOfTermAutoRenewOn = true"]
    tax = case.get("inferred_tax", {})
    for charge_number, percent in tax.get("ratesPercentByCharge", {}).items():
        selector = [] if charge_number == "*" else [f"charge_number = {toml_value(charge_number)}"]
        toml += ["[[tax_rate]]", f"percent = {toml_value(str(percent))}", *selector]
    return write_tenant(
        folder,
        "\n".join(toml),
        accounts=account,
        subscriptions=subscriptions,
        catalog=_golden_catalog(case.get("catalog_excerpt", {})),
    )


def write_vector_tenant(folder: Path, vector: Json, rules_base: Json) -> Path:
    """Write the tenant of a vector, `billing_rules_base` overlaid with its own rules. The account's id is its name."""
    inputs = vector["inputs"]
    rules = {**rules_base, **inputs.get("billing_rules", {})}
    toml = ["[billing_rules]", *(f"{name} = {toml_value(value)}" for name, value in rules.items() if value is not None)]
    return write_tenant(
        folder,
        "\n".join(toml),
        accounts={**inputs["account"], "id": vector["name"], "accountNumber": vector["name"]},
        subscriptions=inputs["subscriptions"],
        usage=inputs.get("usages", []),
    )


def toml_value(value: object) -> str:
    """A string, boolean or number as TOML."""
    return json.dumps(value)


def _currency_of(subscriptions: list[Json]) -> str:
    charges = [c for s in subscriptions for plan in s["ratePlans"] for c in plan["ratePlanCharges"]]
    return next((charge["currency"] for charge in charges if charge.get("currency")), "GBP")


def _golden_catalog(excerpt: Json) -> list[Json]:
    charges = [
        {"id": charge_id, **{key: value for key, value in facts.items() if not key.startswith("_")}}
        for charge_id, facts in excerpt.items()
    ]
    return [{"productRatePlans": [{"productRatePlanCharges": charges}]}] if charges else []
