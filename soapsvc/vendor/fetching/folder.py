"""The files of a tenant directory, each written whole or not at all, named after its account."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import msgspec

from soapsvc.tenant.reading import Document, each, mapping, parse_json
from soapsvc.vendor.fetching.journal import FOLDER, Journal

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_encode = msgspec.json.Encoder(decimal_format="number").encode
TENANT_FILE = "tenant.toml"


@dataclass(frozen=True, slots=True)
class Folder:
    """A tenant directory and its journal, which lists the files that a fetch wrote."""

    path: Path
    journal: Journal

    def write(self, kind: str, name: str, content: Document | Sequence[Document]) -> None:
        """Write the file of a kind; empty content leaves no file."""
        file = f"{kind}/{name}.json"
        if not content:
            self.remove(file)
            return
        self._put(file, msgspec.json.format(_encode(content), indent=2) + b"\n")

    def read(self, kind: str, name: str) -> list[Document]:
        """The documents of a file that a fetch wrote; none if there is no such file."""
        path = self.path / f"{kind}/{name}.json"
        return list(each(mapping)(parse_json(path.read_bytes()))) if path.is_file() else []

    def put_lines(self, file: str, write: Callable[[Path], int]) -> int:
        """Have `write` write a temporary file, then put it in its place; returns what `write` returns."""
        target = self.path / file
        target.parent.mkdir(exist_ok=True)
        part = target.with_name(f".{target.name}.part")
        found = write(part)
        part.replace(target)
        self.journal.wrote(file)
        return found

    def write_settings(self, text: str) -> bool:
        """Write tenant.toml. If it was edited since, write the new one next to the journal and return False."""
        content = text.encode()
        target = self.path / TENANT_FILE
        ours = self.journal.fact("settings")
        if target.is_file() and sha256(target.read_bytes()).hexdigest() != ours and target.read_bytes() != content:
            self._put(f"{FOLDER}/{TENANT_FILE}", content, noted=False)
            return False
        self._put(TENANT_FILE, content)
        self.journal.note(settings=sha256(content).hexdigest())
        return True

    def write_report(self, report: Mapping[str, object]) -> None:
        """Write the report of the fetch."""
        self._put("fetch-report.json", msgspec.json.format(_encode(report), indent=2) + b"\n")

    def _put(self, file: str, content: bytes, *, noted: bool = True) -> None:
        target = self.path / file
        target.parent.mkdir(exist_ok=True)
        part = target.with_name(f".{target.name}.part")
        part.write_bytes(content)
        part.replace(target)
        if noted:
            self.journal.wrote(file)

    def remove(self, file: str) -> None:
        """Remove a file that a fetch wrote, if it is there."""
        (self.path / file).unlink(missing_ok=True)
        self.journal.removed(file)

    def tidy(self, *, whole: bool) -> None:
        """Remove files of killed writers; after a fetch of the whole tenant, also files of deleted objects."""
        for kind in ("accounts", "subscriptions", "usage", "drafts", "catalog", "exports", "."):
            for part in (self.path / kind).glob(".*.part"):
                part.unlink(missing_ok=True)
        for file in self.journal.older_files() if whole else list[str]():
            if file != TENANT_FILE:
                self.remove(file)


def file_name(number: str, identity: str) -> str:
    """The name of an account's files: its number, or its id if the number cannot be a file name."""
    if _PLAIN.fullmatch(number):
        return number
    return identity if _PLAIN.fullmatch(identity) else sha256(f"{number}\n{identity}".encode()).hexdigest()[:32]
