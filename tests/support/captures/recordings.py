"""Recordings of our own previews, as if they were answers of a vendor with the tenant's rules.

The REST writer writes the answers, so that a recording of them is read like one of the vendor's.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from soapsvc.engine.preview import preview
from soapsvc.engine.result import AssumeRenewal, PreviewRequest, PreviewResult
from soapsvc.parity.accounts import account_of
from soapsvc.parity.recording import AccountData, Answer, RecordedPreview, Refusal, read_answer
from soapsvc.parity.stored import stored_data
from soapsvc.rest.previews.answers import Preview, preview_answer
from soapsvc.rest.previews.billing_preview_json import BILLING_PREVIEW
from soapsvc.tenant import open_tenant
from soapsvc.tenant.formats import TenantSettings, read_toml
from soapsvc.tenant.reading import mapping, parse_json

RECORDED_AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
FIXTURES = Path(__file__).resolve().parents[3] / "fixtures"


def answered(result: PreviewResult) -> Answer:
    """Our preview in the form of the vendor's answer."""
    if result.errors:
        return Answer(refusals=tuple(Refusal(error.code, error.message) for error in result.errors))
    body = "".join(preview_answer(BILLING_PREVIEW, Preview(result)))
    return read_answer(mapping(parse_json(body.encode())))


def recorded(
    data: AccountData, settings: TenantSettings, request: PreviewRequest | str, **more: Any
) -> RecordedPreview:
    """The recording of a preview of this data under these settings. A date alone asks with Autorenew."""
    asked = (
        PreviewRequest(date.fromisoformat(request), AssumeRenewal.AUTORENEW) if isinstance(request, str) else request
    )
    account = account_of(data, settings)
    result = preview(account, asked, RECORDED_AT.astimezone(settings.zone))
    made = RecordedPreview(account.id, account.account_number, asked, answered(result), RECORDED_AT, data)
    return replace(made, **more)


def settings_of(toml: str) -> TenantSettings:
    """The settings of a tenant.toml."""
    return read_toml(toml.encode()).settings


def demo_settings() -> TenantSettings:
    """The settings of the demo tenant."""
    return read_toml((FIXTURES / "tenant.toml").read_bytes()).settings


def demo_data() -> Iterator[AccountData]:
    """Each account of the demo tenant with its billing data."""
    store = open_tenant(FIXTURES)
    for account_id in list(store.account_ids()):
        data = stored_data(store, account_id)
        assert data is not None
        yield data
    store.close()


def rest_pair(folder: Path, name: str, request: Mapping[str, Any], answer: Mapping[str, Any]) -> Path:
    """Write a REST request and its answer beside each other; returns the request's file."""
    path = folder / f"{name}.request.json"
    path.write_text(json.dumps(request, default=str))
    (folder / f"{name}.answer.json").write_text(json.dumps(answer, default=str))
    return path
