"""Commands that the documentation shows exist, with their options."""

import re
import shlex
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.support.commands import check_soapsvc

PAGES = [ROOT / "README.md", ROOT / "examples" / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
# Fenced and indented blocks, and code within a line.
BLOCK = re.compile(r"^```(?:sh|console)?\n(.*?)^```$|(?<=\n\n)((?: {4}\S.*\n)+)", re.DOTALL | re.MULTILINE)
INLINE = re.compile(r"`((?:make|soapsvc) [^`\n]+)`")
# The start of a line that calls them, perhaps in a container or as another user.
CALL = re.compile(r"(\$ )?(make|(\S*/bin/)?soapsvc|docker run|runuser) ")
# What ends a command within a line of the shell.
ENDS = {"|", "&&", ";", ">"}


def commands(page: Path) -> Iterator[list[str]]:
    """Yield the words of each command line that calls make or soapsvc."""
    text = page.read_text()
    lines = [line for block in BLOCK.findall(text) for line in "".join(block).replace("\\\n", " ").splitlines()]
    for line in [*lines, *INLINE.findall(text)]:
        if CALL.match(line) and (words := called(shlex.split(line.removeprefix("$ "), comments=True))):
            yield words


def called(words: list[str]) -> list[str]:
    """The command of make or soapsvc in a line, which may be behind another's `--` or a container's image."""
    starts = [0, *(place + 1 for place, word in enumerate(words) if word == "--")]
    if words[:2] == ["docker", "run"]:
        starts = [words.index("soapsvc")]
    for start in starts:
        if re.fullmatch(r"make|(.*/bin/)?soapsvc", words[start]):
            return list(takewhile(lambda word: word not in ENDS, words[start:]))
    return []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_target_and_soapsvc_command_on_a_page_exists(root: Path, page: Path) -> None:
    targets = re.findall(r"^([a-z][a-z.-]*):", (root / "Makefile").read_text(), re.MULTILINE)
    for program, *words in commands(page):
        if program != "make":
            check_soapsvc(words)
        elif "-C" not in words:
            asked = [word for word in words if re.fullmatch(r"[a-z][a-z-]*", word)]
            assert [target for target in asked if target not in targets] == [], f"{page.name}: make {words}"


def test_commands_are_found_in_the_pages() -> None:
    assert len({tuple(words) for page in PAGES for words in commands(page)}) > 30
