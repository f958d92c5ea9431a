"""Pack records for the store, and unpack them directly into the engine's dataclasses (MessagePack).

Several packed records, joined, are unpacked as one list, so an account's thousands of rows cost one call. Decimals and
dates are kept exactly. In `attributes` and `fields`, fractional numbers are unpacked as their exact text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from struct import pack as pack_struct
from typing import Any

import msgspec

from soapsvc.engine.account import Account, CatalogCharge, DraftItem, Subscription, UsageRecord

_BILLED = {"subscriptions", "usage", "drafts", "catalog", "tax_rates", "units_of_measure", "rules", "currency_terms"}
_ACCOUNT_FACTS = tuple(field.name for field in fields(Account) if field.init and field.name not in _BILLED)

_pack = msgspec.msgpack.Encoder().encode
unpack_catalog_charge = msgspec.msgpack.Decoder(CatalogCharge).decode
unpack_drafts = msgspec.msgpack.Decoder(tuple[DraftItem, ...]).decode
_unpack_facts = msgspec.msgpack.Decoder(dict[str, Any]).decode
_unpack_subscription = msgspec.msgpack.Decoder(Subscription).decode
_unpack_subscriptions = msgspec.msgpack.Decoder(tuple[Subscription, ...]).decode
_unpack_usage = msgspec.msgpack.Decoder(tuple[UsageRecord, ...]).decode


def pack(record: object) -> bytes:
    """Pack a record. A whole number of more than 64 bits, in an unknown field, is unpacked as its text."""
    try:
        return _pack(record)
    except OverflowError:
        return _pack(_with_texts(msgspec.to_builtins(record)))


def _with_texts(value: object) -> object:
    """The same with the text of each number in place of one that MessagePack cannot hold."""
    if isinstance(value, dict):
        return {key: _with_texts(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_with_texts(inner) for inner in value]
    is_large = isinstance(value, int) and not -(2**63) <= value < 2**64
    return str(value) if is_large else value


def pack_account(account: Account) -> bytes:
    """An account's own fields, without subscriptions and usage."""
    return pack({name: getattr(account, name) for name in _ACCOUNT_FACTS})


def unpack_account(packed: bytes) -> dict[str, Any]:
    """The fields of Account that `pack_account` packed, by name."""
    return _unpack_facts(packed)


def unpack_subscriptions(packed: Sequence[bytes]) -> tuple[Subscription, ...]:
    """The subscriptions packed one by one in `packed`."""
    if len(packed) == 1:
        return (_unpack_subscription(packed[0]),)
    return _unpack_subscriptions(_joined(packed)) if packed else ()


def unpack_usage(packed: Sequence[bytes]) -> tuple[UsageRecord, ...]:
    """The usage records packed one by one in `packed`."""
    return _unpack_usage(_joined(packed)) if packed else ()


def _joined(packed: Sequence[bytes]) -> bytes:
    """One MessagePack array (32-bit length) of ready elements."""
    return b"".join((b"\xdd", pack_struct(">I", len(packed)), *packed))
