"""Remove personal data that billing does not need from the vendor's answers.

Fields are removed by name, and so is every text that is an e-mail address. A contact keeps only its country, its state
and its tax region: tax depends on them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from soapsvc.tenant.reading import Document

_CONTACTS = re.compile(r"(?:^|[a-z])(?:contact|contacts)$", re.IGNORECASE)
_OF_CONTACT = frozenset({"id", "country", "state", "taxRegion"})
_PERSONAL = re.compile(
    r"first_?name|last_?name|nick_?name|e_?mail|phone|fax$|address|street|city$|zip|postal|birth|"
    r"notes?$|comments?$|vat_?id|tax_?id|crm_?id|sales_?rep|service_?rep|purchase_?order|created_?by|updated_?by|"
    r"certificate|cancel_?reason|account_?name$|account_?owner_?details|account_?details",
    re.IGNORECASE,
)
_OF_ACCOUNT = frozenset({"name", "Name", "profileNumber", "partnerAccount", "tags"})
_SECTION = "basicInfo"
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def without_people(document: Document) -> dict[str, object]:
    """An answer without personal data."""
    return {key: _inner(key, value) for key, value in document.items() if not _is_personal(key, value)}


def _inner(key: str, value: object) -> object:
    if isinstance(value, list):
        return [_inner(key, each) for each in value if not _is_address(each)]
    if not isinstance(value, Mapping):
        return value
    if _CONTACTS.search(key):
        return {name: inner for name, inner in value.items() if name in _OF_CONTACT}
    kept = without_people(value)
    return {name: inner for name, inner in kept.items() if name not in _OF_ACCOUNT} if key == _SECTION else kept


def _is_personal(key: str, value: object) -> bool:
    return (_PERSONAL.search(key) is not None and not isinstance(value, bool)) or _is_address(value)


def _is_address(value: object) -> bool:
    return isinstance(value, str) and _EMAIL.search(value) is not None
