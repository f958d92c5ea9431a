"""Options from the environment, a TOML file and arguments, of growing strength.

SOAPSVC_PORT=1   <   port = 2 in the file   <   [serve] port = 3 in the file   <   --port 4
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from soapsvc.cli import main
from soapsvc.cli.configuration import Secret, option_key
from soapsvc.cli.configuration.names import options_of

Run = Callable[..., Result]
SECRET = "geheim/mit@zeichen"
URL = f"postgresql://jo:{SECRET}@db.example.com/billing"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs soapsvc with the words; `file` is the content of --config, `environ` what is set."""

    def invoke(*words: str, file: str = "", **environ: str) -> Result:
        path = tmp_path / "soapsvc.toml"
        path.write_text(file)
        given = ["--config", str(path)] if file else []
        return CliRunner().invoke(
            main, [*given, *words], env={f"SOAPSVC_{key}": value for key, value in environ.items()}
        )

    return invoke


def rows(result: Result) -> dict[str, tuple[str, str]]:
    """The rows of `soapsvc config`: value and place by option."""
    assert result.exit_code == 0, result.output
    cells = [re.split(r" {2,}", line.strip()) for line in result.output.splitlines()[2:]]
    return {row[0]: (row[1] if len(row) > 2 else "", Path(row[-1]).name) for row in cells}


@pytest.mark.parametrize(
    ("words", "file", "environ", "value", "place"),
    [
        ((), "", {}, "8080", "default"),
        ((), "", {"PORT": "1"}, "1", "SOAPSVC_PORT"),
        ((), "port = 2", {"PORT": "1"}, "2", "soapsvc.toml: port"),
        ((), "port = 2\n[serve]\nport = 3", {"PORT": "1"}, "3", "soapsvc.toml: serve.port"),
        (("--port", "4"), "port = 2\n[serve]\nport = 3", {"PORT": "1"}, "4", "argument"),
        ((), "", {"PORT": ""}, "8080", "default"),
        # Kubernetes sets these for a service that is called soapsvc.
        ((), "", {"PORT": "tcp://10.0.0.1:80", "SERVICE_HOST": "10.0.0.1", "PORT_80_TCP": "x"}, "8080", "default"),
    ],
)
def test_the_later_place_is_the_stronger(
    run: Run, words: tuple[str, ...], file: str, environ: dict[str, str], value: str, place: str
) -> None:
    assert rows(run("config", "serve", *words, file=file, **environ))["port"] == (value, place)


@pytest.mark.parametrize(
    ("file", "environ", "key", "value"),
    [
        ("", {"TRUSTED_PROXY": "10.0.0.0/8, 192.168.0.1"}, "trusted_proxy", "10.0.0.0/8, 192.168.0.1"),
        ('trusted_proxy = ["10.0.0.0/8"]', {}, "trusted_proxy", "10.0.0.0/8"),
        ('trusted-proxy = ["10.0.0.0/8"]', {}, "trusted_proxy", "10.0.0.0/8"),
        ("", {"STRICT_STATUS": "yes"}, "strict_status", "true"),
        ("strict_status = true", {"STRICT_STATUS": "no"}, "strict_status", "true"),
        ("strict_status = false", {"STRICT_STATUS": "yes"}, "strict_status", "false"),
        ('[serve]\ntarget_date_offset = "convert"', {}, "target_date_offset", "convert"),
    ],
)
def test_lists_flags_and_words(run: Run, file: str, environ: dict[str, str], key: str, value: str) -> None:
    assert rows(run("config", "serve", file=file, **environ))[key][0] == value


def test_the_table_of_a_command_is_for_it_and_what_is_below_it(run: Run) -> None:
    file = "[run]\nworkers = 2\n[run.work]\nlease = 60"
    assert rows(run("config", "serve", file=file))["workers"] == ("", "default")
    assert rows(run("config", "run", "resume", file=file))["workers"] == ("2", "soapsvc.toml: run.workers")
    assert rows(run("config", "run", "work", file=file))["lease"] == ("60", "soapsvc.toml: run.work.lease")
    assert rows(run("config", "run", "resume", file=file))["lease"] == ("30", "default")


@pytest.mark.parametrize(
    ("words", "file", "environ", "kept"),
    [
        (("--tenant", "fixtures"), "", {"DATABASE": "sqlite:///x"}, "tenant"),
        (("--database", "sqlite:///y"), "", {"TENANT": "fixtures"}, "database"),
        ((), 'database = "sqlite:///x"', {"TENANT": "fixtures"}, "database"),
        ((), 'tenant = "fixtures"', {"DATABASE": "sqlite:///x"}, "tenant"),
    ],
)
def test_of_options_that_exclude_each_other_the_one_of_the_stronger_place_counts(
    run: Run, words: tuple[str, ...], file: str, environ: dict[str, str], kept: str
) -> None:
    found = rows(run("config", "serve", *words, file=file, **environ))
    assert {key for key in ("tenant", "database") if found[key][0]} == {kept}


def test_the_demo_tenant_is_refused_beside_a_database_of_the_environment(run: Run) -> None:
    result = run("serve", "--demo", DATABASE="sqlite:///x")
    assert result.exit_code == 2
    assert "exactly one of --tenant, --database and --demo; there is SOAPSVC_DATABASE." in result.output


@pytest.mark.parametrize(
    ("file", "environ", "told"),
    [
        ("", {"PROT": "1"}, "SOAPSVC_PROT: there is no such variable; the nearest is SOAPSVC_PORT."),
        ("prot = 1", {}, "prot: there is no such option; the nearest is port."),
        ("[serve]\ntreads = 1", {}, "serve.treads: there is no such option; the nearest is threads."),
        ("[serve]\npart_accounts = 1", {}, "serve.part_accounts: there is no such option"),
        ("[server]\nport = 1", {}, "server: there is no such command; the nearest is serve."),
        ("[run.wrok]\nlease = 3", {}, "run.wrok: there is no such command; the nearest is work."),
        ('config = "other.toml"', {}, "config: there is no such option"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest_one(
    run: Run, file: str, environ: dict[str, str], told: str
) -> None:
    result = run("preview", "--account-id", "x", "--target-date", "2014-01-01", file=file, **environ)
    assert result.exit_code == 2
    assert told in result.output


def test_options_of_other_commands_are_known(run: Run) -> None:
    assert run("config", "users", "list", file="port = 1\n[run.work]\nlease = 9", PORT="1").exit_code == 0


@pytest.mark.parametrize(
    ("file", "environ", "told"),
    [
        ('port = "x"', {}, "soapsvc.toml: port: takes a whole number from 0 to 65535, not 'x'."),
        ("port = 80.5", {}, "soapsvc.toml: port: takes a whole number from 0 to 65535, not '80.5'."),
        ("port = 2024-01-01", {}, "soapsvc.toml: port: takes a whole number from 0 to 65535, not '2024-01-01'."),
        ("", {"GRACE": "long"}, "SOAPSVC_GRACE: takes a number of seconds from 0 to 3600, not 'long'."),
        ("", {"SESSION_LIFETIME": "1h"}, "SOAPSVC_SESSION_LIFETIME: takes a whole number of minutes from 1 to 480"),
        ("", {"STRICT_STATUS": "maybe"}, "SOAPSVC_STRICT_STATUS: takes true or false, not 'maybe'."),
        ("database = {url = 'x'}", {}, "soapsvc.toml: database: database is an option, not a table: give it a value."),
        ("database = ['x']", {}, "soapsvc.toml: database: database takes a single value."),
        ("trusted_proxy = [true]", {}, "soapsvc.toml: trusted_proxy: trusted_proxy takes a list."),
        ("trusted_proxy = ['nginx']", {}, "soapsvc.toml: trusted_proxy: 'nginx' does not appear to be an IPv4 or"),
        (
            "",
            {"PUBLIC_URL": "billing.example.com"},
            "SOAPSVC_PUBLIC_URL: 'billing.example.com' is not an http or https",
        ),
        ("", {"DASK": "nowhere"}, "SOAPSVC_DASK: 'nowhere' is not an address such as tcp://scheduler:8786."),
        ("", {"RESULTS": "s9://bucket"}, "SOAPSVC_RESULTS: Protocol not known: s9."),
        ("", {"RESULTS": "/dev/null/runs"}, "SOAPSVC_RESULTS: /dev/null is not a folder."),
        ("shadow = 'rest.zuora.com'", {}, "soapsvc.toml: shadow: rest.zuora.com is not an http or https URL."),
        ("", {"HOST": "192.0.2.1"}, "Cannot assign requested address. Give SOAPSVC_HOST an address of this machine"),
        ("port = 1\nlog_level = 'loud'", {}, "soapsvc.toml: log_level: 'loud' is not one of 'debug', 'info'"),
        ("port = true", {}, "soapsvc.toml: port: port takes a single value."),
        ("port = [1]", {}, "soapsvc.toml: port: port takes a single value."),
        ('trusted_proxy = "10.0.0.1"', {}, "trusted_proxy takes a list."),
        ("strict_status = 1", {}, "strict_status takes true or false."),
        ("port = 1\n[x", {}, "soapsvc.toml is not valid TOML:"),
        ("run-workers = 1\nrun_workers = 2", {}, "run_workers is given twice"),
        ("", {"THREADS": "0"}, "SOAPSVC_THREADS: takes a whole number from 1 to 1024, not '0'."),
        (
            "",
            {"CONFIG": "/nowhere/soapsvc.toml"},
            "SOAPSVC_CONFIG: the file /nowhere/soapsvc.toml cannot be read: No such file or directory.",
        ),
    ],
)
def test_an_unreadable_value_is_reported_with_its_place(
    run: Run, file: str, environ: dict[str, str], told: str
) -> None:
    result = run("serve", "--demo", file=file, **environ)
    assert result.exit_code == (1 if "HOST" in environ else 2)
    (line,) = result.output.splitlines()
    assert line.startswith("Error: ")
    assert told in line


def test_a_stronger_value_makes_a_wrong_weaker_one_harmless(run: Run) -> None:
    assert rows(run("config", "serve", "--port", "5", PORT="x"))["port"] == ("5", "argument")


def test_the_file_is_named_by_the_environment_or_nearer_to_the_command(run: Run, tmp_path: Path) -> None:
    weak, strong = tmp_path / "weak.toml", tmp_path / "strong.toml"
    weak.write_text("port = 1")
    strong.write_text("port = 2")
    assert rows(run("config", "serve", CONFIG=str(weak)))["port"] == ("1", "weak.toml: port")
    found = run("config", "serve", "--config", str(strong), CONFIG=str(weak))
    assert rows(found)["port"] == ("2", "strong.toml: port")
    assert rows(run("--config", str(strong), "config", "serve", CONFIG=str(weak)))["port"][0] == "2"


def test_secrets_are_masked_wherever_they_are_from(run: Run, tmp_path: Path) -> None:
    kept = tmp_path / "database"
    kept.write_text(f"{URL}\n")
    masked = "postgresql://jo:********@db.example.com/billing"
    found = {
        "argument": run("config", "serve", "--database", URL),
        "SOAPSVC_DATABASE": run("config", DATABASE=URL),
        "SOAPSVC_DATABASE_FILE": run("config", DATABASE_FILE=str(kept)),
        "soapsvc.toml: database": run("config", "serve", file=f'database = "{URL}"'),
        "soapsvc.toml: serve.database_file": run("config", "serve", file=f'[serve]\ndatabase_file = "{kept}"'),
    }
    for place, result in found.items():
        assert rows(result)["database"] == (masked, place)
        assert "geheim" not in result.output
        assert "zeichen" not in result.output


def test_a_password_in_any_url_is_masked(run: Run) -> None:
    found = rows(run("config", "serve", "--results", f"sftp://jo:{SECRET}@host/runs"))
    assert found["results"][0] == "sftp://jo:********@host/runs"


@pytest.mark.parametrize(
    ("content", "environ", "told"),
    [
        (None, {}, "SOAPSVC_DATABASE_FILE: {path} cannot be read: No such file or directory."),
        ("\n", {}, "SOAPSVC_DATABASE_FILE: {path} is empty; it must hold only the secret."),
        ("x" * 70_000, {}, "{path} is too long"),
        ("one\ntwo\n", {}, "SOAPSVC_DATABASE_FILE: {path} has several lines; it must hold only the secret."),
        (
            "sqlite:///x",
            {"DATABASE": URL},
            "SOAPSVC_DATABASE and SOAPSVC_DATABASE_FILE are both set; set only one of them.",
        ),
    ],
)
def test_an_unusable_secret_file(
    run: Run, tmp_path: Path, content: str | None, environ: dict[str, str], told: str
) -> None:
    path = tmp_path / "secret"
    if content is not None:
        path.write_text(content)
    result = run("serve", DATABASE_FILE=str(path), **environ)
    assert (result.exit_code, len(result.output.splitlines())) == (2, 1)
    assert told.format(path=path) in result.output


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        (
            {"DATABASE": "sqlite:////nowhere/x.sqlite"},
            "SOAPSVC_DATABASE: the database cannot be opened: unable to open",
        ),
        ({"DATABASE": "postgre://a:geheim@b/c"}, "SOAPSVC_DATABASE: 'postgre' is not a supported kind of database; a"),
        (
            {"DATABASE": "/var/lib/x.sqlite"},
            "SOAPSVC_DATABASE: the database's URL cannot be read; a database is sqlite:///",
        ),
        (
            {"DATABASE": "sqlite:///{folder}/x"},
            "SOAPSVC_DATABASE: there is no tenant's database at sqlite:///{folder}/x;",
        ),
        ({"TENANT": "{folder}"}, "SOAPSVC_TENANT: the tenant cannot be read:"),
        ({}, "Give exactly one of --tenant, --database and --demo."),
    ],
)
def test_a_database_that_cannot_be_opened_is_reported_with_the_name_of_its_setting(
    run: Run, tmp_path: Path, environ: dict[str, str], told: str
) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    result = run("serve", **{key: value.format(folder=folder) for key, value in environ.items()})
    assert result.exit_code in {1, 2}
    assert result.output.startswith("Error: " + told.format(folder=folder))
    assert "geheim" not in result.output


def test_a_port_in_use_is_reported_with_the_name_of_its_setting(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        found = [run("serve", "--demo", PORT=str(port)), run("serve", "--demo", "--port", str(port))]
    told = f"Error: Cannot listen on 127.0.0.1 port {port}: Address already in use."
    for result, setting in zip(found, ("SOAPSVC_PORT", "--port"), strict=True):
        assert result.exit_code == 1
        assert (
            result.output == f"{told} Give another port with {setting}, or 0 for any free one (PORT=8081 make serve).\n"
        )


def commands(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            below = command.get_command(click.Context(command), name)
            assert below is not None
            yield from commands(below, (*path, name))


def test_every_command_takes_a_file() -> None:
    without = [path for path, each in commands(main) if "config" not in map(option_key, each.params)]
    assert without == []


def test_every_option_with_a_secret_is_marked_as_secret() -> None:
    """An option that sounds like a secret is one; its default is shown nowhere."""
    options = [(path, option) for path, each in commands(main) for option in options_of(each).values()]
    assert len(options) > 50
    sounding = [
        (*path, option_key(option))
        for path, option in options
        if re.search(r"database|password|secret$|token|api_key", option_key(option))
        and not option.is_flag
        and not isinstance(option, Secret)
    ]
    assert sounding == []
    assert [path for path, option in options if isinstance(option, Secret) and option.show_default] == []


def test_each_variable_means_the_same_everywhere() -> None:
    """Commands that share the name of an option share its kind, as they share its variable."""
    kinds: dict[str, set[tuple[bool, bool]]] = {}
    for _, command in commands(main):
        for key, option in options_of(command).items():
            kinds.setdefault(key, set()).add((option.multiple, isinstance(option, Secret)))
    assert [key for key, found in kinds.items() if len(found) > 1] == []
