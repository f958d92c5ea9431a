"""docs/reference/errors.md has every code that the sources give, and no code that they do not."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from soapsvc.rest.http.errors import Category
from soapsvc.soap.frame import faults

CODE = re.compile(r"[A-Z]+(_[A-Z]+)+|SUSPENDED")
GIVES_A_CODE = {"RatingError", "BillingDataError", "Note", "RatingWarning", "RowError", "_warning", "_note", "error"}


def page(root: Path) -> str:
    return (root / "docs" / "reference" / "errors.md").read_text()


def told(root: Path) -> set[str]:
    """The codes of the first columns."""
    rows = re.findall(r"^\| (`[A-Za-z][^|]*) \|", page(root), re.MULTILINE)
    return {code for row in rows for code in re.findall(r"`(\w+)`", row)}


def given(root: Path) -> Iterator[str]:
    """Codes that a call in the sources carries as a constant."""
    for folder in ("engine", "soap", "runs", "rest"):
        for path in (root / "soapsvc" / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and called(node) in GIVES_A_CODE:
                    values = [*node.args, *(keyword.value for keyword in node.keywords)]
                    yield from (
                        value.value
                        for value in values
                        if isinstance(value, ast.Constant)
                        and isinstance(value.value, str)
                        and CODE.fullmatch(value.value)
                    )


def called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def fault_codes() -> set[str]:
    classes = [each for each in vars(faults).values() if isinstance(each, type) and issubclass(each, faults.SoapFault)]
    return {each.code for each in classes}


def test_every_code_of_the_sources_is_on_the_page(root: Path) -> None:
    codes = set(given(root))
    assert len(codes) > 50
    assert codes - told(root) == set()


def test_every_fault_is_on_the_page(root: Path) -> None:
    assert fault_codes() - told(root) == set()


def test_every_category_of_rest_is_on_the_page_with_its_name_and_status(root: Path) -> None:
    for category in Category:
        (row,) = re.findall(rf"^\| {category.digits} \| `(\w+)` \| ([\d, ]+) \|", page(root), re.MULTILINE)
        assert row[0] == category.code_name
        assert str(category.status.value) in row[1]


def test_the_page_lists_only_codes_that_the_service_uses(root: Path) -> None:
    sources = "".join(path.read_text() for path in (root / "soapsvc").rglob("*.py"))
    assert [code for code in told(root) if not re.search(rf"\b{code}\b", sources)] == []
