"""Write the tables of docs/reference/objects.md from the catalogue of objects; `--check` only checks the page."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from soapsvc.zoql import OBJECTS, Field
from soapsvc.zoql.catalogue import FIRST, NEVER, Version

PAGE = Path("docs") / "reference" / "objects.md"
MARKS = ("<!-- objects: written by tools/object_page.py -->", "<!-- end of objects -->")


def tables() -> Iterator[str]:
    """The lines of all tables."""
    for zobject in OBJECTS:
        yield from ("", f"### {zobject.name}", "")
        if zobject.note:
            yield from (zobject.note, "")
        yield from ("| field | type | from | |", "|---|---|---|---|")
        yield from (_line(field) for field in zobject.fields)


def _line(field: Field) -> str:
    kind = "date, through 68.0 dateTime" if field.type == "date or dateTime" else field.type
    return f"| {field.name} | {kind} | {_source(field)} | {'; '.join(_remarks(field))} |"


_ROW = {
    "account_id": "the Id of the account",
    "account_number": "the number of the account",
    "number": "its number",
    "batch": "its batch",
    "status": "its status",
    "version": "its version",
    "id": "the Id of what it belongs to",
}


def _source(field: Field) -> str:
    if not field.source:
        return ""
    part, _, keys = field.source.partition(".")
    if field.name == "Id":
        return "`id`, or derived"
    if part == "row":
        return _ROW[keys]
    if part == "ids":
        return f"the Id of the {keys}"
    return ", ".join(f"`{part}.{key}`" for key in keys.split("|"))


def _remarks(field: Field) -> Iterator[str]:
    if field.since != FIRST:
        yield f"from {_spelt(field.since)} on"
    if field.until != NEVER:
        yield f"before {_spelt(field.until)}"
    if field.found:
        yield "looked up"
    if field.made is not None:
        yield "in SOAP's spelling"
    if not field.queried:
        yield "cannot be queried"
    elif not field.source:
        yield "always absent"


def _spelt(version: Version) -> str:
    return f"{version[0]}.{version[1]}"


def main() -> int:
    """Write the page's tables, or check them; returns the exit status."""
    before = PAGE.read_text(encoding="utf-8")
    head, _, rest = before.partition(MARKS[0])
    _, _, tail = rest.partition(MARKS[1])
    after = "\n".join([f"{head}{MARKS[0]}", *tables(), "", f"{MARKS[1]}{tail}"])
    if "--check" in sys.argv[1:]:
        if after != before:
            print(f"{PAGE} is not what the catalogue says: run `make objects`", file=sys.stderr)
        return int(after != before)
    PAGE.write_text(after, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
