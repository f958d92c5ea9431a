"""Every example of docs/rules/examples.md has the items that the page shows, and its sums come to its amounts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from soapsvc.engine.result import InvoiceItem
from soapsvc.standin.seeds.minimal import expanded
from soapsvc.tenant import open_tenant
from tests.conftest import ROOT
from tests.docs.blocks import blocks
from tests.support.building import answer, sound
from tests.support.tenants import write_tenant

PAGE = ROOT / "docs" / "rules" / "examples.md"
SECTION = re.compile(r"^## (?P<title>.+?)\n(?P<text>.+?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
UP_TO = re.compile(
    r"^Up to (?P<day>\d{4}-\d\d-\d\d)(?P<how>, with renewals assumed|, on the credit memo|):$", re.MULTILINE
)
ARITHMETIC = re.compile(r"[\d.]+(?: ?[-+x/] ?[\d.]+)*")
"""Numbers with + - x / between them."""


@dataclass(frozen=True)
class Example:
    """One section of the page: an account, a tenant.toml, a target date, and the rows of items."""

    title: str
    account: str
    toml: str
    target: str
    how: str
    rows: list[dict[str, str]]


def examples() -> Iterator[Example]:
    found = {block.text: block.language for block in blocks(PAGE)}
    for section in SECTION.finditer(PAGE.read_text()):
        text = section["text"]
        (account,) = (block for block, language in found.items() if language == "json" and block in text)
        toml = "".join(block for block, language in found.items() if language == "toml" and block in text)
        asked = UP_TO.search(text)
        assert asked, section["title"]
        heads, _, *lines = [
            [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")
        ]
        rows = [dict(zip(heads, cells, strict=True)) for cells in lines]
        yield Example(section["title"], account, toml, asked["day"], asked["how"], rows)


EXAMPLES = list(examples())


def shown(item: InvoiceItem, heads: list[str]) -> dict[str, str]:
    """An item as a row of the page."""
    cells = {
        "charge": item.charge_name,
        "from": f"{item.service_start}",
        "to": f"{item.service_end - timedelta(1)}",
        "quantity": f"{item.quantity:f}",
        "amount": f"{item.amount:.2f}",
        "tax": f"{item.tax_amount:.2f}",
    }
    return {head: cells[head] for head in heads if head != "sum"}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_an_example_has_the_items_that_the_page_shows(example: Example, tmp_path: Path) -> None:
    kinds = expanded(json.loads(example.account), "A-1", date(2026, 1, 1))
    toml = f'time_zone = "UTC"\n{example.toml}'
    (account,) = open_tenant(
        write_tenant(tmp_path, toml, **{name: rows for name, rows in kinds.items() if rows})
    ).accounts()
    renew = "All" if "renewals" in example.how else "None"
    result = sound(answer(account, example.target, renew=renew))
    items = result.credit_memo_items() if "memo" in example.how else result.items()
    heads = list(example.rows[0])
    wanted = [{head: cell for head, cell in row.items() if head != "sum"} for row in example.rows]
    assert [shown(item, heads) for item in items] == wanted


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_the_sums_of_an_example_come_to_its_amounts(example: Example) -> None:
    for row in example.rows:
        if (text := row.get("sum")) is not None:
            assert cents(text) == Decimal(row["amount"]), text


def cents(text: str) -> Decimal:
    """A sum of the page, exactly, then rounded half up to cents."""
    assert ARITHMETIC.fullmatch(text), text
    terms = re.split(r" ([-+]) ", text)
    exact = product(terms[0])
    for sign, term in zip(terms[1::2], terms[2::2], strict=True):
        exact += product(term) if sign == "+" else -product(term)
    scaled = exact * 100
    return (Decimal(scaled.numerator) / scaled.denominator).quantize(Decimal(1), ROUND_HALF_UP) / 100


def product(term: str) -> Fraction:
    """Factors with ` x ` between them; each is a number or a quotient of two."""
    found = Fraction(1)
    for factor in term.split(" x "):
        over, _, under = factor.partition("/")
        found *= Fraction(over) / Fraction(under or 1)
    return found


def test_there_are_examples_of_most_sections() -> None:
    assert len({example.title.split(".")[0].split()[0] for example in EXAMPLES}) > 9
