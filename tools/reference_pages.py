"""Write the generated pages of docs/reference, options.md and tenant-toml.md; `--check` only checks them.

The first page comes from the commands themselves. The second comes from the keys of tenant.toml, and from the line for
each key here; a key without a line stops the tool.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from soapsvc.cli import main as soapsvc
from soapsvc.cli.configuration.names import CONFIG, option_key, variable
from soapsvc.engine.account import BillingRules
from soapsvc.tenant.formats.rules import RULE_VALUES
from soapsvc.tenant.formats.tenant_toml import KNOWN_KEYS

FOLDER = Path("docs") / "reference"
NOTE = "<!-- written by tools/reference_pages.py: do not edit it; `make reference` renews it -->"

KEYS: Mapping[str, Mapping[str, str]] = {
    "": {
        "time_zone": "IANA name of the time zone of ChargeDate and of usage; default America/Los_Angeles",
        "usage_date_order": "`DD/MM/YYYY` or `MM/DD/YYYY`: slashed dates in usage files; default: each file decides",
    },
    "[tenant]": {"id": "the TenantId that `getUserInfo` answers", "name": "the TenantName that it answers"},
    "[api]": {
        "session_minutes": "how long a login lasts, 1 to 480; default 15",
        "requests_per_call": "the most BillingPreviewRequests in one call; default 20",
    },
    "[currencies.CODE]": {
        "decimals": "decimals of amounts, 0 to 9; default: `decimals` of [billing_rules], or else ISO 4217",
        "rounding_mode": "`HALF_UP` (default), `UP` or `DOWN`",
        "rounding_increment": "amounts are rounded to a multiple of this, such as 0.05; default none",
    },
    "[[tax_rate]]": {
        "percent": "the rate, in percent; required",
        "mode": "`TaxInclusive` or `TaxExclusive`; required. Exclusive rates show no tax in a preview",
        "charge_number": "only for this charge",
        "product_rate_plan_charge_id": "only for charges of this product rate plan charge",
        "tax_code": "only for charges with this tax code",
        "country": "only for accounts whose sold-to contact is in this country",
    },
    "[[unit_of_measure]]": {
        "name": "the name as charges and usage records spell it; required",
        "decimals": "the quantity of each usage record is rounded to these decimals, 0 to 9",
        "rounding_mode": "`UP` (default), `DOWN` or `HALF_UP`",
    },
    "[[users]]": {
        "username": "the name to log in with; required",
        "password": "the password. Only its hash is kept",
        "password_hash": "instead of the password: the hash that `soapsvc users hash` prints",
        "name": "the full name",
        "email": "the e-mail address",
        "organizations": "ids of the organizations that the user may see, as a list; default all",
        "client_id": "the id of an OAuth client",
        "client_secret": "the secret of that client. Only its hash is kept",
        "client_secret_hash": "instead of the secret: the hash that `soapsvc users hash` prints",
    },
}


def options_page() -> Iterator[str]:
    """The lines of options.md: each command with its options."""
    yield from ("# Options and environment", "", NOTE, "")
    yield "An option is an argument, an environment variable, or a key of a file: [Configure](../operate/configure.md)."
    yield from _command("soapsvc", soapsvc, click.Context(soapsvc))


def _command(name: str, command: click.Command, context: click.Context) -> Iterator[str]:
    if not isinstance(command, click.Group) or command.invoke_without_command:
        yield from _section(name, command, context)
    if isinstance(command, click.Group):
        for each in sorted(command.list_commands(context)):
            found = command.get_command(context, each)
            if found is not None and not found.hidden:
                yield from _command(f"{name} {each}", found, click.Context(found, info_name=each))


def _section(name: str, command: click.Command, context: click.Context) -> Iterator[str]:
    """The lines of one command: its help, its arguments, its options."""
    yield from ("", f"## {name}", "")
    for paragraph in (command.help or "").replace("\b", "").split("\n\n"):
        yield from (" ".join(paragraph.split()), "")
    arguments = " ".join(piece for each in command.get_params(context) for piece in each.get_usage_pieces(context))
    if arguments:
        yield from (f"Arguments: `{arguments}`", "")
    options = [
        each for each in command.params if isinstance(each, click.Option) and not each.hidden and each.name != CONFIG
    ]
    if options:
        yield from ("| option | variable | meaning |", "|---|---|---|")
        yield from (_row(each, context) for each in options)


def _row(option: click.Option, context: click.Context) -> str:
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    names += f" {option.metavar}".replace("|", r"\|") if option.metavar and not option.is_flag else ""
    meaning = option.help or ""
    values = option.type.choices if isinstance(option.type, click.Choice) else ()
    if values:
        meaning += " Values: " + ", ".join(f"`{value}`" for value in values) + "."
    shown = option.get_help_extra(context).get("default")
    if shown:
        meaning += f" Default: {shown}."
    return f"| {names} | `{variable(option_key(option))}` | {meaning.strip().replace('|', chr(92) + '|')} |"


def tenant_page() -> Iterator[str]:
    """The lines of tenant-toml.md: each table with its keys."""
    yield from ("# Keys of tenant.toml", "", NOTE, "")
    yield "An example with comments is in [The tenant directory](../data/tenant.md#tenanttoml)."
    for table, keys in KNOWN_KEYS.items():
        if table == "[billing_rules]":
            yield from (
                "",
                f"## {table}",
                "",
                "[How an amount comes about](../rules/billing-rules.md) says what each rule does.",
                "",
            )
            yield from ("| key | values, the default first |", "|---|---|")
            yield from (f"| `{key}` | {_rule_values(key)} |" for key in sorted(keys))
            continue
        said = KEYS[table]
        if set(said) != set(keys):
            raise SystemExit(f"KEYS and the keys of {table or 'the top'} differ: {set(said) ^ set(keys)}")
        yield from ("", f"## {table or 'At the top'}", "", "| key | meaning |", "|---|---|")
        yield from (f"| `{key}` | {said[key]} |" for key in keys)


def _rule_values(key: str) -> str:
    """The values of a billing rule, the default first."""
    snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in key)
    if key in {"decimals", "roundingIncrement"}:
        return {"decimals": "0 to 9", "roundingIncrement": "a number above 0"}[key]
    default = getattr(BillingRules(), snake, RULE_VALUES.get(snake, (None,))[0])
    values = RULE_VALUES.get(snake, (True, False))
    ordered = sorted(values, key=lambda value: value != default)
    return ", ".join(f"`{str(value).lower() if isinstance(value, bool) else value}`" for value in ordered)


PAGES = {"options.md": options_page, "tenant-toml.md": tenant_page}


def main() -> int:
    """Write the pages, or check them; returns the exit status."""
    stale = []
    for name, lines in PAGES.items():
        page, after = FOLDER / name, "\n".join(lines()) + "\n"
        if "--check" not in sys.argv[1:]:
            page.write_text(after, encoding="utf-8")
        elif not page.exists() or page.read_text(encoding="utf-8") != after:
            stale.append(str(page))
    if stale:
        print(f"{', '.join(stale)}: run `make reference`", file=sys.stderr)
    return int(bool(stale))


if __name__ == "__main__":
    sys.exit(main())
