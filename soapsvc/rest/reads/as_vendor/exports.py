"""Export queries of a stand-in: the columns of one object, and of a few related objects, as CSV.

They differ from the query language: the name of a field starts with its object, keys of other objects come from joins,
and some fields of a charge are only in its tiers ("Export ZOQL").
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from soapsvc.tenant.users import User
from soapsvc.wire import decimal_text
from soapsvc.zoql import InvalidField, InvalidType, MalformedQuery, Queries, find_object
from soapsvc.zoql.catalogue import Record
from soapsvc.zoql.types import Value

_QUERY = re.compile(
    r"\s*select\s+(?P<fields>.+?)\s+from\s+(?P<own>[A-Za-z]+)(?:\s+where\s+(?P<where>.+?))?\s*",
    re.IGNORECASE | re.DOTALL,
)
_VERSION = (79, 0)
_IN_TIERS = ("Price", "IncludedUnits", "OveragePrice", "DiscountAmount", "DiscountPercentage")
_CHARGE, _TIER = "RatePlanCharge", "RatePlanChargeTier"
_NOT_EXPORTED = {
    _CHARGE: frozenset({*_IN_TIERS, "RatePlanId", "ProductRatePlanChargeId", "UsageRecordRatingOption"})
    | {"UnusedUnitsCreditRates", "RolloverBalance"}
}
"""The fields of a charge that SOAP has and exports have not."""
_JOINS: Mapping[str, Mapping[str, str]] = {
    "Account": {"BillToContact.Id": "BillToId", "SoldToContact.Id": "SoldToId"},
    "Contact": {"Account.Id": "AccountId"},
    "Subscription": {"Account.Id": "AccountId"},
    "RatePlan": {"Subscription.Id": "SubscriptionId", "ProductRatePlan.Id": "ProductRatePlanId"},
    _CHARGE: {"RatePlan.Id": "RatePlanId", "ProductRatePlanCharge.Id": "ProductRatePlanChargeId"},
    _TIER: {"RatePlanCharge.Id": "RatePlanChargeId"},
    "Usage": {"Account.Id": "AccountId", "Subscription.Id": "SubscriptionId", "RatePlanCharge.Id": "ChargeId"},
    "Invoice": {"Account.Id": "AccountId"},
    "InvoiceItem": {"Invoice.Id": "InvoiceId"},
    "ProductRatePlan": {"Product.Id": "ProductId"},
    "ProductRatePlanCharge": {"ProductRatePlan.Id": "ProductRatePlanId"},
    "ProductRatePlanChargeTier": {"ProductRatePlanCharge.Id": "ProductRatePlanChargeId"},
}
_CHANGES = {"add": "NewProduct", "update": "UpdateProduct", "remove": "RemoveProduct"}
_FURTHER: Mapping[str, Callable[[Record], object]] = {
    "Subscription.InvoiceOwnerId": lambda record: record["subscription"].get("invoiceOwnerAccountId"),
    "RatePlan.AmendmentType": lambda record: _CHANGES.get(f"{record['plan'].get('lastChangeType')}".casefold()),
    "RatePlan.Product.Name": lambda record: record["plan"].get("productName"),
    "RatePlan.Product.SKU": lambda record: record["plan"].get("productSku"),
}
"""The columns that exports have and the query language has not."""
Cells = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Export:
    """A parsed export query: its object, the headings of its columns, its condition."""

    own: str
    columns: tuple[str, ...]
    where: str

    def write(self, queries: Queries, user: User, state: int) -> tuple[bytes, int]:
        """Write the file for a state of the tenant; the number of its records. Raises QueryProblem."""
        told = io.StringIO()
        writer = csv.writer(told)
        writer.writerow(self.columns)
        records = 0
        for cells in self._records(queries, user, state):
            writer.writerow([cells.get(column, "") for column in self.columns])
            records += 1
        return told.getvalue().encode(), records

    def _records(self, queries: Queries, user: User, state: int) -> Iterator[Cells]:
        if self.own == _TIER:
            yield from _tiers(self.columns, queries, user, state)
            return
        if self.own == "Usage":
            yield from _usage(self.columns, self.where, queries, user, state)
            return
        further = {column: read for column in self.columns if (read := _FURTHER.get(_key(self.own, column)))}
        fields = {column: _field(self.own, column) for column in self.columns if column not in further}
        asked = _asked(self.own, fields.values(), self.where)
        for record, values in queries.every(user, asked, _VERSION, state):
            cells = {column: _cell(values[name]) for column, name in fields.items()}
            yield {**cells, **{column: f"{read(record) or ''}" for column, read in further.items()}}


def read_export(text: str) -> Export:
    """Parse an export query; raises QueryProblem for a malformed one, or an unknown object or column."""
    match = _QUERY.fullmatch(text)
    if match is None:
        raise MalformedQuery("an export query is: select OBJECT.FIELD, … from OBJECT where …")
    own = match["own"]
    zobject = find_object(own)
    if zobject is None or zobject.name not in {*_JOINS, "Product"}:
        raise InvalidType(own)
    given = [word.strip() for word in match["fields"].split(",")]
    columns = tuple(word if "." in word else f"{zobject.name}.{word}" for word in given)
    for column in columns:
        known = zobject.name == _TIER and column.removeprefix(f"{_TIER}.") in _IN_TIERS
        if not known and _key(zobject.name, column) not in _FURTHER:
            _field(zobject.name, column)
    where = re.sub(rf"\b{zobject.name}\.", "", match["where"] or "", flags=re.IGNORECASE)
    return Export(zobject.name, columns, f" where {where}" if where else "")


def _asked(own: str, fields: Iterable[str], where: str = "") -> str:
    """The text as a query of the query language."""
    return " ".join(["select", ", ".join(fields), "from", own]) + where


def _key(own: str, column: str) -> str:
    return column if column.startswith(f"{own}.") else f"{own}.{column}"


def _field(own: str, column: str) -> str:
    """The query language's name of a column. Raises InvalidField."""
    named, _, field = column.rpartition(".")
    if named != own:
        joined = _JOINS.get(own, {}).get(column)
        if joined is None:
            raise InvalidField(own, column)
        return joined
    found = find_object(own)
    if field in _NOT_EXPORTED.get(own, ()) or found is None or (known := found.field(field, _VERSION)) is None:
        raise InvalidField(own, field)
    return known.name


def _tiers(columns: Sequence[str], queries: Queries, user: User, state: int) -> Iterator[Cells]:
    """The tiers; a charge without tiers has one that holds its prices."""
    own = [column for column in columns if column.rpartition(".")[2] not in _IN_TIERS or column.endswith(".Price")]
    fields = {column: _field(_TIER, column) for column in own}
    names = list(dict.fromkeys(("RatePlanChargeId", *fields.values())))
    by_charge: dict[str, list[dict[str, str]]] = {}
    for _, values in queries.every(user, _asked(_TIER, names), _VERSION, state):
        tier = {column: _cell(values[name]) for column, name in fields.items()}
        by_charge.setdefault(_cell(values["RatePlanChargeId"]), []).append(tier)
    charges = _asked(_CHARGE, ("Id", *_IN_TIERS))
    for _, charge in queries.every(user, charges, _VERSION, state):
        key = _cell(charge["Id"])
        told = {f"{_TIER}.{name}": _cell(charge[name]) for name in _IN_TIERS}
        alone = {f"{_TIER}.Id": f"t{key[1:]}", f"{_TIER}.Tier": "1", "RatePlanCharge.Id": key}
        for tier in by_charge.get(key, [alone]):
            yield {**tier, **{name: cell for name, cell in told.items() if not tier.get(name)}}


_BY_NUMBER: Mapping[str, tuple[str, str, str]] = {
    "Subscription.Id": ("Subscription", "Name", "SubscriptionNumber"),
    "RatePlanCharge.Id": (_CHARGE, "ChargeNumber", "ChargeNumber"),
}
"""The objects that usage belongs to: the object, its field with the number, and the field of usage with that number."""


def _usage(columns: Sequence[str], where: str, queries: Queries, user: User, state: int) -> Iterator[Cells]:
    """Usage records with the ids of their subscriptions and charges, also where they name these by number."""
    fields = {column: _field("Usage", column) for column in columns}
    ids = {column: _ids(*told[:2], queries, user, state) for column, told in _BY_NUMBER.items() if column in fields}
    names = dict.fromkeys((*fields.values(), *(told[2] for told in _BY_NUMBER.values())))
    for _, values in queries.every(user, _asked("Usage", names, where), _VERSION, state):
        cells = {column: _cell(values[name]) for column, name in fields.items()}
        for column, known in ids.items():
            cells[column] = cells[column] or known.get(_cell(values[_BY_NUMBER[column][2]]), "")
        yield cells


def _ids(own: str, number: str, queries: Queries, user: User, state: int) -> Mapping[str, str]:
    """The ids of an object's records by their numbers."""
    found = queries.every(user, _asked(own, ("Id", number)), _VERSION, state)
    return {_cell(values[number]): _cell(values["Id"]) for _, values in found}


def _cell(value: Value | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds") if value.tzinfo else value.isoformat()
    return value.isoformat() if isinstance(value, date) else f"{value}"
