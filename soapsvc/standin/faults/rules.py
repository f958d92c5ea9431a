"""A fault's rule in JSON: which calls it matches, and the effect on their answers.

    {"operation": "billingPreview", "nth": 2, "times": 1, "effect": {"fault": "REQUEST_EXCEEDED_LIMIT", "delay": 0.5}}

docs/test/faults.md has the table of all keys. `read_rule` refuses unknown names, with the nearest known one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from soapsvc.standin.faults.calls import Wire
from soapsvc.standin.problems import Refused

_MATCH = ("protocol", "operation", "version", "account", "user", "nth", "times", "effect")
_KINDS: Mapping[str, tuple[str, ...]] = {
    "fault": ("message", "detail", "status", "retryAfter"),
    "reasons": ("status",),
    "status": ("message", "body", "contentType", "headers", "retryAfter"),
    "sessionExpired": (),
    "slow": (),
    "cut": (),
    "connection": (),
    "run": ("message",),
    "contentType": (),
    "delay": (),
}
"""The effects, and the further keys of each. A delay can be combined with any other."""
_PROTOCOLS = ("soap", "rest", "http")
_CONNECTIONS = ("close", "reset")
_RUNS = ("hang", "fail")
_LONGEST_DELAY = 3600
_MOST = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Effect:
    """The effect on an answer. `kind` is one of the keys in JSON, `value` its value, `more` the further keys.

    The answer begins `delay` seconds later.
    """

    kind: str
    value: Any
    delay: float = 0.0
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rule:
    """Matches calls with all given values, from the `nth` of them on, `times` times (None: for ever)."""

    protocol: str | None
    operation: str | None
    version: str | None
    account: str | None
    user: str | None
    nth: int
    times: int | None
    effect: Effect
    document: Mapping[str, Any]


def read_rule(document: Mapping[str, Any], wire: Wire) -> Rule:
    """A rule from JSON. Raises Refused."""
    for name in document:
        if name not in _MATCH:
            raise Refused.unknown(name, _MATCH, "is not a field of a fault")
    if not isinstance(document.get("effect"), Mapping):
        raise Refused("effect is missing or not an object", field="effect")
    effect = _effect(document["effect"], wire)
    protocol = _one_of(document, "protocol", _PROTOCOLS)
    forced = _protocol_of(effect)
    if forced is not None and protocol not in {None, forced}:
        raise Refused(f"effect.{effect.kind} works for {forced}, not for {protocol}", field="effect")
    operation = _text(document, "operation")
    if operation is not None and operation not in wire.operations:
        raise Refused.unknown(operation, sorted(wire.operations), "is not an operation")
    nth = _count(document, "nth", 1)
    times = _count(document, "times", 1) if "times" in document or "nth" in document else None
    return Rule(
        protocol or forced,
        operation,
        _text(document, "version"),
        _text(document, "account"),
        _text(document, "user"),
        nth,
        times,
        effect,
        document,
    )


def _protocol_of(effect: Effect) -> str | None:
    """The only protocol that has such an effect."""
    if effect.kind == "reasons":
        return "soap" if isinstance(effect.value[0]["code"], str) else "rest"
    return "soap" if effect.kind == "fault" else None


def _effect(document: Mapping[str, Any], wire: Wire) -> Effect:
    kinds = [name for name in _KINDS if name in document]
    alone = [name for name in kinds if not any(name in _KINDS[other] for other in kinds)]
    others = [name for name in alone if name != "delay"]
    if len(others) > 1:
        raise Refused(f"effect has {' and '.join(others)}; it can have only one of them", field="effect")
    kind = (others or kinds or [""])[0]
    known = (*_KINDS, *_KINDS.get(kind, ()))
    for name in document:
        if name not in (kind, "delay", *_KINDS.get(kind, ())):
            raise Refused.unknown(f"effect.{name}", [f"effect.{each}" for each in known], "is not known here")
    if not kind:
        raise Refused(f"effect has nothing to do; give one of {', '.join(_KINDS)}", field="effect")
    delay = _number(document, "delay", 0, _LONGEST_DELAY)
    more = {name: _MORE[name](document, name) for name in _KINDS[kind] if name in document}
    if "detail" in more and more["detail"] not in wire.details:
        raise Refused.unknown(f"{more['detail']}", sorted(wire.details), "is not an element of the contract's faults")
    return Effect(kind, _value(kind, document, wire), delay, more)


def _value(kind: str, document: Mapping[str, Any], wire: Wire) -> Any:
    """The value of an effect of this kind."""
    if kind == "fault":
        code = _text(document, kind, "effect.") or ""
        if code not in wire.codes:
            raise Refused.unknown(code, sorted(wire.codes), "is not a fault code of the contract")
        return code
    if kind == "run":
        return _run(document[kind])
    if kind == "reasons":
        return _reasons(document[kind], wire)
    return _READERS[kind](document, kind)


def _run(value: Any) -> str | int:
    if isinstance(value, Mapping) and list(value) == ["polls"]:
        return _count(value, "polls", 1)
    if value not in _RUNS:
        raise Refused('effect.run must be "hang", "fail" or {"polls": n}', field="effect.run")
    return str(value)


def _reasons(found: Any, wire: Wire) -> list[Mapping[str, Any]]:
    """Reasons: those with a code in letters are of a SOAP row, those with a number of REST v1."""
    if not isinstance(found, list) or not found or not all(isinstance(each, Mapping) for each in found):
        raise Refused("effect.reasons must be a list of objects with code and message", field="effect.reasons")
    for each in found:
        for key in each:
            if key not in {"code", "message", "field"}:
                raise Refused.unknown(key, ("code", "message", "field"), "is not a field of a reason")
        if not isinstance(each.get("code"), int | str) or not isinstance(each.get("message"), str):
            raise Refused("each of effect.reasons needs a code and a message", field="effect.reasons")
        if isinstance(each["code"], str) and each["code"] not in wire.codes:
            raise Refused.unknown(each["code"], sorted(wire.codes), "is not an error code of the contract")
    return [dict(each) for each in found]


def _cut(document: Mapping[str, Any], name: str) -> float | int:
    """A number of bytes, or a part of the whole."""
    found = document[name]
    if isinstance(found, bool) or not isinstance(found, int | float | Decimal) or not 0 <= found <= _MOST:
        raise Refused("effect.cut must be a number of bytes, or a part of the whole such as 0.5", field="effect.cut")
    return found if isinstance(found, int) else float(found)


def _true(document: Mapping[str, Any], name: str) -> bool:
    if document[name] is not True:
        raise Refused(f"effect.{name} must be true; otherwise leave it out", field=f"effect.{name}")
    return True


def _headers(document: Mapping[str, Any], name: str) -> dict[str, str]:
    found = document[name]
    if not isinstance(found, Mapping) or not all(isinstance(each, str) for each in found.values()):
        raise Refused("effect.headers must be an object of texts", field="effect.headers")
    for key, value in found.items():
        if not key or not key.isascii() or any(each in f"{key}{value}" for each in "\r\n\0") or " " in key:
            raise Refused(f"{key!r} is not a header that can be sent", field="effect.headers")
    return dict(found)


def _status(document: Mapping[str, Any], name: str) -> int:
    found = document[name]
    if isinstance(found, bool) or not isinstance(found, int) or not 200 <= found <= 599:
        raise Refused("effect.status must be an HTTP status from 200 to 599", field="effect.status")
    return found


def _whole(document: Mapping[str, Any], name: str) -> int:
    return _count({name: document[name]}, name, 1, "effect.")


def _text(document: Mapping[str, Any], name: str, path: str = "") -> str | None:
    found = document.get(name)
    if found is not None and (not isinstance(found, str) or not found):
        raise Refused(f"{path}{name} must be a text", field=f"{path}{name}")
    return found


def _any_text(document: Mapping[str, Any], name: str) -> str:
    found = document[name]
    if not isinstance(found, str) or (name == "contentType" and any(each in found for each in "\r\n\0")):
        raise Refused(f"effect.{name} is not a text that can be sent", field=f"effect.{name}")
    return found


def _one_of(document: Mapping[str, Any], name: str, known: tuple[str, ...], path: str = "") -> str | None:
    found = _text(document, name, path)
    if found is not None and found not in known:
        raise Refused.unknown(found, known, f"is not a known {name}")
    return found


def _count(document: Mapping[str, Any], name: str, default: int, path: str = "") -> int:
    found = document.get(name, default)
    if isinstance(found, bool) or not isinstance(found, int) or not 1 <= found <= _MOST:
        raise Refused(f"{path}{name} must be a whole number of 1 or more", field=f"{path}{name}")
    return found


def _number(document: Mapping[str, Any], name: str, default: float, most: float) -> float:
    found = document.get(name, default)
    if isinstance(found, bool) or not isinstance(found, int | float | Decimal) or not 0 <= found <= most:
        raise Refused(f"effect.{name} must be a number of seconds up to {most}", field=f"effect.{name}")
    return float(found)


_READERS: Mapping[str, Callable[[Mapping[str, Any], str], Any]] = {
    "status": _status,
    "sessionExpired": _true,
    "slow": _whole,
    "cut": _cut,
    "connection": lambda document, name: _one_of(document, name, _CONNECTIONS, "effect."),
    "contentType": _any_text,
    "delay": lambda _document, _name: None,
}
_MORE: Mapping[str, Callable[[Mapping[str, Any], str], Any]] = {
    "message": _any_text,
    "detail": _any_text,
    "body": _any_text,
    "contentType": _any_text,
    "status": _status,
    "headers": _headers,
    "retryAfter": _whole,
}
