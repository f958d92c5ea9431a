"""Write tenant directories from HTTP bodies, a zip or one JSON document, to disk for the import.

The JSON has a key for each folder of a tenant directory, `accounts`, `subscriptions`, `usage`, `catalog` and `drafts`,
with the records as a list, or with the files by their names; and `tenant.toml` with the text of that file. Accounts
may be in the short form (`minimal`), with their subscriptions and usage next to them.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path, PurePosixPath

import msgspec

from soapsvc.standin.problems import Refused
from soapsvc.standin.seeds.minimal import expanded, has_more
from soapsvc.tenant.importing import FOLDERS, TENANT_FILE
from soapsvc.tenant.reading import Document, FieldProblem, mapping, parse_json

MOST_BYTES = 512 * 1024 * 1024
"""The largest tenant directory, unpacked."""

_encode = msgspec.json.Encoder(decimal_format="number").encode


def encoded(document: object) -> bytes:
    """A document as JSON, its numbers exact."""
    return _encode(document)


def read_document(body: bytes) -> Document:
    """The JSON object of a body, its numbers exact. Raises Refused."""
    try:
        return mapping(parse_json(body))
    except FieldProblem as problem:
        raise Refused(f"the body {problem}" if not problem.path else str(problem), field=problem.path) from problem


def write_zip(body: bytes, folder: Path) -> None:
    """Write out a zip of a tenant directory, which may have one folder around it. Raises Refused."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            if sum(member.file_size for member in members) > MOST_BYTES:
                raise Refused(f"the zip has more than {MOST_BYTES} bytes, unpacked")
            for member in members:
                if (place := _place(PurePosixPath(member.filename))) is not None:
                    _write(folder / place, archive.read(member))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise Refused(f"the body is not a readable zip: {error}") from error


def _place(path: PurePosixPath) -> PurePosixPath | None:
    """The path of a member in the directory; None for a member that does not belong to it."""
    if path.name == TENANT_FILE:
        return PurePosixPath(TENANT_FILE)
    if len(path.parts) >= 2 and path.parent.name in FOLDERS:
        return PurePosixPath(path.parent.name, path.name)
    return None


def write_json(document: Document, folder: Path, today: date) -> None:
    """Write out the JSON of a tenant directory; defaults of accounts are as of `today`. Raises Refused."""
    for key, content in document.items():
        if key == TENANT_FILE:
            if not isinstance(content, str):
                raise Refused(f"{TENANT_FILE} must be a text, the content of the file", field=TENANT_FILE)
            _write(folder / TENANT_FILE, content.encode())
        elif key in FOLDERS:
            for name, text in _files(key, content):
                _write(folder / key / name, text)
        else:
            raise Refused.unknown(key, (TENANT_FILE, *FOLDERS), "is not a part of a tenant directory")
    _spread_accounts(folder, document.get("accounts"), today)


def _files(key: str, content: object) -> Iterator[tuple[str, bytes]]:
    if isinstance(content, list):
        if key != "accounts":
            yield "seed.json", encoded(content)
    elif isinstance(content, Mapping) and content and all("." in name for name in content):
        for name, text in content.items():
            if PurePosixPath(name).name != name:
                raise Refused(f"{name!r} is not the name of a file", field=key)
            yield name, text.encode() if isinstance(text, str) else encoded(text)
    else:
        raise Refused(f"{key} must be a list of records, or an object of files by name", field=key)


def _spread_accounts(folder: Path, accounts: object, today: date) -> None:
    """Write each account of a list with its further records."""
    if not isinstance(accounts, list):
        return
    for index, account in enumerate(accounts):
        if not isinstance(account, Mapping):
            raise Refused(f"accounts[{index}] is not an object", field=f"accounts[{index}]")
        kinds = expanded(account, None, today) if has_more(account) else {"accounts": [account]}
        for kind, records in kinds.items():
            if records:
                _write(folder / kind / f"account-{index:06}.json", encoded(records))


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
