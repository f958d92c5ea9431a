"""`soapsvc users`: who may log in, without a hash that anybody types."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from soapsvc.cli import main
from soapsvc.clock import system_clock
from soapsvc.tenant import Store, import_tenant
from soapsvc.tenant.users import Login, fits
from tests.support.documents import account
from tests.support.tenants import write_tenant

Run = Callable[..., Result]
TOML = '[[users]]\nusername = "jo"\npassword = "of the file"'


@pytest.fixture
def store(database: str, tmp_path: Path) -> Iterator[Store]:
    """A tenant whose tenant.toml has one user, jo."""
    opened = Store.open(database)
    import_tenant(opened, write_tenant(tmp_path / "tenant", TOML, accounts=account()))
    yield opened
    opened.close()


@pytest.fixture
def run(store: Store) -> Run:
    """Runs a command on the store's users; `typed` are the lines that are piped in."""

    def invoke(*arguments: str, typed: str = "") -> Result:
        return CliRunner().invoke(main, ["users", *arguments, "--database", store.url], input=typed)

    return invoke


def session_of(store: Store, username: str) -> str:
    return store.create_session(username, int(system_clock().timestamp()) + 900)


def is_open(store: Store, token: str) -> bool:
    return store.session(token, int(system_clock().timestamp())) is not None


def lets_in(login: Login | None, secret: str) -> bool:
    return fits(login, secret)


def test_a_user_is_added_with_a_password_and_a_client_that_are_typed(run: Run, store: Store) -> None:
    seen = ("--organization", "o-1", "--organization", "o-2")
    person = ("--name", "Ann", "--email", "ann@example.com")
    result = run("add", "ann", *person, *seen, "--client-id", "client", typed="secret word\nclient's word\n")
    assert (result.exit_code, result.output) == (0, "ann may log in\n")
    assert lets_in(store.login("ann"), "secret word")
    assert lets_in(store.client_login("client"), "client's word")
    ann = store.user("ann")
    assert ann is not None
    assert (ann.name, ann.email, ann.organizations) == ("Ann", "ann@example.com", frozenset({"o-1", "o-2"}))


def test_all_users_are_listed_with_their_sessions_and_where_they_are_from(run: Run, store: Store) -> None:
    run("add", "ann", "--organization", "o-1", typed="x\n")
    session_of(store, "ann")
    lines = [line.split() for line in run("list").output.splitlines()]
    assert lines == [
        ["User", "Name", "Email", "Organizations", "OAuth", "client", "Made", "by", "Sessions"],
        ["ann", "o-1", "users", "1"],
        ["jo", "all", "tenant.toml", "0"],
    ]


def test_a_new_password_ends_the_sessions_and_the_rest_stays(run: Run, store: Store) -> None:
    run("add", "ann", "--name", "Ann", "--client-id", "c", typed="old\nsecret\n")
    token = session_of(store, "ann")
    assert run("change", "ann", "--password", typed="new\n").output == "ann is changed\n"
    assert not is_open(store, token)
    assert not lets_in(store.login("ann"), "old")
    assert lets_in(store.login("ann"), "new")
    assert lets_in(store.client_login("c"), "secret")
    assert store.user("ann").name == "Ann"  # type: ignore[union-attr]


def test_another_name_ends_no_session(run: Run, store: Store) -> None:
    run("add", "ann", typed="old\n")
    token = session_of(store, "ann")
    run("change", "ann", "--name", "Ann", "--email", "a@example.com", "--organization", "o-1")
    session = store.session(token, int(system_clock().timestamp()))
    assert session is not None
    assert (session.user.name, session.user.organizations) == ("Ann", frozenset({"o-1"}))
    run("change", "ann", "--all-organizations")
    assert store.user("ann").organizations == frozenset()  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("options", "typed", "client", "secret"),
    [
        (["--client-secret"], "new\n", "c", "new"),
        (["--client-id", "d"], "new\n", "d", "new"),
        (["--no-client"], "", "c", None),
    ],
)
def test_an_oauth_client_is_changed_or_taken_away(
    run: Run, store: Store, options: list[str], typed: str, client: str, secret: str | None
) -> None:
    run("add", "ann", "--client-id", "c", typed="word\nold\n")
    token = session_of(store, "ann")
    assert run("change", "ann", *options, typed=typed).exit_code == 0
    assert not is_open(store, token)
    assert not lets_in(store.client_login("c"), "old")
    assert lets_in(store.client_login(client), secret or "old") is (secret is not None)
    assert lets_in(store.login("ann"), "word")


def test_a_user_is_removed_with_all_sessions(run: Run, store: Store) -> None:
    run("add", "ann", typed="old\n")
    token = session_of(store, "ann")
    assert run("remove", "ann").output == "ann is removed\n"
    assert store.user("ann") is None
    assert not is_open(store, token)


def test_sessions_are_ended_and_the_user_may_log_in_again(run: Run, store: Store) -> None:
    tokens = [session_of(store, "jo") for _ in range(2)]
    assert run("end-sessions", "jo").output == "2 ended\n"
    assert not any(is_open(store, token) for token in tokens)
    assert lets_in(store.login("jo"), "of the file")


def test_an_import_leaves_users_alone_that_were_added_here(run: Run, store: Store, tmp_path: Path) -> None:
    run("add", "ann", typed="by hand\n")
    token = session_of(store, "ann")
    kim = '[[users]]\nusername = "kim"\npassword = "x"'
    import_tenant(store, write_tenant(tmp_path / "again", kim, accounts=account()))
    assert is_open(store, token)
    assert lets_in(store.login("ann"), "by hand")
    assert (store.user("jo"), store.user("kim") is not None) == (None, True)


def test_a_tenant_file_wins_over_a_user_of_the_same_name(run: Run, store: Store, tmp_path: Path) -> None:
    run("change", "jo", "--password", typed="by hand\n")
    assert lets_in(store.login("jo"), "by hand")
    import_tenant(store, tmp_path / "tenant")
    assert lets_in(store.login("jo"), "of the file")
    assert "tenant.toml" in run("list").output


@pytest.mark.parametrize(
    ("arguments", "typed", "message"),
    [
        (["add", "jo"], "x\n", "The user jo exists already; change it with `soapsvc users change`."),
        (["add", "ann", "--client-id", "taken"], "x\ny\n", "Another user has this OAuth client id"),
        (["add", ""], "x\n", "has 0 characters; it must have 1 to 255"),
        (["add", "x" * 256], "x\n", "has 256 characters; it must have 1 to 255"),
        (["add", "ann"], "", "Password: a line with it is expected on standard input."),
        (["change", "nobody", "--name", "x"], "", "There is no user nobody; `soapsvc users list` shows all."),
        (["change", "jo", "--client-secret"], "x\n", "jo has no OAuth client; give it one with --client-id."),
        (["change", "jo", "--organization", "o", "--all-organizations"], "", "exclude each other"),
        (["change", "jo", "--no-client", "--client-id", "c"], "", "--no-client excludes"),
        (["remove", "nobody"], "", "There is no user nobody"),
        (["end-sessions", "nobody"], "", "There is no user nobody"),
    ],
)
def test_an_impossible_value_is_refused_in_a_sentence(
    run: Run, store: Store, arguments: list[str], typed: str, message: str
) -> None:
    run("add", "other", "--client-id", "taken", typed="x\ny\n")
    before = run("list").output
    result = run(*arguments, typed=typed)
    assert result.exit_code != 0
    assert message in result.output
    assert "Traceback" not in result.output
    assert run("list").output == before


def test_a_hash_is_made_for_tenant_toml_and_lets_in(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["users", "hash"], input="secret word\n")
    assert result.exit_code == 0
    toml = f'[[users]]\nusername = "kim"\npassword_hash = "{result.output.strip()}"\n'
    opened = Store.open(f"sqlite:///{tmp_path / 'tenant.sqlite'}")
    try:
        import_tenant(opened, write_tenant(tmp_path / "tenant", toml, accounts=account()))
        assert lets_in(opened.login("kim"), "secret word")
        assert not lets_in(opened.login("kim"), "secret")
    finally:
        opened.close()
