"""Replays a golden capture through a tenant directory, the store and the engine."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from soapsvc.engine.preview import preview
from soapsvc.tenant import open_tenant
from tests.support.captures.golden import read_golden, rest_fields
from tests.support.tenants import write_golden_tenant

AS_OF = datetime(2026, 1, 2, 3, 4, 5, tzinfo=ZoneInfo("Europe/London"))


def mismatches(path: Path, folder: Path) -> list[str]:
    """The differences from the capture at the likely target date and at both ends of its range; none is right."""
    golden = read_golden(path)
    account = open_tenant(write_golden_tenant(folder, golden.document)).account(id=golden.account_id)
    if account is None:
        return [f"account {golden.account_id} was not imported"]
    found = []
    replays = 0
    for request in golden.requests():
        replays += 1
        result = preview(account, request, AS_OF)
        wrong = "; ".join(error.message for error in result.errors) or golden.mismatch(map(rest_fields, result.items()))
        found += [f"{request.target_date}: {wrong}"] if wrong else []
    return found if replays else ["the capture names no target date"]
