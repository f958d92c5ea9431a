"""Previews of a live tenant, recorded: with the data of their accounts, without who customers are."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from soapsvc.clock import fixed_clock
from soapsvc.engine.result import PreviewRequest
from soapsvc.parity.asking import Recorded, record
from soapsvc.parity.recording import recorded_previews
from soapsvc.vendor.fetching import Selection
from tests.support.services.faulty import Faulty
from tests.vendor.conftest import Application, vendor_over
from tests.vendor.previews import preview_of
from tests.vendor.tenant import CLIENT_SECRET, NOW, SECRETS_OF_PEOPLE

REQUEST = PreviewRequest(date(2024, 9, 1))


def recorded(app: Application, path: Path, keys: tuple[str, ...] = (), **options: Any) -> Recorded:
    with vendor_over(app, attempts=30) as vendor:
        return record(vendor, path, Selection(keys), REQUEST, at_once=3, clock=fixed_clock(NOW), **options)


def test_the_answer_is_what_the_upstream_previews(upstream: Application, source: Path, tmp_path: Path) -> None:
    found = recorded(upstream, tmp_path / "r.jsonl", ("A00000001", "A00000003"))
    assert (found.added, found.failed) == (2, [])
    for preview in recorded_previews(tmp_path / "r.jsonl"):
        assert preview.account_number is not None
        theirs = preview_of(source, preview.account_number, "2024-09-01")
        assert [f"{item.amount}" for item in preview.answer.items] == [f"{item['chargeAmount']}" for item in theirs]
        assert (preview.recorded_at, preview.request) == (NOW, REQUEST)


def test_the_data_is_what_the_account_is_billed_from(upstream: Application, tmp_path: Path) -> None:
    recorded(upstream, tmp_path / "r.jsonl", ("A00000001", "A00000003"))
    data = {preview.account_number: preview.data for preview in recorded_previews(tmp_path / "r.jsonl")}
    payer, owner = data["A00000001"], data["A00000003"]
    assert payer is not None
    assert owner is not None
    assert [each["subscriptionNumber"] for each in payer.subscriptions] == ["A-S00000100", "A-S00000301"]
    assert [each["subscriptionNumber"] for each in owner.subscriptions] == ["A-S00000300"]
    assert len(payer.usage) == 2


def test_personal_data_are_replaced(upstream: Application, tmp_path: Path) -> None:
    recorded(upstream, tmp_path / "r.jsonl")
    written = (tmp_path / "r.jsonl").read_text()
    assert [secret for secret in (*SECRETS_OF_PEOPLE, CLIENT_SECRET) if secret in written] == []
    assert "Seats" not in written
    recorded(upstream, tmp_path / "named.jsonl", ("A00000001",), keep_names=True)
    assert "Seats" in (tmp_path / "named.jsonl").read_text()


def test_a_recording_is_gone_on_with(upstream: Application, tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    recorded(upstream, path)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:5]) + lines[5][:50])  # killed while it wrote the fifth
    app = Faulty(upstream)
    found = recorded(app, path)
    assert (found.added, found.there) == (8, 4)
    assert len(list(recorded_previews(path))) == 12
    assert sum("billing-preview" in call for call in app.answered) == 8


def test_an_account_that_fails_stops_no_other_and_faults_change_nothing(upstream: Application, tmp_path: Path) -> None:
    app = Faulty(upstream, share=0.2, seed=3)
    found = recorded(app, tmp_path / "r.jsonl", ("A-TYPO", "A00000004", "A00000005"))
    assert (found.added, [key for key, _ in found.failed]) == (2, ["A-TYPO"])
    first, *others = (json.loads(line) for line in (tmp_path / "r.jsonl").read_text().splitlines())
    assert first["format"] == "soapsvc-recording"
    assert len(others) == 2
