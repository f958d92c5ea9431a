"""The contract in openapi.yaml: it is served, it is what the routes are, and it holds under attack."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from lxml import html

from soapsvc.rest.frame import Route
from soapsvc.rest.routes import PREFIXES
from soapsvc.server import Options, application
from soapsvc.soap.frame import Limits
from soapsvc.tenant import Store
from soapsvc.web.guessing import GuessLimits
from tests.rest.client import Rest
from tests.rest.conftest import MovableClock
from tests.support.services.serving import served

EXAMPLES = "15"
NEEDS_AN_ID = ("/async_requests/", "-runs/", "/files/", "/file/", "queryMore", "/connections")
EVER = 10**9


@pytest.fixture(scope="module")
def contract(root: Path) -> dict[str, Any]:
    return yaml.safe_load((root / "openapi" / "openapi.yaml").read_bytes())


def test_it_is_served_as_it_was_written(rest: Rest, root: Path, contract: dict[str, Any]) -> None:
    reply = rest.get("/openapi.yaml")
    assert reply.headers["content-type"] == "application/yaml; charset=utf-8"
    assert reply.body == (root / "openapi" / "openapi.yaml").read_bytes()
    assert rest.get("/openapi.json").json == contract


def test_its_page_shows_every_operation_and_loads_nothing(rest: Rest, contract: dict[str, Any]) -> None:
    reply = rest.get("/docs")
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert reply.headers["content-security-policy"].startswith("default-src 'none'")
    page = html.document_fromstring(reply.body)
    assert page.xpath("//script | //link | //img | //iframe | //*[@src]") == []
    shown = {node.get("id") for node in page.xpath("//*[@id]")}
    targets = {link.removeprefix("#") for link in page.xpath("//a/@href") if link.startswith("#")}
    assert targets <= shown
    operations = {operation["operationId"] for item in contract["paths"].values() for operation in methods(item)}
    assert operations <= shown
    assert set(page.xpath("//a/@href")) - {f"#{target}" for target in targets} == {"/openapi.yaml", "/openapi.json"}


def test_its_page_distinguishes_operations_of_the_same_title(rest: Rest) -> None:
    page = html.document_fromstring(rest.get("/docs").body)
    entries = [" ".join(node.text_content().split()) for node in page.xpath("//nav//a")]
    assert [entry for entry, count in Counter(entries).items() if count > 1] == []


def test_its_page_shows_a_form_as_a_form(rest: Rest) -> None:
    page = html.document_fromstring(rest.get("/docs").body)
    shown = [node.text for node in page.xpath("//pre/code")]
    assert "client_id=demo&client_secret=demo&grant_type=client_credentials" in shown


def test_every_operation_has_examples_in_curl_and_python(rest: Rest, contract: dict[str, Any]) -> None:
    shown = [node.text for node in html.document_fromstring(rest.get("/docs").body).xpath("//pre/code")]
    operations = sum(len(methods(item)) for item in contract["paths"].values())
    assert sum(text.startswith("curl ") for text in shown) == operations
    assert sum(text.startswith("answer = client.") for text in shown) == operations


def test_the_examples_in_python_are_answered(rest: Rest) -> None:
    """Their records are in the demo tenant; some need an id from an earlier answer."""
    shown = [node.text for node in html.document_fromstring(rest.get("/docs").body).xpath("//pre/code")]
    headers = {"Authorization": f"Bearer {rest.token}"}
    refused = []
    with httpx.Client(
        transport=httpx.WSGITransport(rest.application), base_url="http://test", headers=headers
    ) as client:
        for text in (text for text in shown if text.startswith("answer = ") and "client.delete" not in text):
            names: dict[str, Any] = {"client": client}
            exec(text.partition("\nanswer.raise")[0], names)  # noqa: S102 - what a reader of the page runs
            refused += [(text, names["answer"].text)] if names["answer"].is_error else []
    assert [each for each in refused if not any(word in each[0] for word in NEEDS_AN_ID)] == []


def methods(item: dict[str, Any]) -> list[dict[str, Any]]:
    return [item[method] for method in ("get", "post", "put", "patch", "delete") if method in item]


def test_it_has_the_routes_that_there_are(
    store: Store, contract: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    there: list[Route] = []
    monkeypatch.setattr("soapsvc.server.wsgi.rest_application", lambda _, routes: there.extend(routes))
    application(store)
    paths = contract["paths"]
    told = {(method.upper(), path) for path, item in paths.items() for method in item if method != "parameters"}
    assert {(route.method, route.path) for route in there} == told
    assert all(route.path.startswith(PREFIXES) for route in there)
    opened = {path for path, item in paths.items() if any(each.get("security") == [] for each in methods(item))}
    assert {route.path for route in there if route.is_open} == opened


@pytest.mark.parametrize("mode", ["strict", "lenient"])
def test_it_holds_under_attack(store: Store, clock: MovableClock, root: Path, tmp_path: Path, mode: str) -> None:
    """All checks in all phases. Lenient v1 answers invalid data with 200 and `success: false`: that check is left out
    there, and one phase is enough, as the mode only changes the status.
    """
    settings = (root / "schemathesis.toml").read_text()
    options = []
    if mode == "lenient":
        settings = re.sub(r"\[headers\]\n.*\n", "", settings)
        options = ["--exclude-checks", "negative_data_rejection", "--phases", "coverage"]
    config = tmp_path / "schemathesis.toml"
    config.write_text(settings)
    command = [Path(sys.executable).with_name("schemathesis"), "--config-file", config, "run", "openapi/openapi.yaml"]
    guesses = GuessLimits(own=EVER, name=EVER, address=EVER)  # attacks try wrong credentials again and again
    rest = application(store, Options(sleep=lambda _: None, limits=Limits(guesses=guesses)), clock)
    with served(rest) as url:
        done = subprocess.run(
            [*command, "--url", url, "--checks", "all", *options, "-n", EXAMPLES, "--generation-deterministic"],
            cwd=root,
            env={**os.environ, "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No issues found" in done.stdout
