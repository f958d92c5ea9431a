"""The page of a stand-in for testers: its clock, tenant, faults and journal, with forms to change them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

from soapsvc.console.frame import Answer, Refused, Visit, not_found, redirect
from soapsvc.console.powers import PowerRefused, Powers
from soapsvc.console.security import cookie

PATH = "/console/stand-in"
_FILTERS = ("operation", "protocol", "account", "kind")
_UNITS = ("minutes", "hours", "days", "weeks", "months", "years")
_SHOWN = 100
_MOST_DIGITS = 6

Act = Callable[[Powers, Visit], Any]


def show(visit: Visit) -> Answer:
    """The page; the query filters the journal."""
    return _page(visit, _powers(visit))


def act(visit: Visit) -> Answer:
    """Run the form's action, and redirect to the page.

    Moving the clock and a reset end sessions. The visitor's own session continues if the user still exists.
    """
    powers = _powers(visit)
    deed = _DEEDS.get(visit.given("do"))
    if deed is None:
        raise Refused(HTTPStatus.BAD_REQUEST, "The form does not say what to do.")
    try:
        deed(powers, visit)
    except PowerRefused as refused:
        return _page(visit, powers, f"{str(refused)[:1].upper()}{str(refused)[1:]}.")
    services = visit.services
    user = services.store.user(visit.who.username)
    if user is None:
        return redirect("/console/sign-in")
    services.sessions.end(visit.token)
    token = services.sessions.open(user)
    return redirect(PATH, {"Set-Cookie": cookie(token, secure=visit.base_url.startswith("https:"))})


def _powers(visit: Visit) -> Powers:
    powers = visit.services.powers
    if powers is None:
        raise not_found("page at this address")
    if powers.is_guarded:
        message = (
            "This stand-in was started with an admin token, which the console does not have. Call its "
            "admin plane, /_admin, instead."
        )
        raise Refused(HTTPStatus.FORBIDDEN, message)
    return powers


def _page(visit: Visit, powers: Powers, problem: str = "") -> Answer:
    asked = {name: given for name in _FILTERS if (given := visit.first(name)[:200])}
    zone = visit.now.tzinfo
    try:
        journal = powers.ask("GET", "/requests", query={**asked, "limit": str(_SHOWN)})
    except PowerRefused as refused:
        journal, problem = powers.ask("GET", "/requests", query={"limit": str(_SHOWN)}), str(refused)
    clock = powers.ask("GET", "/clock")
    requests = [
        {
            **each,
            "at": datetime.fromisoformat(each["time"]).astimezone(zone),
            "told": _text({name: each[name] for name in ("headers", "query", "request")}, indent=1),
        }
        for each in reversed(journal["requests"])
    ]
    faults = [{**each, "rule": _rule_text(each)} for each in powers.ask("GET", "/faults")["faults"]]
    values = {
        "clock": clock,
        "now": visit.services.clock().astimezone(zone),
        "accounts": visit.store.count_accounts(),
        "faults": faults,
        "requests": requests,
        "journal": journal,
        "asked": {name: asked.get(name, "") for name in _FILTERS},
        "units": _UNITS,
        "shown": _SHOWN,
        "problem": problem,
        "given_fault": visit.given("fault"),
    }
    return visit.page("stand_in.html", values, HTTPStatus.BAD_REQUEST if problem else HTTPStatus.OK)


def _rule_text(fault: Mapping[str, Any]) -> str:
    """A rule as it was added, without its counts."""
    own = {name: value for name, value in fault.items() if name not in {"id", "met", "hits"}}
    return _text(own)


def _text(document: object, indent: int | None = None) -> str:
    """JSON for the page: a number is shown as a number, whatever type it was read as."""
    return json.dumps(document, ensure_ascii=False, indent=indent, default=float)


def _set(powers: Powers, visit: Visit) -> None:
    given = visit.given("now")
    powers.ask("PUT", "/clock", {"frozen": visit.given("frozen") == "1", **({"now": given} if given else {})})


def _advance(powers: Powers, visit: Visit) -> None:
    by, unit = visit.given("by"), visit.given("unit")
    digits = by.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _MOST_DIGITS) or unit not in _UNITS:
        raise PowerRefused("by must be a whole number such as 1 or -1")
    powers.ask("POST", "/clock/advance", {unit: int(by)})


def _add_fault(powers: Powers, visit: Visit) -> None:
    try:
        rule = json.loads(visit.given("fault"))
    except (ValueError, RecursionError) as error:
        raise PowerRefused(f"the fault is not JSON: {error}") from error
    if not isinstance(rule, dict):
        raise PowerRefused("the fault is not a JSON object")
    powers.ask("POST", "/faults", rule)


_DEEDS: Mapping[str, Act] = {
    "set": _set,
    "advance": _advance,
    "reset": lambda powers, _: powers.ask("POST", "/reset"),
    "reset-first": lambda powers, _: powers.ask("POST", "/reset", {"to": "first"}),
    "add-fault": _add_fault,
    "remove-fault": lambda powers, visit: powers.ask("DELETE", "/faults/{id}", {"id": visit.given("id")}),
    "clear-faults": lambda powers, _: powers.ask("DELETE", "/faults"),
    "clear-requests": lambda powers, _: powers.ask("DELETE", "/requests"),
}
