"""Every shell block of the users' pages runs and prints what the page shows; every JSON and TOML block can be read."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tomllib
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from soapsvc.parity.recording import RecordingWriter
from soapsvc.tenant import Store, import_tenant
from tests.conftest import ROOT
from tests.docs.blocks import SHELLS, blocks, plain_json, prints, script, session
from tests.support.captures.recordings import demo_data, demo_settings, recorded
from tests.support.server import Server, serving

SECTIONS = ("start", "test", "data", "verify", "preview", "rules", "runs", "operate", "reference")
PAGES = [ROOT / "README.md", *(page for section in SECTIONS for page in sorted((ROOT / "docs" / section).glob("*.md")))]
FIRST_PAGE = ROOT / "docs" / "start" / "README.md"
SHELL_PAGES = [page for page in PAGES if script(page).commands]
PLACES = ("/var/lib/soapsvc", "/var/backups")
STAND_IN = ("--stand-in", "--as-of", "2026-01-15T09:00:00Z")


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Server]]:
    """The servers on port 8080 in the pages: the stand-in in those of docs/test, the demo tenant in the others."""
    logs = tmp_path_factory.mktemp("servers")
    with ExitStack() as stack:
        yield {
            "demo": stack.enter_context(serving(logs / "demo", "--demo", "--workers", "1")),
            "stand-in": stack.enter_context(serving(logs / "stand-in", *STAND_IN)),
        }


@pytest.fixture
def server(request: pytest.FixtureRequest, servers: dict[str, Server]) -> Server:
    page: Path = request.getfixturevalue("page")
    if page.parent.name != "test":
        return servers["demo"]
    reset = urllib.request.Request(f"{servers['stand-in'].url}/_admin/reset", method="POST")  # noqa: S310
    urllib.request.urlopen(reset, timeout=30).close()  # noqa: S310
    return servers["stand-in"]


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that readers have by then: a tenant's folder, a database of it, a recording of its previews."""
    folder = tmp_path_factory.mktemp("prepared")
    shutil.copytree(ROOT / "fixtures", folder / "tenant")
    database = folder / "tenant.sqlite"
    with closing(Store.open(f"sqlite:///{database}")) as store:
        import_tenant(store, folder / "tenant")
    for place in PLACES:
        (folder / place[1:]).mkdir(parents=True)
    shutil.copy(database, folder / "var/lib/soapsvc")
    (folder / "recordings").mkdir()
    with RecordingWriter(folder / "recordings" / "demo.jsonl") as recording:
        for data in demo_data():
            recording.add(recorded(data, demo_settings(), "2026-03-31"))
    return folder


@pytest.fixture
def folder(page: Path, prepared: Path, tmp_path: Path) -> Path:
    """Where the commands of a page run. The page's own files come last; a tenant of its own is there alone."""
    files = {block.title: block.text for block in blocks(page) if block.title}
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    if any(title.startswith("tenant/") for title in files):
        shutil.rmtree(tmp_path / "tenant")
    for title, text in files.items():
        file = tmp_path / title
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path


@pytest.mark.parametrize("page", SHELL_PAGES, ids=name)
def test_the_commands_of_a_page_print_what_it_shows(page: Path, server: Server, folder: Path) -> None:
    wanted = script(page)
    if shutil.which("curl") is None and any("curl" in command for command, _ in wanted.commands):
        pytest.skip("there is no curl here")
    for number, (command, shown) in enumerate(wanted.commands):
        there = command.replace("http://localhost:8080", server.url).replace("localhost:8080", server.url)
        for place in PLACES:
            there = there.replace(place, str(folder / place[1:]))
        wanted.commands[number] = (there, shown)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    outputs = wanted.run(folder, {**os.environ, "PATH": path, "COLUMNS": "120", "NO_COLOR": "1"})
    for (command, shown), output in zip(wanted.commands, outputs, strict=True):
        assert shown is None or prints(output, shown), f"{command}\nprinted\n{output}\nand not\n{shown}"


def test_pages_with_commands_are_found() -> None:
    assert len(SHELL_PAGES) > 10


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_examples_of_json_and_toml_can_be_read(page: Path) -> None:
    for block in blocks(page):
        if block.language == "json":
            json.loads(plain_json(block.text))
        elif block.language == "toml":
            tomllib.loads(block.text)
        elif block.language == "python":
            compile(block.text.replace("…", "..."), name(page), "exec", dont_inherit=True)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_command_is_in_a_shell_block(page: Path) -> None:
    """An indented block is not run, and neither is one without a language."""
    tokens = MarkdownIt("commonmark").parse(page.read_text())
    loose = [token.content for token in tokens if token.type in {"code_block", "fence"} and not token.info]
    assert [text for text in loose if text.split()[0] in {"soapsvc", "curl", "make", "$", "docker"}] == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_block_that_is_not_run_says_why(page: Path) -> None:
    marked = page.read_text().count("<!-- not run")
    assert marked == sum(1 for block in blocks(page) if block.why_not and block.language in SHELLS)
    assert all(len(block.why_not.split()) > 2 for block in blocks(page) if block.why_not)


def test_the_tenant_of_the_first_page_is_the_one_in_examples() -> None:
    shown = {block.title: block.text for block in blocks(FIRST_PAGE) if block.language == "json"}
    for title, text in shown.items():
        assert (ROOT / "examples" / title).read_text() == text
    assert len(shown) > 1


@pytest.mark.parametrize(
    ("output", "shown", "same"),
    [
        ("a  b\nc\n", "a b c", True),
        ("a b c", "a … c", True),
        ("listening on http://127.0.0.1:41234", "listening on http://127.0.0.1:8080", True),
        ("a b c", "a b", False),
        ("a b", "a … c", False),
    ],
)
def test_the_output_of_a_command_is_compared(output: str, shown: str, same: bool) -> None:
    assert prints(output, shown) is same


def test_a_session_is_taken_apart() -> None:
    text = "$ curl -d '{\n  }' \\\n  there\nanswer\n$ ls\n"
    assert list(session(text)) == [("curl -d '{\n  }' \\\n  there", "answer"), ("ls", "")]
