"""Days, months and numbers as the reader of a page writes them, in the locale of the browser's Accept-Language."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_skeleton, format_time
from babel.numbers import parse_pattern

_DEFAULT = "en"
_MOST_HEADER = 200
_KEPT = 65536


def reader_of(accept_language: str) -> Reader:
    """The reader whose browser sends this header; English if it names no known locale."""
    return next(map(Reader, _known(accept_language)), Reader(_DEFAULT))


def _known(accept_language: str) -> Iterator[str]:
    """The known locales in the header, the reader's preferred one first."""
    weighed = []
    for position, entry in enumerate(accept_language[:_MOST_HEADER].split(",")):
        name, _, weight = entry.strip().partition(";q=")
        weighed.append((-_weight(weight), position, name.strip()))
    for negative, _, name in sorted(weighed):
        if negative and (known := _identifier(name)) is not None:
            yield known


def _weight(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0


@lru_cache(maxsize=256)
def _identifier(name: str) -> str | None:
    if not name.replace("-", "").isalnum() or not name.isascii():
        return None
    try:
        return str(Locale.parse(name, sep="-"))
    except (UnknownLocaleError, ValueError):
        return None


@dataclass(frozen=True, slots=True)
class Reader:
    """Writes for one locale, such as `en_GB`."""

    locale: str

    def day(self, day: date | None) -> str:
        """A day, such as `27 Nov 2026`; nothing for None."""
        return "" if day is None else _day(day, self.locale)

    def month(self, month: date) -> str:
        """A month, such as `Nov 2026`."""
        return _month(month, self.locale)

    def instant(self, instant: datetime | None) -> str:
        """A day and a time, to the second, in the zone that the instant carries; nothing for None."""
        return "" if instant is None else format_datetime(instant, "medium", locale=self.locale)

    def hour(self, instant: datetime) -> str:
        """A day without its year, and a time, such as `27 Nov, 08:00`."""
        day = format_skeleton("MMMd", instant, locale=self.locale)
        return f"{day}, {format_time(instant, 'short', locale=self.locale)}"

    def number(self, value: Decimal | int) -> str:
        """A number with all its decimals."""
        return _number(str(value), self.locale)

    def axis(self, value: float) -> str:
        """A number on a picture's axis, with as few digits as possible."""
        return _number(f"{Decimal(f'{value:.6g}').normalize():f}", self.locale)

    def money(self, amount: Decimal, currency: str) -> str:
        """An amount after the code of its currency. Codes are unique; several currencies share the same sign."""
        return f"{currency}\u00a0{_number(str(amount), self.locale)}"


@lru_cache(maxsize=_KEPT)
def _day(day: date, locale: str) -> str:
    return format_date(day, "medium", locale=locale)


@lru_cache(maxsize=_KEPT)
def _month(month: date, locale: str) -> str:
    return format_skeleton("yMMM", month, locale=locale)


@lru_cache(maxsize=_KEPT)
def _number(value: str, locale: str) -> str:
    number = Decimal(value)
    exponent = number.as_tuple().exponent
    decimals = max(0, -exponent) if isinstance(exponent, int) else 0
    known = Locale.parse(locale)
    pattern = parse_pattern(known.decimal_formats[None].pattern)
    pattern.frac_prec = (decimals, decimals)
    written: str = pattern.apply(number, known)
    return written
