"""An account's subscriptions on a time line: terms, assumed renewals, pauses, segments, billed periods, and today."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from soapsvc.console.locale import Reader
from soapsvc.engine.account import Account, Charge, Subscription
from soapsvc.engine.errors import RatingError
from soapsvc.engine.result import AssumeRenewal, PreviewRequest
from soapsvc.engine.schedule import add_months, pause_of, stop_of, terms_of

WIDTH, LEFT, ROW, TOP = 960, 230, 22, 44
_BACK = 18
_TICKS = 12
_MOST_ROWS = 400
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Mark:
    """A bar from `x`, `width` wide; `kind` is its style, `text` describes it."""

    x: float
    width: float
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the picture: a subscription, or one of its charges."""

    label: str
    is_subscription: bool
    y: int
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """The data of the template. `left_out` counts rows that are not drawn; the page's table has them."""

    rows: tuple[Row, ...]
    ticks: tuple[tuple[float, str], ...]
    today: float
    target: float
    height: int
    left_out: int


def timeline(account: Account, request: PreviewRequest, today: date, reader: Reader) -> Timeline | None:
    """The time line from a year and a half ago, or from the first day if that is later, to just after the target date.

    None for an account without subscriptions.
    """
    if not account.subscriptions:
        return None
    scale = _Scale(*_window(account, request, today))
    layout = _Layout(request, account, scale, reader)
    rows: list[Row] = []
    everything = list(layout.rows())
    for label, is_subscription, marks in everything[:_MOST_ROWS]:
        rows.append(Row(label, is_subscription, TOP + ROW * len(rows), tuple(marks)))
    ticks = tuple((scale.x(month), reader.month(month)) for month in scale.months())
    height = TOP + ROW * len(rows) + 8
    left_out = max(0, len(everything) - _MOST_ROWS)
    return Timeline(tuple(rows), ticks, scale.x(today), scale.x(request.target_date), height, left_out)


def _window(account: Account, request: PreviewRequest, today: date) -> tuple[date, date]:
    starts = [
        start
        for each in account.subscriptions
        for start in (each.term_start_date, *(charge.effective_start_date for charge in each.charges))
        if start is not None
    ]
    earliest = min([*starts, today])
    first = max(earliest, add_months(today, -_BACK)).replace(day=1)
    last = max(request.target_date, today)
    return first, add_months(last.replace(day=1), 2 if (last - first).days < 3660 else 6)


@dataclass(frozen=True, slots=True)
class _Scale:
    first: date
    last: date

    def x(self, day: date) -> float:
        """The position of a day, within the picture."""
        share = (min(max(day, self.first), self.last) - self.first).days / max(1, (self.last - self.first).days)
        return round(LEFT + (WIDTH - LEFT - 10) * share, 1)

    def mark(self, start: date | None, end: date | None, kind: str, text: str) -> Iterator[Mark]:
        """The visible part of `[start, end)`, if there is one."""
        begins, ends = start or self.first, end or self.last
        if begins < self.last and ends > self.first and begins < ends:
            left, right = self.x(begins), self.x(ends)
            yield Mark(left, round(max(2.0, right - left), 1), kind, text)

    def months(self) -> Iterator[date]:
        """The months on the axis, as many as there is room for."""
        count = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month
        step = next(step for step in (1, 2, 3, 6, 12, 24, 60, 120, 1200) if count <= step * _TICKS)
        month = self.first
        while month < self.last:
            yield month
            month = add_months(month, step)


@dataclass(frozen=True, slots=True)
class _Layout:
    request: PreviewRequest
    account: Account
    scale: _Scale
    reader: Reader

    def rows(self) -> Iterator[tuple[str, bool, list[Mark]]]:
        """For each row its label, whether it is a subscription, and its marks."""
        for subscription in sorted(self.account.subscriptions, key=lambda each: each.subscription_number):
            yield subscription.subscription_number, True, list(self._terms(subscription))
            for number, segments in _by_number(subscription).items():
                name = next((each.name for each in segments if each.name), "")
                marks = [mark for each in segments for mark in self._segment(each, len(segments))]
                yield f"{number} {name}".strip(), False, [*marks, *self._pause(subscription)]

    def _terms(self, subscription: Subscription) -> Iterator[Mark]:
        start, end = subscription.term_start_date or subscription.subscription_start_date, subscription.term_end_date
        kind, number = f"{subscription.term_type.lower()} term", subscription.subscription_number
        yield from self.scale.mark(start, end, "term", f"{number}, {kind}: {self._span(start, end)}")
        renewals = [] if self.request.assume_renewal is AssumeRenewal.NONE else self._renewals(subscription)
        for begins, ends in renewals:
            text = f"{number}, renewal assumed: {self._span(begins, ends)}"
            yield from self.scale.mark(begins, ends, "renewal", text)
        yield from self._pause(subscription)

    def _renewals(self, subscription: Subscription) -> list[tuple[date, date | None]]:
        """The terms that the preview assumes; none if the subscription's data does not determine them."""
        try:
            terms = terms_of(
                subscription,
                self.request.assume_renewal,
                self.request.target_date,
                self.account.rules,
                stop_of(subscription, pause_of(subscription)),
            )
        except RatingError:
            return []
        starts = [each for each in terms.starts[1:] if each >= terms.current_end]
        ends = [*starts[1:], terms.end]
        return list(zip(starts, ends, strict=True)) if starts else []

    def _segment(self, charge: Charge, segments: int) -> Iterator[Mark]:
        start, end, through = charge.effective_start_date, charge.effective_end_date, charge.charged_through_date
        which = f", segment {charge.segment}" if segments > 1 and charge.segment is not None else ""
        text = f"{charge.number}{which}: {self._span(start, end)}"
        if through is None:
            yield from self.scale.mark(start, end, "segment", f"{text}, nothing billed yet")
            return
        told = f"{text}, billed through {self.reader.day(through - _DAY)}"
        yield from self.scale.mark(start, end, "segment", told)
        yield from self.scale.mark(start, through, "billed", told)

    def _pause(self, subscription: Subscription) -> Iterator[Mark]:
        pause = pause_of(subscription)
        if pause is not None:
            ends = None if pause.is_open else pause.end
            text = f"{subscription.subscription_number}, suspended: {self._span(pause.start, ends)}"
            yield from self.scale.mark(pause.start, ends, "pause", text)

    def _span(self, start: date | None, end: date | None) -> str:
        """The days of `[start, end)`, with the last day included."""
        until = self.reader.day(end - _DAY) if end is not None else "no end"
        return f"{self.reader.day(start) if start else 'an unknown day'} to {until}"


def _by_number(subscription: Subscription) -> dict[str, list[Charge]]:
    found: dict[str, list[Charge]] = {}
    for charge in subscription.charges:
        found.setdefault(charge.number, []).append(charge)
    return found
