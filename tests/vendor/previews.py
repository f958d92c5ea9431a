"""Previews of a tenant directory as on the terminal: the same bytes for the same data."""

from __future__ import annotations

import json
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from soapsvc.cli import main
from soapsvc.tenant import Store, import_tenant


@lru_cache(maxsize=8)
def imported(folder: Path) -> str:
    """The URL of a database with a tenant directory in it; the directory no longer changes."""
    url = f"sqlite:///{Path(tempfile.mkdtemp()) / 'tenant.sqlite'}"
    store = Store.open(url)
    import_tenant(store, folder)
    store.close()
    return url


def preview_of(folder: Path, number: str, target: str) -> list[dict[str, Any]]:
    """The items of an account's preview, without generated ids."""
    arguments = [
        "--account-number",
        number,
        "--target-date",
        target,
        "--as-of",
        "2024-07-09T12:00:00Z",
        "--seed",
        "one",
    ]
    result = CliRunner().invoke(main, ["preview", "--database", imported(folder), *arguments, "--format", "json"])
    assert result.exit_code == 0, result.output
    items = json.loads(result.stdout)["invoiceItems"]
    return [{name: value for name, value in item.items() if name != "id"} for item in items]
