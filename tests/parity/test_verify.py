"""`soapsvc verify`: what it prints, writes and ends with."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from lxml import html

from soapsvc.cli import main
from soapsvc.parity.recording import RecordedPreview, RecordingWriter
from tests.parity.test_causes import account, charge, discount, first, theirs
from tests.support.captures.recordings import FIXTURES, demo_data, demo_settings, recorded, settings_of
from tests.support.tenants import golden_cases, write_tenant

PLAIN = settings_of("")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["verify", *map(str, arguments)])


def written(path: Path, *previews: RecordedPreview, keep_names: bool = False) -> Path:
    with RecordingWriter(path, keep_names=keep_names) as recording:
        for each in previews:
            recording.add(each)
    return path


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A tenant with nothing but defaults."""
    folder = tmp_path / "bare"
    folder.mkdir()
    return folder


def numbered(place: int, *charges: dict[str, Any]) -> Any:
    data = account(*charges)
    return replace(data, account={**data.account, "id": f"id-{place}", "accountNumber": f"A-{place}"})


def changed_prices(folder: Path) -> Path:
    """Ten accounts; of three the price is another in our data: 41, 51 and 61 for 31."""
    previews = []
    for place in range(10):
        data = numbered(place, charge(f"C-{place}"))
        made = recorded(data, PLAIN, "2026-04-15")
        ours = theirs(data, first(price=41 + 10 * place)) if place < 3 else data
        previews.append(replace(made, data=ours))
    return written(folder / "r.jsonl", *previews)


def test_the_demo_tenant_agrees_with_its_own_recording(tmp_path: Path) -> None:
    path = written(tmp_path / "r.jsonl", *(recorded(data, demo_settings(), "2026-06-30") for data in demo_data()))
    for source in ("recorded", "tenant"):
        result = run(path, "--tenant", FIXTURES, "--data", source)
        assert result.exit_code == 0, result.output
        assert "accounts that agree" in result.output
        assert "(100.00%)" in result.output


def test_the_golden_captures_agree(bare: Path) -> None:
    if not golden_cases():
        pytest.skip("no golden captures: set GOLDEN_DIR to their folder")
    result = run(golden_cases()[0].parent, "--tenant", bare)
    assert result.exit_code == 0, result.output
    assert f"previews that agree       {len(golden_cases())} of {len(golden_cases())} (100.00%)" in result.output


def test_differences_are_grouped_and_the_largest_come_first(tmp_path: Path, bare: Path) -> None:
    result = run(changed_prices(tmp_path), "--tenant", bare)
    assert result.exit_code == 1
    assert "7 of 10 (70.00%)" in result.output
    headings = [line for line in result.output.splitlines() if line.startswith("changed after recording")]
    assert [line.split()[6] for line in headings] == ["C-2", "C-1", "C-0"]
    assert "theirs: 2026-02-01…2026-02-28, 31, quantity 1" in result.output
    assert "ours:   2026-02-01…2026-02-28, 61.00" in result.output
    assert "rounding HALF_UP" in result.output, "how ours comes about"


def test_json_has_all_of_it(tmp_path: Path, bare: Path) -> None:
    document = json.loads(run(changed_prices(tmp_path), "--tenant", bare, "--format", "json").output)
    assert document["accounts"] == {"agreeing": 7, "of": 10}
    assert [group["accounts"] for group in document["groups"]] == [["A-2"], ["A-1"], ["A-0"]]
    (money,) = document["money"]
    assert money["currency"] == "USD"
    assert money["differing"] == "210.96"
    one = document["groups"][0]["differences"][1]
    assert (one["theirs"]["chargeAmount"], one["ours"]["chargeAmount"], one["money"]) == ("31", "61", "30")
    assert one["explanation"]


def test_the_page_is_one_file_with_charts_and_needs_nothing_else(tmp_path: Path, bare: Path) -> None:
    report = tmp_path / "F.html"
    data = numbered(1, charge(name="<script>alert(1)</script>"))
    made = replace(recorded(data, PLAIN, "2026-04-15"), data=theirs(data, first(price=40)))
    assert (
        run(written(tmp_path / "r.jsonl", made, keep_names=True), "--tenant", bare, "--report", report).exit_code == 1
    )
    text = report.read_text()
    page = html.fromstring(text)
    assert page.xpath("//script | //link | //img | //iframe | //@src | //@href") == []
    assert "http://" not in text
    assert "https://" not in text
    assert len(page.xpath("//svg//rect")) >= 5
    assert "<script>" not in text
    assert "&lt;script&gt;" in text
    assert "A-1" in page.text_content()


@pytest.mark.parametrize(
    ("allowed", "code"),
    [
        ("", 1),
        ("amount", 0),
        ("changed-after-recording", 0),
        ("name,quantity", 1),
        ("cent", 1),
        ("Amount, name", 0),
    ],
)
def test_allowed_differences_do_not_count(tmp_path: Path, bare: Path, allowed: str, code: int) -> None:
    assert run(changed_prices(tmp_path), "--tenant", bare, "--allow", allowed).exit_code == code


def test_a_cent_may_be_allowed(tmp_path: Path, bare: Path) -> None:
    data = numbered(1, charge(price=20), discount())
    settings = settings_of('[currencies.USD]\nrounding_mode = "UP"')
    path = written(tmp_path / "r.jsonl", recorded(data, settings, "2026-01-31"))
    assert run(path, "--tenant", bare).exit_code == 1
    assert run(path, "--tenant", bare, "--allow", "cent").exit_code == 0


def test_a_folder_of_recordings_is_one_verification(tmp_path: Path, bare: Path) -> None:
    folder = tmp_path / "recordings"
    (folder / "more").mkdir(parents=True)
    written(folder / "a.jsonl", recorded(numbered(1, charge()), PLAIN, "2026-04-15"))
    written(folder / "more" / "b.jsonl", recorded(numbered(2, charge()), PLAIN, "2026-04-15"))
    result = run(folder, "--tenant", bare)
    assert result.exit_code == 0
    assert "2 of 2 (100.00%)" in result.output


def test_an_unknown_account_is_reported_and_fails(tmp_path: Path) -> None:
    tenant = write_tenant(tmp_path / "tenant", accounts={"accountNumber": "A-2", "currency": "USD"})
    made = replace(recorded(numbered(1, charge()), PLAIN, "2026-04-15"), data=None)
    result = run(written(tmp_path / "r.jsonl", made), "--tenant", tenant)
    assert result.exit_code == 1
    assert "the tenant has no account A-1, and the recording has no data of it" in result.output


def test_a_recording_is_verified_with_its_own_data_after_prices_have_changed(tmp_path: Path) -> None:
    data = numbered(1, charge())
    path = written(tmp_path / "r.jsonl", recorded(data, PLAIN, "2026-04-15"))
    ours = theirs(data, first(price=44, billingPeriod="Quarter"))
    tenant = write_tenant(tmp_path / "tenant", accounts=dict(ours.account), subscriptions=list(ours.subscriptions))
    assert run(path, "--tenant", tenant).exit_code == 0, "of the recording's own data"
    result = run(path, "--tenant", tenant, "--data", "tenant")
    assert result.exit_code == 1
    assert "changed after recording: the tenant's data have changed" in result.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--allow", "everything"],
            "everything cannot be allowed; --allow takes missing, extra, refused, dates, amount",
        ),
        (["--report", "/nowhere/F.html"], "/nowhere/F.html cannot be written"),
    ],
)
def test_mistakes_of_a_call(tmp_path: Path, bare: Path, arguments: Sequence[str], message: str) -> None:
    result = run(changed_prices(tmp_path), "--tenant", bare, *arguments)
    assert result.exit_code == 2
    assert message in result.output


def test_a_broken_recording_ends_with_two(tmp_path: Path, bare: Path) -> None:
    path = changed_prices(tmp_path)
    path.write_bytes(path.read_bytes()[:-500])
    result = run(path, "--tenant", bare)
    assert result.exit_code == 2
    assert "r.jsonl: line 11: is cut short" in result.output


PERSON = "Zebedee"


def test_reports_have_no_personal_data(tmp_path: Path, bare: Path) -> None:
    """Names of customers, contacts and charges, secrets and addresses are planted and searched for in the output."""
    previews = []
    for place in range(4):
        data = numbered(place, charge(name=f"{PERSON}'s box", description=PERSON, notes__c=PERSON))
        about = {"name": PERSON, "billToContact": {"firstName": PERSON, "workEmail": f"{PERSON}@example.com"}}
        data = replace(data, account={**data.account, **about, "password": f"secret of {PERSON}"})
        made = recorded(data, PLAIN, "2026-04-15")
        previews.append(replace(made, data=theirs(data, first(price=40 + place))))
    path, report = written(tmp_path / "r.jsonl", *previews), tmp_path / "F.html"
    told = run(path, "--tenant", bare, "--report", report)
    as_json = run(path, "--tenant", bare, "--format", "json")
    for text in (told.output, as_json.output, report.read_text(), path.read_text()):
        assert len(text) > 1000
        assert PERSON not in text
