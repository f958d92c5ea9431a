"""docs/data/tenant.md says what the importer does."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path

from soapsvc.engine.account import BillingRules
from soapsvc.tenant import open_tenant
from soapsvc.tenant.formats.rules import RULE_VALUES
from soapsvc.tenant.importing.writers import KINDS
from soapsvc.tenant.reading import camel
from tests.support.building import answer, sound
from tests.support.documents import account, charge, subscription
from tests.support.tenants import write_tenant


def documentation(root: Path) -> str:
    return (root / "docs" / "data" / "tenant.md").read_text()


def test_its_example_of_a_tenant_toml_can_be_imported(root: Path, tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", documentation(root), re.DOTALL)
    settings = open_tenant(write_tenant(tmp_path, example, accounts=account())).settings()
    assert (settings.time_zone, len(settings.tax_rates)) == ("Europe/London", 1)


def test_it_names_every_rule_with_its_values_the_default_first(root: Path) -> None:
    rows = re.findall(r"^\| (\w[\w, ]+) \| (.+) \|$", documentation(root), re.MULTILINE)
    told = {name: values.split(":")[0].split(", ") for names, values in rows for name in names.split(", ")}
    for field in fields(BillingRules):
        values = told[camel(field.name)]
        default = getattr(BillingRules(), field.name)
        if isinstance(default, bool):
            assert values[0] == str(default).lower(), field.name
        elif field.name in RULE_VALUES and field.name != "rounding_mode":
            assert values[0] == default, field.name
            assert set(values) == set(RULE_VALUES[field.name]), field.name


def test_it_shows_every_folder(root: Path) -> None:
    listing = documentation(root)
    assert [kind.folder for kind in KINDS if f"\n{kind.folder}/*.json" not in listing] == []


def test_its_rate_cards_cost_4_x_3_and_6_x_2(root: Path, tmp_path: Path) -> None:
    (example,) = re.findall(r"```json\n(.*?)```", documentation(root), re.DOTALL)
    carded = subscription({**charge(), **json.loads(example)})
    folder = write_tenant(tmp_path, 'time_zone = "UTC"', accounts=account(), subscriptions=carded)
    (found,) = open_tenant(folder).accounts()
    (item,) = sound(answer(found, found.subscriptions[0].charges[0].effective_start_date or "")).items()
    assert (item.amount, item.quantity) == (24, 10)
