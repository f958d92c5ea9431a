"""`soapsvc fit`: hidden settings are found again, and the findings about each are true."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from soapsvc.cli import main
from soapsvc.engine.account import TaxRate
from soapsvc.engine.result import PreviewRequest
from soapsvc.parity.fitting import Fit, Standing, fit, with_findings
from soapsvc.parity.fitting.deciding import deciding_account
from soapsvc.parity.recording import RecordingWriter, recorded_previews
from soapsvc.parity.trials import Bench, Sample, Trial, rule_knobs
from soapsvc.tenant import TenantSettings
from tests.parity.hidden import hidden_tenant, irrelevant
from tests.parity.test_causes import GONE, METERED, QUARTER, RATE, TAXED, account, charge, rules
from tests.support.captures.recordings import recorded, settings_of
from tests.support.tenants import golden_cases

TARGET = PreviewRequest(date(2026, 6, 15))


def sample(data: Any, toml: str, number: str = "A-1") -> Sample:
    own = replace(data, account={**data.account, "accountNumber": number, "id": f"id-{number}"})
    own = replace(own, usage=tuple({**each, "accountId": f"id-{number}"} for each in own.usage))
    return Sample(recorded(own, settings_of(toml), TARGET), own, {})


def finding(found: Fit, name: str) -> Any:
    return next(each for each in found.findings if each.knob.name == name)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_random_tenants_hidden_settings_reproduce_every_recording(seed: int) -> None:
    """`python -m tests.parity.hidden 200` does it for 200 tenants."""
    settings, samples = hidden_tenant(seed, accounts=22)
    found = fit(samples, TenantSettings())
    assert found.agreeing == len(samples)
    assert irrelevant(found, samples) == []
    wrong = [
        each.knob.name
        for each in found.of(Standing.DETERMINED)
        if each.value != each.knob.value(settings) and each.knob.field != "time_zone" and not each.free
    ]
    assert wrong == [], "what is determined is what was hidden"


def test_of_the_captures_at_least_66_are_reproduced_without_any_rule_or_tax_rate() -> None:
    if not golden_cases():
        pytest.skip("no golden captures: set GOLDEN_DIR to their folder")
    captures = recorded_previews(golden_cases()[0].parent)
    samples = [Sample(each, replace(each.data, tax_rates=()), {}) for each in captures if each.data is not None]
    wrong = TenantSettings(rules={"invoice_past_end_of_term_auto_renew_on": False})
    found = fit(samples, wrong)
    assert len(samples) >= 68
    assert found.agreeing >= 66
    past_end = finding(found, "invoicePastEndOfTermAutoRenewOn")
    assert (past_end.value, past_end.was, past_end.said) == (True, False, True)
    assert past_end.standing is Standing.DETERMINED
    assert finding(found, "creditMethod").standing is Standing.UNDETERMINED


def test_a_rule_is_determined_where_items_break_otherwise_and_open_where_none_reads_it() -> None:
    found = fit([sample(QUARTER, rules(prorationUnit="ProrateByMonthFirst"))], TenantSettings())
    unit = finding(found, "prorationUnit")
    assert (unit.value, unit.standing, unit.was) == ("ProrateByMonthFirst", Standing.DETERMINED, "ProrateByDay")
    assert unit.breaks >= 1
    assert unit.where == ("A-1",)
    credit = finding(found, "creditMethod")
    assert (credit.value, credit.standing, credit.free) == (
        "TotalMinusCharged",
        Standing.UNDETERMINED,
        ("CreditPeriod",),
    )
    assert credit.advice == "a charge that was removed after it was billed, off its bill day"


def test_rules_that_only_show_together_are_found_in_pairs() -> None:
    """Under Invoice Settlement alone, what nets to a positive sum makes no credit memo; the rule on memos makes one."""
    mixed = account(charge(chargedThroughDate="2026-06-01", effectiveEndDate="2026-04-10"), charge("C-2", price=500))
    hidden = rules(invoiceSettlement=True, creditMemoRule="AllNegative")
    found = fit([sample(mixed, hidden)], TenantSettings())
    assert found.agreeing == 1
    assert finding(found, "invoiceSettlement").value is True
    assert finding(found, "creditMemoRule").value != "NetNegativeNoGrouping"


def test_two_free_settings_that_limit_each_other_are_marked() -> None:
    mixed = account(charge(chargedThroughDate="2026-06-01", effectiveEndDate="2026-04-10"), charge("C-2", price=500))
    found = fit([sample(mixed, "")], TenantSettings())
    assert "true together with creditMemoRule = AllNegative" in finding(found, "invoiceSettlement").unless


def test_recordings_that_need_both_values_contradict_a_rule() -> None:
    by_day, by_month = sample(QUARTER, ""), sample(QUARTER, rules(prorationUnit="ProrateByMonthFirst"), "A-2")
    found = fit([by_day, by_month, sample(QUARTER, "", "A-3")], TenantSettings())
    unit = finding(found, "prorationUnit")
    assert (unit.value, unit.standing) == ("ProrateByDay", Standing.CONTRADICTED)
    assert unit.where == ("A-2 agrees with ProrateByMonthFirst",)
    assert found.agreeing == 2


def test_a_rule_without_contrary_evidence_keeps_its_value() -> None:
    base = settings_of(rules(creditMethod="CreditPeriod", prorationSuffixes=False))
    found = fit([sample(QUARTER, "")], base)
    assert finding(found, "creditMethod").value == "CreditPeriod", "said, and nothing speaks against it"
    assert finding(found, "prorationSuffixes").value is True, "said, and the names speak against it"


def test_roundings_are_those_of_a_currency() -> None:
    francs = account(charge(price=Decimal("20.01")), currency="CHF")
    hidden = '[currencies.CHF]\nrounding_increment = 0.05\n[currencies.USD]\nrounding_mode = "UP"'
    found = fit([sample(francs, hidden), sample(account(charge(price=20)), hidden, "A-2")], TenantSettings())
    assert found.agreeing == 2
    assert finding(found, "currencies.CHF.rounding_increment").value == Decimal("0.05")
    assert finding(found, "currencies.USD.rounding_mode").value == "UP"


def test_the_time_zone_is_found_from_usage_and_from_charge_dates() -> None:
    found = fit([sample(METERED, 'time_zone = "Asia/Tokyo"')], TenantSettings())
    zone = finding(found, "time_zone")
    assert zone.standing is Standing.DETERMINED
    assert found.best.time_zone == "Asia/Tokyo"
    without_clock = sample(METERED, 'time_zone = "Asia/Tokyo"')
    silent = replace(without_clock.preview, recorded_at=None)
    found = fit([replace(without_clock, preview=silent)], TenantSettings())
    assert found.agreeing == 1
    assert found.best.time_zone != "America/Los_Angeles", "usage of the last of February is of March there"


@pytest.mark.parametrize(
    ("toml", "rates"),
    [
        (RATE.format(20), (TaxRate(Decimal(20)),)),
        ("[[tax_rate]]\npercent = 5.5", (TaxRate(Decimal("5.5")),)),
        ("", ()),
    ],
)
def test_the_fewest_tax_rates_are_found_from_net_and_tax(toml: str, rates: tuple[TaxRate, ...]) -> None:
    found = fit([sample(TAXED, toml)], TenantSettings())
    assert found.agreeing == 1
    assert found.best.tax_rates == rates


def test_one_rate_for_each_tax_code_where_they_differ() -> None:
    both = account(
        charge(price=Decimal("24.99"), taxMode="TaxInclusive", taxCode="VAT"),
        charge("C-2", price=50, taxMode="TaxInclusive", taxCode="REDUCED"),
        charge("C-3", price=50),
    )
    toml = f'{RATE.format(20)}\n[[tax_rate]]\npercent = 7\ntax_code = "REDUCED"'
    found = fit([sample(both, toml)], TenantSettings())
    assert found.agreeing == 1
    assert {(rate.tax_code, rate.percent) for rate in found.best.tax_rates} == {
        ("REDUCED", Decimal(7)),
        ("VAT", Decimal(20)),
    }


def test_rates_that_are_given_and_fit_stay() -> None:
    base = settings_of(RATE.format(20))
    found = fit([sample(TAXED, RATE.format(20))], base)
    assert not found.new_rates
    assert found.best.tax_rates == base.tax_rates


def test_processes_find_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("soapsvc.parity.trials.bench._WORTH_PROCESSES", 0)
    _, samples = hidden_tenant(4, accounts=12)
    switched = [knob.set(TenantSettings(), value) for knob in rule_knobs() for value in knob.values]
    with Bench(samples, TenantSettings(), 1) as alone, Bench(samples, TenantSettings(), 2) as shared:
        assert alone.losses(switched) == shared.losses(switched)
        assert alone.losses(switched, [7, 2]) == shared.losses(switched, [7, 2])


def test_every_setting_has_its_deciding_account() -> None:
    fields = {knob.field for knob in rule_knobs()} | {"rounding_mode", "decimals", "rounding_increment", "time_zone"}
    assert all(deciding_account(name) for name in fields)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["fit", *map(str, arguments), "--processes", "1"])


def written(path: Path, *samples: Sample) -> Path:
    with RecordingWriter(path) as recording:
        for each in samples:
            recording.add(each.preview)
    return path


TOML = """# Ours, by hand.
time_zone = "America/Los_Angeles"  # as the office
[billing_rules]
prorationUnit = "ProrateByDay"     # so the settings say
creditMethod = "CreditPeriod"
"""


def test_the_found_rules_are_written_and_the_former_values_shown(tmp_path: Path) -> None:
    tenant = tmp_path / "tenant"
    tenant.mkdir()
    (tenant / "tenant.toml").write_text(TOML)
    hidden = f'time_zone = "Asia/Tokyo"\n{rules(prorationUnit="ProrateByMonthFirst")}\n{RATE.format(20)}'
    path = written(tmp_path / "r.jsonl", sample(QUARTER, hidden), sample(TAXED, hidden, "A-2"), sample(METERED, hidden, "A-3"))  # noqa: E501  # fmt: skip

    result = run(path, "--tenant", tenant, "--write")

    assert result.exit_code == 0, result.output
    assert "3 of 3 recordings are reproduced; before the fit, 0 were." in result.output
    said = (
        "written: prorationUnit = ProrateByMonthFirst: the settings said ProrateByDay, which the recordings contradict"
    )
    assert said in result.output
    assert "written: 1 tax rates: the settings had none" in result.output
    text = (tenant / "tenant.toml").read_text()
    assert "# Ours, by hand." in text
    assert 'creditMethod = "CreditPeriod"' in text
    assert 'prorationUnit = "ProrateByMonthFirst" # found by fit; was ProrateByDay' in text
    assert "percent = 20 # found by fit" in text
    again = run(path, "--tenant", tenant, "--write")
    assert again.exit_code == 0
    assert "already says what was found" in again.output
    assert (tenant / "tenant.toml").read_text() == text


@pytest.mark.parametrize(
    "before",
    [
        "",
        "[billing_rules]\ncreditOneTime = true\n",
        '[[users]]\nusername = "jo"\npassword = "x"\n[currencies.CHF]\ndecimals = 2\n',
        '[billing_rules]\nroundingMode = "DOWN"\n[[tax_rate]]\npercent = 3',
    ],
)
def test_any_tenant_toml_has_the_found_rules_afterwards(tmp_path: Path, before: str) -> None:
    hidden = (
        f'time_zone = "Asia/Tokyo"\n{rules(prorationUnit="ProrateByMonthFirst", roundingMode="UP")}\n{RATE.format(20)}'
    )
    samples = [sample(QUARTER, hidden), sample(TAXED, hidden, "A-2"), sample(METERED, hidden, "A-3")]
    samples.append(sample(account(charge(price=20)), hidden, "A-4"))
    found = fit(samples, settings_of(before))
    assert found.agreeing == len(samples)
    text, told = with_findings(before, found)
    assert len(told) >= 3
    written = settings_of(text)
    assert written.tax_rates == found.best.tax_rates
    assert written.time_zone == found.best.time_zone
    assert [Trial(each, written).loss(written).items for each in samples] == [0] * len(samples)
    assert all(line.split(" ")[0] in text + " tax" for line in before.splitlines() if " = " in line)


def test_nothing_is_written_by_default(tmp_path: Path) -> None:
    path = written(tmp_path / "r.jsonl", sample(QUARTER, rules(prorationUnit="ProrateByMonthFirst")))
    (tmp_path / "tenant").mkdir()
    document = json.loads(run(path, "--tenant", tmp_path / "tenant", "--format", "json").output)
    assert list((tmp_path / "tenant").iterdir()) == []
    unit = next(each for each in document["settings"] if each["name"] == "prorationUnit")
    assert (unit["value"], unit["was"], unit["standing"]) == ("ProrateByMonthFirst", "ProrateByDay", "determined")


def test_recordings_that_cannot_be_reproduced_end_with_one(tmp_path: Path) -> None:
    (tmp_path / "tenant").mkdir()
    odd = sample(GONE, "")
    items = tuple(replace(item, amount=item.amount + Decimal("0.77")) for item in odd.preview.answer.items)
    wrong = replace(odd, preview=replace(odd.preview, answer=replace(odd.preview.answer, items=items)))
    result = run(written(tmp_path / "r.jsonl", wrong), "--tenant", tmp_path / "tenant")
    assert result.exit_code == 1
    assert "not reproduced: A-1: 2 items, 1.54 apart" in result.output


def test_write_needs_a_directory(tmp_path: Path) -> None:
    path = written(tmp_path / "r.jsonl", sample(GONE, ""))
    result = run(path, "--database", "sqlite:///x.sqlite", "--write")
    assert result.exit_code == 2
    assert "--write needs --tenant" in result.output
