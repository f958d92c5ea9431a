"""Remove personal data from an account's data: a recording keeps only fields that billing reads.

Fields are kept by name. All others are removed: addresses, e-mails, contacts' names, notes, ids of other systems.
Numbers and flags in custom fields are kept, and texts that a price formula reads. `Names` hides names of accounts,
products, rate plans and charges; descriptions are left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

import msgspec

from soapsvc.engine.account import squeeze
from soapsvc.parity.recording import kept_fields
from soapsvc.parity.recording.model import AccountData
from soapsvc.parity.recording.names import Names
from soapsvc.tenant.formats import usage_facts
from soapsvc.tenant.reading import Document

_encode = msgspec.json.Encoder(decimal_format="number").encode
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FORMULAS = re.compile(r"formula|configuration|objectlookup|fieldlookup", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Keeper:
    """Removes fields from documents: `named` are the words in formulas of this account."""

    names: Names
    named: frozenset[str]

    def kept(self, document: Document, allowed: frozenset[str], kind: str = "") -> dict[str, object]:
        """The allowed fields, and further ones that a formula reads or that are not texts."""
        found = {key: value for key, value in document.items() if key in allowed or self._is_needed(key, value)}
        for key in kept_fields.NAMES.get(kind, ()):
            if isinstance(name := found.get(key), str):
                found[key] = self.names.shown(name)
        # Fields with a function of their own are cleaned there.
        return {key: value if key in _CLEANED_APART else _nested(key, value) for key, value in found.items()}

    def _is_needed(self, key: str, value: object) -> bool:
        if squeeze(key) in self.named:
            return not isinstance(value, Mapping | list)
        return key.endswith(("__c", "__NS")) and isinstance(value, bool | int | Decimal)


_CLEANED_APART = frozenset(
    {
        "basicInfo",
        "billingAndPayment",
        "billToContact",
        "soldToContact",
        "shipToContact",
        "ratePlans",
        "ratePlanCharges",
    }
    | {"chargeSegments", "productRatePlans", "productRatePlanCharges", "invoiceItems", "creditMemoItems", "items"}
)


def _nested(key: str, value: object) -> object:
    """An object below a key, without personal data."""
    if isinstance(value, list):
        return [_nested(key, each) for each in value]
    if not isinstance(value, Mapping):
        return value
    allowed = kept_fields.NESTED.get(key)
    return {
        name: _nested(name, inner)
        for name, inner in value.items()
        if (name in allowed if allowed is not None else kept_fields.PERSONAL.search(name) is None)
    }


def cleaned(data: AccountData, names: Names) -> AccountData:
    """The account's data as a recording may keep it."""
    keeper = _Keeper(names, _words_of_formulas((data.account, *data.subscriptions, *data.catalog)))
    return replace(
        data,
        account=_account(data.account, keeper),
        subscriptions=tuple(_subscription(each, keeper) for each in data.subscriptions),
        usage=tuple(_usage(each, keeper) for each in data.usage),
        catalog=tuple(_product(each, keeper) for each in data.catalog),
        drafts=tuple(_draft(each, keeper) for each in data.drafts),
    )


def _words_of_formulas(documents: Iterable[Document]) -> frozenset[str]:
    """The words of all texts below a formula key: the fields that formulas may read."""
    words: set[str] = set()

    def look(value: object, inside: bool) -> None:
        if isinstance(value, Mapping):
            for key, inner in value.items():
                look(inner, inside or _FORMULAS.search(key) is not None)
        elif isinstance(value, list | tuple):
            for inner in value:
                look(inner, inside)
        elif inside and isinstance(value, str):
            words.update(map(squeeze, _WORD.findall(value)))

    for document in documents:
        look(document, inside=False)
    return frozenset(words)


def _account(document: Document, keeper: _Keeper) -> Document:
    kept = keeper.kept(document, kept_fields.ACCOUNT, "account")
    for section in ("basicInfo", "billingAndPayment"):
        if isinstance(inner := kept.get(section), Mapping):
            kept[section] = keeper.kept(inner, kept_fields.ACCOUNT, "account")
    for contact in ("billToContact", "soldToContact", "shipToContact"):
        if isinstance(inner := kept.get(contact), Mapping):
            kept[contact] = {key: value for key, value in inner.items() if key in kept_fields.CONTACT}
    return kept


def _subscription(document: Document, keeper: _Keeper) -> Document:
    kept = keeper.kept(document, kept_fields.SUBSCRIPTION)
    if "subscriptionNumber" not in kept and "name" in document:
        kept["name"] = document["name"]  # a subscription's name is its number
    return _with_each(kept, "ratePlans", lambda plan: _plan(plan, keeper))


def _plan(document: Document, keeper: _Keeper) -> Document:
    kept = keeper.kept(document, kept_fields.PLAN, "plan")
    return _with_each(kept, "ratePlanCharges", lambda charge: _charge(charge, keeper))


def _charge(document: Document, keeper: _Keeper) -> Document:
    kept = keeper.kept(document, kept_fields.CHARGE, "charge")
    return _with_each(kept, "chargeSegments", lambda segment: _charge(segment, keeper))


def _usage(document: Document, keeper: _Keeper) -> Document:
    """A usage record: all numbers, as a model may rate them; texts only where billing reads them.

    The name of an upload is hidden; it still shows which records were uploaded together.
    """
    wanted = keeper.named | kept_fields.PRERATED
    kept: dict[str, object] = {}
    for key, value in document.items():
        fact = next(iter(usage_facts({key: "1"})), "")
        if fact == "file_name" and isinstance(value, str):
            kept[key] = keeper.names.shown(value)
        elif fact in kept_fields.USAGE or squeeze(key) in wanted or isinstance(value, bool | int | Decimal):
            kept[key] = value
    return kept


def _product(document: Document, keeper: _Keeper) -> Document:
    kept = keeper.kept(document, frozenset({"id", "productRatePlans"}))

    def plan(document: Document) -> Document:
        own = keeper.kept(document, frozenset({"id", "productRatePlanCharges"}))
        return _with_each(
            own, "productRatePlanCharges", lambda charge: keeper.kept(charge, kept_fields.CATALOG_CHARGE, "charge")
        )

    return _with_each(kept, "productRatePlans", plan)


def _draft(document: Document, keeper: _Keeper) -> Document:
    kept = keeper.kept(document, kept_fields.DRAFT, "draft")
    for key in ("invoiceItems", "creditMemoItems", "items"):
        kept = _with_each(kept, key, lambda item: keeper.kept(item, kept_fields.DRAFT, "draft"))
    return kept


def _with_each(kept: dict[str, object], key: str, clean: Callable[[Document], Document]) -> dict[str, object]:
    """The fields with each object of a list cleaned; other values are left out."""
    if key in kept:
        found = kept[key]
        kept[key] = [clean(each) for each in found if isinstance(each, Mapping)] if isinstance(found, list) else None
    return kept


def encoded(document: Mapping[str, object]) -> bytes:
    """A document as JSON, with exact numbers."""
    return _encode(document)
