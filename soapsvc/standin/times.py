"""The clock over HTTP: instants and spans of time as people write them."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal

from soapsvc.standin.problems import Refused
from soapsvc.standin.routes import Answer, Call, Route, check_names
from soapsvc.standin.stand_in import StandIn
from soapsvc.tenant.reading import Document

_CALENDAR = ("years", "months", "weeks", "days")
_SPANS = ("hours", "minutes", "seconds")


def instant_of(text: object, zone: tzinfo, field: str = "now") -> datetime:
    """An instant: ISO 8601; one without an offset is by the tenant's clock, a date is its first moment."""
    if not isinstance(text, str):
        raise Refused(f"{field} is not a text such as 2026-01-31 or 2026-01-31T09:00:00Z", field=field)
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise Refused(
            f"{field} is {text!r}, not a date or an instant such as 2026-01-31T09:00:00Z", field=field
        ) from error
    return found if found.utcoffset() is not None else found.replace(tzinfo=zone)


def instant_json(instant: datetime) -> str:
    """An instant as the admin plane writes it, in UTC."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


class Times:
    """GET, PUT /clock and POST /clock/advance."""

    def __init__(self, stand_in: StandIn) -> None:
        self._stand_in = stand_in

    def routes(self) -> list[Route]:
        """Their routes."""
        return [
            Route("GET", "/clock", self._tell),
            Route("PUT", "/clock", self._set),
            Route("POST", "/clock/advance", self._advance),
        ]

    def document(self) -> dict[str, object]:
        """The state of the clock."""
        now, zone = self._stand_in.clock(), self._stand_in.store.settings().zone
        today = now.astimezone(zone).date().isoformat()
        return {"now": instant_json(now), "frozen": self._stand_in.clock.frozen, "today": today, "timeZone": zone.key}

    def _tell(self, _call: Call) -> Answer:
        return Answer(self.document())

    def _set(self, call: Call) -> Answer:
        given = call.document()
        check_names(given, "now", "frozen")
        frozen = given.get("frozen")
        if not isinstance(frozen, bool | None):
            raise Refused("frozen must be true or false", field="frozen")
        if not given:
            raise Refused("the body must have now or frozen")
        zone = self._stand_in.store.settings().zone
        now = instant_of(given["now"], zone) if given.get("now") is not None else None
        self._stand_in.set_clock(now, frozen)
        return self._tell(call)

    def _advance(self, call: Call) -> Answer:
        self.advance(call.document())
        return self._tell(call)

    def advance(self, given: Document) -> None:
        """Move the clock by a span of time. Raises Refused."""
        check_names(given, *_CALENDAR, *_SPANS)
        if not given:
            raise Refused(f"give a span of time: {', '.join((*_CALENDAR, *_SPANS))}")
        zone = self._stand_in.store.settings().zone
        self._stand_in.advance_clock(_span(given, self._stand_in.clock().astimezone(zone)))


def _span(given: Document, now: datetime) -> timedelta:
    """The length of a span from `now`: days and longer units by the tenant's calendar and clock, then the rest.

    So a day may have 23 or 25 hours, and a clock at midnight stays at midnight.
    """
    try:
        rest = timedelta(**{name: _number(given, name) for name in _SPANS if name in given})
        days = timedelta(**{name: _number(given, name) for name in ("weeks", "days") if name in given})
        then = _months_later(now, _whole(given, "months") + 12 * _whole(given, "years")) + days
        return then.astimezone(UTC) - now.astimezone(UTC) + rest
    except OverflowError as error:
        raise Refused("the clock cannot go so far", field=next(iter(given))) from error


def _months_later(now: datetime, months: int) -> datetime:
    """By the calendar: the same day so many months later, the last day of a month that has no such day."""
    year, month = divmod(now.year * 12 + now.month - 1 + months, 12)
    if not date.min.year <= year <= date.max.year:
        raise OverflowError
    return now.replace(year=year, month=month + 1, day=min(now.day, monthrange(year, month + 1)[1]))


def _whole(given: Document, name: str) -> int:
    found = given.get(name, 0)
    if isinstance(found, bool) or not isinstance(found, int):
        raise Refused(f"{name} is {found!r}, not a whole number", field=name)
    return found


def _number(given: Document, name: str) -> float:
    found = given[name]
    if isinstance(found, bool) or not isinstance(found, int | float | Decimal):
        raise Refused(f"{name} is {found!r}, not a number", field=name)
    return float(found)
