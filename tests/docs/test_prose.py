"""The check of plain English finds what it is there for, and leaves plain sentences alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tools.prose import LONGEST, files, findings, long_sentences, users_pages

BEGINNING = re.compile(
    r"# [^\n]+\n\n(?:This page is|These pages are) for (?:everyone|developers|analysts|operators)\b"
    r"[^\n]*(?:\n[^\n]+)*?\bAfter (?:it|them|this page),"
)
"""A title, then in the first paragraph for whom the page is, and what its reader can do afterwards."""
PAGES_WITH_A_READER = [
    *(ROOT / name for name in ("CONTRIBUTING.md", "SECURITY.md")),
    *(page for room in ("start", "test", "preview", "verify") for page in sorted((ROOT / "docs" / room).glob("*.md"))),
]


@pytest.mark.parametrize(
    "sentence",
    [
        "A wrong pair is answered the later, the more often it came.",
        "JSON that is none is answered with 400.",
        "It shows everything in run B otherwise than run A.",
        "Fields that nobody knows are refused.",
        "The end is told by the trigger date.",
        "The house as built.",
        "The caller gets 429, and is told to come again.",
        "surface: whence the answer came",
        "def test_gzip_that_is_none():",
        "What is no option is refused with the nearest name.",
        "A caller who has no session is refused.",
        "Only in a stand-in can you change the clock.",
        "A segment that ends before it starts has no service; so has a term.",
        "It is read. Who executes a request owns its row under a lease of its own.",
    ],
)
def test_a_sentence_that_needs_a_second_reading_is_found(sentence: str) -> None:
    assert list(findings(sentence))


@pytest.mark.parametrize(
    "sentence",
    [
        "Each wrong pair makes the next answer slower.",
        "A body that is not JSON gets 400.",
        "Run B differs from run A.",
        "Only the users of the tenant can log in, so the session is theirs.",
        "Who may log in? The users of the tenant.",
        "The later date counts.",
    ],
)
def test_a_plain_sentence_is_left_alone(sentence: str) -> None:
    assert list(findings(sentence)) == []


def test_a_long_sentence_is_counted_and_a_table_is_not() -> None:
    words = " ".join(["word"] * (LONGEST + 1))
    assert [count for count, _ in long_sentences(f"{words}.\n\nShort.")] == [LONGEST + 1]
    assert list(long_sentences(f"| {words} |\n")) == []


def test_the_users_pages_are_counted(root: Path) -> None:
    found = {path.relative_to(root).as_posix() for path in users_pages()}
    assert {"README.md", "docs/start/README.md", "docs/rules/billing-rules.md", "docs/operate/install.md"} <= found
    assert all(path.exists() for path in users_pages())


def test_pages_code_and_tests_are_read(root: Path) -> None:
    found = {path.relative_to(root).parts[0] for path in files()}
    assert {"README.md", "docs", "soapsvc", "tests", "openapi"} <= found


@pytest.mark.parametrize("page", PAGES_WITH_A_READER, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_page_begins_with_its_reader_and_what_can_be_done_after_it(page: Path) -> None:
    assert BEGINNING.match(page.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "text",
    [
        "# Title\n\nA fault changes the answers of some calls. After it, you can test.\n",
        "# Title\n\nThis page is for developers who test.\n\nAfter it, you can test.\n",
        "# Title\n\n- This page is for developers. After it, you can test.\n",
    ],
)
def test_a_page_whose_first_paragraph_names_no_reader_is_found(text: str) -> None:
    assert BEGINNING.match(text) is None
