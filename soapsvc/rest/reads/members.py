"""Split JSON objects into members and keep each value as its original text, so no number changes its spelling."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

Members = dict[str, msgspec.Raw]
"""An object: its values by name, each as JSON text."""

_OBJECT = msgspec.json.Decoder(Members)
_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_encode = msgspec.json.encode

TRUE = msgspec.Raw(b"true")
NULL = msgspec.Raw(b"null")


def members(text: bytes | msgspec.Raw) -> Members | None:
    """The members of an object without whitespace around them; None where the text is not an object."""
    try:
        return _OBJECT.decode(text)
    except msgspec.ValidationError:
        return None


def record(document: bytes) -> Members:
    """The members of an imported document without `success`, which the answer adds itself."""
    found = members(msgspec.json.format(document, indent=-1))
    if found is None:
        raise ValueError("an imported document is a JSON object")
    found.pop("success", None)
    return found


def elements(text: bytes | msgspec.Raw | None) -> Sequence[Members] | None:
    """The objects of a list; None where the text is not a list of objects."""
    try:
        found = [members(each) for each in _LIST.decode(text)] if text is not None else None
    except msgspec.ValidationError:
        return None
    return None if found is None or None in found else [each for each in found if each is not None]


def json_text(value: object) -> msgspec.Raw:
    """The JSON text of a value."""
    return msgspec.Raw(_encode(value))


def text_of(value: msgspec.Raw | None) -> str | None:
    """The text of a string value; None where the value is not a string, or an empty one."""
    decoded = None if value is None else msgspec.json.decode(value)
    return decoded if isinstance(decoded, str) and decoded else None


def is_given(found: Members, name: str) -> bool:
    """Whether a member is present and not null or empty."""
    return found.get(name, NULL) not in (NULL, msgspec.Raw(b'""'))


def listed(name: str, records: Iterable[Members], next_page: str | None) -> bytes:
    """The answer with a list: its records under their name, and the URL of the next page if there is one."""
    body: dict[str, object] = {name: list(records)}
    if next_page is not None:
        body["nextPage"] = next_page
    return _encode(body | {"success": True})


def single(found: Members) -> bytes:
    """The answer with one record."""
    return _encode(found | {"success": TRUE})
