"""The rules of a stand-in, in the order in which they were made, and their counts of calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

from soapsvc.standin.faults.calls import Described, Wire
from soapsvc.standin.faults.rules import Rule, read_rule
from soapsvc.standin.problems import NotThere, Refused

MOST_RULES = 1000


@dataclass(slots=True)
class _Entry:
    rule: Rule
    met: int = 0
    hits: int = 0


class Faults:
    """The rules. `names_of` gives all names of an account by one of them. Safe to share among threads."""

    def __init__(self, wire: Wire, names_of: Callable[[str], frozenset[str]]) -> None:
        self._wire = wire
        self._names_of = names_of
        self._lock = Lock()
        self._entries: dict[str, _Entry] = {}
        self._made = 0

    def add(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """Add a rule; returns it with its id. Raises Refused."""
        rule = read_rule(document, self._wire)
        with self._lock:
            if len(self._entries) >= MOST_RULES:
                raise Refused(f"there are {MOST_RULES} faults, which is the limit; delete some")
            self._made += 1
            key = f"fault-{self._made}"
            self._entries[key] = _Entry(rule)
        return self.one(key)

    def one(self, key: str) -> dict[str, Any]:
        """A rule with its id, the number of calls that matched it, and the number that it changed. Raises NotThere."""
        entry = self._entries.get(key)
        if entry is None:
            raise NotThere(f"there is no fault {key}", field="id")
        return {"id": key, **entry.rule.document, "met": entry.met, "hits": entry.hits}

    def all(self) -> list[dict[str, Any]]:
        """All rules."""
        return [self.one(key) for key in list(self._entries)]

    def remove(self, key: str) -> None:
        """Remove a rule. Raises NotThere."""
        with self._lock:
            if self._entries.pop(key, None) is None:
                raise NotThere(f"there is no fault {key}", field="id")

    def clear(self) -> None:
        """Remove all rules; ids start again."""
        with self._lock:
            self._entries = {}
            self._made = 0

    def hit(self, call: Described) -> tuple[str, Rule] | None:
        """The first rule that changes this call's answer, with its id. Every matching rule counts the call."""
        if not self._entries:
            return None
        with self._lock:
            entries = list(self._entries.items())
        fitting = [(key, entry) for key, entry in entries if self._fits(entry.rule, call)]
        found: tuple[str, Rule] | None = None
        with self._lock:
            for key, entry in fitting:
                entry.met += 1
                left = entry.rule.times is None or entry.hits < entry.rule.times
                if found is None and left and entry.met >= entry.rule.nth:
                    entry.hits += 1
                    found = key, entry.rule
        return found

    def document(self) -> list[dict[str, Any]]:
        """As a part of a saved state."""
        return self.all()

    def read(self, documents: Any) -> list[tuple[str, _Entry]]:
        """The rules of a state to be loaded. Raises Refused."""
        found = []
        for each in documents if isinstance(documents, list) else []:
            if not isinstance(each, Mapping):
                raise Refused("this is not a state of a stand-in: it has a fault that is not an object")
            own = {name: value for name, value in each.items() if name not in {"id", "met", "hits"}}
            entry = _Entry(read_rule(own, self._wire), int(each.get("met", 0)), int(each.get("hits", 0)))
            found.append((str(each.get("id")), entry))
        return found

    def load(self, entries: list[tuple[str, _Entry]]) -> None:
        """Replace all rules by these."""
        with self._lock:
            self._entries = dict(entries)
            self._made = len(entries)

    def _fits(self, rule: Rule, call: Described) -> bool:
        wanted = (rule.protocol, rule.operation, rule.version, rule.user)
        given = (call.protocol, call.operation, call.version, call.user)
        if any(each is not None and each != has for each, has in zip(wanted, given, strict=True)):
            return False
        if rule.effect.kind == "run" and not call.makes_runs:
            return False
        return rule.account is None or not call.accounts.isdisjoint(self._names_of(rule.account))
