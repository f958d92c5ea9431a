"""Links of the pages lead to files and headings that exist, and code names pages that exist."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.conftest import ROOT
from tools.site import site_links

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("*/README.md"), *(ROOT / "docs").glob("*/**/*.md")])
MARKDOWN = MarkdownIt("commonmark").enable("table")
NAMED = re.compile(r"\bdocs/[\w./-]+\.(?:md|json|png|conf|service|java|yml)\b")


def inline(page: Path) -> Iterator[Token]:
    """Yield what stands in the lines of a page: links, images, text."""
    for block in MARKDOWN.parse(page.read_text()):
        yield from block.children or ()


def links(page: Path) -> Iterator[str]:
    for token in inline(page):
        target = token.attrGet("href") or token.attrGet("src")
        if target is not None and "://" not in str(target):
            yield str(target)


def anchors(page: Path) -> set[str]:
    """The anchors that a site gives to the headings of a page, as MkDocs is configured to name them."""
    tokens = MARKDOWN.parse(page.read_text())
    titles = [after.content for token, after in itertools.pairwise(tokens) if token.type == "heading_open"]
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    broken = []
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


def test_links_are_found() -> None:
    assert sum(1 for page in PAGES for _ in links(page)) > 100


def test_a_page_that_a_file_names_exists() -> None:
    """Tests, code, messages and Makefile name pages by their place in the repository."""
    folders = [ROOT / folder for folder in ("bench", "docs", "soapsvc", "tests", "tools")]
    files = [*ROOT.glob("*.md"), *ROOT.glob("*.toml"), ROOT / "Makefile", ROOT / "Containerfile"]
    files += [path for folder in folders for kind in ("*.py", "*.md", "*.toml") for path in folder.rglob(kind)]
    named = {(path.relative_to(ROOT), page) for path in files for page in NAMED.findall(path.read_text())}
    assert len(named) > 30
    missing = {f"{name}: {page}" for name, page in named if not (ROOT / page).exists()}
    assert missing == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_list_is_apart_from_the_text_before_it(page: Path) -> None:
    """Without the empty line a forge shows a list, and the site a paragraph with dashes."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    assert re.findall(r"^(?![-*|#\d]|[ ]).+\n(?:[-*]|\d+\.) .*$", text, re.MULTILINE) == []


@pytest.mark.parametrize(
    ("place", "link", "moved"),
    [
        ("README.md", "../CHANGELOG.md", "CHANGELOG.md"),
        ("operate/upgrade.md", "../../CHANGELOG.md", "../CHANGELOG.md"),
        ("preview/rest.md", "../../openapi/openapi.yaml", "../reference/openapi.yaml"),
        ("preview/rest.md", "../data/tenant.md#users", "../data/tenant.md#users"),
        ("CONTRIBUTING.md", "docs/dev/architecture.md", "dev/architecture.md"),
        ("CONTRIBUTING.md", "https://example.com/", "https://example.com/"),
    ],
)
def test_in_the_site_a_link_leads_to_the_copy(place: str, link: str, moved: str) -> None:
    assert site_links(f"See [this]({link}).", place) == f"See [this]({moved})."
