"""`tenant.toml`: time zone, currencies, billing rules, tax rates, units of measure, limits and users of one tenant.

Every table is read against the keys that it may have; an unknown key is a problem that names the nearest known one, and
all problems of the file are reported together.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from argon2 import extract_parameters
from argon2.exceptions import InvalidHashError

from soapsvc.engine.account import TaxRate, UnitOfMeasure
from soapsvc.tenant.formats.rules import RULE_FIELDS, RULE_VALUES, decimals, increment, one_of, read_rule
from soapsvc.tenant.formats.settings import SettingsFile, SettingsRefused, TenantSettings, UserEntry
from soapsvc.tenant.formats.usage_dates import KEY, DateOrder
from soapsvc.tenant.reading import (
    Document,
    FieldProblem,
    Reader,
    at,
    each,
    kind,
    mapping,
    number,
    parse_json,
    text,
    whole,
)

LONGEST_NAME = 255
"""The most characters of a user name and a client id: the length of the store's columns."""

_LONGEST_SESSION = 8 * 60


def read_toml(content: bytes) -> SettingsFile:
    """Read a tenant.toml; raises SettingsRefused with every problem in it."""
    try:
        document = tomllib.loads(content.decode("utf-8-sig"), parse_float=_decimal)
    except UnicodeDecodeError as error:
        raise SettingsRefused([FieldProblem("", "is not UTF-8 text")]) from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsRefused([FieldProblem("", f"is not TOML: {error}")]) from error
    except ValueError as error:
        raise SettingsRefused([FieldProblem("", f"has a number that is too large: {error}")]) from error
    problems: list[FieldProblem] = []
    users = tuple(_users(document.pop("users", []), problems))
    settings = _settings(document, problems)
    if problems:
        raise SettingsRefused(problems)
    return SettingsFile(settings, users, msgspec.json.encode(document))


def _decimal(written: str) -> Decimal:
    try:
        return Decimal(written)
    except InvalidOperation as error:
        raise ValueError(f"{written[:40]} has an exponent that is too large") from error


def load_settings(stored: bytes | None) -> TenantSettings:
    """The settings in `SettingsFile.stored`; the defaults where nothing is stored."""
    if stored is None:
        return TenantSettings()
    problems: list[FieldProblem] = []
    settings = _settings(mapping(parse_json(stored)), problems)
    if problems:
        raise SettingsRefused(problems)
    return settings


def _settings(document: Document, problems: list[FieldProblem]) -> TenantSettings:
    read = _table(document, "", _TOP, problems)
    rules = _table(read.get("billing_rules", {}), "billing_rules", _RULES, problems)
    currencies = {
        code: _table(entry, f"currencies.{code}", _CURRENCY, problems)
        for code, entry in _tables(read.get("currencies", {}), "currencies", problems).items()
    }
    said = {key: read[key] for key in ("time_zone", KEY) if key in read}
    said.update(
        (f"tenant_{key}", value) for key, value in _table(read.get("tenant", {}), "tenant", _TENANT, problems).items()
    )
    said.update(_table(read.get("api", {}), "api", _API, problems))
    rates = _entries(read.get("tax_rate", []), "tax_rate", _TAX_RATE, ("percent",), problems)
    units = _entries(read.get("unit_of_measure", []), "unit_of_measure", _UNIT, ("name", "decimals"), problems)
    problems.extend(_twice("unit_of_measure", "name", [unit["name"] for unit in units]))
    return TenantSettings(
        rules={RULE_FIELDS[name]: value for name, value in rules.items()},
        currencies=currencies,
        tax_rates=tuple(TaxRate(**rate) for rate in rates),
        units_of_measure=tuple(UnitOfMeasure(**unit) for unit in units),
        **said,
    )


def read_tax_rates(documents: Sequence[Document]) -> tuple[TaxRate, ...]:
    """Tax rates as entries of `[[tax_rate]]`. Raises FieldProblem for the first that cannot be read."""
    problems: list[FieldProblem] = []
    rates = _entries(list(documents), "tax_rate", _TAX_RATE, ("percent",), problems)
    if problems:
        raise problems[0]
    return tuple(TaxRate(**rate) for rate in rates)


def _users(value: object, problems: list[FieldProblem]) -> Sequence[UserEntry]:
    users = [UserEntry(**entry) for entry in _entries(value, "users", _USER, ("username",), problems)]
    for index, user in enumerate(users):
        if (user.password is None) == (user.password_hash is None):
            problems.append(FieldProblem(f"users[{index}]", "needs either password or password_hash"))
        if (user.client_id is None) != (user.client_secret is None and user.client_secret_hash is None):
            problems.append(FieldProblem(f"users[{index}]", "needs client_id and client_secret together"))
    for attribute in ("username", "client_id"):
        names = [name for user in users if (name := getattr(user, attribute)) is not None]
        problems.extend(_twice("users", attribute, names))
    return users


def _twice(path: str, key: str, names: Sequence[str]) -> list[FieldProblem]:
    """One problem for each name that more than one entry has."""
    repeated = sorted({name for name in names if names.count(name) > 1})
    return [FieldProblem(path, f"{key} {name!r} is given twice") for name in repeated]


def _tables(value: object, path: str, problems: list[FieldProblem]) -> Document:
    try:
        return at(path, mapping, value)
    except FieldProblem as problem:
        problems.append(problem)
        return {}


def _entries(
    value: object, path: str, readers: Mapping[str, Reader], required: Sequence[str], problems: list[FieldProblem]
) -> list[dict[str, Any]]:
    """The tables of an array of tables; one that lacks a required key is a problem and left out."""
    try:
        documents = at(path, each(mapping), value)
    except FieldProblem as problem:
        problems.append(problem)
        return []
    entries = []
    for index, document in enumerate(documents):
        before = len(problems)
        entry = _table(document, f"{path}[{index}]", readers, problems)
        problems.extend(FieldProblem(f"{path}[{index}].{key}", "is missing") for key in required if key not in document)
        if len(problems) == before:
            entries.append(entry)
    return entries


def _table(value: object, path: str, readers: Mapping[str, Reader], problems: list[FieldProblem]) -> dict[str, Any]:
    """The values of a table's known keys; every unknown key and every value that cannot be read is a problem."""
    values: dict[str, Any] = {}
    for key, entry in _tables(value, path, problems).items():
        place = f"{path}.{key}" if path else key
        if key not in readers:
            problems.append(FieldProblem(place, _unknown(key, readers)))
            continue
        try:
            values[key] = at(place, readers[key], entry)
        except FieldProblem as problem:
            problems.append(problem)
    return values


def _unknown(key: str, readers: Mapping[str, Reader]) -> str:
    folded = {known.lower(): known for known in readers}
    nearest = get_close_matches(key.lower(), folded, n=1, cutoff=0)
    return f"is not known; the nearest known key is {folded[nearest[0]]}"


def _time_zone(value: object) -> str:
    name = text(value)
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise FieldProblem("", f"is {kind(value)}, which is not an IANA time zone such as Europe/London") from error


def _minutes(value: object) -> int:
    minutes = whole(value)
    if not 1 <= minutes <= _LONGEST_SESSION:
        raise FieldProblem("", f"is {minutes}; it must be 1 to {_LONGEST_SESSION} minutes")
    return minutes


def _at_least_one(value: object) -> int:
    count = whole(value)
    if count < 1:
        raise FieldProblem("", f"is {count}; it must be 1 or more")
    return count


def _percent(value: object) -> Decimal:
    percent = number(value)
    if percent < 0:
        raise FieldProblem("", f"is {percent}; it must be 0 or more")
    return percent


def _argon2(value: object) -> str:
    written = text(value)
    try:
        extract_parameters(written)
    except InvalidHashError as error:
        raise FieldProblem("", "is not an argon2 hash; `soapsvc users hash` makes one") from error
    return written


def user_name(value: object) -> str:
    """A user name or client id; an empty one or one that the store cannot hold is refused."""
    name = text(value)
    if not 1 <= len(name) <= LONGEST_NAME:
        raise FieldProblem("", f"has {len(name)} characters; it must have 1 to {LONGEST_NAME}")
    return name


def _as_is(value: object) -> object:
    return value


_TOP: Mapping[str, Reader] = {
    "time_zone": _time_zone,
    KEY: lambda value: DateOrder(one_of(tuple(DateOrder), value)),
    **dict.fromkeys(("tenant", "api", "currencies", "billing_rules", "tax_rate", "unit_of_measure", "users"), _as_is),
}
_TENANT: Mapping[str, Reader] = {"id": text, "name": text}
_API: Mapping[str, Reader] = {"session_minutes": _minutes, "requests_per_call": _at_least_one}
_CURRENCY: Mapping[str, Reader] = {
    "decimals": decimals,
    "rounding_mode": lambda value: one_of(RULE_VALUES["rounding_mode"], value),
    "rounding_increment": increment,
}
_RULES: Mapping[str, Reader] = {
    name: (lambda value, field=field: read_rule(field, value))  # type: ignore[misc]
    for name, field in RULE_FIELDS.items()
}
_TAX_RATE: Mapping[str, Reader] = {
    "percent": _percent,
    "mode": lambda value: one_of(("TaxInclusive", "TaxExclusive"), value),
    "charge_number": text,
    "product_rate_plan_charge_id": text,
    "tax_code": text,
    "country": text,
}
_UNIT: Mapping[str, Reader] = {
    "name": text,
    "decimals": decimals,
    "rounding_mode": lambda value: one_of(RULE_VALUES["rounding_mode"], value),
}
_USER: Mapping[str, Reader] = {
    "username": user_name,
    "password": text,
    "password_hash": _argon2,
    "name": text,
    "email": text,
    "organizations": each(text),
    "client_id": user_name,
    "client_secret": text,
    "client_secret_hash": _argon2,
}
KNOWN_KEYS: Mapping[str, Sequence[str]] = {
    "": tuple(name for name, reader in _TOP.items() if reader is not _as_is),
    "[tenant]": tuple(_TENANT),
    "[api]": tuple(_API),
    "[currencies.CODE]": tuple(_CURRENCY),
    "[billing_rules]": tuple(_RULES),
    "[[tax_rate]]": tuple(_TAX_RATE),
    "[[unit_of_measure]]": tuple(_UNIT),
    "[[users]]": tuple(_USER),
}
"""The keys that each table of the file may have."""
