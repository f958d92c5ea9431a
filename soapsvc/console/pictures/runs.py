"""A run as bars: how many accounts are done, failed and waiting, how fast the run is, and why accounts failed."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from markupsafe import Markup

from soapsvc.console.locale import Reader
from soapsvc.console.pictures.bars import Bar, bars
from soapsvc.runs import Run
from soapsvc.runs.definition import speeds

MOST_CODES = 12
MOST_SPANS = 40


def run_chart(run: Run, reader: Reader) -> Markup:
    """The accounts of a run."""
    waiting = max(0, (run.accounts or run.finished_accounts) - run.finished_accounts)
    counts = {"Succeeded": run.succeeded_accounts, "Failed": run.failed_accounts, "Waiting": waiting}
    return count_chart("Accounts of the run", counts, "accounts", reader)


def speed_chart(run: Run, reader: Reader) -> Markup | None:
    """Accounts per second from the start to the end, or until now; None if the run's duration is unknown."""
    spans = speeds(run.pace, MOST_SPANS)
    if not spans:
        return None
    names = [since_start(each.until) for each in spans]
    stacks = {
        name: [
            Bar(rate, f"{since_start(each.since)} to {since_start(each.until)}: {reader.number(rate)} {told} a second")
            for each, rate in zip(spans, rates, strict=True)
        ]
        for name, told, rates in (
            ("Previewed", "accounts previewed", [rounded_rate(each.succeeded) for each in spans]),
            ("Failed", "accounts failed", [rounded_rate(each.failed) for each in spans]),
        )
    }
    return bars("Accounts a second, by the time since the start", names, stacks, axis=reader.axis)


def rounded_rate(value: float) -> Decimal:
    """A rate in about three digits, as the speed of a run is not exact."""
    return Decimal(f"{value:.1f}" if value < 100 else f"{value:.0f}")


def since_start(seconds: int) -> str:
    """A time since the start, such as 1:05 or 2:00:30."""
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def failure_chart(codes: Counter[str], reader: Reader) -> Markup:
    """Errors by their codes, the most frequent first."""
    return count_chart("Errors by code", dict(codes.most_common(MOST_CODES)), "errors", reader)


def count_chart(label: str, counts: dict[str, int], noun: str, reader: Reader) -> Markup:
    """A bar for each count."""
    parts = [Bar(Decimal(count), f"{name}: {reader.number(count)} {noun}") for name, count in counts.items()]
    return bars(label, list(counts), {label: parts}, axis=reader.axis)
