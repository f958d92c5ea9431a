"""`soapsvc run`, its sub-commands, and `soapsvc purge`, as one calls them in a terminal."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import signal
import zipfile
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from soapsvc.cli import main
from soapsvc.cli.runs.carrying import _resuming
from soapsvc.resources import fixtures_dir
from soapsvc.runs import ProcessWorkers, cancel_run, create_run, find_runs
from soapsvc.tenant import Store, import_tenant
from tests.support.runs import ANYBODY, EVERYTHING, system_clock, table

REQUEST = ("--target-date", "2026-12-31", "--assume-renewal", "All", "--include-evergreen")
REPEATABLE = ("--seed", "s", "--as-of", "2026-01-15T12:00:00+0000")
ONE_PROCESS = ("--workers", "1")


def soapsvc(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def demo_database(database: str) -> str:
    """A database with the demo tenant."""
    store = Store.open(database)
    import_tenant(store, fixtures_dir())
    store.close()
    return database


def test_a_tenant_directory_becomes_a_zip(tmp_path: Path) -> None:
    out = tmp_path / "out.zip"
    done = soapsvc("run", "--tenant", fixtures_dir(), *REQUEST, "--out", out, *ONE_PROCESS)
    assert done.exit_code == 0, done.output
    with zipfile.ZipFile(out) as archive:
        assert archive.namelist() == ["BPR-00000001.csv", "BPR-00000001-failed-accounts.csv"]
    for told in ("Completed", "16", "15", "accounts/s", "items/s", str(out)):
        assert told in done.output
    assert list(tmp_path.iterdir()) == [out]


def test_the_same_seed_and_instant_give_the_same_bytes(demo_database: str, tmp_path: Path) -> None:
    """Whatever the number of processes, and the number of the run."""
    common = ("--database", demo_database, "--results", tmp_path / "results")
    outs = [tmp_path / name for name in ("a.zip", "b.zip")]
    for out, workers in zip(outs, ("1", "2"), strict=True):
        cut = ("--workers", workers, "--part-accounts", "3")
        done = soapsvc("run", *common, *REQUEST, *REPEATABLE, "--out", out, *cut)
        assert done.exit_code == 0, done.output
    assert outs[0].read_bytes() == outs[1].read_bytes()
    assert "BPR-00000002" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--tenant", "DEMO"), "Missing option '--target-date'"),
        (("--tenant", "DEMO", *REQUEST), "give --out"),
        (("--tenant", "DEMO", *REQUEST, "--storage", "Database"), "leave --storage Database out"),
        (
            ("--database", "sqlite://", *REQUEST, "--storage", "Database", "--out", "x.zip"),
            "the results are rows, not a file",
        ),
        (REQUEST, "Give either --tenant or --database"),
        (("--tenant", "DEMO", "--target-date", "tomorrow"), "is not a date such as"),
        (("--tenant", "DEMO", *REQUEST, "--assume-renewal", "Some"), "is not one of"),
    ],
)
def test_options_that_do_not_go_together_are_refused(arguments: tuple[str, ...], told: str) -> None:
    done = soapsvc("run", *(str(fixtures_dir()) if argument == "DEMO" else argument for argument in arguments))
    assert done.exit_code == 2
    assert told in done.output


def test_a_refused_run_is_explained_in_a_sentence(tmp_path: Path) -> None:
    done = soapsvc("run", "--tenant", fixtures_dir(), "--target-date", "2099-01-01", "--out", tmp_path / "out.zip")
    assert done.exit_code == 1
    assert "is more than 20 years away" in done.output
    assert "Traceback" not in done.output


def test_runs_are_listed_compared_and_purged(demo_database: str, tmp_path: Path) -> None:
    results = tmp_path / "results"
    common = ("--database", demo_database, "--results", results, "--storage", "database", *ONE_PROCESS)
    first = soapsvc("run", *REQUEST, *common)
    assert first.exit_code == 0, first.output
    second = soapsvc("run", *REQUEST, "--charge-type-to-exclude", "OneTime", "--compare-with", "BPR-00000001", *common)
    assert second.exit_code == 0, second.output
    listed = soapsvc("run", "list", "--database", demo_database).output
    assert listed.count("Completed") == 2
    same = soapsvc("run", "diff", "BPR-00000001", "BPR-00000001", "--database", demo_database)
    assert (same.exit_code, same.output) == (0, "no differences\n")
    changed = soapsvc("run", "diff", "BPR-00000001", "BPR-00000002", "--database", demo_database, "--format", "json")
    assert changed.exit_code == 1
    lines, (summary, *sums) = changed.stdout.splitlines(), changed.stderr.splitlines()
    assert {(row["type"], row["item"]["invoice_item_charge_type"]) for row in map(json.loads, lines)} == {
        ("Removed", "OneTime")
    }
    assert summary == f"0 Added, {len(lines)} Removed, 0 Changed"
    told = [line.split() for line in sums if "all changes" in line]
    removed = sum(Decimal(json.loads(line)["item"]["invoice_item_charge_amount"]) for line in lines)
    assert sum(Decimal(cells[-1]) for cells in told) == -removed
    assert [line.split() for line in second.stderr.splitlines() if "all changes" in line] == told
    purged = soapsvc("purge", "--database", demo_database, "--results", results, "--days", "1")
    assert "0 purged" in purged.output, "they are of today"
    assert soapsvc("run", "diff", "BPR-00000001", "BPR-00000002", "--database", demo_database).exit_code == 1


def test_files_are_compared_in_any_order_and_spelling(tmp_path: Path) -> None:
    out = tmp_path / "out.zip"
    made = soapsvc("run", "--tenant", fixtures_dir(), *REQUEST, *REPEATABLE, "--out", out, *ONE_PROCESS)
    assert made.exit_code == 0, made.output
    with zipfile.ZipFile(out) as archive:
        header, *rows = archive.read("billing-preview-2026-12-31.csv").decode().splitlines()
    assert len(rows) > 500
    mixed = tmp_path / "mixed.csv"
    spelled = header.replace("Invoice Item: ChargeNumber", "Rate Plan Charge: Charge Number")
    mixed.write_text("\n".join([spelled, *reversed(rows)]) + "\n")
    assert soapsvc("run", "diff", out, mixed).output == "no differences\n"
    shorter = tmp_path / "shorter.csv"
    shorter.write_text("\n".join([header, *rows[1:]]) + "\n")
    done = soapsvc("run", "diff", out, shorter, "--format", "csv")
    assert done.exit_code == 1
    (removed,) = table(done.stdout.encode())
    assert (removed["difference_type"], done.stderr.splitlines()[0]) == ("Removed", "0 Added, 1 Removed, 0 Changed")
    named = soapsvc("run", "diff", out, shorter, "--format", "xlsx", "--database", _imported(tmp_path))
    (change,) = load_workbook(io.BytesIO(named.stdout_bytes))["Changes"].iter_rows(min_row=2, values_only=True)
    assert change[:6] == ("Removed", "charge gone", removed["account_id"], "A00000014", "Meridian Metering", "USD")


def _imported(folder: Path) -> str:
    """A database with the demo tenant, which knows the names and currencies that files do not."""
    url = f"sqlite:///{folder / 'names.sqlite'}"
    store = Store.open(url)
    import_tenant(store, fixtures_dir())
    store.close()
    return url


def test_a_workbook_of_a_run_has_its_sums(tmp_path: Path) -> None:
    out = tmp_path / "run.xlsx"
    made = soapsvc("run", "--tenant", fixtures_dir(), *REQUEST, "--out", out, *ONE_PROCESS)
    assert made.exit_code == 0, made.output
    sums = dict(
        re.findall(r"([A-Z]{3}) (-?[0-9.]+)", next(each for each in made.stderr.splitlines() if "Sums" in each))
    )
    head, *rows = load_workbook(out)["By account"].iter_rows(values_only=True)
    at = {name: head.index(name) for name in ("Currency", "Amount")}
    for currency, amount in sums.items():
        found = [Decimal(str(row[at["Amount"]])) for row in rows if row[at["Currency"]] == currency]
        assert sum(found) == Decimal(amount)


def sums_of(output: str) -> dict[str, Decimal]:
    """The sums by currency that a run prints."""
    line = next(each for each in output.splitlines() if "Sums" in each)
    return {currency: Decimal(amount) for currency, amount in re.findall(r"([A-Z]{3}) (-?[0-9.]+)", line)}


def test_a_csv_of_a_run_has_all_columns_and_its_sums_and_says_why_accounts_have_no_item(tmp_path: Path) -> None:
    out = tmp_path / "run.csv"
    made = soapsvc("run", "--tenant", fixtures_dir(), *REQUEST, "--out", out, "--columns", "all", *ONE_PROCESS)
    assert made.exit_code == 0, made.output
    rows = table(out.read_bytes())
    found: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        amount = Decimal(row["Amount"] or 0)
        found[row["Currency"]] += -amount if row["Document"] == "Credit memo" else amount
    assert {currency: amount for currency, amount in found.items() if amount} == sums_of(made.stderr)
    assert len({row["Account Number"] for row in rows}) == 16
    empty = {row["Account Number"]: row["Reasons"] for row in rows if not row["Amount"]}
    assert empty["A00001011"].startswith("NO_SUBSCRIPTIONS: ")
    assert empty["A00001012"].startswith("MISSING_PRICE: ")
    named = next(row for row in rows if row["Account Number"] == "A00001009")
    assert (named["Account Name"], named["Currency"]) == ("Tidewater Choir", "USD")


def test_the_csv_of_the_vendors_columns_is_that_within_the_zip(tmp_path: Path) -> None:
    alone, packed = tmp_path / "run.csv", tmp_path / "run.zip"
    for out in (alone, packed):
        made = soapsvc("run", "--tenant", fixtures_dir(), *REQUEST, *REPEATABLE, "--out", out, *ONE_PROCESS)
        assert made.exit_code == 0, made.output
    with zipfile.ZipFile(packed) as archive:
        assert archive.read("billing-preview-2026-12-31.csv") == alone.read_bytes()


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (("--columns", "all", "--out", "run.zip"), "give --out FILE.csv"),
        (("--columns", "all", "--out", "run.csv", "--format", "xlsx"), "give --out FILE.csv"),
        (("--out", "run.csv", "--storage", "Parquet"), "has no CSV"),
    ],
)
def test_columns_are_about_a_csv(more: tuple[str, ...], told: str) -> None:
    done = soapsvc("run", "--tenant", fixtures_dir(), *REQUEST, *more, *ONE_PROCESS)
    assert done.exit_code != 0
    assert told in " ".join(done.output.replace("│", " ").split())


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"name,price\nx,1\n", b""])
def test_a_file_that_is_not_of_a_run_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.csv"
    path.write_bytes(content)
    done = soapsvc("run", "diff", path, path)
    assert done.exit_code == 1
    assert str(path) in done.output
    assert "Traceback" not in done.output


def test_a_run_that_has_ended_cannot_be_resumed_or_canceled(demo_database: str, tmp_path: Path) -> None:
    common = ("--database", demo_database)
    made = soapsvc("run", *common, *REQUEST, "--results", tmp_path / "results", *ONE_PROCESS)
    assert made.exit_code == 0, made.output
    assert "is already Completed" in soapsvc("run", "resume", "BPR-00000001", *common).output
    assert "only a run under way can be canceled" in soapsvc("run", "cancel", "BPR-00000001", *common).output
    assert "Cannot find entity by key: 'BPR-9'" in soapsvc("run", "resume", "BPR-9", *common).output


@pytest.fixture
def interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C comes as soon as the run has its first part."""

    def submit(*arguments: Any) -> Any:
        if not given:
            signal.raise_signal(signal.SIGINT)
        given.append(arguments)
        return submitted(*arguments)

    given: list[Any] = []
    submitted = ProcessWorkers.submit
    monkeypatch.setattr(ProcessWorkers, "submit", submit)


def test_ctrl_c_pauses_the_run_and_shows_the_command_that_continues_it(
    demo_database: str, tmp_path: Path, interrupted: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, results = tmp_path / "out.zip", tmp_path / "results"
    common = ("--database", demo_database, "--results", results, *ONE_PROCESS)
    done = soapsvc("run", *common, *REQUEST, *REPEATABLE, "--part-accounts", "1", "--out", out)
    assert done.exit_code == 130, done.output
    told = re.sub(r"\s+", " ", done.stderr)
    assert "Status Paused" in told
    assert "Result none yet" in told
    (command,) = re.findall(r"BPR-00000001 is paused. To resume it: (.*)", done.stderr)
    assert not out.exists()
    store = Store.open(demo_database)
    assert [run.status for run in find_runs(store)] == ["Processing"]
    store.close()
    monkeypatch.undo()
    _program, *arguments = shlex.split(command)
    again = soapsvc(*arguments, *ONE_PROCESS)
    assert again.exit_code == 0, again.output
    undisturbed = tmp_path / "undisturbed.zip"
    whole = soapsvc("run", *common, *REQUEST, *REPEATABLE, "--part-accounts", "1", "--out", undisturbed)
    assert whole.exit_code == 0, whole.output
    assert out.read_bytes() == undisturbed.read_bytes()


def test_the_command_that_continues_a_run_shows_no_password(tmp_path: Path) -> None:
    execution: Any = {"results": None, "dask": None}
    run: Any = SimpleNamespace(number="BPR-00000001")
    assert shlex.split(_resuming(run, tmp_path, execution, "postgresql://jo:secret@db/tenant"))[1:] == [
        "run",
        "resume",
        "BPR-00000001",
        "--database",
        "postgresql://jo:***@db/tenant",
        "--out",
        str(tmp_path),
    ]


def test_ctrl_c_cancels_a_run_of_a_folder_which_cannot_be_resumed(tmp_path: Path, interrupted: None) -> None:
    done = soapsvc("run", "--tenant", fixtures_dir(), *REQUEST, "--out", tmp_path / "out.zip", *ONE_PROCESS)
    assert done.exit_code == 130, done.output
    told = re.sub(r"\s+", " ", done.stderr)
    assert "Status Canceled" in told
    assert "Result none " in told + " "
    assert "To resume it" not in told


def test_a_second_ctrl_c_stops_at_once(demo_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def twice(*_: object) -> None:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("soapsvc.cli.runs.carrying.execute_run", twice)
    done = soapsvc("run", "--database", demo_database, *REQUEST, "--results", tmp_path / "results", *ONE_PROCESS)
    assert done.exit_code == 1
    assert "Aborted!" in done.output
    store = Store.open(demo_database)
    assert [run.status for run in find_runs(store)] == ["Processing"], "it can be resumed"
    store.close()


def test_processes_that_compute_do_not_hear_the_terminal_s_ctrl_c() -> None:
    workers = ProcessWorkers(1)
    try:
        assert workers.submit(blocked_signals).result(60) == [signal.SIGINT]
        assert blocked_signals() == [], "who hands out the work hears it"
    finally:
        workers.close()


def test_processes_may_give_way_to_others() -> None:
    workers = ProcessWorkers(1, niceness=3)
    try:
        assert workers.submit(os.nice, 0).result(60) == os.nice(0) + 3
    finally:
        workers.close()


def blocked_signals() -> list[signal.Signals]:
    return sorted(signal.pthread_sigmask(signal.SIG_BLOCK, ()))


def test_parquet_without_its_package_is_refused_before_anything_is_done(
    demo_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr("soapsvc.runs.definition.extras.import_module", missing)
    common = ("--database", demo_database, "--results", tmp_path / "results", *ONE_PROCESS)
    done = soapsvc("run", *common, *REQUEST, "--storage", "parquet")
    assert done.exit_code == 1
    assert done.output == "Error: pyarrow is not installed; install the extra [parquet]: docs/start/install.md\n"
    store = Store.open(demo_database)
    assert list(find_runs(store)) == []
    store.close()


def test_a_run_of_another_process_is_canceled(demo_database: str) -> None:
    store = Store.open(demo_database)
    run = create_run(store, EVERYTHING, ANYBODY, system_clock())
    assert soapsvc("run", "cancel", run.number, "--database", demo_database).output == "BPR-00000001 is Canceled\n"
    with pytest.raises(Exception, match="only a run under way"):
        cancel_run(store, run.id, ANYBODY, system_clock())
    store.close()


@pytest.mark.parametrize(
    ("extra", "option"),
    [("dask", ("--dask", "tcp://127.0.0.1:1")), ("remote", ("--results", "s3://bucket/runs"))],
)
def test_a_missing_package_error_names_its_extra(
    demo_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, extra: str, option: tuple[str, str]
) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr("soapsvc.runs.definition.extras.import_module", missing)
    results = ("--results", tmp_path / "results")
    done = soapsvc("run", "--database", demo_database, *REQUEST, *results, *ONE_PROCESS, *option)
    assert done.exit_code == 1
    assert f"install the extra [{extra}]" in done.output
    assert "Traceback" not in done.output
