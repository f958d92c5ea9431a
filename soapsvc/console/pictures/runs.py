"""A run as bars: how many accounts are done, failed and waiting, and why they failed."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from markupsafe import Markup

from soapsvc.console.locale import Reader
from soapsvc.console.pictures.bars import Bar, bars
from soapsvc.runs import Run

MOST_CODES = 12


def run_chart(run: Run, reader: Reader) -> Markup:
    """The accounts of a run."""
    waiting = max(0, (run.accounts or run.finished_accounts) - run.finished_accounts)
    counts = {"Succeeded": run.succeeded_accounts, "Failed": run.failed_accounts, "Waiting": waiting}
    return count_chart("Accounts of the run", counts, "accounts", reader)


def failure_chart(codes: Counter[str], reader: Reader) -> Markup:
    """Errors by their codes, the most frequent first."""
    return count_chart("Errors by code", dict(codes.most_common(MOST_CODES)), "errors", reader)


def count_chart(label: str, counts: dict[str, int], noun: str, reader: Reader) -> Markup:
    """A bar for each count."""
    parts = [Bar(Decimal(count), f"{name}: {reader.number(count)} {noun}") for name, count in counts.items()]
    return bars(label, list(counts), {label: parts}, axis=reader.axis)
