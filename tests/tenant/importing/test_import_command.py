"""`soapsvc import DIR --database URL`."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from soapsvc.cli import main
from soapsvc.tenant import Store, import_tenant
from tests.support.documents import account, charge, subscription, usage
from tests.support.tenants import write_tenant


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["import", *map(str, arguments)], catch_exceptions=False)


def count(database: str) -> int:
    with closing(Store.open(database)) as store:
        return store.count_accounts()


def test_it_says_what_it_imported(database: str, tmp_path: Path) -> None:
    folder = write_tenant(
        tmp_path / "tenant",
        accounts=account(),
        subscriptions=[subscription(charge("C-1"), charge("C-2"))],
        usage=[usage()],
    )
    for added in ("1", "0"):
        result = run(folder, "--database", database)
        assert (result.exit_code, result.stderr) == (0, "")
        assert table(result) == [
            ["accounts", "1", added, "0", "0"],
            ["subscriptions", "1", added, "0", "0"],
            ["charges", "2"],
            ["usage", "records", "1", added, "0", "0"],
        ]
    assert count(database) == 1


def table(result: Result) -> list[list[str]]:
    """The rows that were printed: a kind, how many were read, added, changed, removed."""
    return [line.replace("│", " ").split() for line in result.stdout.splitlines() if line.startswith("│")]


def test_a_dry_run_shows_the_effect_of_replace_without_replacing(database: str, tmp_path: Path) -> None:
    whole = write_tenant(
        tmp_path / "1", "[api]", accounts=account(), subscriptions=[subscription(charge()), subscription(number="A-S2")]
    )
    assert run(whole, "--database", database).exit_code == 0
    fewer = write_tenant(tmp_path / "2", accounts=account(name="Wren"), subscriptions=[subscription(charge())])
    for dry in (["--dry-run"], []):
        result = run(fewer, "--database", database, "--replace", *dry)
        assert (result.exit_code, result.stderr) == (0, "")
        assert table(result) == [
            ["accounts", "1", "0", "1", "0"],
            ["subscriptions", "1", "0", "0", "1"],
            ["charges", "1"],
            ["settings", "0", "0", "1"],
        ]
        assert ("to import" in result.stdout) == bool(dry)
        with closing(Store.open(database)) as store:
            (found,) = store.accounts()
        assert (found.name, len(found.subscriptions)) == (("Finch & Co", 2) if dry else ("Wren", 1))


def test_a_dry_run_makes_no_database(tmp_path: Path) -> None:
    folder = write_tenant(tmp_path / "tenant", accounts=account())
    result = run(folder, "--database", f"sqlite:///{tmp_path / 'new.sqlite'}", "--dry-run")
    assert (result.exit_code, table(result)) == (0, [["accounts", "1", "1", "0", "0"]])
    assert list(tmp_path.iterdir()) == [folder]


def test_quietly(database: str, tmp_path: Path) -> None:
    result = run(write_tenant(tmp_path / "tenant", accounts=account()), "--database", database, "--quiet")
    assert (result.exit_code, result.output) == (0, "")


def test_problems_go_to_standard_error_and_nothing_is_imported(database: str, tmp_path: Path) -> None:
    folder = write_tenant(tmp_path / "tenant", "[api]\nx = 1", accounts={"a.json": account(), "b.json": "{"})
    result = run(folder, "--database", database)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines() == [
        "tenant.toml: api.x: is not known; the nearest known key is session_minutes",
        "accounts/b.json: is not JSON (Input data was truncated)",
        "Nothing was imported: 2 problems.",
    ]
    assert count(database) == 0


def test_usage_without_a_charge_is_a_warning(database: str, tmp_path: Path) -> None:
    lost = [usage(n, SubscriptionNumber="A-S9") for n in range(25)]
    result = run(write_tenant(tmp_path / "tenant", accounts=account(), usage=lost), "--database", database, "--quiet")
    lines = result.stderr.splitlines()
    assert (result.exit_code, len(lines)) == (0, 21)
    assert lines[0] == (
        "warning: usage/1.json: [0]: names subscription A-S9, which does not exist: this usage is not billed"
    )
    assert lines[-1] == "warning: 5 more of these"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("nonsense", "the database's URL cannot be read"),
        ("nonesuch://x", "'nonesuch' is not a supported kind of database"),
        ("sqlite:////nonexistent-folder/x.sqlite", "the database cannot be opened: unable to open database file"),
    ],
)
def test_a_database_that_cannot_be_opened(tmp_path: Path, url: str, message: str) -> None:
    result = run(write_tenant(tmp_path, accounts=account()), "--database", url)
    assert result.exit_code == 1
    assert message in result.stderr


def test_a_folder_that_is_not_there(database: str, tmp_path: Path) -> None:
    result = run(tmp_path / "nowhere", "--database", database)
    assert result.exit_code == 2
    assert "does not exist" in result.stderr


def test_progress_counts_the_bytes_of_all_files(database: str, tmp_path: Path) -> None:
    folder = write_tenant(tmp_path / "tenant", accounts=account(), usage=[usage(n) for n in range(1200)])
    total = sum(path.stat().st_size for path in folder.rglob("*.json"))
    told: list[tuple[str, int, int]] = []
    with closing(Store.open(database)) as store:
        import_tenant(store, folder, progress=lambda *step: told.append(step))
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)
    assert told[-1] == ("usage", total, total)
    assert len({done for name, done, _ in told if name == "usage"}) > 2, "a big file is seen to move"
