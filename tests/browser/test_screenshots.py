"""Pictures of the main pages in both colours and on a phone; SCREENSHOTS=1 renews those of the documentation."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.browser.office import CHOIR, Office, Reports

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
PAGES = {
    "accounts": "/console/accounts",
    "account": f"/console/account?{CHOIR}&by=month",
    "item": f"/console/account/item?{CHOIR}&n=16",
}
KEPT = {("account", 1280, "light"), ("account", 390, "dark"), ("item", 1280, "light")}
"""The pages that the documentation shows."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", PAGES)
def test_a_picture_of(
    chromium: Any, demo: str, reports: Reports, tmp_path: Path, name: str, width: int, scheme: str
) -> None:
    renewed = "SCREENSHOTS" in os.environ and (name, width, scheme) in KEPT
    suffix = "" if scheme == "light" else f"-{scheme}"
    target = (IMAGES if renewed else Path(os.environ.get("PICTURES", tmp_path))) / f"{name}-{width}{suffix}.png"
    with Office.open(chromium, demo, reports, width=width, color_scheme=scheme) as office:
        office.sign_in()
        office.go(PAGES[name])
        office.page.screenshot(path=target)
        background = office.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert target.stat().st_size < 200_000
    assert (background == "rgb(255, 255, 255)") == (scheme == "light")
    assert reports.complaints == []
