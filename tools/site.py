"""Hooks of MkDocs: files of the repository that lie outside docs/ and belong to the site.

In the repository a page links to them where they are, so that its links work there too; in the site the same links lead
to their copies.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parent.parent
COPIES = {
    "CHANGELOG.md": "CHANGELOG.md",
    "CONTRIBUTING.md": "CONTRIBUTING.md",
    "SECURITY.md": "SECURITY.md",
    "CODE_OF_CONDUCT.md": "CODE_OF_CONDUCT.md",
    "openapi/openapi.yaml": "reference/openapi.yaml",
    "examples/notebook/preview.ipynb": "runs/preview.ipynb",
}
"""The site's paths of files of the repository."""

_LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#|/)([^)#\s]+)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the copies to the files of the site."""
    from mkdocs.structure.files import File  # noqa: PLC0415 - only `make docs` has MkDocs

    for source, place in COPIES.items():
        files.append(File.generated(config, place, abs_src_path=str(ROOT / source)))
    return files


def on_page_markdown(markdown: str, page: Page, **_: object) -> str:
    """Let the links of a page lead to the copies."""
    return site_links(markdown, page.file.src_uri)


def site_links(markdown: str, place: str) -> str:
    """Return a page's text with its links as the site needs them; ``place`` is where the site has the page."""
    origins = {place: source for source, place in COPIES.items()}
    source = origins.get(place, f"docs/{place}")

    def moved(link: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(source), link[1]))
        there = COPIES.get(target, target.removeprefix("docs/"))
        return posixpath.relpath(there, posixpath.dirname(place) or ".")

    return _LINK.sub(moved, markdown)
