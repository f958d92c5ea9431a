"""The notebook of examples/notebook runs as it stands, shows what the engine previews, and stops where sums differ.

Its packages are not among those of the tests: `make test-notebook` sets up .venv-notebook/ and asks for these tests.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from soapsvc.engine.preview import preview
from soapsvc.engine.result import AssumeRenewal, PreviewRequest
from soapsvc.resources import fixtures_dir
from soapsvc.tenant import Store, import_tenant
from tests.conftest import ROOT
from tests.support.tenants import write_tenant

NOTEBOOK = ROOT / "examples" / "notebook" / "preview.ipynb"
PROGRAMS = ROOT / ".venv-notebook" / "bin"
SECONDS = 300
executes = pytest.mark.skipif("SOAPSVC_TEST_NOTEBOOK" not in os.environ, reason="make test-notebook runs it")

ENDED_EARLY = {
    "subscriptionNumber": "A-S1",
    "accountNumber": "A-1",
    "status": "Active",
    "termType": "EVERGREEN",
    "subscriptionStartDate": "2026-01-01",
    "contractEffectiveDate": "2026-01-01",
    "ratePlans": [
        {
            "ratePlanCharges": [
                {
                    "number": "C-1",
                    "type": "Recurring",
                    "model": "FlatFee",
                    "price": 12,
                    "taxMode": "TaxInclusive",
                    "taxCode": "VAT",
                    "billingPeriod": "Month",
                    "billingTiming": "IN_ADVANCE",
                    "effectiveStartDate": "2026-01-01",
                    "effectiveEndDate": "2026-04-01",
                    "chargedThroughDate": "2026-06-01",
                }
            ]
        }
    ],
}
SETTLEMENT = """
[billing_rules]
invoiceSettlement = true
[[tax_rate]]
percent = 20
mode = "TaxInclusive"
tax_code = "VAT"
"""


def executed(notebook: Path, folder: Path, *programs: Path) -> dict[str, list[Any]]:
    """Execute a notebook with nbclient, without this user's settings of Jupyter; returns the outputs of each cell."""
    places = ("HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "MPLCONFIGDIR")
    environment = {**os.environ, **dict.fromkeys(places, str(folder))}
    environment["PATH"] = os.pathsep.join(map(str, (*programs, PROGRAMS, os.environ["PATH"])))
    result = folder / "executed.ipynb"
    command = [PROGRAMS / "jupyter-execute", f"--output={result}", notebook]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return {cell["id"]: cell["outputs"] for cell in json.loads(result.read_text())["cells"] if "outputs" in cell}


def with_options(folder: Path, *options: str | Path) -> Path:
    """A copy of the notebook with other options of the run in the cell that is for them."""
    notebook = json.loads(NOTEBOOK.read_text())
    (cell,) = [each for each in notebook["cells"] if "parameters" in each["metadata"].get("tags", ())]
    cell["source"] = f"OPTIONS = {[str(option) for option in options]}"
    path = folder / "preview.ipynb"
    path.write_text(json.dumps(notebook))
    return path


def cells_of(outputs: list[Any]) -> list[list[str]]:
    """The texts of the body of a table that a cell shows, row by row."""
    (output,) = outputs
    body = "".join(output["data"]["text/html"]).partition("<tbody>")[2]
    rows = re.findall(r"<tr.*?</tr>", body, re.DOTALL)
    return [[text.strip() for text in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)] for row in rows]


def previewed() -> tuple[dict[str, dict[str, Decimal]], dict[str, str]]:
    """What the engine previews of the demo tenant: sums of accounts by currency; the first code of those without."""
    request = PreviewRequest(date(2026, 12, 31), assume_renewal=AssumeRenewal.ALL)
    sums: defaultdict[str, dict[str, Decimal]] = defaultdict(dict)
    codes = {}
    store = Store.temporary()
    import_tenant(store, fixtures_dir())
    as_of = datetime(2026, 1, 15, tzinfo=UTC).astimezone(store.settings().zone)
    for account in store.accounts():
        result = preview(account, request, as_of)
        if result.errors or not len(result):
            codes[account.account_number] = (result.errors or result.notes)[0].code
        else:
            amounts = [item.amount for item in result.items()]
            sums[account.currency][account.account_number] = sum(amounts, Decimal())
    store.close()
    return sums, codes


def test_it_is_stored_without_outputs() -> None:
    cells = json.loads(NOTEBOOK.read_text())["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert [cell["id"] for cell in code if cell["outputs"] or cell["execution_count"] is not None] == []
    assert len(code) > 5


@executes
def test_it_shows_what_the_engine_previews_of_the_demo_tenant(tmp_path: Path) -> None:
    sums, codes = previewed()
    outputs = executed(NOTEBOOK, tmp_path)

    wanted = [
        (currency, number, f"{amount:,.{0 if currency == 'JPY' else 2}f}")
        for currency, accounts in sorted(sums.items())
        for number, amount in sorted(accounts.items(), key=lambda each: -each[1])[:10]
    ]
    assert [(row[0], row[1], row[3]) for row in cells_of(outputs["accounts"])] == wanted

    assert {row[0]: row[2] for row in cells_of(outputs["empty"])} == codes
    assert all(row[3] for row in cells_of(outputs["empty"]))

    columns = zip(*cells_of(outputs["months"]), strict=True)
    months = [sum(Decimal(cell.replace(",", "")) for cell in column) for column in columns]
    assert months == [sum(accounts.values()) for _, accounts in sorted(sums.items())]
    assert ["image/png" in each["data"] for each in outputs["charts"]] == [True] * len(sums)


@executes
def test_a_credit_memo_is_taken_off_with_its_tax(tmp_path: Path) -> None:
    """12 a month, 2 of them tax, was billed through May and ended in March: April and May come back, 24."""
    tenant = write_tenant(
        tmp_path / "tenant",
        SETTLEMENT,
        accounts={"accountNumber": "A-1", "name": "Acme", "currency": "EUR", "billCycleDay": 1},
        subscriptions=ENDED_EARLY,
    )
    options = ("--tenant", tenant, "--target-date", "2026-12-31", "--include-evergreen", "--as-of", "2026-06-15")
    outputs = executed(with_options(tmp_path, *options), tmp_path)
    assert cells_of(outputs["accounts"]) == [["EUR", "A-1", "Acme", "-24.00", "2"]]
    assert cells_of(outputs["empty"]) == []


@executes
def test_a_tenant_with_nothing_to_invoice_has_reasons_alone(tmp_path: Path) -> None:
    options = ("--tenant", ROOT / "examples" / "tenant", "--target-date", "2025-12-31", "--as-of", "2025-12-01")
    outputs = executed(with_options(tmp_path, *options), tmp_path)
    assert outputs["charts"] == []
    assert cells_of(outputs["accounts"]) == []
    assert [row[:3] for row in cells_of(outputs["empty"])] == [["A-1", "Acme", "STARTS_LATER"]]


@executes
def test_it_stops_where_the_file_has_other_sums_than_the_run(tmp_path: Path) -> None:
    """A soapsvc before the real one on the path takes the first item out of the file, 75 in USD."""
    program = tmp_path / "bin" / "soapsvc"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\n"{PROGRAMS}/soapsvc" "$@" || exit\nwhile [ "$1" != --out ]; do shift; done\nsed -i 2d "$2"\n'
    )
    program.chmod(0o755)
    with pytest.raises(AssertionError, match=r"the run has \{'.* the table has \{'"):
        executed(NOTEBOOK, tmp_path, program.parent)
