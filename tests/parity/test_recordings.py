"""The recording format: what goes in comes out, whatever form the vendor's answer had, and mistakes are named."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from soapsvc.engine.preview import preview
from soapsvc.engine.result import AssumeRenewal, PreviewRequest
from soapsvc.parity.accounts import account_of
from soapsvc.parity.recording import (
    Item,
    Names,
    RecordedPreview,
    RecordingBusy,
    RecordingProblem,
    RecordingWriter,
    recorded_previews,
)
from soapsvc.soap import contract
from soapsvc.soap.contract import shape_of
from soapsvc.soap.frame.envelope import SoapVersion
from soapsvc.soap.writing.writer import Result, preview_answer
from tests.support.captures.recordings import RECORDED_AT, demo_data, demo_settings, recorded, rest_pair, settings_of
from tests.support.tenants import golden_cases

REQUEST = {"accountNumber": "A-1", "targetDate": "2026-03-31", "assumeRenewal": "Autorenew"}
ITEM = {
    "id": "f" * 32,
    "subscriptionNumber": "A-S1",
    "serviceStartDate": "2026-01-01",
    "serviceEndDate": "2026-01-31",
    "chargeAmount": 20.83,
    "taxAmount": 4.17,
    "chargeName": "Box",
    "chargeNumber": "C-1",
    "chargeDate": "2026-01-02 04:04:05",
    "quantity": 1,
    "unitOfMeasure": "",
    "chargeType": "Recurring",
    "processingType": "Charge",
}
DISCOUNT = {**ITEM, "id": "e" * 32, "chargeNumber": "C-2", "processingType": "Discount", "appliedToItemId": "f" * 32}
ANSWER = {"success": True, "invoiceItems": [ITEM, DISCOUNT], "creditMemoItems": []}


def read(path: Path) -> list[RecordedPreview]:
    return list(recorded_previews(path))


def written(folder: Path, *previews: RecordedPreview, keep_names: bool = False) -> Path:
    path = folder / "recording.jsonl"
    with RecordingWriter(path, keep_names=keep_names) as recording:
        for each in previews:
            recording.add(each)
    return path


def test_every_preview_of_the_demo_tenant_is_unchanged_by_recording_and_reading(tmp_path: Path) -> None:
    previews = [recorded(data, demo_settings(), "2026-06-30") for data in demo_data()]
    assert len(previews) >= 16
    assert sum(len(each.answer.items) for each in previews) > 100

    back = read(written(tmp_path, *previews, keep_names=True))

    for one, other in zip(previews, back, strict=True):
        assert replace(other, data=None, name="", names=Names.KEPT) == replace(one, data=None)


def test_a_recorded_tenant_previews_as_the_tenant_itself(tmp_path: Path) -> None:
    previews = [recorded(data, demo_settings(), "2026-06-30") for data in demo_data()]
    for one, other in zip(previews, read(written(tmp_path, *previews)), strict=True):
        assert other.data is not None
        again = preview(account_of(other.data, demo_settings()), other.request, RECORDED_AT)
        assert [item.amount for item in again.items()] == [item.amount for item in one.answer.items]


def test_an_answer_of_soap_is_read_with_its_request(tmp_path: Path) -> None:
    asked = PreviewRequest(date(2026, 6, 30))
    data = next(each for each in demo_data() if len(recorded(each, demo_settings(), asked).answer.items) > 5)
    rest = recorded(data, demo_settings(), asked)
    result = preview(account_of(data, demo_settings()), rest.request, RECORDED_AT)
    answer = b"".join(preview_answer(SoapVersion.SOAP11, shape_of(contract.FIRST), [Result(result.account_id, result)]))
    request = f"""<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:a="http://api.zuora.com/">
      <soapenv:Header><a:SessionHeader><a:session>secret-session</a:session></a:SessionHeader></soapenv:Header>
      <soapenv:Body><a:billingPreview><a:requests><a:AccountId>{result.account_id}</a:AccountId>
        <a:ChargeTypeToExclude/><a:TargetDate>2026-06-30T00:00:00</a:TargetDate></a:requests></a:billingPreview>
      </soapenv:Body></soapenv:Envelope>"""
    (tmp_path / "call.request.xml").write_text(request)
    (tmp_path / "call.response.xml").write_bytes(answer)

    (found,) = read(tmp_path)

    assert found.request == rest.request
    assert found.surface == "soap"
    assert len(found.answer.items) > 5
    assert [as_soap_tells(item) for item in found.answer.items] == list(map(as_soap_tells, rest.answer.items))


def as_soap_tells(item: Item) -> Item:
    """Neither taxes nor deliveries, and no unit where there is none."""
    return replace(item, tax=None, deliveries=None, unit=item.unit or None)


def test_a_fault_is_a_refusal_of_all_requests_of_the_call(tmp_path: Path) -> None:
    envelope = '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>{}</e:Body></e:Envelope>'
    asked = "<requests><AccountId>{}</AccountId><TargetDate>2026-01-31</TargetDate></requests>"
    request = envelope.format(f"<billingPreview>{asked.format('1')}{asked.format('2')}</billingPreview>")
    fault = "<e:Fault><faultcode>fns:LOCK_COMPETITION</faultcode><faultstring>Try again</faultstring></e:Fault>"
    (tmp_path / "a_request.xml").write_text(request)
    (tmp_path / "a_answer.xml").write_text(envelope.format(fault))
    found = read(tmp_path)
    assert [each.account_id for each in found] == ["1", "2"]
    assert [each.answer.refusals[0].message for each in found] == ["Try again"] * 2


def test_a_recording_of_a_rest_request_and_its_answer(tmp_path: Path) -> None:
    (found,) = read(rest_pair(tmp_path, "march", REQUEST, ANSWER))
    assert (found.account_number, found.request) == (
        "A-1",
        PreviewRequest(date(2026, 3, 31), AssumeRenewal.AUTORENEW),
    )
    charge, discount = found.answer.items
    assert (charge.amount, charge.tax, charge.end) == (Decimal("20.83"), Decimal("4.17"), date(2026, 2, 1))
    assert discount.applied_to == 0
    assert found.answer.charge_date == datetime(2026, 1, 2, 4, 4, 5)  # noqa: DTZ001


def test_request_and_answer_in_one_file(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    path.write_text(json.dumps({"request": REQUEST, "response": ANSWER, "recordedAt": "2026-01-02T03:04:05Z"}))
    assert read(path)[0].recorded_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize("encoding", ["", "base64"])
def test_of_a_har_archive_the_previews_are_read(tmp_path: Path, encoding: str) -> None:
    text = json.dumps(ANSWER)
    content = {"text": base64.b64encode(text.encode()).decode() if encoding else text, "encoding": encoding}
    path = tmp_path / "browser.har"
    path.write_text(json.dumps(har("/v1/operations/billing-preview?a=1", json.dumps(REQUEST), content)))
    (found,) = read(path)
    assert len(found.answer.items) == 2
    assert found.recorded_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def har(path: str, sent: str, content: Mapping[str, Any]) -> dict[str, Any]:
    secret = {"name": "Authorization", "value": "Bearer secret-token"}
    call = {"url": f"https://rest.example.com{path}", "headers": [secret], "postData": {"text": sent}}
    entry = {"startedDateTime": "2026-01-02T03:04:05Z", "request": call, "response": {"content": content}}
    other = {"request": {"url": "https://rest.example.com/logo"}, "response": {"content": {"text": "x"}}}
    return {"log": {"entries": [other, entry]}}


def test_the_golden_captures_are_read_and_survive_the_format(tmp_path: Path) -> None:
    if not golden_cases():
        pytest.skip("no golden captures: set GOLDEN_DIR to their folder")
    captures = read(golden_cases()[0].parent)
    assert len(captures) >= 68
    back = read(written(tmp_path, *captures, keep_names=True))
    assert [each.answer for each in back] == [each.answer for each in captures]
    assert [each.more_target_dates for each in back] == [tuple(each.more_target_dates) for each in captures]


def test_names_are_hidden_but_equal_names_and_suffixes_still_show() -> None:
    names = Names("salt")
    hidden = names.shown("Weekly box")
    assert names.shown("Weekly box -- Proration") == f"{hidden} -- Proration"
    assert names.shown(hidden) == hidden
    assert names.shown(f"{hidden} -- Proration Credit") == f"{hidden} -- Proration Credit"
    assert names.shown("") == ""
    assert hidden not in (names.shown("Weekly boX"), Names("pepper").shown("Weekly box"))
    assert Names.KEPT.shown("Weekly box") == "Weekly box"


def test_writing_continues_after_an_incomplete_line(tmp_path: Path) -> None:
    one = recorded(next(demo_data()), demo_settings(), "2026-06-30")
    path = written(tmp_path, one, one)
    whole = path.read_bytes()
    path.write_bytes(whole[:-100])
    with pytest.raises(RecordingProblem, match=r"recording\.jsonl: line 3: is cut short"):
        read(path)
    written(tmp_path, one)
    assert path.read_bytes() == whole


def test_a_file_whose_first_line_was_cut_short_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "recording.jsonl"
    path.write_bytes(b'{"format":"soapsv')
    written(tmp_path, recorded(next(demo_data()), demo_settings(), "2026-06-30"))
    assert len(read(path)) == 1


@pytest.mark.parametrize("content", [b'{"accounts": []}', b"my notes", b'{"format":"other"}\n'])
def test_a_file_of_something_else_is_not_written_over(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "recording.jsonl"
    path.write_bytes(content)
    with pytest.raises(RecordingProblem, match="line 1: "):
        written(tmp_path)
    assert path.read_bytes() == content


def test_a_recording_that_another_process_writes_is_left_to_it(tmp_path: Path) -> None:
    one = recorded(next(demo_data()), demo_settings(), "2026-06-30")
    with RecordingWriter(tmp_path / "recording.jsonl", keep_names=True) as recording:
        with pytest.raises(RecordingBusy, match=r"recording\.jsonl: another process is writing this file"):
            written(tmp_path, one, keep_names=True)
        recording.add(one)
    written(tmp_path, one, keep_names=True)
    assert len(read(tmp_path / "recording.jsonl")) == 2


FULL_DISK = """
import resource, sys
from pathlib import Path
from soapsvc.parity.recording import RecordingProblem, RecordingWriter, recorded_previews
path = Path(sys.argv[1])
one = next(recorded_previews(path))
with RecordingWriter(path) as recording:
    limit = recording.size + 1000
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    try:
        recording.add(one)
    except RecordingProblem as problem:
        print(problem)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    recording.add(one)
"""


def test_a_preview_that_does_not_fit_on_the_disk_leaves_no_half_line(tmp_path: Path) -> None:
    path = written(tmp_path, recorded(next(demo_data()), demo_settings(), "2026-06-30"))
    result = subprocess.run([sys.executable, "-c", FULL_DISK, path], capture_output=True, text=True, check=True)
    assert "recording.jsonl: cannot be written: File too large" in result.stdout
    assert len(read(path)) == 2


def test_a_file_with_hidden_names_takes_no_others(tmp_path: Path) -> None:
    written(tmp_path)
    with pytest.raises(
        RecordingProblem, match="line 1: names are hashed in this file; write kept names to another file"
    ):
        written(tmp_path, keep_names=True)


GOOD = {"format": "soapsvc-recording", "version": 1, "names": "kept"}
LINE = {"account": {"number": "A-1"}, "request": {"targetDate": "2026-03-31"}, "answer": {"invoiceItems": [ITEM]}}


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ([GOOD | {"version": 2}], "line 1: version: is 2; this soapsvc reads up to 1"),
        ([GOOD | {"names": "none"}], "line 1: names: is 'none'; it must be hashed or kept"),
        ([GOOD | {"names": "hashed"}], "line 1: salt: is missing"),
        (
            [GOOD, LINE | {"account": {}}],
            "line 2: request.accountId: is missing, and so is accountNumber; give one of them",
        ),
        ([GOOD, LINE | {"request": {}}], "line 2: request.targetDate: is missing"),
        (
            [GOOD, LINE | {"request": {"targetDate": "2026-03-31", "assumeRenewal": "Some"}}],
            "line 2: request.assumeRenewal: is 'Some'; it must be one of All, None, Autorenew",
        ),
        ([GOOD, LINE, LINE | {"answer": {}}], "line 3: answer.invoiceItems: is missing, and the answer has no error"),
        (
            [GOOD, LINE | {"answer": {"invoiceItems": [ITEM | {"chargeAmount": "ten"}]}}],
            "line 2: answer.invoiceItems[0].chargeAmount: is 'ten', not a number",
        ),
        (
            [GOOD, LINE | {"recordedAt": "2026-01-01T00:00:00"}],
            "line 2: recordedAt: is '2026-01-01T00:00:00', which has no offset; write it as in 2024-01-31T08:30:00Z",
        ),
        ([GOOD, LINE | {"surface": "fax"}], "line 2: surface: is 'fax'; it must be one of rest, soap, quickstart, run"),
        ([GOOD, LINE | {"data": {}}], "line 2: data.account: is null, not an object"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_field(tmp_path: Path, lines: list[Any], problem: str) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    with pytest.raises(RecordingProblem) as caught:
        read(path)
    assert str(caught.value) == f"r.jsonl: {problem}"


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({"a.json": "{"}, "a.json: is not JSON"),
        ({"a.json": "{}"}, "a.json: is not a recording: it must be"),
        ({"a.request.json": json.dumps(REQUEST)}, "a.request.json: has no answer or response of the same name"),
        ({"notes.txt": "x"}, "has no recording; recordings end in .har, .json, .jsonl, .xml"),
    ],
)
def test_a_file_that_is_not_a_recording_is_named(tmp_path: Path, files: dict[str, str], problem: str) -> None:
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    with pytest.raises(RecordingProblem, match=problem):
        read(tmp_path)


def test_a_capture_keeps_the_settings_that_it_was_made_under_apart(tmp_path: Path) -> None:
    """A tenant's settings are not part of a recording, because a fit looks for them."""
    settings = settings_of('[billing_rules]\nprorationUnit = "ProrateByMonthFirst"')
    path = written(tmp_path, recorded(next(demo_data()), settings, "2026-06-30"))
    assert "ProrateByMonthFirst" not in path.read_text()
