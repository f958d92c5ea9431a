"""The status page of a stand-in, without script: its clock, its tenant, its faults, and the last calls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import Any

from soapsvc.standin.faults import Faults
from soapsvc.standin.routes import HTML, Answer, Call, Route
from soapsvc.standin.watch.journal import Entry, Journal

_SHOWN = 50
_SAFE = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
_STYLE = """
:root { color-scheme: light dark; } body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem; }
table { border-collapse: collapse; } th, td { text-align: left; vertical-align: top; padding: .2rem .8rem .2rem 0; }
td, th { border-top: 1px solid #8884; } code { font: .85rem ui-monospace, monospace; }
"""

Document = Callable[[], Mapping[str, Any]]


class Pages:
    """GET /: the page. `clock` and `tenant` give their current state."""

    def __init__(self, clock: Document, tenant: Document, faults: Faults, journal: Journal) -> None:
        self._clock = clock
        self._tenant = tenant
        self._faults = faults
        self._journal = journal

    def routes(self) -> list[Route]:
        """Its route."""
        return [Route("GET", "", self._page)]

    def _page(self, _call: Call) -> Answer:
        facts = {**self._clock(), **self._tenant()}
        entries = self._journal.entries()[-_SHOWN:]
        faults = [(each["id"], each["effect"], each["met"], each["hits"]) for each in self._faults.all()]
        parts = [
            '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Stand-in</title>',
            f"<style>{_STYLE}</style></head><body><h1>Stand-in</h1>",
            _table(("", ""), facts.items()),
            "<h2>Faults</h2>",
            _table(("id", "effect", "met", "hits"), faults) if faults else "<p>None.</p>",
            "<h2>What was asked</h2>",
            _table(("time", "operation", "user", "accounts", "answer"), map(_row, reversed(entries)))
            if entries
            else "<p>Nothing yet.</p>",
            '<p><a href="/_admin/requests">All requests as JSON</a> · <a href="/_admin/docs">The admin plane</a></p>',
            "</body></html>\n",
        ]
        return Answer("".join(parts).encode(), media_type=HTML, headers=_SAFE)


def _row(entry: Entry) -> tuple[object, ...]:
    call, answer = entry.call, entry.answer or {}
    told = " ".join(str(answer[name]) for name in ("status", "kind", "code") if answer.get(name) is not None)
    hints = "; ".join(each.hint for each in entry.near_misses)
    named = call.operation or f"{entry.method} {entry.path}"
    return entry.time, named, call.user or "", ", ".join(sorted(call.accounts)), f"{told} {hints}"


def _table(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    top = "".join(f"<th>{escape(each)}</th>" for each in heads)
    body = "".join(f"<tr>{''.join(f'<td>{escape(str(each))}</td>' for each in row)}</tr>" for row in rows)
    return f"<table><tr>{top}</tr>{body}</table>"
