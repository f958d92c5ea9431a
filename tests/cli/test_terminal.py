"""The terminal shows the data as it is: markup is not interpreted, nothing is cut, counts have their noun."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import soapsvc.cli
from soapsvc.cli import main
from soapsvc.cli.terminal import counted
from soapsvc.tenant import Store, import_tenant
from tests.support.documents import account, charge, subscription
from tests.support.tenants import write_tenant

SPELLED_LIKE_MARKUP = "[bold]Finch[/bold] & [red]Co :smile:"


def soapsvc_(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.mark.parametrize(
    ("count", "told"), [(0, "0 items"), (1, "1 item"), (2, "2 items"), (1_000, "1,000 items"), (-1, "-1 items")]
)
def test_counts_have_their_noun(count: int, told: str) -> None:
    assert counted(count, "item") == told


def test_every_console_is_one_that_reads_no_markup() -> None:
    """Rich takes `[parquet]` for markup by default. One module switches that off, and the others use this module."""
    folder = Path(soapsvc.cli.__file__).parent
    making = [path.name for path in sorted(folder.rglob("*.py")) if re.search(r"\bConsole\(", path.read_text())]
    assert making == ["terminal.py"]


def test_every_choice_may_be_written_in_any_case() -> None:
    folder = Path(soapsvc.cli.__file__).parent
    making = [path.name for path in sorted(folder.rglob("*.py")) if re.search(r"click\.Choice\(", path.read_text())]
    assert making == ["values.py"]


def tenant(folder: Path, batch: str = "Batch1") -> Path:
    return write_tenant(
        folder,
        accounts=account(SPELLED_LIKE_MARKUP, batch=batch),
        subscriptions=[subscription(charge(name=SPELLED_LIKE_MARKUP))],
    )


def test_a_preview_s_table_shows_names_as_they_are(tmp_path: Path) -> None:
    folder = tenant(tmp_path / "tenant")
    dated = ("--target-date", "2026-12-31", "--assume-renewal", "all")
    done = soapsvc_("preview", "--tenant", folder, "--account-number", SPELLED_LIKE_MARKUP, *dated)
    assert done.exit_code == 0, done.output
    assert f"Invoice items of account {SPELLED_LIKE_MARKUP}, in " in done.stdout
    assert SPELLED_LIKE_MARKUP in re.sub(r"\s+", " ", done.stdout.partition("\n")[2])


def test_the_list_of_runs_shows_batches_as_they_are(database: str, tmp_path: Path) -> None:
    store = Store.open(database)
    import_tenant(store, tenant(tmp_path / "tenant", batch="[blue]"))
    store.close()
    common = ("--database", database, "--results", tmp_path / "results", "--workers", "1")
    made = soapsvc_("run", *common, "--target-date", "2026-12-31", "--batch", "[blue]")
    assert made.exit_code == 0, made.output
    assert "[blue]" in soapsvc_("run", "list", "--database", database).stdout


def test_the_place_of_a_result_is_shown_in_full(tmp_path: Path) -> None:
    folder = tmp_path / "[red] results of the year that is long enough to be cut at eighty columns or folded there"
    folder.mkdir()
    out = folder / "out.zip"
    wanted = ("--target-date", "2026-12-31", "--out", out, "--workers", "1")
    done = soapsvc_("run", "--tenant", tenant(tmp_path / "tenant"), *wanted)
    assert done.exit_code == 0, done.output
    assert f"The result is in {out}\n" in done.stderr


def test_a_run_s_progress_in_a_pipe_is_lines_that_are_not_cut(tmp_path: Path) -> None:
    wanted = ("--target-date", "2026-12-31", "--out", tmp_path / "out.zip", "--workers", "1")
    done = soapsvc_("run", "--tenant", tenant(tmp_path / "tenant"), *wanted)
    lines = [line for line in done.stderr.splitlines() if line.startswith("BPR-00000001 ")]
    assert lines[0] == "BPR-00000001 Processing: 0 of 1 account, 0 items, 0 failed"
    assert re.fullmatch(r"BPR-00000001 Completed: 1 of 1 account, \d+ items?, 0 failed", lines[-1])


def test_no_database_is_made_by_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only `import` creates a database; other commands say that there is none."""
    monkeypatch.chdir(tmp_path)
    url = "sqlite:///typo.sqlite"
    run = ("--database", url, "--target-date", "2026-12-31")
    commands = [
        ("serve", "--database", url),
        ("preview", *run, "--account-id", "a"),
        ("run", *run),
        ("run", "resume", "BPR-00000001", "--database", url),
        ("run", "work", "--database", url),
        ("run", "cancel", "BPR-00000001", "--database", url),
        ("run", "list", "--database", url),
        ("run", "diff", "BPR-00000001", "BPR-00000002", "--database", url),
        ("purge", "--database", url),
        ("users", "list", "--database", url),
    ]
    for command in commands:
        done = soapsvc_(*command)
        assert done.exit_code == 1, command
        assert f"there is no tenant's database at {url}" in done.stderr, command
        assert f"`soapsvc import DIR --database {url}` makes one" in done.stderr, command
        assert list(tmp_path.iterdir()) == [], command
    Path("empty.sqlite").touch()
    done = soapsvc_("run", "list", "--database", "sqlite:///empty.sqlite")
    assert "there is no tenant's database" in done.stderr
    assert [path.stat().st_size for path in tmp_path.iterdir()] == [0]


def test_an_empty_database_of_a_server_is_left_as_it_is(database: str) -> None:
    """The same on PostgreSQL, where a database may be there without a table."""
    assert "there is no tenant's database" in soapsvc_("run", "list", "--database", database).stderr
    assert "there is no tenant's database" in soapsvc_("run", "list", "--database", database).stderr
