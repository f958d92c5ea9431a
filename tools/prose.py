"""Check the English of pages, code, messages and tests: phrases and shapes that need a second reading.

Prints the file, the line, the finding and the advice; the exit status is 1 if anything was found.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PATTERNS = {
    r"\bthat (?:is|are|was|were) none\b": "name what it is: broken, unknown, not JSON",
    r"_that_(?:is|are)_none(?!_of)(?=_|\b)": "name what it is: broken, unknown, not_json",
    r"\b(?:is|are|were|was) otherwise than\b|\botherwise than\b": "write 'differs from' or 'has changed'",
    r"\bnobody (?:here )?knows\b": "write 'unknown'",
    r"\b(?:is|are|was|were) (?:answered|told|refused|slower|delayed) the \w+er, the\b": "write 'each … makes …'",
    r"\bthe (?:more|later|oftener|longer) [^.,;]{3,60}, the (?:more|later|oftener|longer)\b": "write 'each … makes …'",
    r"\bthe (?:more|later|longer), the (?:more|later|longer)\b": "write 'each … makes …'",
    r"\b(?:is|are|was|were) told by\b": "put first who says it: 'the field says'",
    r"\bas built\b(?=\.)": "leave it out",
    r"\b[Ww]hence\b|\b[Hh]ence\b|\b[Tt]hereof\b|\b[Hh]erein\b|\b[Tt]hereby\b": "use the usual word: from, so, by this",
    r"\bcome again\b": "write 'repeat the call'",
    r"(?:^|[.] )Who (?!(?:is|are|may|can|calls|does)\b)[a-z]+ [^?.]{20,}[.]": "start with the subject: 'A client that'",
    r"\b[Ww]hat (?:is|are) no\b": "name what it is: unknown, broken, not an option",
    r"\b[Ww]ho (?:has|have) no\b": "start with the subject: 'A user without'",
    r"\bOnly (?:in|when|if|after|with|from) [^.,;]{2,40} (?:can|do|does|may|will) (?:you|it|they|we|the|an?)\b": (
        "subject first: 'you can … only in …'"
    ),
    r"[;,] (?:so|nor) (?:do|does|did|has|have|is|are) (?:an?|the|those)\b": "name both subjects before the verb",
    r"\bNot until\b|\bNever (?:does|is|are|do)\b|\bOnly then (?:does|is|are|do)\b": "subject first",
}
"""Each pattern, and what to write instead."""

LONGEST = 28
"""The most words of a sentence in the users' pages."""
ROOMS = ("data", "operate", "preview", "rules", "runs", "start", "test", "verify")
"""The folders of the users' pages in docs/; the pages of docs/reference are tables."""

_FOUND = [(re.compile(pattern, re.MULTILINE), advice) for pattern, advice in PATTERNS.items()]
_FENCE = re.compile(r"^ *```.*?^ *```$|^    .*$|<!--.*?-->|^\|.*$|^#.*$", re.DOTALL | re.MULTILINE)
_SENTENCE_END = re.compile(r"(?<=[.:?!;])\s+|\n\n+|\n- ")


def files(root: Path = ROOT) -> Iterator[Path]:
    """The checked files: pages, contracts, code, tests, tools."""
    yield from root.glob("*.md")
    for folder, kinds in {
        "docs": ("*.md",),
        "soapsvc": ("*.py", "*.html", "*.yaml"),
        "openapi": ("*.yaml",),
        "tests": ("*.py", "*.toml"),
        "tools": ("*.py", "*.sh"),
        "bench": ("*.py",),
        "fixtures": ("*.md",),
        "examples": ("*.md", "*.ipynb"),
    }.items():
        for kind in kinds:
            yield from (path for path in (root / folder).rglob(kind) if "node_modules" not in path.parts)


def users_pages(root: Path = ROOT) -> Iterator[Path]:
    """The pages whose sentences are counted."""
    yield from (root / "README.md", root / "docs" / "README.md")
    for room in ROOMS:
        yield from sorted((root / "docs" / room).glob("*.md"))


def findings(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield the line, the phrase and the advice for each phrase in a text that needs a second reading."""
    for pattern, advice in _FOUND:
        for found in pattern.finditer(text):
            yield text.count("\n", 0, found.start()) + 1, " ".join(found[0].split())[:80], advice


def long_sentences(text: str) -> Iterator[tuple[int, str]]:
    """Yield the word count and the beginning of each sentence with more than LONGEST words, without code and tables."""
    for sentence in _SENTENCE_END.split(_FENCE.sub("\n\n", text)):
        words = sentence.split()
        if len(words) > LONGEST:
            yield len(words), " ".join(words[:8])


def main() -> int:
    """Print all findings; returns the exit status."""
    own = {Path(__file__).resolve(), ROOT / "tests" / "docs" / "test_prose.py"}
    count = 0
    for path in sorted(set(files()) - own):
        for line, phrase, advice in findings(path.read_text(encoding="utf-8")):
            count += 1
            print(f"{path.relative_to(ROOT)}:{line}: {phrase!r}: {advice}")
    for path in users_pages():
        for words, start in long_sentences(path.read_text(encoding="utf-8")):
            count += 1
            print(f"{path.relative_to(ROOT)}: a sentence of {words} words: {start} …")
    return int(count > 0)


if __name__ == "__main__":
    sys.exit(main())
