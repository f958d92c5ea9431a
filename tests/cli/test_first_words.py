"""The first output of `make serve`: everything that it names exists, and each printed call works when pasted."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest

from soapsvc.cli.serving.demo import demo_accounts
from soapsvc.resources import fixtures_dir
from soapsvc.standin import SDK_CLIENT
from soapsvc.tenant import open_tenant
from tests.support.machine import needs_curl
from tests.support.server import Server, serving

ITEMS_OF_THE_SAMPLE = 2


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, str]]:
    """The demo server, and its output up to the line about one's own data."""
    with serving(tmp_path_factory.mktemp("demo") / "log", "--demo", "--workers", "1") as server:
        lines: list[str] = []
        while not lines or "preview --tenant" not in lines[-1]:
            lines += server.read_lines(1)
        yield server, "".join(lines)


def pasted(*lines: str) -> str:
    """A shell's output for these lines."""
    done = subprocess.run(["bash", "-c", "\n".join(lines)], capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


def get(server: Server, path: str) -> int:
    with closing(HTTPConnection(*server.host_port, timeout=30)) as connection:
        connection.request("GET", path)
        return connection.getresponse().status


def test_the_places_that_are_named_are_there(told: tuple[Server, str]) -> None:
    server, text = told
    assert f"  endpoint   {server.endpoint('61.0')}\n" in text
    assert f"{server.endpoint('61.0')}?wsdl" in text
    assert f"{server.url}/docs" in text
    assert get(server, "/apps/services/a/61.0?wsdl") == 200
    assert get(server, "/docs") == 200
    assert f"{server.url}/console" in text
    assert get(server, "/console") in {200, 302, 303}


@needs_curl
def test_the_soap_call_works_when_it_is_pasted(told: tuple[Server, str]) -> None:
    (call,) = re.findall(r"^curl .*apps/services.*$", told[1], re.MULTILINE)
    assert pasted(call).count("<ns1:InvoiceItem ") == ITEMS_OF_THE_SAMPLE


@needs_curl
def test_the_rest_call_works_when_it_is_pasted_after_the_call_for_a_token(told: tuple[Server, str]) -> None:
    (token,) = re.findall(r"^token=.*$", told[1], re.MULTILINE)
    (call,) = re.findall(r"^curl .*billing-preview .*$", told[1], re.MULTILINE)
    answer = json.loads(pasted(token, call))
    assert (answer["success"], len(answer["invoiceItems"])) == (True, ITEMS_OF_THE_SAMPLE)


@pytest.mark.parametrize("client", ["demo", SDK_CLIENT])
def test_both_oauth_clients_get_a_token(told: tuple[Server, str], client: str) -> None:
    server, text = told
    assert f"client {client}, secret demo" in text
    form = f"grant_type=client_credentials&client_id={client}&client_secret=demo"
    with closing(HTTPConnection(*server.host_port, timeout=30)) as connection:
        connection.request("POST", "/oauth/token", form, {"Content-Type": "application/x-www-form-urlencoded"})
        assert json.loads(connection.getresponse().read())["token_type"] == "bearer"


def test_every_account_of_the_demo_is_named_with_what_it_shows(told: tuple[Server, str]) -> None:
    named = {number: (name, shows) for number, name, shows in demo_accounts()}
    with closing(open_tenant(fixtures_dir())) as store:
        assert named.keys() == {account.account_number for account in store.accounts()}
    for number, (name, shows) in named.items():
        assert f"  {number}  {name}: {shows}\n" in told[1]


def test_the_hint_to_serve_own_data_has_the_programs_own_path(told: tuple[Server, str]) -> None:
    (program,) = re.findall(r"^  (\S+) serve --tenant DIR$", told[1], re.MULTILINE)
    assert subprocess.run([program, "serve", "--help"], capture_output=True, check=True, timeout=60).stdout


def test_a_port_that_is_taken_names_the_option_that_takes_another(told: tuple[Server, str]) -> None:
    server, _ = told
    (program,) = re.findall(r"^  (\S+) serve --tenant DIR$", told[1], re.MULTILINE)
    command = [program, "serve", "--demo", "--port", str(server.host_port[1])]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Address already in use. Give another port with --port" in done.stderr
    assert "PORT=8081 make serve" in done.stderr


def test_a_host_that_is_not_of_this_machine_names_the_option(told: tuple[Server, str]) -> None:
    (program,) = re.findall(r"^  (\S+) serve --tenant DIR$", told[1], re.MULTILINE)
    command = [program, "serve", "--demo", "--host", "192.0.2.1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "Give --host an address of this machine" in done.stderr


def test_make_takes_the_port_from_the_environment(root: Path) -> None:
    def commands(port: dict[str, str]) -> str:
        plain = {name: value for name, value in os.environ.items() if name != "PORT" and not name.startswith("MAKE")}
        dry = ["make", "--dry-run", "--old-file", ".venv/.serve", "serve"]
        return subprocess.run(
            dry, cwd=root, env={**plain, **port}, capture_output=True, text=True, check=True, timeout=60
        ).stdout

    assert commands({"PORT": "8123"}).rstrip().endswith("soapsvc serve --demo --port 8123")
    assert commands({}).rstrip().endswith("soapsvc serve --demo")
