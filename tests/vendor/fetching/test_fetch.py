"""A tenant is fetched from ourselves in the vendor's place: what is in the directory, and what it previews."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from soapsvc.clock import fixed_clock
from soapsvc.tenant import open_tenant
from soapsvc.vendor.errors import CredentialsRefused, VendorError
from soapsvc.vendor.fetching import Fetched, JournalRefused, Selection, Wanted, fetch, last_fetch
from tests.support.services.faulty import Faulty
from tests.vendor.conftest import Application, vendor_over
from tests.vendor.previews import preview_of
from tests.vendor.tenant import NOW, SECRETS_OF_PEOPLE


def fetched(app: Application, folder: Path, **wanted: Any) -> Fetched:
    with vendor_over(app) as vendor:
        return fetch(vendor, folder, Wanted(**wanted), at_once=4, clock=fixed_clock(NOW))


def files(folder: Path) -> dict[str, bytes]:
    """All files but the journal."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".fetch" not in path.parts
    }


def read(folder: Path, file: str) -> Any:
    return json.loads((folder / file).read_text())


@pytest.fixture(scope="module")
def folder(upstream: Application, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fetched")
    found = fetched(upstream, folder, drafts=True)
    assert (found.accounts, found.failed, found.gone) == (12, (), ())
    return folder


class TestWhatIsThere:
    def test_each_account_has_its_files(self, folder: Path) -> None:
        assert {name for name in files(folder) if "A00000001" in name} == {
            "accounts/A00000001.json",
            "subscriptions/A00000001.json",
            "usage/A00000001.json",
            "drafts/A00000001.json",
        }

    def test_all_pages_and_all_segments_are_there(self, folder: Path) -> None:
        assert len(read(folder, "subscriptions/A00000002.json")) == 45
        (subscription,) = read(folder, "subscriptions/A00000001.json")
        segments = subscription["ratePlans"][0]["ratePlanCharges"][0]["chargeSegments"]
        assert [segment["quantity"] for segment in segments] == [2, 3]

    def test_usage_is_what_waits_to_be_billed(self, folder: Path) -> None:
        (record,) = read(folder, "usage/A00000001.json")
        assert (record["RbeStatus"], record["Quantity"]) == ("Pending", 12.5)

    def test_personal_data_are_replaced(self, folder: Path) -> None:
        written = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file()).decode(errors="replace")
        assert [secret for secret in SECRETS_OF_PEOPLE if secret in written] == []
        assert "reader-secret" not in written
        account = read(folder, "accounts/A00000001.json")
        assert account["billToContact"] == {"id": f"b{1:031x}", "country": "Norway"}
        assert account["basicInfo"]["Tier__c"] == "gold"

    def test_it_previews_as_its_source_does(self, folder: Path, source: Path) -> None:
        for number in ("A00000001", "A00000002", "A00000003"):
            mine, theirs = (preview_of(each, number, "2024-09-01") for each in (folder, source))
            assert mine == theirs
            assert mine

    def test_the_settings_are_those_of_the_source_each_with_where_it_is_from(self, folder: Path, source: Path) -> None:
        mine, theirs = open_tenant(folder), open_tenant(source)
        try:
            own, told = mine.settings(), theirs.settings()
        finally:
            mine.close()
            theirs.close()
        assert own.rules_for("USD") == told.rules_for("USD").__class__(
            proration_unit="ProrateByMonthFirst",
            credit_method="CreditPeriod",
            invoice_past_end_of_term_auto_renew_on=False,
            tax_inclusive_rounding="TaxAmount",
        )
        assert (own.time_zone, own.tenant_id, own.tenant_name) == ("Europe/London", "77", "Finch")
        assert (own.session_minutes, own.tax_rates, own.units_of_measure) == (
            480, told.tax_rates, told.units_of_measure,
        )  # fmt: skip
        assert own.rules_for("CHF").rounding_increment == told.rules_for("CHF").rounding_increment
        text = (folder / "tenant.toml").read_text()
        assert 'prorationUnit = "ProrateByMonthFirst" # /settings/billing-rules: prorationUnit' in text
        assert "# lateUsage = false  # the default; no setting gives it" in text


class TestSelection:
    def test_accounts_of_a_batch(self, upstream: Application, tmp_path: Path) -> None:
        assert fetched(upstream, tmp_path, selection=Selection(batches=("Batch2", "Batch3"))).accounts == 7
        # 1, 2, 5, 6, 9, 10, and of the payer's subscription its owner, 3

    def test_accounts_of_a_list_with_those_that_their_subscriptions_name(
        self, upstream: Application, tmp_path: Path
    ) -> None:
        fetched(upstream, tmp_path, selection=Selection(keys=("A00000001",)))
        assert sorted(path.name for path in (tmp_path / "accounts").iterdir()) == ["A00000001.json", "A00000003.json"]
        numbers = [each["subscriptionNumber"] for each in read(tmp_path, "subscriptions/A00000001.json")]
        assert numbers == ["A-S00000100", "A-S00000301"]
        assert not (tmp_path / "subscriptions" / "A00000003.json").exists()
        assert preview_of(tmp_path, "A00000001", "2024-09-01")

    def test_accounts_of_a_query(self, upstream: Application, tmp_path: Path) -> None:
        query = "select Id from Account where AccountNumber = 'A00000004'"
        assert fetched(upstream, tmp_path, selection=Selection(query=query)).accounts == 1

    def test_only_accounts_changed_since_a_day_are_fetched(self, upstream: Application, tmp_path: Path) -> None:
        since = NOW.replace(month=8, day=15)  # 8 alone changed in September
        assert fetched(upstream, tmp_path, selection=Selection(since=since)).accounts == 1

    def test_an_account_that_is_not_there_fails_and_stops_no_other(self, upstream: Application, tmp_path: Path) -> None:
        found = fetched(upstream, tmp_path, selection=Selection(keys=("A-TYPO", "A00000004")))
        assert (found.accounts, [each.key for each in found.failed]) == (1, ["A-TYPO"])
        assert read(tmp_path, "fetch-report.json")["failed"][0]["account"] == "A-TYPO"


class TestInterruptions:
    def test_an_account_deleted_during_the_fetch_is_reported(self, upstream: Application, tmp_path: Path) -> None:
        app = Faulty(upstream, gone=frozenset({f"{4:032x}"}))
        found = fetched(app, tmp_path)
        assert (found.accounts, [each.key for each in found.gone], found.failed) == (11, [f"{4:032x}"], ())

    def test_only_failed_accounts_are_fetched_again(self, upstream: Application, tmp_path: Path) -> None:
        app = Faulty(upstream, gone=frozenset({f"{4:032x}"}))
        keys = (f"{4:032x}", f"{5:032x}")
        assert len(fetched(app, tmp_path, selection=Selection(keys=keys)).failed) == 1
        app.gone = frozenset()
        before = dict(app.answered)
        assert fetched(app, tmp_path, selection=Selection(keys=keys)).failed == ()
        assert all(f"{5:032x}" not in call for call in app.answered - _counter(before))

    def test_a_repeated_fetch_replaces_all_files_and_removes_old_ones(
        self, upstream: Application, tmp_path: Path
    ) -> None:
        fetched(upstream, tmp_path)
        app = Faulty(upstream, gone=frozenset({f"{4:032x}"}))
        fetched(app, tmp_path)
        assert not (tmp_path / "accounts" / "A00000004.json").exists()
        assert (tmp_path / "accounts" / "A00000005.json").exists()
        assert last_fetch(tmp_path) == NOW

    def test_a_fetch_that_had_no_answer_stands_in_no_other_ones_way(
        self, upstream: Application, tmp_path: Path
    ) -> None:
        """As after a wrong URL."""

        def away(_environ: dict[str, Any], start: Any) -> Any:
            start("404 Not Found", [("Content-Type", "text/html")])
            return [b"<html>another service</html>"]

        wrong = Wanted(Selection(batches=("Batch1",)))
        with vendor_over(away, attempts=1) as vendor, pytest.raises(VendorError):
            fetch(vendor, tmp_path, wrong, clock=fixed_clock(NOW))
        assert fetched(upstream, tmp_path).accounts == 12

    def test_an_unfinished_fetch_is_not_mixed_with_another_one(self, upstream: Application, tmp_path: Path) -> None:
        def broken(environ: dict[str, Any], start: Any) -> Any:
            if "/v1/catalog" in environ["PATH_INFO"]:
                start("401 Unauthorized", [("Content-Type", "application/json")])
                return [b"{}"]
            return upstream(environ, start)

        with pytest.raises(CredentialsRefused):
            fetched(broken, tmp_path)
        with pytest.raises(JournalRefused, match="--restart"):
            fetched(upstream, tmp_path, selection=Selection(batches=("Batch1",)))
        assert fetched(upstream, tmp_path, selection=Selection(batches=("Batch1",)), restart=True).accounts == 3

    def test_a_tenant_toml_that_was_changed_by_hand_stays(self, upstream: Application, tmp_path: Path) -> None:
        fetched(upstream, tmp_path)
        (tmp_path / "tenant.toml").write_text('time_zone = "UTC"\n')
        found = fetched(upstream, tmp_path)
        assert (tmp_path / "tenant.toml").read_text() == 'time_zone = "UTC"\n'
        assert any("changed by hand" in warning for warning in found.warnings)
        assert "Europe/London" in (tmp_path / ".fetch" / "tenant.toml").read_text()

    @pytest.mark.parametrize("seed", range(5))
    def test_faults_change_no_file_and_no_call_is_made_twice_but_to_try_again(
        self, upstream: Application, tmp_path: Path, seed: int
    ) -> None:
        fetched(upstream, tmp_path / "undisturbed")
        app = Faulty(upstream, share=0.2, seed=seed)
        with vendor_over(app, attempts=30) as vendor:
            found = fetch(vendor, tmp_path / "disturbed", Wanted(), at_once=4, clock=fixed_clock(NOW))
        assert found.failed == ()
        assert files(tmp_path / "disturbed") == files(tmp_path / "undisturbed")
        assert sum(app.faults.values()) > 5
        again = {call for call, count in app.answered.items() if count > 1}
        # A list whose page repeated is read again from its beginning; nothing else is.
        assert len(again) <= 8 * app.faults["again"]


def _counter(counts: dict[str, int]) -> Any:
    return Counter(counts)
